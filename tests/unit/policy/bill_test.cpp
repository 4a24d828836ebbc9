// The job-minute ledger by example; that it is the sum of its minutes is a property.
#include "policy/bill.hpp"

#include <gtest/gtest.h>

#include "unit/policy/dollars.hpp"
#include "unit/policy/times.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

TEST(Bill, AMinuteIsBilledWholeOnceAnyTimeOfItHasPassed) {
  const RunningJob job;
  const Bill& bill = job.times.bill;
  EXPECT_EQ(bill.upper_at(minute(10)), Money());
  EXPECT_EQ(bill.upper_at(minute(10) + 1us), dollars(1));
  EXPECT_EQ(bill.upper_at(minute(11)), dollars(1));  // an end on the edge starts none
  EXPECT_EQ(bill.upper_at(minute(11) + 1us), dollars(2));
}

TEST(Bill, TheLastInstantWithinALimitIsTheEdgeOfAMinute) {
  const RunningJob job;
  const Bill& bill = job.times.bill;
  EXPECT_EQ(bill.last_within(dollars(60), true), minute(70));
  EXPECT_EQ(bill.last_below(dollars(60), true), minute(69));
  EXPECT_EQ(bill.last_within(Money::from_nano(60'999'999'999), true), minute(70));
  EXPECT_EQ(bill.last_within(Money(), true), minute(10));
  EXPECT_EQ(bill.last_within(Money::from_nano(-1), true), kLongAgo);
}

TEST(Bill, APriceCountsForTheMinutesThatStartUnderIt) {
  RunningJob job;
  job.prices.push_back({minute(15) + 30s, Money::from_nano(1'500'000'000)});
  const Bill& bill = job.times.bill;
  EXPECT_EQ(bill.upper_at(minute(16)), dollars(6));  // the sixth minute started at the old price
  EXPECT_EQ(bill.upper_at(minute(17)), dollars(9));
  EXPECT_EQ(bill.last_within(dollars(8), true), minute(16));
  EXPECT_EQ(bill.rate_at(minute(15)), dollars(1));
  EXPECT_EQ(bill.rate_at(minute(16)), dollars(3));
}

TEST(Bill, WithoutAPriceNothingIsKnown) {
  RunningJob job;
  job.prices = {{minute(12), Money::from_nano(500'000'000)}};
  const Bill& bill = job.times.bill;
  EXPECT_EQ(bill.upper_at(minute(10)), Money());
  EXPECT_EQ(bill.upper_at(minute(20)), std::nullopt);
  EXPECT_EQ(bill.last_within(dollars(60), true), std::nullopt);
  job.times.bill.prices = nullptr;
  EXPECT_EQ(job.times.bill.rate_at(minute(20)), std::nullopt);
  EXPECT_EQ(job.times.bill.upper_at(minute(20)), std::nullopt);
}

TEST(Bill, AnEndStopsIt) {
  RunningJob job;
  job.times.bill.end = minute(30) + 10s;
  const Bill& bill = job.times.bill;
  EXPECT_EQ(bill.upper_at(minute(100)), dollars(21));
  EXPECT_EQ(bill.last_within(dollars(21), true), kNever);
  EXPECT_EQ(bill.last_within(dollars(20), true), minute(30));
  EXPECT_EQ(bill.rate_at(minute(31)), Money());
}

TEST(Bill, AnEstimatedBeginGivesTwoBills) {
  RunningJob job;
  job.times.bill.latest = minute(15);
  EXPECT_EQ(job.times.bill.lower_at(minute(20)), dollars(10));
  job.times.bill.estimated = true;
  EXPECT_EQ(job.times.bill.upper_at(minute(20)), dollars(10));
  EXPECT_EQ(job.times.bill.lower_at(minute(20)), dollars(5));
  EXPECT_EQ(job.times.bill.last_within(dollars(60), true), minute(70));
  EXPECT_EQ(job.times.bill.last_within(dollars(60), false), minute(75));
}

TEST(Bill, BeforeItBeginsItIsZeroAndNeverPasses) {
  RunningJob job;
  job.times.bill.earliest = job.times.bill.latest = std::nullopt;
  EXPECT_EQ(job.times.bill.upper_at(minute(1000)), Money());
  EXPECT_EQ(job.times.bill.last_within(dollars(1), true), kNever);
  EXPECT_EQ(job.times.bill.rate_at(minute(1000)), Money());
}

TEST(Bill, AFreeJobNeverPasses) {
  RunningJob job;
  job.prices = {{kLongAgo, Money()}};
  EXPECT_EQ(job.times.bill.last_within(dollars(1), true), kNever);
}

TEST(Bill, HugeSumsAreEmptyRatherThanWrong) {
  RunningJob job;
  job.prices = {{kLongAgo, dollars(2'000'000'000)}};
  EXPECT_EQ(job.times.bill.upper_at(minute(1000)), std::nullopt);
  EXPECT_EQ(job.times.bill.last_within(dollars(1), true), minute(10));
}

}  // namespace
}  // namespace trainstop::policy
