// One line over many processes: continued within a boot, and found again by UTC after one.
#include "service/lineage.hpp"

#include <gtest/gtest.h>

namespace trainstop::service {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

constexpr Instant kNoon{std::chrono::hours(12)};

Run run_started(Instant at) {
  Run run;
  run.started = at;
  run.boot_id = "b1";
  run.line_offset = 10h;
  return run;
}

TEST(Lineage, ARunComesBackFromItsImage) {
  service::Run run = run_started(kNoon);
  run.ended = kNoon + 1h;
  const auto back = last_run({image_of(run, {})});
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->started, run.started);
  EXPECT_EQ(back->boot_id, "b1");
  EXPECT_EQ(back->line_offset, 10h);
  EXPECT_EQ(back->ended, run.ended);
  EXPECT_FALSE(last_run({}).has_value());
}

TEST(Lineage, TheLineGoesOnWithinABoot) {
  EXPECT_EQ(resumed_offset(run_started(kNoon), "b1", 3h, 0s, kNoon + 1h), Duration(10h));
}

TEST(Lineage, ABootEndsIt) {
  EXPECT_FALSE(resumed_offset(run_started(kNoon), "b2", 3h, 0s, kNoon).has_value());
  EXPECT_FALSE(resumed_offset(run_started(kNoon), "", 3h, 0s, kNoon).has_value());
}

TEST(Lineage, ABootClockThatRanBackwardsIsAnother) {
  EXPECT_FALSE(resumed_offset(run_started(kNoon), "b1", 1h, 0s, kLongAgo).has_value());
  EXPECT_FALSE(resumed_offset(run_started(kNoon), "b1", 3h, 0s, kNoon + 2h).has_value());
  EXPECT_TRUE(resumed_offset(run_started(kNoon), "b1", 3h, 1h, kNoon + 2h).has_value());
}

TEST(Lineage, AfterABootClocksThatAgreeGiveTheFinerOne) {
  EXPECT_EQ(utc_after_boot(kNoon + 1h + 3s, kNoon + 1h, kNoon), kNoon + 1h + 3s);
}

TEST(Lineage, AfterABootTheEarlierClockDecides) {
  EXPECT_EQ(utc_after_boot(kNoon + 25h, kNoon + 1h, kNoon), kNoon + 1h);
  EXPECT_EQ(utc_after_boot(kNoon + 1h, kNoon + 25h, kNoon), kNoon + 1h);
}

TEST(Lineage, AWallClockThatLostItsTimeDecidesNothing) {
  EXPECT_EQ(utc_after_boot(Instant{}, kNoon + 1h, kNoon), kNoon + 1h);
}

TEST(Lineage, AJournalWrittenByAClockThatWasAheadMakesNothingOlder) {
  EXPECT_EQ(utc_after_boot(kNoon, kNoon + 1s, kNoon + 24h), kNoon);
  EXPECT_EQ(utc_after_boot(kNoon + 24h, kNoon, kNoon + 24h), kNoon);
}

}  // namespace
}  // namespace trainstop::service
