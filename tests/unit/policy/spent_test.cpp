// A budget as a condition of one job: it asks the pot.
#include <gtest/gtest.h>

#include "policy/condition.hpp"
#include "unit/policy/dollars.hpp"
#include "unit/policy/times.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

Condition spent(Money limit) {
  return {Spent{{limit, {}, {}, false}}};
}

/// A job of a dollar a minute from minute 10 on, alone in its pot, whose limit is $50.
struct InAPot : RunningJob {
  Condition condition = spent(dollars(50));
  Tally tally{{minute(0), minute(120)}, minute(30)};

  InAPot() {
    tally.add(times.bill);
    times.pot.tally = &tally;
    times.pot.within = tally.last_within(dollars(50));
  }
};

TEST(Spent, IsTrueOnceTheLimitIsReached) {
  const InAPot job;
  const Instant reached = minute(59) + 1us;
  EXPECT_EQ(value_at(job.condition, job.times, reached - 1us), Truth::no);
  EXPECT_EQ(value_at(job.condition, job.times, reached), Truth::yes);
  EXPECT_EQ(next_change(job.condition, job.times, minute(30)), reached);
  EXPECT_EQ(first_true(job.condition, job.times, minute(30), kNever), reached);
}

TEST(Spent, AShareOfTheLimitIsReachedEarlier) {
  const InAPot job;
  const Reading half{1, 2, {}};
  EXPECT_EQ(first_true(job.condition, job.times, minute(30), kNever, half), minute(34) + 1us);
  const Reading more{10, 1, {}};
  EXPECT_EQ(first_true(job.condition, job.times, minute(30), kNever, more), kNever);
  const Condition most = spent(Money::from_nano(INT64_MAX));
  EXPECT_EQ(first_true(most, job.times, minute(30), kNever, more), kNever);
}

TEST(Spent, WithALeadItIsTrueThatLongBeforeTheLastMinute) {
  InAPot job;
  const Reading lead{1, 1, 2min};
  EXPECT_EQ(first_true(job.condition, job.times, minute(30), kNever, lead), minute(58));
  // What is exhausted stays so, though a stop makes room again.
  job.times.pot.exhausted = minute(40);
  EXPECT_EQ(first_true(job.condition, job.times, minute(30), kNever, lead), minute(38));
}

TEST(Spent, WithoutAPotItIsNot) {
  const RunningJob job;
  const Condition condition = spent(dollars(50));
  EXPECT_EQ(value_at(condition, job.times, minute(99)), Truth::no);
  EXPECT_EQ(next_change(condition, job.times, minute(30)), kNever);
  EXPECT_EQ(progress_at(condition, job.times, minute(30)), std::nullopt);
  const auto found = evidence_at(condition, job.times, minute(30));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].key, "budget");
  EXPECT_EQ(std::get<Money>(*found[0].limit), dollars(50));
  EXPECT_EQ(found[0].measured, std::nullopt);
}

TEST(Spent, ShowsWhatThePotHasCost) {
  const InAPot job;
  EXPECT_EQ(progress_at(job.condition, job.times, minute(35)), 0.5);
  const auto found = evidence_at(job.condition, job.times, minute(35));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(std::get<Money>(*found[0].measured), dollars(25));
}

TEST(Spent, ShowsNothingOfASumThatCannotBeCounted) {
  InAPot job;
  job.tally.add(Money::from_nano(INT64_MAX));
  EXPECT_EQ(progress_at(job.condition, job.times, minute(40)), std::nullopt);
  EXPECT_EQ(evidence_at(job.condition, job.times, minute(40))[0].measured, std::nullopt);
}

TEST(Spent, IsMoneyThatNothingUnseenUndoes) {
  const Condition condition = spent(dollars(50));
  EXPECT_TRUE(can_extrapolate(condition));
  EXPECT_TRUE(has_money(condition));
  EXPECT_FALSE(has_utc(condition));
  EXPECT_EQ(budget_of(condition)->limit, dollars(50));
  EXPECT_EQ(budget_of({Age{1h}}), nullptr);
}

TEST(Spent, IsEqualByItsBudget) {
  EXPECT_EQ(spent(dollars(50)), spent(dollars(50)));
  EXPECT_FALSE(spent(dollars(50)) == spent(dollars(51)));
  EXPECT_FALSE(spent(dollars(50)) == Condition{Cost{dollars(50)}});
}

}  // namespace
}  // namespace trainstop::policy
