#include "core/judge.hpp"

#include <gtest/gtest.h>

namespace trainstop::core {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

constexpr Instant kStart{std::chrono::seconds(1767571200)};
const policy::PriceHistory kDollarAMinute = {{kLongAgo, Money::from_dollars(1)}};

policy::JobTimes running_since_start() {
  policy::JobTimes job;
  job.phase = Phase::running;
  job.status = "RUNNING";
  job.created_at = job.phase_since = job.status_since = kStart;
  job.bill.earliest = job.bill.latest = kStart;
  job.bill.prices = &kDollarAMinute;
  return job;
}

template <class Leaf>
policy::Rule rule(Leaf leaf) {
  policy::Rule made;
  made.when.node = std::move(leaf);
  return made;
}

TEST(Look, ForeseesTheTripOfATimeRule) {
  policy::Rule two_hours = rule(policy::RunningFor{2h});
  two_hours.grace = 10min;
  const Outlook outlook = look(two_hours, running_since_start(), kStart + 1h, 60s, kNever);
  EXPECT_EQ(outlook.trip, kStart + 2h);
  EXPECT_EQ(outlook.due, kStart + 2h + 10min);
  EXPECT_EQ(outlook.value, Truth::no);
}

TEST(Look, CountsGraceFromWhenATimeRuleWasTold) {
  policy::Rule two_hours = rule(policy::RunningFor{2h});
  two_hours.grace = 10min;
  const Outlook outlook = look(two_hours, running_since_start(), kStart + 5h, 60s, kStart + 4h);
  EXPECT_EQ(outlook.trip, kStart + 2h);
  EXPECT_EQ(outlook.due, kStart + 4h + 10min);
}

TEST(Look, PutsTheGraceOfAMoneyRuleBeforeTheLimit) {
  policy::Rule cap = rule(policy::Cost{Money::from_dollars(100)});
  cap.grace = 10min;
  Outlook outlook = look(cap, running_since_start(), kStart + 1h, 60s, kNever);
  EXPECT_EQ(outlook.due, kStart + 99min);
  EXPECT_EQ(outlook.trip, kStart + 89min);
  outlook = look(cap, running_since_start(), kStart + 95min, 60s, kStart + 95min);
  EXPECT_EQ(outlook.due, kStart + 99min) << "told late, due all the same";
}

TEST(Look, TakesTheTimePartOfAMixedConditionAsTime) {
  policy::Any any;
  any.parts.resize(2);
  any.parts[0].node = policy::RunningFor{2h};
  any.parts[1].node = policy::Cost{Money::from_dollars(1000)};
  policy::Rule mixed = rule(any);
  mixed.grace = 10min;
  const Outlook outlook = look(mixed, running_since_start(), kStart + 3h, 60s, kStart + 3h);
  EXPECT_EQ(outlook.due, kStart + 3h + 10min);
}

// Clocks that are apart may put a job's creation after now.
policy::JobTimes running_since_start_created_later() {
  policy::JobTimes job = running_since_start();
  job.created_at = kStart + 9h;
  return job;
}

TEST(CreationAfterNow, LeavesTheDueWhereItWasTold) {
  policy::Rule two_hours = rule(policy::RunningFor{2h});
  two_hours.grace = 10min;
  const policy::JobTimes job = running_since_start_created_later();
  EXPECT_EQ(look(two_hours, job, kStart + 2h, 60s, kNever).due, kStart + 2h + 10min);
  const Outlook later = look(two_hours, job, kStart + 2h + 5min, 60s, kStart + 2h);
  EXPECT_EQ(later.trip, kStart + 2h);
  EXPECT_EQ(later.due, kStart + 2h + 10min);
}

TEST(CreationAfterNow, LeavesTheDueOfAJobWhosePhaseIsUnknown) {
  policy::Rule end = rule(policy::Deadline{kStart + 2h});
  end.grace = 10min;
  policy::JobTimes job = running_since_start_created_later();
  job.phase = Phase::unknown;
  job.status_unknown = true;
  const Outlook outlook = look(end, job, kStart + 2h + 5min, 60s, kStart + 2h);
  EXPECT_EQ(outlook.due, kStart + 2h + 10min);
}

TEST(CreationAfterNow, TakesNoGraceFromATimeThatMoneyLeavesToDecide) {
  policy::All all;
  all.parts.resize(2);
  all.parts[0].node = policy::RunningFor{2h};
  all.parts[1].node = policy::Cost{Money::from_dollars(60)};
  policy::Rule both = rule(all);
  both.grace = 10min;
  const policy::JobTimes job = running_since_start_created_later();
  EXPECT_EQ(look(both, job, kStart + 1h, 60s, kNever).due, kStart + 2h + 10min);
  EXPECT_EQ(look(both, job, kStart + 3h, 60s, kStart + 2h).due, kStart + 2h + 10min);
}

TEST(Warnings, AreArmedAgainWhenTheDueMovesByMoreThanTheirLead) {
  policy::Rule warned = rule(policy::RunningFor{10h});
  warned.warn_before = {1h};
  const policy::JobTimes job = running_since_start();
  Pair pair;
  pair.due = kStart + 10h;
  EXPECT_TRUE(take_warning(warned, job, kStart + 9h, pair));
  EXPECT_FALSE(take_warning(warned, job, kStart + 9h + 1s, pair));
  pair.due = kStart + 11h;
  EXPECT_FALSE(take_warning(warned, job, kStart + 10h, pair));
  pair.due = kStart + 11h + 1s;
  EXPECT_FALSE(take_warning(warned, job, kStart + 10h, pair)) << "not due yet";
  EXPECT_EQ(next_warning(warned, job, kStart + 10h, pair), kStart + 10h + 1s);
  EXPECT_TRUE(take_warning(warned, job, kStart + 10h + 1s, pair));
}

TEST(Warnings, GoAboveTheWholeForAWarnRule) {
  policy::Rule warned = rule(policy::RunningFor{10h});
  warned.action = policy::Action::warn;
  warned.warn_at_percent = {50, 150};
  const policy::JobTimes job = running_since_start();
  Pair pair;
  pair.told = kStart + 10h;
  EXPECT_FALSE(take_warning(warned, job, kStart + 12h, pair));
  EXPECT_EQ(next_warning(warned, job, kStart + 12h, pair), kStart + 15h);
  EXPECT_TRUE(take_warning(warned, job, kStart + 15h, pair));
}

TEST(SmallestCostLimit, LooksIntoAllAndAnyButNotUnderNot) {
  policy::All all;
  all.parts.resize(2);
  all.parts[0].node = policy::Cost{Money::from_dollars(5)};
  policy::Not inverted;
  inverted.part.resize(1);
  inverted.part[0].node = policy::Cost{Money::from_dollars(1)};
  all.parts[1].node = inverted;
  EXPECT_EQ(smallest_cost_limit(policy::Condition{all}), Money::from_dollars(5));
  EXPECT_FALSE(smallest_cost_limit(policy::Condition{policy::Age{1h}}));
}

}  // namespace
}  // namespace trainstop::core
