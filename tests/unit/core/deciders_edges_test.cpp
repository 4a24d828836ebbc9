// The small deciders at their edges: breaker, judge, life, reset, retry.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/breaker.hpp"
#include "core/judge.hpp"
#include "core/reset.hpp"
#include "core/retry.hpp"
#include "policy/schedule.hpp"

namespace trainstop::core {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

constexpr Instant kStart{std::chrono::seconds(1767571200)};

policy::JobTimes running_since_start() {
  policy::JobTimes job;
  job.phase = Phase::running;
  job.status = "RUNNING";
  job.created_at = job.phase_since = job.status_since = kStart;
  return job;
}

template <class Leaf>
policy::Rule rule(Leaf leaf) {
  policy::Rule made;
  made.when.node = std::move(leaf);
  return made;
}

/// Every day from nine to ten.
policy::During daily() {
  std::string error;
  return {policy::Schedule(*policy::parse_window("09:00-10:00", error), policy::find_zone("UTC")),
          false};
}

TEST(Breaker, ThatIsOpenKeepsItsReason) {
  Breaker breaker(10, 1h, 15s);
  breaker.open("journal_lost");
  for (int i = 0; i < 4; ++i) breaker.count_surprise(kStart, 4);
  EXPECT_EQ(breaker.reason(), "journal_lost");
}

TEST(Look, OnACalendarSeesAsFarAheadAsItsWarningsReach) {
  policy::Rule nightly = rule(daily());
  const Outlook without = look(nightly, running_since_start(), kStart, 60s, kNever);
  EXPECT_EQ(without.trip, kStart + 9h);
  policy::Rule late = rule(policy::Deadline{kStart + 20 * 24h});
  EXPECT_EQ(look(late, running_since_start(), kStart, 60s, kNever).trip, kNever);
  late.warn_before = {14 * 24h};
  EXPECT_EQ(look(late, running_since_start(), kStart, 60s, kNever).trip, kStart + 20 * 24h);
}

TEST(Look, OfAConditionThatHoldsByTwoPartsTripsWithTheFirst) {
  policy::Any any;
  any.parts.resize(2);
  any.parts[0].node = policy::RunningFor{1h};
  any.parts[1].node = policy::Age{2h};
  const Outlook outlook = look(rule(any), running_since_start(), kStart + 3h, 60s, kStart + 1h);
  EXPECT_EQ(outlook.trip, kStart + 1h);
}

TEST(Look, OfAJobOfManyYearsGivesUpTheSearchForTheBegin) {
  policy::JobTimes job = running_since_start();
  job.created_at = kStart - 100 * 365 * 24h;
  policy::Any any;  // holds since the second hour of the job, with two edges a day since
  any.parts.resize(2);
  any.parts[0].node = policy::Age{2h};
  any.parts[1].node = daily();
  EXPECT_EQ(look(rule(any), job, kStart, 60s, kNever).trip, kStart) << "as if it began now";
}

TEST(TakeWarning, PrefersTheOneThatWasReachedLast) {
  policy::Rule warned = rule(policy::RunningFor{10h});
  warned.warn_at_percent = {90};
  warned.warn_before = {2h};
  Pair pair;
  pair.due = kStart + 10h;
  const auto warning = take_warning(warned, running_since_start(), kStart + 9h + 30min, pair);
  ASSERT_TRUE(warning);
  EXPECT_EQ(warning->percent, 90) << "since nine hours; two hours before the due were at eight";
}

TEST(SmallestCostLimit, IsTheLeastOfAllWhereverItStands) {
  policy::All all;
  for (const int dollars : {5, 3, 4})
    all.parts.push_back({policy::Cost{Money::from_dollars(dollars)}});
  EXPECT_EQ(smallest_cost_limit({all}), Money::from_dollars(3));
}

TEST(Life, TakesAStatusInAnyCaseAndWithoutItsPrefix) {
  JobSnapshot job;
  job.created_at = job.updated_at = kStart;
  job.status = "{running}";  // next to the letters
  Life odd;
  odd.observe(job, {kStart, kStart}, policy::BillingFrom::deploying);
  EXPECT_EQ(odd.status(), "{RUNNING}");
  job.status = "running";
  Life life;
  life.observe(job, {kStart, kStart}, policy::BillingFrom::deploying);
  EXPECT_EQ(life.status(), "RUNNING");
}

TEST(Life, DoesNotBelieveAnUpdateOfTheFuture) {
  JobSnapshot job;
  job.status = "TRAINING_JOB_RUNNING";
  job.created_at = kStart - 1h;
  job.updated_at = kStart + 1h;
  Life life;
  life.observe(job, {kStart, kStart + 1s}, policy::BillingFrom::deploying);
  EXPECT_EQ(life.phase_since().latest, kStart + 1s);
}

TEST(WasStopped, KnowsTheNamesOfAnEndBySomebody) {
  for (const char* status : {"STOPPED", "CANCELED", "USER_CANCELLED"}) {
    EXPECT_TRUE(was_stopped(status)) << status;
  }
  for (const char* status : {"COMPLETED", "FAILED", "EXPIRED", ""}) {
    EXPECT_FALSE(was_stopped(status)) << status;
  }
}

TEST(Reset, OfABreakerThatNeverSaidSinceWhenIsToldWithout) {
  const Event event = breaker_reset({"journal_lost", kNever, {}}, kStart, 0s, "ana", "seen");
  EXPECT_EQ(event.find("since"), nullptr);
}

TEST(Random, OfAnEmptyRangeIsItsLowEnd) {
  Random random(1);
  EXPECT_EQ(random.between(5s, 5s), 5s);
  EXPECT_EQ(random.between(5s, 4s), 5s);
}

}  // namespace
}  // namespace trainstop::core
