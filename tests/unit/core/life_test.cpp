#include "core/life.hpp"

#include <gtest/gtest.h>

namespace trainstop::core {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

constexpr Instant kStart{std::chrono::seconds(1767571200)};

JobSnapshot showing(const std::string& status, Duration created, Duration updated) {
  JobSnapshot job;
  job.status = "TRAINING_JOB_" + status;
  job.created_at = kStart + created;
  job.updated_at = kStart + updated;
  return job;
}

Sight sight(Duration sent) {
  return {kStart + sent, kStart + sent + 1s};
}

constexpr auto kFrom = policy::BillingFrom::deploying;

TEST(Life, BoundsTheFirstPhaseByCreationAndReceipt) {
  Life life;
  life.observe(showing("RUNNING", -1h, -3h), sight(0s), kFrom);
  EXPECT_EQ(life.phase_since().earliest, kStart - 1h);
  EXPECT_EQ(life.phase_since().latest, kStart + 1s);
}

TEST(Life, LowersTheLatestBeginToUpdatedAtInside) {
  Life life;
  life.observe(showing("RUNNING", -1h, -10min), sight(0s), kFrom);
  EXPECT_EQ(life.phase_since().latest, kStart - 10min);
}

TEST(Life, BoundsALaterPhaseByTheLastSightOfAnother) {
  Life life;
  life.observe(showing("DEPLOYING", -1h, -1h), sight(0s), kFrom);
  life.seen_again(kStart + 15s);
  life.observe(showing("RUNNING", -1h, -1h), sight(30s), kFrom);
  EXPECT_EQ(life.phase_since().earliest, kStart + 15s);
  EXPECT_EQ(life.phase_since().latest, kStart + 31s);
  ASSERT_TRUE(life.billed_since());
  EXPECT_EQ(life.billed_since()->earliest, kStart - 1h);
}

TEST(Life, BillsFromWhatIsConfigured) {
  for (const auto from : {policy::BillingFrom::created, policy::BillingFrom::deploying,
                          policy::BillingFrom::running}) {
    Life life;
    life.observe(showing("PENDING", -1h, -1h), sight(0s), from);
    EXPECT_EQ(life.billed_since().has_value(), from == policy::BillingFrom::created);
    life.observe(showing("DEPLOYING", -1h, -1h), sight(10s), from);
    EXPECT_EQ(life.billed_since().has_value(), from != policy::BillingFrom::running);
    life.observe(showing("RUNNING", -1h, -1h), sight(20s), from);
    EXPECT_TRUE(life.billed_since().has_value());
  }
}

TEST(Life, NeverBillsAJobFirstSeenEnded) {
  Life life;
  life.observe(showing("FAILED", -1h, -1h), sight(0s), kFrom);
  EXPECT_TRUE(life.ended());
  EXPECT_FALSE(life.billed_since());
}

TEST(Life, KeepsThePhaseUnderAnUnknownStatus) {
  Life life;
  life.observe(showing("RUNNING", -1h, -1h), sight(0s), kFrom);
  const Instant since = life.phase_since().latest;
  life.observe(showing("PAUSING", -1h, -1h), sight(10s), kFrom);
  EXPECT_EQ(life.phase(), Phase::running);
  EXPECT_TRUE(life.status_unknown());
  EXPECT_EQ(life.phase_since().latest, since);
  life.observe(showing("RUNNING", -1h, -1h), sight(20s), kFrom);
  EXPECT_EQ(life.phase_since().latest, since);
}

TEST(Life, SumsClosedStaysInRunningOnTheShortSide) {
  Life life;
  life.observe(showing("RUNNING", -1h, -1h), sight(0s),
               kFrom);  // since 1 s at the latest? since creation: -1h
  life.observe(showing("QUEUED", -1h, 10min), sight(20min), kFrom);
  EXPECT_EQ(life.ran_before(), 1h + 0s);
  life.observe(showing("RUNNING", -1h, 25min), sight(30min), kFrom);
  EXPECT_EQ(life.phase_since().latest, kStart + 25min);
}

}  // namespace
}  // namespace trainstop::core
