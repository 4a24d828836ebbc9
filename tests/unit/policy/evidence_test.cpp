// What a person is shown of a condition: progress, and each leaf with its value and limit.
#include <gtest/gtest.h>

#include "policy/condition.hpp"
#include "unit/policy/times.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

TEST(Progress, IsValueToLimit) {
  const RunningJob job;
  EXPECT_EQ(progress_at({RunningFor{1h}}, job.times, minute(50)), 0.5);
  EXPECT_EQ(progress_at({Cost{Money::from_dollars(100)}}, job.times, minute(60)), 0.5);
  EXPECT_EQ(progress_at({Deadline{minute(100)}}, job.times, minute(25)), 0.25);
  EXPECT_EQ(progress_at({DeployingFor{1h}}, job.times, minute(50)), 0.0);
  EXPECT_EQ(progress_at({InStatus{{"RUNNING"}, 1h}}, job.times, minute(50)), 0.5);
  EXPECT_EQ(progress_at({InStatus{{"RUNNING"}, {}}}, job.times, minute(50)), 1.0);
  EXPECT_EQ(progress_at({RunningFor{1h}}, job.times, minute(140)), 2.0);
}

TEST(Progress, IsTheLeastOfAllAndTheMostOfAny) {
  const RunningJob job;
  const Condition half{RunningFor{1h}};
  const Condition fifth{Age{250min}};
  EXPECT_EQ(progress_at({All{{half, fifth}}}, job.times, minute(50)), 0.2);
  EXPECT_EQ(progress_at({Any{{half, fifth}}}, job.times, minute(50)), 0.5);
  EXPECT_EQ(progress_at({Not{{half}}}, job.times, minute(50)), 1.0);
}

TEST(Progress, OfTheUnknownIsNoneForAllAndLeftOutForAny) {
  RunningJob job;
  job.times.bill.prices = nullptr;
  const Condition cost{Cost{Money::from_dollars(100)}};
  const Condition half{RunningFor{1h}};
  EXPECT_EQ(progress_at(cost, job.times, minute(50)), std::nullopt);
  EXPECT_EQ(progress_at({All{{half, cost}}}, job.times, minute(50)), std::nullopt);
  EXPECT_EQ(progress_at({Any{{half, cost}}}, job.times, minute(50)), 0.5);
  EXPECT_EQ(progress_at({Any{{cost}}}, job.times, minute(50)), std::nullopt);
}

TEST(Progress, OfAnEstimateIsTheSureSide) {
  RunningJob job;
  job.times.bill.latest = minute(20);
  job.times.bill.estimated = true;
  EXPECT_EQ(progress_at({Cost{Money::from_dollars(100)}}, job.times, minute(60)), 0.4);
}

TEST(Evidence, NamesValueLimitAndSinceWhen) {
  const RunningJob job;
  const auto found = evidence_at({All{{{RunningFor{30min}}, {Cost{Money::from_dollars(100)}}}}},
                                 job.times, minute(60));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].key, "running_for");
  EXPECT_EQ(found[0].value, Truth::yes);
  EXPECT_EQ(std::get<Duration>(*found[0].measured), 40min);
  EXPECT_EQ(std::get<Duration>(*found[0].limit), 30min);
  EXPECT_EQ(found[0].since, minute(20));
  EXPECT_EQ(found[1].key, "cost");
  EXPECT_EQ(found[1].value, Truth::no);
  EXPECT_EQ(std::get<Money>(*found[1].measured), Money::from_dollars(50));
  EXPECT_FALSE(found[1].estimated);
}

TEST(Progress, IsToTheExtendedLimit) {
  RunningJob job;
  job.times.extension = 1h;
  EXPECT_EQ(progress_at({RunningFor{1h}}, job.times, minute(80)), 0.5);
  EXPECT_EQ(progress_at({Age{1h}}, job.times, minute(30)), 0.25);
  EXPECT_EQ(progress_at({Deadline{minute(100)}}, job.times, minute(40)), 0.25);
  EXPECT_EQ(progress_at({InStatus{{"RUNNING"}, 1h}}, job.times, minute(50)), 0.25);
  EXPECT_EQ(progress_at({Cost{Money::from_dollars(100)}}, job.times, minute(60)), 0.5);
  EXPECT_EQ(progress_at({Not{{{RunningFor{1h}}}}}, job.times, minute(80)), 0.0);
}

TEST(Evidence, ShowsTheExtendedLimitAndUnderNotThePlainOne) {
  RunningJob job;
  job.times.extension = 1h;
  const Condition limit{RunningFor{1h}};
  const auto found = evidence_at({All{{limit,
                                       {Not{{limit}}},
                                       {InStatus{{"RUNNING"}, 30min}},
                                       {Deadline{minute(90)}},
                                       {Cost{Money::from_dollars(100)}}}}},
                                 job.times, minute(80));
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(std::get<Duration>(*found[0].limit), 2h);
  EXPECT_EQ(found[0].value, Truth::no);
  EXPECT_EQ(std::get<Duration>(*found[1].limit), 1h);
  EXPECT_EQ(found[1].value, Truth::yes);
  EXPECT_EQ(std::get<Duration>(*found[2].limit), 90min);
  EXPECT_EQ(std::get<std::string>(*found[3].limit), "2026-11-24T02:30:00.000Z");
  EXPECT_EQ(std::get<Money>(*found[4].limit), Money::from_dollars(100));
}

TEST(Evidence, OfTheUnknownHasNoValue) {
  RunningJob job;
  job.times.bill.prices = nullptr;
  const auto found = evidence_at({Cost{Money::from_dollars(100)}}, job.times, minute(60));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].value, Truth::unknown);
  EXPECT_FALSE(found[0].measured.has_value());
}

TEST(Evidence, OfStatusScheduleAndDeadlineIsInWords) {
  const RunningJob job;
  const auto text = [](const auto& value) { return std::get<std::string>(*value); };
  const auto status = evidence_at({InStatus{{"RUNNING", "QUEUED"}, {}}}, job.times, minute(30));
  EXPECT_EQ(text(status[0].measured), "RUNNING");
  EXPECT_EQ(text(status[0].limit), "RUNNING, QUEUED");
  EXPECT_EQ(status[0].since, minute(20));
  const auto window =
      evidence_at({During{Schedule({{0, 60}}, find_zone("UTC")), true}}, job.times, minute(30));
  EXPECT_EQ(text(window[0].limit), "outside");
  EXPECT_EQ(window[0].value, Truth::yes);
  const auto deadline = evidence_at({Deadline{minute(90)}}, job.times, minute(30));
  EXPECT_EQ(text(deadline[0].limit), "2026-11-24T01:30:00.000Z");
}

}  // namespace
}  // namespace trainstop::policy
