#include "core/breaker.hpp"

#include <gtest/gtest.h>

namespace trainstop::core {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

constexpr Instant kStart{std::chrono::seconds(1767571200)};

TEST(Breaker, AdmitsUpToItsBoundWithinTheWindow) {
  Breaker breaker(2, 1h, 15s);
  EXPECT_TRUE(breaker.admit(2, kStart));
  breaker.count_stop(kStart);
  breaker.count_stop(kStart + 1min);
  EXPECT_EQ(breaker.stops_in_window(kStart + 59min), 2u);
  EXPECT_TRUE(breaker.admit(1, kStart + 1h));
  EXPECT_FALSE(breaker.open());
}

TEST(Breaker, OpensAndStaysOpen) {
  Breaker breaker(2, 1h, 15s);
  EXPECT_FALSE(breaker.admit(3, kStart));
  EXPECT_EQ(breaker.reason(), "max_stops");
  EXPECT_FALSE(breaker.admit(1, kStart + 10h));
}

TEST(Breaker, SuspectsTheObserverAtMoreThanHalfOfFour) {
  Breaker few(10, 1h, 15s);
  for (int i = 0; i < 3; ++i) few.count_surprise(kStart, 3);
  EXPECT_FALSE(few.open());
  Breaker half(10, 1h, 15s);
  for (int i = 0; i < 2; ++i) half.count_surprise(kStart, 4);
  EXPECT_FALSE(half.open());
  half.count_surprise(kStart + 14s, 4);
  EXPECT_EQ(half.reason(), "surprise");
}

TEST(Breaker, ForgetsSurprisesAfterAnInterval) {
  Breaker breaker(10, 1h, 15s);
  for (int i = 0; i < 20; ++i) breaker.count_surprise(kStart + i * 10s, 4);
  EXPECT_FALSE(breaker.open());
}

TEST(Breaker, ComparesSurprisesWithThoseThatLivedWithinTheInterval) {
  Breaker breaker(10, 1h, 15s);
  for (int i = 0; i < 4; ++i) breaker.count_surprise(kStart, 10);
  for (int i = 0; i < 4; ++i) breaker.count_end(kStart + 5s);
  breaker.count_surprise(kStart + 6s, 6);  // the fifth of ten
  EXPECT_FALSE(breaker.open());
  breaker.count_surprise(kStart + 7s, 6);
  EXPECT_EQ(breaker.reason(), "surprise");
}

TEST(Breaker, ForgetsAfterAnIntervalThatJobsHaveLived) {
  Breaker breaker(10, 1h, 15s);
  for (int i = 0; i < 100; ++i) breaker.count_end(kStart);
  for (int i = 0; i < 3; ++i) breaker.count_surprise(kStart + 15s, 4);
  EXPECT_EQ(breaker.reason(), "surprise");
}

}  // namespace
}  // namespace trainstop::core
