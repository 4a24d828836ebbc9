// The API's schemas to values (OpenAPI document of api.baseten.co). Strict where a decision hangs
// on a field, tolerant where the API is free: extra fields are ignored, optional ones may be
// absent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "baseten/api.hpp"
#include "baseten/json.hpp"
#include "model/failure.hpp"
#include "model/job.hpp"
#include "model/money.hpp"

namespace trainstop::baseten {

/// TrainingJobV1. The failure's message says what is wrong with which field.
Result<JobSnapshot> decode_job(const JsonValue& record);
/// `{training_job: TrainingJobV1, …}`, the reply to a read and to a stop; it must be that job.
Result<JobSnapshot> decode_job_reply(std::string_view body, std::string_view project_id,
                                     std::string_view job_id);
/// InstanceTypeWithPriceV1: an instance type's id and its price in USD a minute, a number or a
/// string. A price that is zero, negative or absurd is refused.
Result<std::pair<std::string, Money>> decode_price(const JsonValue& record);
/// TrainingProjectV1.
Result<Project> decode_project(const JsonValue& record);
/// UserInfoV1: the e-mail, else the id.
Result<std::string> decode_user(std::string_view body);

/// What an error's body says, in any of the API's two shapes; nothing for any other body.
struct ErrorBody {
  std::string message;  ///< escaped and cut
  std::optional<Duration> retry_after;
};
ErrorBody decode_error(std::string_view body);

/// Text from outside for a message: control characters escaped, cut at `longest` bytes.
std::string quotable(std::string_view text, std::size_t longest);

}  // namespace trainstop::baseten
