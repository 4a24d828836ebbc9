// What lines of rules and stops say of the measure behind them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/view.hpp"

namespace trainstop::test::fields {
namespace {

using testing::SizeIs;

TEST(RuleLine, OfWhatWouldBeStoppedSaysMeasureAndCost) {
  World world("mode: observe\nrules: [{name: a, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(20min);
  ASSERT_THAT(world.told("rule.would_stop"), SizeIs(1));
  const Event told = world.told("rule.would_stop")[0];
  EXPECT_EQ(field(told, "limit"), Value(Duration(10min)));
  EXPECT_EQ(field(told, "unit"), Value("s"));
  EXPECT_EQ(field(told, "value"), Value(told.at - kStart - 1s));
  EXPECT_NE(field(told, "cost"), kAbsent);
  EXPECT_EQ(field(told, "rate"), Value(Money::from_nano(52'000'200'000)));
}

TEST(RuleLine, OfWhatHoldsNoLongerSaysTheMeasure) {
  World world("rules: [{name: a, when: {running_for: 10m}, grace: 1h}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(15min, [&] { world.order(core::Command::Extend{World::key_of("j1"), "a", 3h, 6h}); });
  world.run_until(20min);
  ASSERT_THAT(world.told("rule.cleared"), SizeIs(1));
  const Event told = world.told("rule.cleared")[0];
  EXPECT_EQ(field(told, "limit"), Value(Duration(3h + 10min)));
  EXPECT_EQ(field(told, "unit"), Value("s"));
  EXPECT_EQ(field(told, "value"), Value(told.at - kStart - 1s));
}

TEST(RuleLine, OfAnAttributeThatIsNotKnownNamesTheWholeRule) {
  World world("rules: [{name: a, match: {user: x}, when: {age: 1h}, action: warn}]\n");
  world.at(1s, [&] { world.add("j1", 1s).now.user.reset(); });
  world.run_until(1min);
  ASSERT_THAT(world.told("rule.unknown"), SizeIs(1));
  const Event told = world.told("rule.unknown")[0];
  EXPECT_EQ(field(told, "rule"), Value("a"));
  EXPECT_NE(field(told, "rule_hash"), kAbsent);
  EXPECT_EQ(field(told, "mode"), Value("enforce"));
  EXPECT_EQ(field(told, "action"), Value("warn"));
}

TEST(RuleLine, NamesAFirstNoticeOnlyWhereSomethingIsStopped) {
  World world("rules: [{name: far, when: {running_for: 100h}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(1h, [&] {
    world.reload(
        "rules:\n"
        "  - {name: stops, when: {running_for: 30m}}\n"
        "  - {name: warns, when: {running_for: 30m}, action: warn}\n");
  });
  world.run_until(1h + 1min);
  ASSERT_THAT(world.told("rule.tripped"), SizeIs(2));
  for (const Event& told : world.told("rule.tripped")) {
    const bool stops = field(told, "rule") == Value("stops");
    EXPECT_EQ(told.message.find("first notice") != std::string::npos, stops) << told.message;
  }
}

TEST(StopLine, CountsItsAttemptsFromTheIntentOn) {
  World world("rules: [{name: a, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 4min; });
  world.run_until(20min);
  ASSERT_THAT(world.told("stop.intended"), SizeIs(1));
  EXPECT_EQ(field(world.told("stop.intended")[0], "attempt"), Value(1));
  ASSERT_THAT(world.told("stop.sent"), SizeIs(2));
  EXPECT_EQ(field(world.told("stop.sent")[0], "attempt"), Value(1));
  EXPECT_EQ(field(world.told("stop.sent")[1], "attempt"), Value(2));
}

TEST(NextDue, NamesWhatHoldsIt) {
  World world(
      "safety: {max_stops: {count: 1, per: 1h}}\n"
      "rules: [{name: a, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    for (const char* id : {"j1", "j2", "j3"}) world.add(id, 1s);
  });
  world.run_until(5min);
  EXPECT_EQ(get(status(world), "next_due", "hold"), kAbsent);
  world.run_until(20min);
  EXPECT_EQ(get(status(world), "next_due", "hold"), Value("breaker"));
}

TEST(NextDue, OfAnOrderIsHeldByNothing) {
  World world("rules: [{name: a, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(5min, [&] {
    world.order(core::Command::Pause{{}, 2h});
    world.on_read = [](const std::string&) { return failing(FailureKind::timeout); };
    world.order(core::Command::StopJob{World::key_of("j1"), false});
  });
  world.run_until(5min + 1s);
  EXPECT_EQ(get(status(world), "next_due", "ordered_by"), Value("ana"));
  EXPECT_EQ(get(status(world), "next_due", "hold"), kAbsent);
}

TEST(NextDue, OfARuleThatIsGoneHasNoHold) {
  World world("rules: [{name: a, when: {running_for: 10h}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 600; ++i) world.add("j" + std::to_string(i), 1s);
  });
  world.run_until(5min);
  std::size_t between = 0;
  world.on_batch = [&](const core::Batch&) {
    const Value next = get(status(world), "next_due");
    if (next == kAbsent) return;
    ++between;
    EXPECT_EQ(get(next, "rule"), kAbsent);
    EXPECT_EQ(get(next, "hold"), kAbsent);
  };
  world.reload("rules: [{name: b, when: {queued_for: 10h}}]\n");
  world.run_until(6min);
  EXPECT_GT(between, 0U);
}

}  // namespace
}  // namespace trainstop::test::fields
