#include "baseten/usage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "baseten/decode.hpp"
#include "baseten/fields.hpp"
#include "model/time.hpp"

namespace trainstop::baseten {

namespace {

constexpr std::size_t kLongestKind = 128;
constexpr std::size_t kLongestDate = 64;
constexpr std::size_t kDateSize = 10;  // YYYY-MM-DD
// A day of the largest job, should minutes ever count for each of its nodes: 1440 times 10,000.
constexpr std::int32_t kMostMinutes = 14'400'000;

Failure unusable(std::string message) {
  Failure failure;
  failure.kind = FailureKind::unusable;
  failure.message = std::move(message);
  return failure;
}

/// A date, or a point of time on that date.
std::optional<std::chrono::sys_days> day_of(const std::string& text) {
  const auto at = parse_rfc3339(text.size() == kDateSize ? text + "T00:00:00Z" : text);
  if (!at) return {};
  return std::chrono::floor<std::chrono::days>(*at);
}

UsageDay decode_day(Fields& fields) {
  UsageDay day;
  const auto date = day_of(fields.text("date", kLongestDate));
  if (!date) fields.fail("date", "is not a date");
  day.day = date.value_or(std::chrono::sys_days{});
  day.minutes = fields.integer("minutes", 0, kMostMinutes);
  const JsonValue* const value = fields.find("subtotal");
  const bool is_decimal =
      value && (value->kind == JsonValue::Kind::number || value->kind == JsonValue::Kind::string);
  const auto amount = is_decimal ? parse_decimal_dollars(value->text) : std::nullopt;
  if (!amount) fields.fail("subtotal", "is not an amount");
  day.billed = amount.value_or(Money{});
  return day;
}

std::string format_day(std::chrono::sys_days day) {
  return format_rfc3339(day).substr(0, kDateSize) + "T00:00:00Z";
}

}  // namespace

Result<std::vector<UsageDay>> decode_usage(const JsonValue& record) {
  std::vector<UsageDay> days;
  Fields fields(record);
  Fields resource = fields.object("billable_resource");
  const std::string kind = resource.text("kind", kLongestKind);
  if (resource.problem().empty() && kind != "TRAINING_JOB") return days;
  const std::string id = resource.id("id");
  fields.absorb(resource);
  if (!fields.problem().empty()) return unusable(fields.problem());
  const std::string job = "usage of job " + id;
  const JsonValue* const daily = fields.find("daily");
  if (!daily || daily->kind != JsonValue::Kind::array)
    return unusable(job + " has no daily figures");
  for (const JsonValue& item : daily->items) {
    Fields of_day(item, "daily.");
    UsageDay day = decode_day(of_day);
    day.job_id = id;
    if (!of_day.problem().empty()) return unusable(fmt::format("{}: {}", job, of_day.problem()));
    days.push_back(std::move(day));
  }
  std::ranges::sort(days, {}, &UsageDay::day);
  const auto twice = std::ranges::adjacent_find(days, {}, &UsageDay::day);
  if (twice != days.end()) return unusable(job + " has a day twice");
  return days;
}

void UsageCollector::add(const JsonValue& record) {
  auto days = decode_usage(record);
  std::string problem;
  if (days.has_error()) {
    problem = days.error().message;
  } else if (!days->empty() && !jobs_.insert(days->front().job_id).second) {
    problem = fmt::format("usage of job {} comes twice", days->front().job_id);
  }
  if (problem.empty()) {
    std::ranges::move(*days, std::back_inserter(list_.days));
  } else if (++list_.unusable == 1) {
    list_.first_problem = problem;
  }
}

std::string usage_target(std::chrono::sys_days from, std::chrono::sys_days until) {
  return fmt::format("/v1/billing/usage_summary?start_date={}&end_date={}", format_day(from),
                     format_day(until));
}

}  // namespace trainstop::baseten
