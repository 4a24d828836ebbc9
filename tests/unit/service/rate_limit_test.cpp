// The rate limit, with time as an argument.
#include "service/rate_limit.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace trainstop::service {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart{seconds(1'000)};

TEST(RateLimit, LetsTheWholeLimitThroughAtOnce) {
  RateLimit limit(10);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(limit.next_at(true, kStart), kStart);
    limit.take(true, kStart);
  }
  EXPECT_EQ(limit.next_at(true, kStart), kStart + seconds(1));
}

TEST(RateLimit, RoomComesBackASecondAfterItWasTaken) {
  RateLimit limit(2);
  limit.take(true, kStart);
  limit.take(true, kStart + milliseconds(300));
  EXPECT_EQ(limit.next_at(true, kStart + milliseconds(400)), kStart + seconds(1));
  limit.take(true, kStart + seconds(1));
  EXPECT_EQ(limit.next_at(true, kStart + seconds(1)), kStart + milliseconds(1300));
}

TEST(RateLimit, CalmRequestsLeaveAFifthToUrgentOnes) {
  RateLimit limit(10);
  for (int i = 0; i < 8; ++i) limit.take(false, kStart);
  EXPECT_EQ(limit.next_at(false, kStart), kStart + seconds(1));
  EXPECT_EQ(limit.next_at(true, kStart), kStart);
}

TEST(RateLimit, ALimitOfOneStillServesBoth) {
  RateLimit limit(1);
  EXPECT_EQ(limit.next_at(false, kStart), kStart);
  limit.take(false, kStart);
  EXPECT_EQ(limit.next_at(true, kStart), kStart + seconds(1));
}

RC_GTEST_PROP(RateLimitProperty, NoSecondEverHoldsMoreThanTheLimit, ()) {
  const int most = *rc::gen::inRange(1, 20);
  const auto asks = *rc::gen::container<std::vector<std::pair<int, bool>>>(
      rc::gen::pair(rc::gen::inRange(0, 400), rc::gen::arbitrary<bool>()));
  RateLimit limit(most);
  std::vector<Instant> left;
  Instant now = kStart;
  for (const auto& [gap, urgent] : asks) {
    now = limit.next_at(urgent, now + milliseconds(gap));
    limit.take(urgent, now);
    left.push_back(now);
  }
  for (std::size_t i = static_cast<std::size_t>(most); i < left.size(); ++i) {
    RC_ASSERT(left[i] - left[i - static_cast<std::size_t>(most)] >= seconds(1));
  }
}

}  // namespace
}  // namespace trainstop::service
