// A wall clock that jumps by a day, under the daemon, while the API's stays: nothing stops early.
#include <gtest/gtest.h>

#include <filesystem>

#include "e2e/jumping_clock.hpp"
#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

/// The instant so far from now, as the configuration writes it.
std::string instant_in(std::chrono::seconds from_now) {
  const auto at = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
  std::tm utc{};
  ::gmtime_r(&at, &utc);
  std::string text(32, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc));
  return text;
}

std::string rules(const std::string& more = {}) {
  return R"(  - name: tomorrow
    match: {job: "keep-*"}
    when: {any: [{age: 12h}, {running_for: 12h}, {cost: $100})" +
         more + R"(]}
  - name: limit
    match: {job: "trip-*"}
    when: {running_for: 4s}
)";
}

std::string rules_with_deadline() {
  return rules(", {deadline: \"" + instant_in(12h) + "\"}");
}

/// Jobs that nothing but a wrong clock could stop, and one that must stop in time all the same.
void live_through_jump(const std::string& offset) {
  SCOPED_TRACE(offset);
  const JumpingClock clock;
  WorldOptions options;
  options.rules = rules_with_deadline();
  options.environment = clock.environment();
  options.wrapper = clock.wrapper();
  World world(options);
  world.add_running("keep-1");
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  world.add_running("trip-1");
  ASSERT_TRUE(world.wait_for_requests(sim::Endpoint::search, 2, kPatience));
  clock.jump_to(offset);
  world.add_running("keep-2");
  EXPECT_TRUE(world.wait_until_stopped("trip-1", kPatience)) << world.daemon().err();
  ASSERT_TRUE(world.wait_for_requests(sim::Endpoint::search, 4, kPatience));
  EXPECT_GE(lateness(world.api().job("trip-1"), 4s), 0us) << "too early";
  EXPECT_EQ(world.end(), 0) << world.daemon().err();
  world.expect_only_stopped("trip-1");
  EXPECT_GE(world.count("clock.skewed"), 1U) << world.daemon().err();
}

TEST(WallClock, AJumpOfADayStopsNothingEarly) {
  ASSERT_TRUE(std::filesystem::exists(kFaketime)) << "the package faketime is missing";
  run_together({[] { live_through_jump("+86400s"); }, [] { live_through_jump("-86400s"); }}, 2);
}

/// The daemon is started with a clock that is wrong already.
void start_with(const std::string& offset) {
  SCOPED_TRACE(offset);
  const JumpingClock clock;
  clock.jump_to(offset);
  WorldOptions options;
  options.rules = rules_with_deadline();
  options.environment = clock.environment();
  options.wrapper = clock.wrapper();
  World world(options);
  world.add_running("keep-1");
  world.add_running("trip-1");
  world.start();
  EXPECT_TRUE(world.wait_until_stopped("trip-1", kPatience)) << world.daemon().err();
  ASSERT_TRUE(world.wait_for_requests(sim::Endpoint::search, 3, kPatience));
  EXPECT_EQ(world.end(), 0) << world.daemon().err();
  world.expect_only_stopped("trip-1");
}

TEST(WallClock, ADaemonThatStartsADayOffStopsNothingEarly) {
  ASSERT_TRUE(std::filesystem::exists(kFaketime)) << "the package faketime is missing";
  run_together({[] { start_with("+86400s"); }, [] { start_with("-86400s"); }}, 2);
}

/// The API's clock is wrong, in its Date headers and in its jobs' timestamps. When it is ahead, its
/// timestamps disprove this machine's clock, and so a deadline would be judged by the API's.
void api_is_off(sim::Duration offset) {
  SCOPED_TRACE(offset.count());
  WorldOptions options;
  options.rules = rules();
  options.settings.clock_offset = offset;
  World world(options);
  world.add_running("keep-1");
  world.add_running("trip-1");
  world.start();
  EXPECT_TRUE(world.wait_until_stopped("trip-1", kPatience)) << world.daemon().err();
  ASSERT_TRUE(world.wait_for_requests(sim::Endpoint::search, 3, kPatience));
  EXPECT_EQ(world.end(), 0) << world.daemon().err();
  world.expect_only_stopped("trip-1");
}

TEST(ApiClock, ADayOffStopsNothingEarly) {
  run_together({[] { api_is_off(24h); }, [] { api_is_off(-24h); }}, 2);
}

}  // namespace
}  // namespace trainstop::e2e
