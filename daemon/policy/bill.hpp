// What one job costs: the job-minute ledger as a function of time over begin, price history and
// nodes.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "model/money.hpp"
#include "model/time.hpp"

namespace trainstop::policy {

/// The price of one node a minute, from an instant on until the next point. Without a value it is
/// unknown.
struct PricePoint {
  Instant from;
  std::optional<Money> per_minute;
  bool operator==(const PricePoint&) const = default;
};
/// Ordered by `from`; shared by all jobs of an instance type.
using PriceHistory = std::vector<PricePoint>;

/// About 1900 years: beyond it "never", so that no product of minutes overflows.
inline constexpr std::int64_t kMostMinutes = 1'000'000'000;

/// How many minutes counted from `begin` start before `at`: the started ones; kMostMinutes at most.
std::int64_t minutes_before(Instant begin, Instant at);

/// One job's bill. The atom is the job-minute: minute k is [begin + 60k s, begin + 60(k+1) s),
/// billed whole once any time of it has passed, at the price known at its start.
struct Bill {
  /// Whether anything is billed at all. Nobody knows it of a job that was only seen in statuses
  /// that are not known: then every sum is unknown, and there are no bounds.
  bool known = true;
  /// Bounds of the begin. Empty: nothing is billed (yet), the bill is zero.
  std::optional<Instant> earliest, latest;
  /// Set when the job has ended: minutes that start at or after it are not billed.
  std::optional<Instant> end;
  /// The interval is so wide that only what holds for both bounds is known.
  bool estimated = false;
  std::int64_t nodes = 1;
  const PriceHistory* prices = nullptr;  ///< nullptr: the price is unknown

  /// What would be billed if the job ended at `at`, counted from the earliest begin; empty when the
  /// price of a minute is unknown or the sum overflows.
  std::optional<Money> upper_at(Instant at) const;
  /// The same from the latest begin when the begin is estimated; otherwise equal to upper_at.
  std::optional<Money> lower_at(Instant at) const;
  /// What is billed if the job ended at `until`, of the minutes that start at `from` or later; from
  /// the earliest begin (upper) or from the latest (lower).
  std::optional<Money> between(Instant from, Instant until, bool upper) const;
  /// The last instant at which an end still bills at or under `limit`; kNever when the limit is
  /// never passed, empty when a price on the way is unknown. From the earliest begin (upper) or
  /// from the latest (lower).
  std::optional<Instant> last_within(Money limit, bool upper) const;
  /// The last instant at which an end still bills UNDER `limit`; likewise.
  std::optional<Instant> last_below(Money limit, bool upper) const;
  /// Price times nodes, a minute, at `at`; empty when unknown, zero when nothing is billed.
  std::optional<Money> rate_at(Instant at) const;
};

}  // namespace trainstop::policy
