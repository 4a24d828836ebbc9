#include "sim/usage.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <map>

#include "sim/render.hpp"
#include "sim/world.hpp"

namespace trainstop::sim {
namespace {

using std::chrono::sys_days;

constexpr std::chrono::days kMostDays(31);
constexpr double kNanoPerDollar = 1e9;

struct DayBill {
  std::int64_t minutes = 0;
  std::int64_t nano = 0;
};
using Days = std::map<sys_days, DayBill>;

std::optional<sys_days> day_of(std::string_view target, std::string_view name) {
  const auto at = target.find(fmt::format("{}=", name));
  if (at == std::string_view::npos) return std::nullopt;
  const std::string text(target.substr(at + name.size() + 1, 10));
  int year = 0;
  unsigned month = 0, day = 0;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2u", &year, &month, &day) != 3) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return sys_days(date);
}

std::string date_of(sys_days day) {
  return render_time(WallTime(day), 0, std::nullopt).substr(0, 10);
}

/// USD a minute for all nodes, in nano-dollars; 0 when it has no price.
std::int64_t price_of(const World& world, const JobScript& script) {
  std::string price = world.instance_type(script.instance_type)->price;
  std::erase(price, '"');
  const double dollars = std::strtod(price.c_str(), nullptr);
  return std::llround(dollars * kNanoPerDollar) * script.node_count.value_or(1);
}

Days days_of(const World& world, const JobState& job, const UsageRange& range, Moment now) {
  Days days;
  const auto truth = world.truth().jobs.find(job.script.id);
  if (truth == world.truth().jobs.end()) return days;
  std::optional<WallTime> begin;
  for (const StatusChange& change : truth->second.changes) {
    const bool is_billed = change.status == kDeploying || change.status == kRunning;
    if (is_billed && !begin) begin = change.at.wall;
  }
  if (!begin) return days;
  WallTime end = now.wall - world.settings().usage_lag;
  if (truth->second.ended) end = std::min(end, truth->second.ended->wall);
  const std::int64_t price = price_of(world, job.script);
  for (WallTime minute = *begin; minute < end; minute += std::chrono::minutes(1)) {
    const auto day = std::chrono::floor<std::chrono::days>(minute + world.settings().clock_offset);
    if (day < range.from || day >= range.until) continue;
    ++days[day].minutes;
    days[day].nano += price * world.settings().usage_percent / 100;
  }
  return days;
}

std::string money(const World& world, std::int64_t nano) {
  const std::string text = fmt::format("{}.{:09}", nano / 1'000'000'000, nano % 1'000'000'000);
  return world.settings().usage_as_text ? quoted(text) : text;
}

std::string totals(const World& world, const DayBill& sum) {
  return fmt::format(R"("subtotal":{},"minutes":{})", money(world, sum.nano), sum.minutes);
}

DayBill sum_of(const Days& days) {
  DayBill sum;
  for (const auto& [day, bill] : days) {
    sum.minutes += bill.minutes;
    sum.nano += bill.nano;
  }
  return sum;
}

std::string render_item(const World& world, const JobState& job, const Days& days) {
  std::string daily;
  for (const auto& [day, bill] : days) {
    daily += fmt::format(R"({}{{"date":{},{}}})", daily.empty() ? "" : ",", quoted(date_of(day)),
                         totals(world, bill));
  }
  return fmt::format(
      R"({{"billable_resource":{{"id":{},"kind":"TRAINING_JOB","name":{},"model_name":{},)"
      R"("is_deleted":{},"instance_type":{}}},{},"daily":[{}]}})",
      quoted(job.script.id), job.script.name ? quoted(*job.script.name) : "null",
      quoted(job.project.name), job.removed, quoted(job.script.instance_type),
      totals(world, sum_of(days)), daily);
}

}  // namespace

std::optional<UsageRange> usage_range(std::string_view target) {
  const auto from = day_of(target, "start_date"), until = day_of(target, "end_date");
  const sys_days first = std::chrono::year(2026) / 1 / 1;
  if (!from || !until || *from < first || *until <= *from || *until - *from > kMostDays)
    return std::nullopt;
  return UsageRange{*from, *until};
}

std::string render_usage(const World& world, const UsageRange& range, Moment now) {
  std::string breakdown;
  DayBill all;
  for (const auto& [id, job] : world.jobs()) {
    const Days days = days_of(world, *job, range, now);
    if (days.empty()) continue;
    breakdown += (breakdown.empty() ? "" : ",") + render_item(world, *job, days);
    const DayBill sum = sum_of(days);
    all.minutes += sum.minutes;
    all.nano += sum.nano;
  }
  return fmt::format(
      R"({{"dedicated_usage":{{"subtotal":0,"credits_used":0,"total":0,"minutes":0,"breakdown":[]}},)"
      R"("training_usage":{{{},"credits_used":0,"total":{},"breakdown":[{}]}},)"
      R"("model_apis_usage":null}})",
      totals(world, all), money(world, all.nano), breakdown);
}

}  // namespace trainstop::sim
