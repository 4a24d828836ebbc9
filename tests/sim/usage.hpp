// The invoice: each job's minutes by day, counted one by one from the truth.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "sim/types.hpp"

namespace trainstop::sim {

class World;

/// Whole days in UTC.
struct UsageRange {
  std::chrono::sys_days from, until;
};

/// `?start_date=…&end_date=…` with dates or times in UTC; nothing where the API would refuse it:
/// one lacks, begins before 2026, or more than 31 days.
std::optional<UsageRange> usage_range(std::string_view target);

/// UsageSummaryV1
std::string render_usage(const World& world, const UsageRange& range, Moment now);

}  // namespace trainstop::sim
