// Bills, conditions and windows at their edges.
#include <gtest/gtest.h>

#include <limits>

#include "policy/schedule.hpp"
#include "unit/policy/times.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

const Money kMost = Money::from_nano(std::numeric_limits<std::int64_t>::max());
const Money kLeast = Money::from_nano(std::numeric_limits<std::int64_t>::min());

TEST(Bill, OfALimitThatNothingIsBelowIsNotKnown) {
  const RunningJob job;
  EXPECT_EQ(job.times.bill.last_below(kLeast, true), std::nullopt);
}

TEST(Bill, KnowsNoRateBeforeTheFirstPriceOrWithoutOne) {
  RunningJob job;
  job.prices = {{minute(12), Money::from_dollars(1)}, {minute(15), std::nullopt}};
  EXPECT_EQ(job.times.bill.rate_at(minute(9)), Money{}) << "it has not begun";
  EXPECT_EQ(job.times.bill.rate_at(minute(11)), std::nullopt);
  EXPECT_EQ(job.times.bill.rate_at(minute(13)), Money::from_dollars(2));
  EXPECT_EQ(job.times.bill.rate_at(minute(16)), std::nullopt);
}

TEST(Bill, AGapBetweenPricesIsNotKnown) {
  RunningJob job;
  job.prices = {{kLongAgo, Money::from_dollars(1)}, {minute(15), std::nullopt}};
  EXPECT_EQ(job.times.bill.upper_at(minute(15)), Money::from_dollars(10));
  EXPECT_EQ(job.times.bill.upper_at(minute(15) + 1us), std::nullopt);
}

TEST(Bill, WithoutAnEstimateBothSidesAreOne) {
  RunningJob job;
  job.times.bill.latest = minute(15);
  EXPECT_EQ(job.times.bill.last_within(Money::from_dollars(60), false), minute(70));
}

TEST(Condition, IsNotTrueAtTheEndOfTimeOnlyBecauseItIs) {
  RunningJob job;
  EXPECT_EQ(value_at({QueuedFor{1h}}, job.times, kNever), Truth::no);
  job.times.bill.prices = nullptr;
  EXPECT_EQ(value_at({Cost{kMost}}, job.times, kNever), Truth::unknown);
}

TEST(Condition, ALimitOfNothingIsReachedAtOnce) {
  const RunningJob job;
  EXPECT_EQ(first_true({Age{0s}}, job.times, kStart, kNever), kStart);
  EXPECT_EQ(progress_at({Age{0s}}, job.times, minute(1)), 1.0);
  EXPECT_EQ(progress_at({Cost{Money{}}}, job.times, minute(60)), 1.0);
}

TEST(Condition, AShareOfMoreThanCanBeCountedIsNeverReached) {
  const RunningJob job;
  Reading tenfold;
  tenfold.share_numerator = 1000;
  tenfold.share_denominator = 100;
  EXPECT_EQ(first_true({Cost{kMost}}, job.times, kStart, kNever, tenfold), kNever);
  EXPECT_EQ(value_at({Cost{kMost}}, job.times, minute(100), tenfold), Truth::no);
}

TEST(Condition, AnEstimatedCostWhosePriceGetsLostIsUnknown) {
  RunningJob job;
  job.times.bill.latest = minute(15);
  job.times.bill.estimated = true;
  job.prices.push_back({minute(18), std::nullopt});
  // Counted from minute 10 the limit is reached before the price is lost, from minute 15 never.
  const Condition cost{Cost{Money::from_dollars(6)}};
  EXPECT_EQ(value_at(cost, job.times, minute(17)), Truth::unknown);
  EXPECT_EQ(first_true(cost, job.times, kStart, kNever), kNever);
}

TEST(Progress, OfACostThatIsKnownOnlyFromTheLatestBeginIsNone) {
  RunningJob job;
  job.times.bill.latest = minute(15);
  job.times.bill.estimated = true;
  job.prices = {{minute(12), Money::from_dollars(1)}};
  EXPECT_EQ(progress_at({Cost{Money::from_dollars(6)}}, job.times, minute(20)), std::nullopt);
}

TEST(Schedule, WithoutAZoneHasNoNameForIt) {
  EXPECT_EQ(Schedule().zone_name(), "");
  EXPECT_EQ(format_windows({}), "");
}

/// The window as it is written back; `(none)` when it is none.
std::string written(std::string_view window) {
  std::string error;
  const auto spans = parse_window(window, error);
  return spans ? format_windows(Schedule(*spans, find_zone("UTC")).spans()) : "(none)";
}

TEST(Window, IsRefusedWhenItIsNotWhole) {
  for (const char* text :
       {"Mon,", "Mon,09:00-10:00", "Mon-", "Mon 09:00", "Mon 09:00-", "09:00-10:00 Mon", "-", ",",
        "09:00,10:00", "09:00-Mon", "Fri 18:00 - Mon", "Fri 18:00 - Mon 08:00 Tue", " ", ""}) {
    EXPECT_EQ(written(text), "(none)") << text;
  }
}

TEST(Window, IsRefusedWhenAWordIsNoDayOrNoTime) {
  for (const char* text :
       {"Mon{", "Mon[", "Mo", "@Mon", "`Mon", "9:00-10:00", "09000-10:00", ":9:00-10:00",
        "0::00-10:00", "09:0:-10:00", "09::0-10:00", "09:60-10:00", "24:01-10:00", "09/00-10:00"}) {
    EXPECT_EQ(written(text), "(none)") << text;
  }
  EXPECT_EQ(written(std::string(201, ' ')), "(none)") << "longer than anybody writes";
}

TEST(Window, OfDaysInPairsIsWrittenWithAComma) {
  EXPECT_EQ(written("Mon,Tue 09:00-10:00"), "Mon,Tue 09:00-10:00");
  EXPECT_EQ(written("MONDAY-Wed 09:00-10:00"), "Mon-Wed 09:00-10:00");
}

TEST(Window, OfADayThatBeginsAtNoonIsAStretch) {
  EXPECT_EQ(written("Mon 12:00 - Tue 12:00"), "Mon 12:00 - Tue 12:00");
  EXPECT_EQ(written("Mon 00:00 - Tue 00:00"), "Mon 00:00-24:00");
}

}  // namespace
}  // namespace trainstop::policy
