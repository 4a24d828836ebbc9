// What training has cost by the invoice (UsageSummaryV1 of the OpenAPI document of api.baseten.co):
// one record of its breakdown to values, and records to a list.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "baseten/json.hpp"
#include "model/failure.hpp"
#include "model/money.hpp"

namespace trainstop::baseten {

/// One job on one day in UTC.
struct UsageDay {
  std::string job_id;
  std::chrono::sys_days day;
  std::int64_t minutes = 0;
  Money billed;  ///< as it stands there: whether it makes sense is not decided here
  bool operator==(const UsageDay&) const = default;
};

struct UsageList {
  std::vector<UsageDay> days;
  std::size_t unusable = 0;
  std::string first_problem;
};

/// TrainingItemV1: its days; none for a resource that is no training job. Money is a number or a
/// string.
Result<std::vector<UsageDay>> decode_usage(const JsonValue& record);

/// Gathers a breakdown's records; a job's second one is refused.
class UsageCollector {
 public:
  void add(const JsonValue& record);
  UsageList& list() { return list_; }

 private:
  UsageList list_;
  std::unordered_set<std::string> jobs_;
};

/// `/v1/billing/usage_summary?…` for whole days from `from` until before `until`.
std::string usage_target(std::chrono::sys_days from, std::chrono::sys_days until);

}  // namespace trainstop::baseten
