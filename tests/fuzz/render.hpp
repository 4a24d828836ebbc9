// Values as the API's JSON, so that what was decoded can be decoded again.
#pragma once

#include <string>

#include "baseten/json.hpp"
#include "model/job.hpp"

namespace trainstop::fuzz {

std::string quoted(std::string_view text);
std::string rendered(const baseten::JsonValue& value);
/// Times of a job must be whole milliseconds.
std::string rendered(const JobSnapshot& job);

}  // namespace trainstop::fuzz
