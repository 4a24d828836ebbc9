// When the dead-man service is called.
#include "notify/heartbeat.hpp"

#include <gtest/gtest.h>

#include "unit/notify/events.hpp"

namespace trainstop::notify {
namespace {

TEST(HeartbeatTest, OnceForEachSpanAtMost) {
  Heartbeat beat(1min, 1);
  EXPECT_TRUE(beat.polled(0, kThen));
  beat.done(true);
  EXPECT_FALSE(beat.polled(0, kThen + 59s));
  EXPECT_TRUE(beat.polled(0, kThen + 60s));
}

TEST(HeartbeatTest, OneAtATime) {
  Heartbeat beat(1s, 1);
  EXPECT_TRUE(beat.polled(0, kThen));
  EXPECT_FALSE(beat.polled(0, kThen + 9s)) << "the first still hangs";
  beat.done(true);
  EXPECT_TRUE(beat.polled(0, kThen + 10s));
}

TEST(HeartbeatTest, OneThatFailedIsSentAgainWithTheNextGoodPoll) {
  Heartbeat beat(1min, 1);
  EXPECT_TRUE(beat.polled(0, kThen));
  beat.done(false);
  EXPECT_TRUE(beat.polled(0, kThen + 15s));
}

TEST(HeartbeatTest, ADaemonThatIsBlindOnOneSideDoesNotBeat) {
  Heartbeat beat(1min, 2);
  EXPECT_FALSE(beat.polled(0, kThen));
  EXPECT_TRUE(beat.polled(1, kThen + 1s));
  beat.done(true);
  for (int i = 1; i < 10; ++i) EXPECT_FALSE(beat.polled(0, kThen + i * 1min));
  EXPECT_TRUE(beat.polled(1, kThen + 10min));
}

}  // namespace
}  // namespace trainstop::notify
