// Bounded harm: the breaker, and trips that nobody could have foreseen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::string name(int i) {
  return "j" + std::to_string(i);
}

TEST(Breaker, LetsNoneLeaveWhenAllTogetherAreTooMany) {
  World world("rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 11; ++i) world.add(name(i), 1s);
  });
  world.run_until(1h);
  for (int i = 0; i < 11; ++i) EXPECT_FALSE(world.was_stopped(name(i)));
  ASSERT_THAT(world.told("breaker.opened"), SizeIs(1));
  EXPECT_EQ(field(world.told("breaker.opened")[0], "reason"), Value("max_stops"));
  EXPECT_THAT(world.told("stop.held"), SizeIs(11));
}

TEST(Breaker, LetsAsManyLeaveAsItsBound) {
  World world("rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 10; ++i) world.add(name(i), 1s);
  });
  world.run_until(1h);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(world.was_stopped(name(i)));
}

TEST(Breaker, CountsWithinItsWindowOnly) {
  World world(
      "safety: {max_stops: {count: 2, per: 1h}}\nrules: [{name: short, when: {running_for: "
      "10m}}]\n");
  for (int i = 0; i < 6; ++i) {
    world.at(1s + i * 31min, [&world, i] { world.add(name(i), 1s + i * 31min); });
  }
  world.run_until(5h);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(world.was_stopped(name(i))) << i;
}

TEST(Breaker, KeepsFollowingWhatWasSentBeforeItOpened) {
  World world(
      "safety: {max_stops: {count: 1, per: 10h}}\nrules: [{name: short, when: {running_for: "
      "10m}}]\n");
  world.on_stop = [&](const std::string&) {
    return world.now() < kStart + 15min ? failing(FailureKind::server_error, 500) : Trouble{};
  };
  world.at(1s, [&] { world.add("a", 1s); });
  world.at(1min, [&] { world.add("b", 1min); });
  world.run_until(1h);
  EXPECT_THAT(world.told("breaker.opened"), SizeIs(1));
  EXPECT_THAT(world.told("stop.confirmed", "a"), SizeIs(1));
  EXPECT_FALSE(world.was_stopped("b"));
}

TEST(Breaker, OpenWhenAStopFallsDueLeavesTheLoopAtRest) {
  World world(
      "safety: {max_stops: {count: 1, per: 10h}}\nrules: [{name: short, when: {running_for: "
      "10m}}]\n");
  world.at(1s, [&] {
    for (const char* id : {"a", "b"}) world.add(id, 1s);
  });
  world.at(9min, [&] { world.add("c", 9min); });
  world.run_until(2h);
  EXPECT_FALSE(world.was_stopped("c"));
  EXPECT_THAT(world.told("stop.held", "c"), SizeIs(2));  // at once and hourly
  EXPECT_LT(world.calls_of_core(), 3000u);               // two a poll, and a few
}

TEST(Breaker, DoesNotCountObservedRules) {
  World world(
      "rules: [{name: seen, mode: observe, when: {running_for: 5m}}, {name: short, match: {job: "
      "j0}, when: "
      "{running_for: 10m}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 30; ++i) world.add(name(i), 1s);
  });
  world.run_until(1h);
  EXPECT_TRUE(world.was_stopped("j0"));
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
}

TEST(Surprise, OfMoreThanHalfSuspectsTheObserver) {
  World world("poll: {interval: 10s}\nrules: [{name: old, when: {age: 10h}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 6; ++i) world.add(name(i), -1h);
  });
  world.at(5min, [&] {  // all creation times are suddenly a day older
    for (int i = 0; i < 4; ++i) world.job(name(i)).now.created_at -= 24h;
  });
  world.run_until(1h);
  // None slips through before half are counted: those that fall due together are counted together.
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(world.was_stopped(name(i))) << i;
  ASSERT_THAT(world.told("breaker.opened"), SizeIs(1));
  EXPECT_EQ(field(world.told("breaker.opened")[0], "reason"), Value("surprise"));
}

TEST(Surprise, OfJobsYoungerThanTheirDueCountsOnceTheyAreInView) {
  World world(
      "poll: {interval: 10s}\n"
      "rules: [{name: no-runs, match: {status: [running]}, when: {cost: $1}}]\n");
  world.run_until(1min);
  for (int i = 0; i < 5; ++i) world.add(name(i), 1min, "DEPLOYING");
  world.at(20min, [&] {  // all of a sudden the rule speaks of them, and was due long ago
    for (int i = 0; i < 3; ++i) world.set_status(name(i), "RUNNING");
  });
  world.run_until(30min);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(world.was_stopped(name(i))) << i;
  ASSERT_THAT(world.told("breaker.opened"), SizeIs(1));
  EXPECT_EQ(field(world.told("breaker.opened")[0], "reason"), Value("surprise"));
}

TEST(Surprise, IsNoneOfJobsThatComeOverARule) {
  World world(
      "poll: {interval: 10s}\n"
      "rules: [{name: no-runs, match: {status: [running]}, when: {age: 1s}}]\n");
  world.at(61s, [&] {
    for (int i = 0; i < 5; ++i) world.add(name(i), 61s);
  });
  world.run_until(2min);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(world.was_stopped(name(i))) << i;
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
}

TEST(Surprise, CountsWhenAStopFallsDueThoughAFreezeHoldsIt) {
  World world(
      "poll: {interval: 10s}\nsafety: {freeze: [{during: '00:00-01:00'}]}\n"
      "rules: [{name: old, when: {age: 10h}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 6; ++i) world.add(name(i), -1h);
  });
  world.at(5min, [&] {
    for (int i = 0; i < 4; ++i) world.job(name(i)).now.created_at -= 24h;
  });
  world.run_until(6min);
  ASSERT_THAT(world.told("breaker.opened"), SizeIs(1));
  EXPECT_EQ(field(world.told("breaker.opened")[0], "reason"), Value("surprise"));
}

TEST(Surprise, DoesNotCountTogetherWhatFellDueHoursApartInAFreeze) {
  World world(
      "poll: {interval: 10s}\nsafety: {freeze: [{during: '00:00-03:00'}]}\n"
      "rules: [{name: old, when: {age: 10h}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 6; ++i) world.add(name(i), -1h);
  });
  for (int i = 0; i < 4; ++i)
    world.at(20min + i * 40min, [&, i] { world.job(name(i)).now.created_at -= 24h; });
  world.run_until(4h);
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(world.first_stop(name(i)), 3h + 50ms) << i;  // read first
}

TEST(Surprise, CountsJobsOfTheFirstListToo) {
  World world("poll: {interval: 10s}\nrules: [{name: old, when: {age: 10h}}]\n");
  for (int i = 0; i < 6; ++i) world.add(name(i), -1h);
  world.at(5min, [&] {
    for (int i = 0; i < 6; ++i) world.job(name(i)).now.created_at -= 24h;
  });
  world.run_until(1h);
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(world.was_stopped(name(i))) << i;
}

TEST(Surprise, IsNoneAtTheFirstJudgement) {
  World world("safety: {first_notice: 0s}\nrules: [{name: old, when: {age: 10h}}]\n");
  for (int i = 0; i < 6; ++i) world.add(name(i), -20h);
  world.run_until(1h);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(world.was_stopped(name(i))) << i;
}

TEST(Surprise, OfAFewIsOrdinary) {
  World world("poll: {interval: 10s}\nrules: [{name: old, when: {age: 10h}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 6; ++i) world.add(name(i), -1h);
  });
  world.at(5min, [&] { world.job("j0").now.created_at -= 24h; });
  world.run_until(1h);
  EXPECT_TRUE(world.was_stopped("j0"));
}

TEST(Breaker, OfOneRuleHoldsThatRuleAlone) {
  World world(
      "rules: [{name: few, max_stops: {count: 1, per: 10h}, when: {running_for: 10m}}, {name: "
      "last, match: {job: a}, when: {running_for: 30m}}]\n");
  world.at(1s, [&] {
    for (const char* id : {"a", "b", "c"}) world.add(id, 1s);
  });
  world.run_until(2h);
  EXPECT_EQ(world.first_stop("a"), 30min + 1s);
  EXPECT_FALSE(world.was_stopped("b"));
  EXPECT_FALSE(world.was_stopped("c"));
}

}  // namespace
}  // namespace trainstop::test
