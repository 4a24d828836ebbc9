// When the failures of a sink are told.
#include "notify/trouble.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/notify/events.hpp"

namespace trainstop::notify {
namespace {

struct TroubleTest : testing::Test {
  std::optional<Event> fail() {
    trouble.failed("it answers with 500", now);
    return take();
  }
  std::optional<Event> take() { return trouble.take(now, now + 1h, 5); }

  Instant now = kThen;
  Trouble trouble{"oncall"};
};

TEST_F(TroubleTest, TheThirdFailureInARowIsTold) {
  EXPECT_FALSE(fail());
  EXPECT_FALSE(fail());
  trouble.delivered();
  EXPECT_FALSE(take()) << "what was never told is not told to be over";
  now += 1min;
  EXPECT_FALSE(fail());
  EXPECT_FALSE(fail());
  now += 1min;
  const auto told = fail();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->name, "notify.failed");
  EXPECT_EQ(told->level, Level::warning);
  EXPECT_EQ(told->message, "sink oncall can't be told: it answers with 500");
  EXPECT_EQ(*told->find("sink"), Value("oncall"));
  EXPECT_EQ(*told->find("since"), Value(now + 1h - 1min)) << "in UTC";
  EXPECT_EQ(*told->find("failures"), Value(3));
  EXPECT_EQ(*told->find("waiting"), Value(5));
  EXPECT_EQ(told->find("dropped"), nullptr);
}

TEST_F(TroubleTest, WhatLastsIsToldHourly) {
  for (int i = 0; i < 3; ++i) fail();
  now += 1h - 1s;
  EXPECT_FALSE(fail());
  now += 1s;
  const auto told = fail();
  ASSERT_TRUE(told);
  EXPECT_EQ(*told->find("since"), Value(kThen + 1h));
}

TEST_F(TroubleTest, ItsEndIsToldOnceWithWhatWasLost) {
  for (int i = 0; i < 3; ++i) fail();
  trouble.dropped(2);
  trouble.gave_up(1, "it answers with 404");
  now += 10min;
  trouble.delivered();
  const auto told = take();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->name, "notify.recovered");
  EXPECT_EQ(told->level, Level::info);
  EXPECT_EQ(*told->find("took_s"), Value(Duration(10min)));
  EXPECT_EQ(*told->find("dropped"), Value(2));
  EXPECT_EQ(*told->find("given_up"), Value(1));
  trouble.delivered();
  EXPECT_FALSE(take());
}

TEST_F(TroubleTest, ASinkThatComesAndGoesIsToldEveryFiveMinutesAtMost) {
  for (int i = 0; i < 3; ++i) fail();
  trouble.delivered();
  ASSERT_TRUE(take());
  now += 1min;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(fail());
  now += 4min;
  EXPECT_TRUE(fail());
}

TEST_F(TroubleTest, WhatIsLostWithoutAFailureIsToldHourlyToo) {
  trouble.dropped(1);
  const auto told = take();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->message, "sink oncall was not told of everything");
  EXPECT_EQ(told->find("since"), nullptr);
  trouble.dropped(1);
  EXPECT_FALSE(take());
  now += 1h;
  EXPECT_EQ(*take()->find("dropped"), Value(2));
  now += 1h;
  EXPECT_FALSE(take()) << "nothing new";
}

}  // namespace
}  // namespace trainstop::notify
