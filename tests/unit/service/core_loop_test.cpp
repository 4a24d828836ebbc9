// The loop that feeds the core: one fact a turn, and what waits is not over.
#include "service/core_loop.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <vector>

namespace trainstop::service {
namespace {

struct CoreLoopTest : testing::Test {
  boost::asio::io_context context;
  const BootClock clock;
  ClockFeed feed{clock, {}};
  Alarm alarm{context.get_executor(), clock};
  std::size_t passed = 0;
  CoreLoop loop{context.get_executor(),
                core::Core(policy::Config{}, clock.now(), Duration{0}, 1),
                feed,
                alarm,
                {[this](core::Batch) { ++passed; }, [](const core::Fact&) {}}};
};

TEST_F(CoreLoopTest, IsIdleOnceAllThatWasPostedIsHandled) {
  EXPECT_TRUE(loop.idle());
  loop.post(core::Shutdown{});
  loop.post(core::ClockRead{});
  EXPECT_FALSE(loop.idle()) << "the end may not come before them";
  EXPECT_EQ(passed, 0U) << "never inside the call";
  context.run_one();
  EXPECT_EQ(passed, 1U);
  EXPECT_FALSE(loop.idle());
  context.run_one();
  EXPECT_EQ(passed, 2U);
  EXPECT_TRUE(loop.idle());
}

TEST_F(CoreLoopTest, HandlesNothingAfterItsEnd) {
  loop.post(core::ClockRead{});
  loop.end();
  loop.post(core::ClockRead{});
  EXPECT_TRUE(loop.idle());
  context.poll();
  EXPECT_EQ(passed, 0U);
}

}  // namespace
}  // namespace trainstop::service
