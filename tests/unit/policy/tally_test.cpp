// Pots by example; that they are the sum of their job-minutes is a property.
#include "policy/tally.hpp"

#include <gtest/gtest.h>

#include "unit/policy/dollars.hpp"
#include "unit/policy/times.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

constexpr Money kMost = Money::from_nano(INT64_MAX);

/// A dollar a minute from minute 10 on, and three from minute 10 and 20 seconds on.
struct TwoJobs {
  PriceHistory prices{{kLongAgo, Money::from_dollars(1)}};
  Bill one, three;

  TwoJobs() {
    one.earliest = one.latest = minute(10);
    three.earliest = three.latest = minute(10) + 20s;
    three.nodes = 3;
    one.prices = three.prices = &prices;
  }
  TwoJobs(const TwoJobs&) = delete;
  TwoJobs& operator=(const TwoJobs&) = delete;

  Tally tally(const Window& window, Instant as_of) const {
    Tally tally(window, as_of);
    tally.add(three);
    tally.add(one);
    return tally;
  }
};

TEST(Tally, IsTheSumOfItsJobs) {
  const TwoJobs jobs;
  const Tally tally = jobs.tally({minute(0), minute(60)}, minute(15));
  EXPECT_EQ(tally.at(minute(15)), dollars(20));  // five minutes of each have started
  EXPECT_EQ(tally.most(), dollars(20));
  EXPECT_EQ(tally.rate(), dollars(4));
  EXPECT_EQ(tally.as_of(), minute(15));
  EXPECT_EQ(tally.window(), (Window{minute(0), minute(60)}));
  EXPECT_TRUE(tally.whole());
  EXPECT_EQ(tally.at(minute(15) + 1us), dollars(21));
  EXPECT_EQ(tally.at(minute(15) + 20s), dollars(21));
  EXPECT_EQ(tally.at(minute(15) + 20s + 1us), dollars(24));
  EXPECT_EQ(tally.at(minute(17)), dollars(28));
}

TEST(Tally, CountsTheMinutesThatStartInItsWindowOnly) {
  const TwoJobs jobs;
  const Tally tally = jobs.tally({minute(14), minute(16)}, minute(15));
  EXPECT_EQ(tally.at(minute(15)), dollars(4));
  EXPECT_EQ(tally.at(minute(16)), dollars(8));
  EXPECT_EQ(tally.at(minute(99)), dollars(8));
  EXPECT_EQ(tally.at(kNever), dollars(8));
}

TEST(Tally, TheLastInstantWithinALimitSeparatesTheSums) {
  const TwoJobs jobs;
  const Tally tally = jobs.tally({minute(0), minute(60)}, minute(15));
  EXPECT_EQ(tally.last_within(dollars(19)), minute(15));
  EXPECT_EQ(tally.last_within(dollars(20)), minute(15));
  EXPECT_EQ(tally.last_within(dollars(21)), minute(15) + 20s);
  EXPECT_EQ(tally.last_within(dollars(23)), minute(15) + 20s);
  EXPECT_EQ(tally.last_within(dollars(24)), minute(16));
  EXPECT_EQ(tally.last_within(dollars(199)), minute(59) + 20s);
  EXPECT_EQ(tally.last_within(dollars(200)), kNever);
}

TEST(Tally, AnAmountIsReachedOnceItIsBilled) {
  const TwoJobs jobs;
  const Tally tally = jobs.tally({minute(0), minute(60)}, minute(15));
  EXPECT_EQ(tally.reached(dollars(20)), minute(15));
  EXPECT_EQ(tally.reached(dollars(21)), minute(15) + 1us);
  EXPECT_EQ(tally.reached(dollars(22)), minute(15) + 20s + 1us);
  EXPECT_EQ(tally.reached(dollars(200)), minute(59) + 20s + 1us);
  EXPECT_EQ(tally.reached(dollars(201)), kNever);
  EXPECT_EQ(tally.reached(Money()), minute(15));
  EXPECT_EQ(tally.reached(Money::from_nano(INT64_MIN)), minute(15));
}

TEST(Tally, WithoutJobsNothingIsSpent) {
  const Tally none;
  EXPECT_EQ(none.at(minute(10)), Money());
  EXPECT_EQ(none.last_within(Money()), kNever);
  EXPECT_EQ(none.reached(dollars(1)), kNever);
  EXPECT_EQ(none.rate(), Money());
  Tally tally({minute(0), minute(60)}, minute(15));
  tally.add(Bill{});
  EXPECT_EQ(tally.at(minute(30)), Money());
  EXPECT_TRUE(tally.whole());
}

TEST(Tally, WhatIsSettledCountsAsWell) {
  const TwoJobs jobs;
  Tally tally = jobs.tally({minute(0), minute(60)}, minute(15));
  tally.add(dollars(100));
  EXPECT_EQ(tally.at(minute(15)), dollars(120));
  EXPECT_EQ(tally.most(), dollars(120));
}

TEST(Tally, AJobThatHasEndedAddsWhatItCost) {
  TwoJobs jobs;
  jobs.three.end = minute(12);
  const Tally tally = jobs.tally({minute(0), minute(60)}, minute(15));
  EXPECT_EQ(tally.at(minute(15)), dollars(11));
  EXPECT_EQ(tally.rate(), dollars(1));
}

TEST(Tally, AnEstimatedBeginCountsFromItsLatest) {
  TwoJobs jobs;
  jobs.one.latest = minute(12);
  jobs.one.estimated = true;
  const Tally tally = jobs.tally({minute(0), minute(60)}, minute(15));
  EXPECT_EQ(tally.at(minute(15)), dollars(18));
  EXPECT_EQ(tally.most(), dollars(20));
  jobs.one.latest = minute(17);
  EXPECT_EQ(jobs.tally({minute(0), minute(60)}, minute(15)).rate(), dollars(3));
}

TEST(Tally, WithoutAPriceItIsTheLeastItCanBe) {
  TwoJobs jobs;
  jobs.three.prices = nullptr;
  const Tally without = jobs.tally({minute(0), minute(60)}, minute(15));
  EXPECT_FALSE(without.whole());
  EXPECT_EQ(without.at(minute(15)), dollars(5));
  EXPECT_EQ(without.rate(), dollars(1));
  // The price of the past is lost, that of the present is known.
  const PriceHistory late{{minute(12), dollars(1)}};
  jobs.three.prices = &late;
  const Tally part = jobs.tally({minute(0), minute(60)}, minute(15));
  EXPECT_FALSE(part.whole());
  EXPECT_EQ(part.at(minute(15)), dollars(5));
  EXPECT_EQ(part.rate(), dollars(4));
  // And the other way round.
  const PriceHistory gone{{kLongAgo, dollars(1)}, {minute(14) + 30s, {}}};
  jobs.three.prices = &gone;
  const Tally lost = jobs.tally({minute(0), minute(60)}, minute(14) + 40s);
  EXPECT_FALSE(lost.whole());
  EXPECT_EQ(lost.at(minute(14) + 40s), dollars(20));
  EXPECT_EQ(lost.rate(), dollars(1));
}

TEST(Tally, MoreThanCanBeCountedIsNoNumber) {
  TwoJobs jobs;
  jobs.prices.front().per_minute = Money::from_nano(INT64_MAX / 8);
  Tally tally({minute(0), kNever}, minute(10));
  tally.add(jobs.one);
  EXPECT_EQ(tally.at(minute(18)), Money::from_nano(INT64_MAX / 8 * 8));
  EXPECT_EQ(tally.at(minute(19)), std::nullopt);
  EXPECT_EQ(tally.at(kNever), std::nullopt);
  tally.add(kMost);
  EXPECT_EQ(tally.most(), kMost);
  EXPECT_EQ(tally.at(minute(10)), kMost);
  EXPECT_EQ(tally.at(minute(10) + 1us), std::nullopt);
}

TEST(Tally, WhatTakesThousandsOfYearsIsNever) {
  TwoJobs jobs;
  jobs.prices.front().per_minute = Money::from_nano(1);
  Tally tally({minute(0), kNever}, minute(10));
  tally.add(jobs.one);
  EXPECT_EQ(tally.last_within(dollars(9)), kNever);
  EXPECT_EQ(tally.reached(dollars(9)), kNever);
  EXPECT_EQ(tally.last_within(Money::from_nano(59)), minute(69));
}

}  // namespace
}  // namespace trainstop::policy
