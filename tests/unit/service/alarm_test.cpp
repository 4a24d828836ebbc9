// The alarm on the daemon's line: never early, at once for what has passed.
#include "service/alarm.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

namespace trainstop::service {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Lets the loop run until the alarm has rung or a limit has passed; when it rang.
std::optional<Instant> ring(boost::asio::io_context& context, Alarm& alarm, const BootClock& clock,
                            Duration longest) {
  std::optional<Instant> rang;
  boost::asio::co_spawn(context, alarm.wait(), [&](std::exception_ptr error) {
    if (!error) rang = clock.now();
  });
  context.restart();
  context.run_for(longest);
  alarm.cancel();
  context.run();
  return rang;
}

TEST(BootClock, StartsAlignedWithTheWallClock) {
  const BootClock clock;
  const Duration apart = clock.now() - BootClock::wall();
  EXPECT_LT(apart, seconds(1));
  EXPECT_GT(apart, seconds(-1));
}

TEST(Alarm, RingsNotBeforeItsInstant) {
  boost::asio::io_context context;
  const BootClock clock;
  Alarm alarm(context.get_executor(), clock);
  const Instant at = clock.now() + milliseconds(30);
  alarm.set(at);
  const auto rang = ring(context, alarm, clock, seconds(10));
  ASSERT_TRUE(rang);
  EXPECT_GE(*rang, at);
}

TEST(Alarm, RingsAtOnceForAnInstantThatHasPassed) {
  boost::asio::io_context context;
  const BootClock clock;
  Alarm alarm(context.get_executor(), clock);
  alarm.set(clock.now() - seconds(5));
  EXPECT_TRUE(ring(context, alarm, clock, seconds(10)));
  alarm.set(kLongAgo + seconds(1));
  EXPECT_TRUE(ring(context, alarm, clock, seconds(10)));
}

TEST(Alarm, ANewSettingReplacesTheOld) {
  boost::asio::io_context context;
  const BootClock clock;
  Alarm alarm(context.get_executor(), clock);
  alarm.set(clock.now() - seconds(1));
  alarm.set(kNever);
  EXPECT_FALSE(ring(context, alarm, clock, milliseconds(50)));
}

}  // namespace
}  // namespace trainstop::service
