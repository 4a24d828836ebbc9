// Random jobs and conditions for properties, and a slow, obvious model of what they mean.
#pragma once

#include <memory>

#include "policy/condition.hpp"

namespace trainstop::policy {

/// All instants of a subject lie on this grid, or one microsecond behind it: there an amount of
/// money is first passed. So looking at both points of every step sees every change.
inline constexpr Duration kStep = std::chrono::seconds(10);
inline constexpr int kSteps = 540;  // an hour and a half

/// A job whose bill's prices it owns.
struct Subject {
  std::unique_ptr<PriceHistory> prices;
  JobTimes times;
  Instant base;  ///< where looking starts

  /// The grid's points from the base on: both of each step, in order.
  Instant point(int index) const { return base + kStep * (index / 2) + Duration{index % 2}; }
};
inline constexpr int kPoints = 2 * kSteps;

Subject any_subject();
Schedule any_schedule();

/// What a condition may be made of.
struct Palette {
  int depth = 3;
  bool with_not = true;
  bool with_schedule = true;
};
Condition any_condition(const Palette& palette = {});

/// What is billed for an end at `at`, minute by minute.
std::optional<Money> slow_bill(const Bill& bill, std::optional<Instant> begin, Instant at);

/// The value by the words of the definition, with every threshold times `percent`/100.
Truth slow_value(const Condition& condition, const JobTimes& job, Instant at, int percent = 100);

}  // namespace trainstop::policy
