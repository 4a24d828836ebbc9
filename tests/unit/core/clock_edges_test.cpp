// The clock decider at its edges: what a step of the wall clock explains and what it does not, and
// several servers that disagree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/clock.hpp"

namespace trainstop::core {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::HasSubstr;

constexpr Instant kLine{std::chrono::seconds(1767571200)};

/// A decider and what it was last heard to say. Line and wall agree at the start.
class Heard {
 public:
  explicit Heard(std::vector<std::string> accounts = {"main"})
      : decider(std::move(accounts), kLine, kLine) {}

  /// A reply of a server whose clock is that far ahead of the line.
  void reply(Duration at, Duration ahead, AccountIndex account = 0) {
    const Instant sent = kLine + at;
    decider.read_date(account, std::chrono::floor<std::chrono::seconds>(sent + 50ms + ahead), sent,
                      sent + 100ms);
  }
  /// The wall clock, that far ahead of the line.
  void wall(Duration at, Duration ahead) { decider.read_wall(kLine + at, kLine + at + ahead); }
  /// UTC minus line as it is told, or was last.
  Duration shift(Duration at) {
    if (auto read = decider.take_change(kLine + at)) last = *read;
    return last.utc_shift;
  }

  ClockDecider decider;
  ClockRead last;
};

TEST(Clock, AStepOfTheWallExplainsAJumpForAMinuteOnly) {
  Heard soon;
  soon.wall(10s, -24h);
  EXPECT_EQ(soon.shift(70s), -24h);
  Heard late;
  late.wall(10s, -24h);
  EXPECT_EQ(late.shift(71s), 0s);
  EXPECT_EQ(late.shift(671s - 1s), 0s);
  EXPECT_EQ(late.shift(671s), -24h) << "ten minutes after it was first seen";
}

TEST(Clock, IsUnprovenUntilAReplyBearsADate) {
  Heard heard;
  heard.shift(1s);
  EXPECT_TRUE(heard.last.unproven);
  heard.reply(2s, 0s);
  heard.shift(3s);
  EXPECT_FALSE(heard.last.unproven);
}

TEST(Clock, AStepOfTheWallExplainsNoOtherJump) {
  Heard heard;
  heard.reply(1s, 0s);
  heard.shift(2s);
  heard.wall(10s, 24h);   // forward: the server says no, and the earlier decides
  heard.reply(11s, -1h);  // an hour back: not what the wall did
  EXPECT_GE(heard.shift(12s), -2s);
}

TEST(Clock, AJumpThatMovesOnIsWaitedForAnew) {
  Heard heard;
  heard.reply(1s, 0s);
  heard.shift(2s);
  heard.reply(60s, -1h);
  heard.shift(60s);
  heard.reply(360s, -2h);
  heard.shift(360s);
  EXPECT_GE(heard.shift(11min), -2s) << "ten minutes after the first jump, five after the second";
  EXPECT_LE(heard.shift(360s + 10min), -2h + 2s);
}

TEST(Clock, AJumpThatIsTakenBackIsForgotten) {
  Heard heard;
  heard.reply(1s, 0s);
  heard.shift(2s);
  heard.reply(60s, -1h);
  heard.shift(60s);
  heard.reply(5min, 0s);
  EXPECT_GE(heard.shift(5min), -2s);
  heard.reply(9min, -1h);
  EXPECT_GE(heard.shift(9min), -2s);
  EXPECT_GE(heard.shift(18min), -2s) << "nine minutes after it came back";
}

TEST(Clock, NamesEveryServerThatDisagrees) {
  Heard heard({"one", "two", "three"});
  heard.reply(1s, -1h, 0);
  heard.reply(1s, 0s, 1);
  heard.reply(1s, 2h, 2);
  heard.shift(2s);
  EXPECT_TRUE(heard.last.skewed);
  EXPECT_THAT(heard.last.skew_detail, HasSubstr("ahead of the API's of account one; the wall"));
  EXPECT_THAT(heard.last.skew_detail, HasSubstr("behind the API's of account three"));
  EXPECT_THAT(heard.last.skew_detail, testing::Not(HasSubstr("two")));
}

TEST(Clock, TellsThatAServerAgreesAgain) {
  Heard heard;
  heard.reply(1s, 1h);
  heard.shift(2s);
  EXPECT_TRUE(heard.last.skewed);
  heard.reply(60s, 0s);
  heard.shift(60s);
  EXPECT_FALSE(heard.last.skewed);
  EXPECT_EQ(heard.last.skew_detail, "");
}

TEST(Clock, TellsSmallChangesOnlyWhenTheyHaveAddedUp) {
  Heard heard;
  heard.shift(1s);
  heard.wall(2s, 49ms);
  EXPECT_FALSE(heard.decider.take_change(kLine + 2s));
  heard.wall(3s, 50ms);
  EXPECT_TRUE(heard.decider.take_change(kLine + 3s));
}

TEST(Clock, OfDisprovedCandidatesTakesTheEarliestAllTheSame) {
  // A job of tomorrow: neither the wall nor the server can be right.
  Heard heard;
  heard.decider.read_timestamp(0, kLine + 24h, kLine);
  heard.reply(1s, -1h);
  EXPECT_LE(heard.shift(2s), -1h + 2s);
}

TEST(Clock, ATimestampJustInTheFutureDisprovesNothing) {
  Heard near, far;
  near.decider.read_timestamp(0, kLine - 6s, kLine);
  far.decider.read_timestamp(0, kLine, kLine);
  for (Heard* heard : {&near, &far}) heard->reply(1s, -10s);
  EXPECT_LE(near.shift(2s), -8s);
  EXPECT_EQ(far.shift(2s), 0s);
}

TEST(Clock, TrustsWhatAgreedOnlyWhileTheRepliesSaySo) {
  Heard heard;
  heard.reply(1s, 0s);
  heard.shift(2s);
  heard.reply(60s, -1h);  // the server's clock was set back
  EXPECT_LE(heard.decider.api_shift(0), -1h + 2s);
}

}  // namespace
}  // namespace trainstop::core
