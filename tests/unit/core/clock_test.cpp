#include "core/clock.hpp"

#include <gtest/gtest.h>

namespace trainstop::core {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

constexpr Instant kLine{std::chrono::seconds(1767571200)};

/// A decider at a start where line and wall agree, with one reply whose Date is that far from the
/// line.
ClockDecider after_one_reply(Duration date_offset) {
  ClockDecider clock({"main"}, kLine, kLine);
  const Instant sent = kLine + 1s, received = sent + 100ms;
  clock.read_date(0, std::chrono::floor<std::chrono::seconds>(sent + 50ms + date_offset), sent,
                  received);
  return clock;
}

Duration shift(ClockDecider& clock, Instant line) {
  static Duration last{0};
  if (const auto read = clock.take_change(line)) last = read->utc_shift;
  return last;
}

TEST(Clock, AgreesWithAServerOfTheSameTime) {
  ClockDecider clock = after_one_reply(0s);
  const auto read = clock.take_change(kLine + 2s);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->skewed);
  EXPECT_EQ(read->utc_shift, Duration{0});
  EXPECT_FALSE(clock.take_change(kLine + 3s));
}

TEST(Clock, LetsTheEarlierDecideWhenTheServerIsBehind) {
  ClockDecider clock = after_one_reply(-24h);
  const auto read = clock.take_change(kLine + 2s);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->skewed);
  EXPECT_LE(read->utc_shift, -24h + 2s);
  EXPECT_GE(read->utc_shift, -24h - 2s);
  EXPECT_NE(read->skew_detail.find("ahead of"), std::string::npos) << read->skew_detail;
}

TEST(Clock, LetsTheWallDecideWhenTheServerIsAhead) {
  ClockDecider clock = after_one_reply(24h);
  const auto read = clock.take_change(kLine + 2s);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->skewed);
  EXPECT_EQ(read->utc_shift, Duration{0});
}

TEST(Clock, IgnoresAWallClockThatJumpsAhead) {
  ClockDecider clock = after_one_reply(0s);
  shift(clock, kLine + 2s);
  clock.read_wall(kLine + 10s, kLine + 10s + 24h);
  const auto read = clock.take_change(kLine + 10s);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->skewed);
  EXPECT_GE(read->utc_shift, -2s);
  EXPECT_LE(read->utc_shift, 2s);
}

TEST(Clock, FollowsAWallClockThatJumpsBack) {
  ClockDecider clock = after_one_reply(0s);
  shift(clock, kLine + 2s);
  clock.read_wall(kLine + 10s, kLine + 10s - 24h);
  EXPECT_EQ(shift(clock, kLine + 10s), -24h);
}

TEST(Clock, DropsACandidateThatAJobsTimestampDisproves) {
  ClockDecider clock = after_one_reply(0s);
  shift(clock, kLine + 2s);
  clock.read_wall(kLine + 10s, kLine + 10s - 24h);
  clock.read_timestamp(0, kLine + 20s, kLine + 20s);  // a job updated now: it can't be yesterday
  EXPECT_GE(shift(clock, kLine + 20s), -2s);
}

TEST(Clock, BelievesAJumpThatNoStepExplainsOnlyAfterTenMinutes) {
  ClockDecider clock = after_one_reply(0s);
  shift(clock, kLine + 2s);
  const auto reply = [&](Duration at) {
    const Instant sent = kLine + at;
    clock.read_date(0, std::chrono::floor<std::chrono::seconds>(sent) - 1h, sent, sent + 100ms);
  };
  reply(1min);
  EXPECT_GE(shift(clock, kLine + 1min), -2s);
  reply(10min);
  EXPECT_GE(shift(clock, kLine + 10min), -2s);
  reply(11min);
  EXPECT_LE(shift(clock, kLine + 11min + 1s), -1h + 2s);
}

TEST(Clock, NarrowsTheBoundsReplyByReply) {
  ClockDecider clock({"main"}, kLine, kLine);
  for (int i = 0; i < 20; ++i) {
    const Instant sent = kLine + i * (1s + 37ms);
    clock.read_date(0, std::chrono::floor<std::chrono::seconds>(sent + 20ms - 1h), sent,
                    sent + 40ms);
    shift(clock, sent + 40ms);
  }
  const Instant translated = clock.translate(0, kLine - 1h);
  EXPECT_GE(translated, kLine - 60ms);
  EXPECT_LE(translated, kLine + 1s);
}

TEST(Clock, TranslatesByTheApisClockOnceAJobProvesItAhead) {
  ClockDecider clock = after_one_reply(24h);
  clock.read_timestamp(0, kLine + 24h, kLine + 2s);
  const Instant translated = clock.translate(0, kLine + 24h);
  EXPECT_GE(translated, kLine - 1s);
  EXPECT_LE(translated, kLine + 2s);
}

TEST(Clock, TranslatesAsBeforeWhenOnlyTheWallIsSet) {
  ClockDecider clock = after_one_reply(0s);
  clock.read_wall(kLine + 10s, kLine + 10s - 24h);
  shift(clock, kLine + 10s);
  EXPECT_EQ(clock.translate(0, kLine + 5s), kLine + 5s);
}

TEST(Clock, MakesNoJobOlderForADateThatIsWrong) {
  ClockDecider ahead = after_one_reply(24h);
  ahead.read_timestamp(0, kLine, kLine + 2s);
  EXPECT_GE(ahead.translate(0, kLine), kLine);
  ClockDecider behind = after_one_reply(-24h);
  EXPECT_GE(behind.translate(0, kLine), kLine);
}

TEST(Clock, ToleratesAServerThatKeepsItsDateForASecond) {
  ClockDecider clock({"main"}, kLine, kLine);
  for (int i = 0; i < 20; ++i) {
    const Instant sent = kLine + i * (1s + 37ms);
    clock.read_date(0, std::chrono::floor<std::chrono::seconds>(sent - 900ms), sent, sent + 40ms);
  }
  EXPECT_EQ(clock.translate(0, kLine + 5s), kLine + 5s);
}

TEST(Clock, TranslatesByTheWallBeforeTheFirstReply) {
  ClockDecider clock({"main"}, kLine, kLine);
  EXPECT_EQ(clock.translate(0, kLine + 5s), kLine + 5s);
}

TEST(Clock, StartsAnewWhenBoundsContradict) {
  ClockDecider clock = after_one_reply(0s);
  const Instant sent = kLine + 1h;
  clock.read_date(0, sent + 30s, sent, sent + 100ms);  // the server's clock was set
  clock.read_timestamp(0, sent + 30s, sent + 100ms);
  const Instant translated = clock.translate(0, sent + 30s);
  EXPECT_LE(translated, sent + 2s);
}

}  // namespace
}  // namespace trainstop::core
