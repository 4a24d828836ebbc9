// Single jobs that end before their budget's limit, and breakers of rules' own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "simulation/budgets.hpp"
#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// The jobs that were stopped, in the order of their first requests.
std::vector<std::string> stopped_of(World& world, const std::vector<std::string>& ids) {
  std::vector<std::pair<Duration, std::string>> stops;
  for (const std::string& id : ids) {
    if (world.was_stopped(id)) stops.emplace_back(world.first_stop(id), id);
  }
  std::sort(stops.begin(), stops.end());
  std::vector<std::string> names;
  for (const auto& [when, id] : stops) names.push_back(id);
  return names;
}

TEST(Shed, StopsAsFewAsNeededSoThatTheOthersLastUntilTheReset) {
  // Three jobs cost $2.60 a minute: in an hour $156. At 50% of $120 one goes, and two would end at
  // $136; another goes, and the last one ends the hour under the limit.
  World world(budget("limit: $120, per: hour", ", shed: {at: 50%, order: newest}"));
  for (const char* id : {"a", "b", "c"}) {
    world.at(1s, [&world, id] { world.add(id, 1s); });
  }
  world.run_until(59min);
  EXPECT_THAT(stopped_of(world, {"a", "b", "c"}), ElementsAre("c", "b"));
  EXPECT_THAT(world.told("budget.exhausted"), IsEmpty());
  EXPECT_EQ(field(world.told("rule.tripped", "c").at(0), "shed"), Value("newest"));
  EXPECT_GT(world.first_stop("b") - world.first_stop("c"), 5s) << "the effect of the first is seen";
  EXPECT_LE(bill_of(world, {"a", "b", "c"}, 0s, 1h), Money::from_dollars(120));
}

TEST(Shed, TakesTheOrderOfTheRule) {
  const auto first = [](const std::string& order) {
    World world(budget("limit: $200, per: day", ", shed: {at: 50%, order: " + order + "}"));
    world.at(1s, [&world] { world.add("a", 1s).now.priority = 3; });
    world.at(2min, [&world] { world.add("b", 2min).now.node_count = 2; });
    world.at(4min, [&world] { world.add("c", 4min).now.priority = -1; });
    world.run_until(40min);
    return stopped_of(world, {"a", "b", "c"}).at(0);
  };
  EXPECT_EQ(first("newest"), "c");
  EXPECT_EQ(first("oldest"), "a");
  EXPECT_EQ(first("highest_rate"), "b");
  EXPECT_EQ(first("least_spent"), "c");
  EXPECT_EQ(first("lowest_priority"), "c");
}

TEST(Shed, GivesUpWhenItIsNotNeededAnyMore) {
  // At 23 minutes two jobs have cost $40. Later one is enough for the hour, or is the last one.
  for (const char* limit : {"$80", "$70"}) {
    World world(
        budget("limit: " + std::string(limit) + ", per: hour", ", grace: 5m, shed: {at: 50%}"));
    for (const char* id : {"a", "b"}) world.at(1s, [&world, id] { world.add(id, 1s); });
    world.at(24min, [&] { world.set_status("a", "COMPLETED"); });
    world.run_until(40min);
    EXPECT_THAT(world.told("rule.tripped", "b"), SizeIs(1)) << limit;
    EXPECT_THAT(world.told("stop.averted", "b"), SizeIs(1)) << limit;
    EXPECT_FALSE(world.was_stopped("b")) << limit;
  }
}

TEST(Shed, LeavesTheLastOneToTheLimit) {
  World world(budget("limit: $40, per: day", ", shed: {at: 50%}"));
  for (const char* id : {"a", "b"}) world.at(1s, [&world, id] { world.add(id, 1s); });
  world.run_until(2h);
  EXPECT_THAT(stopped_of(world, {"a", "b"}), ElementsAre("b", "a"));
  EXPECT_GE(bill_of(world, {"a", "b"}, 0s, 24h), Money::from_dollars(38));
  EXPECT_LE(bill_of(world, {"a", "b"}, 0s, 24h), Money::from_dollars(40));
}

TEST(Shed, SparesTheExempt) {
  World world("safety: {exempt: [{job: name-b, reason: paper}]}\n" +
              budget("limit: $200, per: day", ", shed: {at: 50%}"));
  for (const char* id : {"a", "b", "c"}) world.at(1s, [&world, id] { world.add(id, 1s); });
  world.at(1min, [&world] { world.add("d", 1min); });
  world.run_until(50min);
  EXPECT_FALSE(world.was_stopped("b"));
  EXPECT_EQ(stopped_of(world, {"a", "b", "c", "d"}).at(0), "d");
}

TEST(Shed, ChoosesAnotherWhenTheChosenOneBecomesExempt) {
  World world("safety: {exempt: [{user: bo@corp.example, reason: paper}]}\n" +
              budget("limit: $200, per: day", ", grace: 10m, shed: {at: 50%}"));
  for (const char* id : {"a", "b", "c"}) world.at(1s, [&world, id] { world.add(id, 1s); });
  // At 38 minutes c is chosen.
  world.at(42min, [&] { world.job("c").now.user = "bo@corp.example"; });
  world.run_until(57min);
  EXPECT_THAT(world.told("stop.averted", "c"), SizeIs(1));
  EXPECT_THAT(stopped_of(world, {"a", "b", "c"}), ElementsAre("b"));
}

TEST(Shed, GoesOnAfterARestart) {
  World world(budget("limit: $200, per: day", ", grace: 10m, shed: {at: 50%}"));
  for (const char* id : {"a", "b", "c"}) world.at(1s, [&world, id] { world.add(id, 1s); });
  world.at(45min, [&] { world.restart(5s); });
  world.run_until(52min);
  EXPECT_THAT(world.told("rule.tripped", "c"), SizeIs(1));
  EXPECT_THAT(stopped_of(world, {"a", "b", "c"}), ElementsAre("c"));
}

TEST(OwnBreaker, HoldsItsRuleAloneAndCountsItsStops) {
  World world(
      "safety: {max_stops: {count: 1, per: 5h}}\n"
      "rules: [{name: own, match: {job: 'name-a*'}, max_stops: {count: 2, per: 5h}, when: "
      "{running_for: 10m}}, {name: other, match: {job: 'name-b*'}, when: {running_for: 20m}}]\n");
  world.at(1s, [&] {
    for (const char* id : {"a1", "a2", "b1"}) world.add(id, 1s);
  });
  world.at(1h, [&] { world.add("a3", 1h); });
  world.at(90min, [&] { world.restart(5s); });
  world.run_until(3h);
  EXPECT_THAT(stopped_of(world, {"a1", "a2", "a3", "b1"}), ElementsAre("a1", "a2", "b1"));
  ASSERT_THAT(world.told("breaker.opened"), SizeIs(2)) << "and hourly";
  EXPECT_EQ(field(world.told("breaker.opened")[0], "rule"), Value("own"));
  EXPECT_THAT(world.told("stop.held", "a3"), SizeIs(2));
}

TEST(OwnBreaker, LeavesOthersAloneAndIsOverruledByTheDaemons) {
  World world(
      "safety: {max_stops: {count: 1, per: 5h}}\n"
      "rules: [{name: own, match: {job: 'name-a*'}, max_stops: {count: 9, per: 5h}, when: "
      "{running_for: 20m}}, {name: other, match: {job: 'name-b*'}, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    for (const char* id : {"a1", "b1", "b2"}) world.add(id, 1s);
  });
  world.run_until(30min);
  EXPECT_THAT(stopped_of(world, {"a1", "b1", "b2"}), IsEmpty()) << "an open breaker stops nothing";
}

}  // namespace
}  // namespace trainstop::test
