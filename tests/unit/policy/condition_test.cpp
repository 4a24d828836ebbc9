// Conditions by example: when each leaf trips, and how they combine. The laws are properties.
#include "policy/condition.hpp"

#include <gtest/gtest.h>

#include "unit/policy/times.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

Instant trip(const Condition& condition, const RunningJob& job, const Reading& reading = {}) {
  return first_true(condition, job.times, kStart, kNever, reading);
}

TEST(Condition, RunningForAddsEarlierStays) {
  RunningJob job;
  EXPECT_EQ(trip({RunningFor{1h}}, job), minute(80));
  job.times.ran_before = 30min;
  EXPECT_EQ(trip({RunningFor{1h}}, job), minute(50));
  job.times.phase = Phase::queued;
  EXPECT_EQ(trip({RunningFor{1h}}, job), kNever);
  EXPECT_EQ(trip({RunningFor{30min}}, job), kStart);  // it ran that long already
}

TEST(Condition, AStayCountsOnlyInItsOwnPhase) {
  RunningJob job;
  EXPECT_EQ(trip({DeployingFor{1h}}, job), kNever);
  job.times.phase = Phase::deploying;
  EXPECT_EQ(trip({DeployingFor{1h}}, job), minute(80));
  job.times.phase = Phase::queued;
  EXPECT_EQ(trip({QueuedFor{1h}}, job), minute(80));
}

TEST(Condition, AgeAndDeadlineNeedNoPhase) {
  RunningJob job;
  job.times.phase = Phase::unknown;
  job.times.status_unknown = true;
  EXPECT_EQ(trip({Age{1h}}, job), minute(60));
  EXPECT_EQ(trip({Deadline{minute(90)}}, job), minute(90));
  EXPECT_EQ(value_at({RunningFor{1h}}, job.times, minute(500)), Truth::unknown);
  EXPECT_EQ(value_at({Cost{Money::from_dollars(1)}}, job.times, minute(500)), Truth::unknown);
  EXPECT_EQ(trip({RunningFor{1h}}, job), kNever);
}

TEST(Condition, UtcIsShiftedToTheDaemonsLine) {
  RunningJob job;
  job.times.utc_shift = 10min;
  EXPECT_EQ(trip({Deadline{minute(90)}}, job), minute(80));
  const Schedule night({{60, 120}, {1440 + 60, 1440 + 120}},
                       find_zone("UTC"));  // 2026-11-24 is a Tuesday
  EXPECT_EQ(trip({During{night, false}}, job), minute(50));
}

TEST(Condition, InStatusKnowsOnlyDocumentedNames) {
  RunningJob job;
  EXPECT_EQ(trip({InStatus{{"RUNNING"}, {}}}, job), kStart);
  EXPECT_EQ(trip({InStatus{{"RUNNING"}, 1h}}, job), minute(80));
  EXPECT_EQ(trip({InStatus{{"QUEUED"}, {}}}, job), kNever);
  job.times.status_unknown = true;
  EXPECT_EQ(value_at({InStatus{{"RUNNING"}, {}}}, job.times, minute(30)), Truth::unknown);
}

TEST(Condition, CostTripsWhenTheBillReachesTheLimit) {
  const RunningJob job;
  // The sixtieth dollar is billed as soon as the sixtieth minute has begun.
  EXPECT_EQ(trip({Cost{Money::from_dollars(60)}}, job), minute(69) + 1us);
}

TEST(Condition, CostWithoutAPriceNeverTrips) {
  RunningJob job;
  job.times.bill.prices = nullptr;
  const Condition cost{Cost{Money::from_dollars(1)}};
  EXPECT_EQ(value_at(cost, job.times, minute(5000)), Truth::unknown);
  EXPECT_EQ(trip(cost, job), kNever);
  EXPECT_EQ(trip({Not{{cost}}}, job), kNever);
}

TEST(Condition, CostWithALeadTripsInTimeToLandWithin) {
  const RunningJob job;
  Reading reading;
  reading.money_lead = 70s;
  EXPECT_EQ(trip({Cost{Money::from_dollars(60)}}, job, reading), minute(70) - 70s);
  // Under `not` a lead makes no sense.
  EXPECT_EQ(value_at({Not{{{Cost{Money::from_dollars(60)}}}}}, job.times, minute(69), reading),
            Truth::yes);
}

TEST(Condition, AnEstimatedCostIsUnknownBetweenItsBounds) {
  RunningJob job;
  job.times.bill.latest = minute(15);
  job.times.bill.estimated = true;
  const Condition cost{Cost{Money::from_dollars(60)}};
  EXPECT_EQ(value_at(cost, job.times, minute(69)), Truth::no);
  EXPECT_EQ(value_at(cost, job.times, minute(69) + 1us), Truth::unknown);
  EXPECT_EQ(value_at(cost, job.times, minute(74) + 1us), Truth::yes);
  EXPECT_EQ(next_change(cost, job.times, minute(0)), minute(69) + 1us);
  EXPECT_EQ(trip(cost, job), minute(74) + 1us);
}

TEST(Condition, APriceLostAfterTheEarliestBoundReachedTheLimitUndoesNothing) {
  RunningJob job;
  job.times.bill.latest = minute(40);
  job.times.bill.estimated = true;
  // Known again before the latest begin: of the minutes counted from there each has a price.
  job.prices.push_back({minute(30), {}});
  job.prices.push_back({minute(40), Money::from_nano(500'000'000)});
  EXPECT_EQ(trip({Cost{Money::from_dollars(20)}}, job), minute(59) + 1us);
  EXPECT_FALSE(job.times.bill.upper_at(minute(60)).has_value());
  // Lost before either bound reached it.
  EXPECT_EQ(trip({Cost{Money::from_dollars(21)}}, job), kNever);
}

TEST(Condition, ASharePullsEveryThresholdForward) {
  const RunningJob job;
  Reading reading;
  reading.share_numerator = 80;
  reading.share_denominator = 100;
  EXPECT_EQ(trip({RunningFor{100min}}, job, reading), minute(100));
  EXPECT_EQ(trip({Cost{Money::from_dollars(100)}}, job, reading), minute(89) + 1us);
  EXPECT_EQ(trip({Deadline{minute(100)}}, job, reading), minute(80));
}

TEST(Condition, AnExtensionMovesEveryTimeLimitAndNothingElse) {
  RunningJob job;
  const auto moved = [&](const Condition& condition, const Reading& reading = {}) {
    job.times.extension = Duration{0};
    const Instant plain = trip(condition, job, reading);
    job.times.extension = 15min;
    const Instant late = trip(condition, job, reading);
    EXPECT_EQ(value_at(condition, job.times, late, reading), Truth::yes);
    EXPECT_NE(value_at(condition, job.times, late - 1us, reading), Truth::yes);
    return late - plain;
  };
  EXPECT_EQ(moved({RunningFor{1h}}), 15min);
  EXPECT_EQ(moved({Age{1h}}), 15min);
  EXPECT_EQ(moved({Deadline{minute(90)}}), 15min);
  EXPECT_EQ(moved({InStatus{{"RUNNING"}, 1h}}), 15min);
  EXPECT_EQ(moved({Cost{Money::from_dollars(60)}}), 0min);
  const Schedule later({{1440 + 180, 1440 + 300}}, find_zone("UTC"));
  EXPECT_EQ(moved({During{later, false}}), 0min);
  EXPECT_EQ(moved({All{{{Any{{{Age{2h}}, {RunningFor{1h}}}}}, {Age{10min}}}}}), 15min);
  job.times.phase = Phase::deploying;
  EXPECT_EQ(moved({DeployingFor{1h}}), 15min);
  job.times.phase = Phase::queued;
  EXPECT_EQ(moved({QueuedFor{1h}}), 15min);
}

TEST(Condition, AnExtensionMayUndoATripThatWas) {
  RunningJob job;
  job.times.ran_before = 2h;
  EXPECT_EQ(value_at({RunningFor{1h}}, job.times, minute(20)), Truth::yes);
  job.times.extension = 1h;
  EXPECT_EQ(value_at({RunningFor{1h}}, job.times, minute(20)), Truth::yes);
  job.times.extension = 1h + 1us;
  EXPECT_EQ(trip({RunningFor{1h}}, job), minute(20) + 1us);
}

TEST(Condition, AShareIsOneOfTheExtendedLimit) {
  RunningJob job;
  job.times.extension = 20min;
  Reading half;
  half.share_numerator = 1;
  half.share_denominator = 2;
  EXPECT_EQ(trip({RunningFor{1h}}, job, half), minute(60));
  EXPECT_EQ(trip({Deadline{minute(100)}}, job, half), minute(60));
}

TEST(Condition, AnExtensionLeavesLimitsUnderNotAlone) {
  RunningJob job;
  job.times.extension = 10h;
  EXPECT_EQ(value_at({Not{{{RunningFor{1h}}}}}, job.times, minute(80) - 1us), Truth::yes);
  EXPECT_EQ(value_at({Not{{{RunningFor{1h}}}}}, job.times, minute(80)), Truth::no);
  EXPECT_EQ(trip({Not{{{Not{{{Age{1h}}}}}}}}, job), minute(60));
  EXPECT_EQ(next_change({Not{{{Deadline{minute(90)}}}}}, job.times, kStart), minute(90));
}

TEST(Condition, AnExtensionWithoutMeasureOverflowsNothing) {
  RunningJob job;
  job.times.extension = Duration::max();
  Reading most;
  most.share_numerator = 1000;
  most.share_denominator = 100;
  for (const Condition& condition : {Condition{RunningFor{1h}}, Condition{Deadline{minute(90)}}})
    EXPECT_EQ(first_true(condition, job.times, kStart, minute(1'000'000), most), kNever);
}

TEST(Condition, WhatAPersonMayExtendIsSeenThroughCombinations) {
  const Condition cost{Cost{Money::from_dollars(1)}};
  for (const Condition& limit :
       {Condition{RunningFor{1h}}, Condition{DeployingFor{1h}}, Condition{QueuedFor{1h}},
        Condition{Age{1h}}, Condition{Deadline{kStart}}, Condition{InStatus{{"RUNNING"}, 1h}}}) {
    EXPECT_TRUE(has_time_limit(limit));
    EXPECT_TRUE(has_time_limit({All{{cost, {Any{{cost, limit}}}}}}));
    EXPECT_FALSE(has_time_limit({All{{cost, {Not{{limit}}}}}}));
  }
  EXPECT_FALSE(has_time_limit(cost));
  EXPECT_FALSE(has_time_limit({InStatus{{"RUNNING"}, {}}}));
  EXPECT_FALSE(has_time_limit({During{Schedule({{0, 60}}, find_zone("UTC")), false}}));
}

TEST(Condition, AWindowHoldsATripUntilItOpens) {
  const RunningJob job;
  const Schedule from_three({{1440 + 180, 1440 + 300}}, find_zone("UTC"));
  const Condition both{All{{{RunningFor{1h}}, {During{from_three, false}}}}};
  EXPECT_EQ(trip(both, job), minute(180));
  const Condition outside{All{{{RunningFor{3h}}, {During{from_three, true}}}}};
  EXPECT_EQ(trip(outside, job), minute(300));
  EXPECT_EQ(first_true(both, job.times, kStart, minute(179)), kNever);
}

TEST(Condition, MoneyAndClockAreSeenThroughCombinations) {
  const Condition cost{Cost{Money::from_dollars(1)}};
  const Condition age{Age{1h}};
  const Condition deadline{Deadline{kStart}};
  EXPECT_TRUE(has_money({Any{{age, {All{{cost}}}}}}));
  EXPECT_FALSE(has_money({Not{{cost}}}));
  EXPECT_TRUE(has_utc({Not{{deadline}}}));
  EXPECT_FALSE(has_utc({All{{age, cost}}}));
  EXPECT_TRUE(can_extrapolate({All{{age, cost, deadline, {RunningFor{1h}}}}}));
  EXPECT_FALSE(can_extrapolate({All{{age, {QueuedFor{1h}}}}}));
  EXPECT_FALSE(can_extrapolate({Not{{age}}}));
}

}  // namespace
}  // namespace trainstop::policy
