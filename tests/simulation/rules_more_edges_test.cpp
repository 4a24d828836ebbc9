// What is told of a budget's stop when the pot it was for is not there any more, or not the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "simulation/budgets.hpp"
#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace confirmed_stops {
namespace {

using testing::SizeIs;

/// The confirmation of the job's stop, the only one.
Event confirmed(const World& world, const std::string& id) {
  const auto told = world.told("stop.confirmed", id);
  EXPECT_THAT(told, SizeIs(1));
  return told.empty() ? Event{} : told[0];
}

bool tells_margin(const Event& event) {
  EXPECT_EQ(event.find("spent") != nullptr, event.find("margin") != nullptr);
  return event.find("margin") != nullptr;
}

TEST(ConfirmedStop, OfABudgetTellsWhatThePotHasSpentAndWhatIsLeft) {
  World world(test::budget("limit: $20, per: day"));
  world.at(1s, [&] { world.add("a", 1s); });
  world.run_until(1h);
  const Event event = confirmed(world, "a");
  ASSERT_TRUE(tells_margin(event));
  EXPECT_EQ(field(event, "spent"), Value(bill_of(world, {"a"}, 0s, 1h)));
}

TEST(ConfirmedStop, OfABudgetThatIsGoneMeanwhileTellsNoMargin) {
  World world("rules: [{name: all, budget: {limit: $900, per: day}}, " +
              test::budget("limit: $20, per: day").substr(8));
  world.at(1s, [&] { world.add("a", 1s).stop_latency = 3min; });
  world.at(24min, [&] {
    ASSERT_TRUE(world.was_stopped("a"));
    world.reload("rules: [{name: all, budget: {limit: $900, per: day}}]\n");
  });
  world.run_until(1h);
  const Event event = confirmed(world, "a");
  EXPECT_FALSE(tells_margin(event)) << "another budget's is none of this stop";
  EXPECT_EQ(field(event, "cost_limit"), Value(Money::from_dollars(20)));
  EXPECT_EQ(field(event, "cost"), Value(bill_of(world, {"a"}, 0s, 1h)));
}

TEST(ConfirmedStop, OfAJobThatChangedItsGroupTellsNothingOfTheOtherGroup) {
  World world(test::budget("limit: $20, per: day, group_by: user"));
  world.at(1s, [&] { world.add("a", 1s).stop_latency = 3min; });
  world.at(24min, [&] {
    ASSERT_TRUE(world.was_stopped("a"));
    world.job("a").now.user = "bo@corp.example";
  });
  world.run_until(1h);
  const Event event = confirmed(world, "a");
  EXPECT_FALSE(tells_margin(event));
  EXPECT_EQ(field(event, "group"), Value("ana@corp.example"));
}

/// The API shows nothing from then on, until it does again.
void hide(World& world, Duration from, Duration until) {
  world.at(from, [&world] {
    world.on_list = [](bool) { return failing(FailureKind::timeout); };
    world.on_read = [](const std::string&) { return failing(FailureKind::timeout); };
  });
  world.at(until, [&world] {
    world.on_list = [](bool) { return Trouble{}; };
    world.on_read = [](const std::string&) { return Trouble{}; };
  });
}

TEST(ConfirmedStop, ThatIsSeenOnlyAfterTheResetTellsNothingOfTheNextWindow) {
  World world(test::budget("limit: $52, per: hour"));
  world.at(1s, [&] { world.add("a", 1s).stop_latency = 20s; });
  hide(world, 58min + 10s, 61min);
  world.run_until(70min);
  ASSERT_LT(world.job("a").ended.value_or(kNever), kStart + 1h);
  EXPECT_FALSE(tells_margin(confirmed(world, "a")));
}

TEST(ConfirmedStop, OfALargePotThatEndsAtOnceIsToldForAllAndSummedUpForSome) {
  World world("safety: {max_stops: {count: 400, per: 1h}}\n" +
              test::budget("limit: $6000, per: day"));
  for (int i = 0; i < 300; ++i) {
    world.at(1s, [&world, i] { world.add("j" + std::to_string(i), 1s).stop_latency = 2min; });
  }
  hide(world, 23min, 26min);
  world.run_until(1h);
  const auto told = world.told("stop.confirmed");
  ASSERT_THAT(told, SizeIs(300));
  ASSERT_TRUE(world.was_stopped("j299"));
  EXPECT_LT(world.first_stop("j299"), 23min);
  const auto with_margin = std::count_if(told.begin(), told.end(), tells_margin);
  EXPECT_GT(with_margin, 0);
  EXPECT_LT(with_margin, 300) << "summing up 300 bills 300 times would hold everything else";
}

TEST(Freeze, DoesNotHoldAStopThatWasIntendedBeforeIt) {
  World world("safety: {freeze: [{during: \"Mon 00:11-02:00\"}]}\n" + std::string(kTenMinutes));
  world.at(10s, [&] { world.add("cut-off", 10s); });
  world.at(90s, [&] { world.add("late", 90s); });
  world.die_at("stop.intended", World::Death::before_acts);
  world.at(10min + 50s, [&] {
    ASSERT_FALSE(world.alive());
    world.restart(20s);  // whether the request has left is not known
  });
  world.run_until(3h);
  EXPECT_GT(world.first_stop("cut-off"), 11min);
  EXPECT_LT(world.first_stop("cut-off"), 12min);
  EXPECT_GE(world.first_stop("late"), 2h);
}

}  // namespace
}  // namespace confirmed_stops
}  // namespace trainstop::test
