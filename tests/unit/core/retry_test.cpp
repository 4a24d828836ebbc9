#include "core/retry.hpp"

#include <gtest/gtest.h>

namespace trainstop::core {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

TEST(Retry, DoublesUpToItsBoundWithJitter) {
  Random random(1);
  for (int failures = 1; failures < 200; ++failures) {
    const Duration bound = failures > 6
                               ? Duration(30s)
                               : std::min(Duration(30s), Duration(500ms) * (1 << (failures - 1)));
    for (int i = 0; i < 20; ++i) {
      const Duration wait = wait_after(failures, kLostReply, {}, random);
      EXPECT_LE(wait, bound);
      EXPECT_GE(wait, bound / 2);
    }
  }
}

TEST(Retry, WaitsAsLongAsAskedButNotLongerThanAMinute) {
  Random random(1);
  EXPECT_EQ(wait_after(1, kLostReply, Duration(20s), random), 20s);
  EXPECT_EQ(wait_after(1, kLostReply, Duration(5h), random), 1min);
  EXPECT_GE(wait_after(1, kLostReply, Duration(-5s), random), 250ms);
}

TEST(Retry, IsTheSameForTheSameSeed) {
  Random a(7), b(7), c(8);
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.next(), c.next());
}

}  // namespace
}  // namespace trainstop::core
