// Budgets at their edges: jobs that change hands, groups that become known late, windows shorter
// than a stop takes, clocks that are set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::string budget(const std::string& keys, const std::string& more = {}) {
  return "rules: [{name: pot, budget: {" + keys + "}" + more + "}]\n";
}

/// What the journal says is spent in the pot; empty when there is no such pot.
std::optional<Money> spent(const World& world, const std::string& group) {
  const auto image = world.present().find({Image::Kind::pot, "pot/" + group});
  if (image == world.present().end()) return {};
  for (const auto& [name, value] : image->second.body) {
    if (name == "spent") return std::get<Money>(value.data);
  }
  return Money{};
}

constexpr std::int64_t kMinute = 866'670'000;  // of the world's price, in nano-dollars

Money minutes(std::int64_t count) {
  return Money::from_nano(count * kMinute);
}

TEST(BudgetEdges, AJobThatAnotherAccountTakesOverIsCountedOnce) {
  // Both keys see the same jobs; the one that is listed later sees them first.
  World world("accounts: [{name: one, api_key: {env: KEY}}, {name: two, api_key: {env: KEY2}}]\n" +
              budget("limit: $20, per: day"));
  bool first_fails = true;
  int lists = 0;
  world.on_list = [&](bool) {
    // The first account asks first, and is answered only from the second minute on.
    const bool of_first = lists++ % 2 == 0;
    return first_fails && of_first ? failing(FailureKind::transport) : Trouble{};
  };
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(2min, [&] { first_fails = false; });
  world.run_until(10min);
  ASSERT_THAT(world.told("job.seen", "a"), SizeIs(2));
  EXPECT_FALSE(world.was_stopped("a"));
  EXPECT_THAT(world.told("budget.exhausted"), IsEmpty());
}

TEST(BudgetEdges, AJobThatEndsBeforeItsTeamIsKnownCountsForTheTeam) {
  World world(budget("limit: $20, per: day, group_by: team"));
  world.projects = {};
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(15s + 10min, [&] { world.set_status("a", "COMPLETED"); });
  world.at(12min, [&] {
    world.projects = {{"proj1", "llm", "research"}, {"proj2", "new", "research"}};
    world.add("b", 12min).now.project_id = "proj2";
  });
  world.run_until(25min);
  EXPECT_EQ(spent(world, "(unknown)"), std::nullopt);
  EXPECT_TRUE(world.was_stopped("b")) << "ten minutes of the day's twenty-three are gone";
}

TEST(BudgetEdges, TheUserOfAJobBecomesKnown) {
  World world(budget("limit: $20, per: day, group_by: user"));
  world.at(15s, [&] { world.add("a", 15s).now.user.reset(); });
  world.at(30min, [&] {
    world.job("a").now.user = "ana@corp.example";
    world.job("a").now.updated_at = world.now();
  });
  world.run_until(40min);
  EXPECT_EQ(spent(world, "(unknown)"), std::nullopt);
  EXPECT_TRUE(world.was_stopped("a"));
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(2));
}

TEST(BudgetEdges, AJobThatLeavesAnExhaustedPotIsLeftAlone) {
  World world(budget("limit: $20, per: day, group_by: user", ", grace: 1m"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(21min + 15s + 10s, [&] {  // tripped, and not yet due
    world.job("a").now.user = "bo@corp.example";
    world.job("a").now.updated_at = world.now();
  });
  world.run_until(21min + 20s);
  world.run_until(25min);
  // It takes its bill with it.
  EXPECT_EQ(spent(world, "ana@corp.example"), std::nullopt);
  EXPECT_TRUE(world.was_stopped("a"));
}

TEST(BudgetEdges, AVanishedJobCountsUpToItsLastSightAndGoesOnWhenItComesBack) {
  World world(budget("limit: $40, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(10min, [&] { world.job("a").exists = false; });
  world.run_until(20min);
  ASSERT_THAT(world.told("job.lost"), SizeIs(1));
  EXPECT_EQ(spent(world, "all"), minutes(10));
  world.at(22min, [&] { world.job("a").exists = true; });
  world.run_until(1h);
  // Nobody saw it end: it has cost all the while.
  EXPECT_EQ(world.first_stop("a"), 15s + 46min - 60s);
}

TEST(BudgetEdges, AVanishedJobIsStillCountedWhenItIsForgotten) {
  World world(budget("limit: $20, per: total"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(10min, [&] { world.job("a").exists = false; });
  world.at(30h, [&] { world.restart(1s); });
  world.at(31h, [&] { world.add("b", 31h); });
  world.run_until(32h);
  EXPECT_EQ(world.first_stop("b"), 31h + 13min - 60s);
}

TEST(BudgetEdges, AClockThatIsSetOverTheResetAndBackOpensTheSameWindowAgain) {
  World world(budget("limit: $20, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(1h, [&] { world.set_shift(23h + 30min); });
  world.at(1h + 1min, [&] { world.set_shift(0s); });
  world.at(2h, [&] { world.add("b", 2h); });
  world.run_until(3h);
  EXPECT_EQ(spent(world, "all").value_or(Money{}) >= minutes(22), true);
  ASSERT_TRUE(world.was_stopped("b")) << "what the day has spent is not forgotten";
  EXPECT_LE(world.first_stop("b") - 2h, 16s);
}

TEST(BudgetEdges, AnUnknownPriceThatBecomesKnownCountsFromTheBegin) {
  World world(budget("limit: $20, per: day"));
  world.prices = {{"other", "0.4"}};
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(5min, [&] { world.prices = {{"H100x8", "0.86667"}}; });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("a"), 15s + 23min - 60s);
}

TEST(BudgetEdges, APriceThatBecomesKnownAfterTheEndIsStillCounted) {
  World world(budget("limit: $20, per: day"));
  world.prices = {{"other", "0.4"}};
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(15s + 5min, [&] { world.set_status("a", "COMPLETED"); });
  world.at(7min, [&] { world.prices = {{"H100x8", "0.86667"}}; });
  world.run_until(30min);
  EXPECT_EQ(spent(world, "all"), minutes(5));
}

TEST(BudgetEdges, ALimitUnderTheCostOfOneStopIsReachedAtOnceAndToldByHowMuch) {
  World world(budget("limit: $0.10, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(1h);
  EXPECT_LE(world.first_stop("a"), 31s);
  ASSERT_THAT(world.told("budget.overspent"), SizeIs(1));
  EXPECT_EQ(field(world.told("budget.overspent")[0], "over"),
            Value(Money::from_nano(kMinute - 100'000'000)));
}

TEST(BudgetEdges, AWindowThatIsSpentAtItsBeginIsNoSurprise) {
  // A minute of all costs $8.67. In the hour's first one they are under the limit, in the next
  // hour the second one would pass it after 65 s: due five seconds after the reset.
  World world(budget("limit: $10, per: hour"));
  world.at(59min + 5s, [&] {
    for (int i = 0; i < 10; ++i) world.add("j" + std::to_string(i), 59min + 5s);
  });
  world.run_until(1h + 3min);
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(10));
  EXPECT_THAT(world.told("budget.overspent"), IsEmpty());
}

TEST(BudgetEdges, ADeathAtAnyStepOfAnExhaustionChangesNothing) {
  for (const char* place : {"job.seen", "budget.exhausted", "rule.tripped", "stop.intended",
                            "stop.sent", "job.ended", "stop.confirmed", "budget.reset"}) {
    for (const World::Death death : {World::Death::before_records, World::Death::before_acts}) {
      SCOPED_TRACE(std::string(place) +
                   (death == World::Death::before_acts ? " and its acts" : ""));
      World world(budget("limit: $20, per: hour"));
      world.at(15s, [&] { world.add("a", 15s); });
      world.at(15s, [&] { world.add("b", 15s); });
      world.die_at(place, death);
      for (Duration at = 1s; at < 65min; at += 1s)
        world.at(at, [&] {
          if (!world.alive()) world.restart(Duration{1});
        });
      world.at(50min, [&] { world.add("c", 50min); });
      world.at(61min, [&] { world.add("d", 61min); });
      world.run_until(65min);
      EXPECT_TRUE(world.alive());
      EXPECT_TRUE(world.was_stopped("a") && world.was_stopped("b") && world.was_stopped("c"));
      EXPECT_FALSE(world.was_stopped("d"));
      for (const char* id : {"a", "b"}) {
        EXPECT_GE(world.first_stop(id), 15s + 11min - 60s);
        EXPECT_LE(world.first_stop(id), 15s + 11min - 60s + 10s);
      }
      EXPECT_LE(world.told("budget.exhausted").size(), 2U);
      EXPECT_EQ(spent(world, "all"), minutes(1)) << "of the second hour, when d was seen";
      EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
    }
  }
}

TEST(BudgetEdges, TwoBudgetsOverOneJobEachCountIt) {
  World world(
      "rules: [{name: pot, budget: {limit: $20, per: day}},"
      "{name: tight, budget: {limit: $10, per: hour, group_by: user}}]\n");
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(1h, [&] { world.add("b", 1h); });
  world.run_until(3h);
  EXPECT_EQ(world.first_stop("a"), 15s + 11min - 60s);
  // Eleven minutes of the day's twenty-three, and the second hour's own.
  EXPECT_EQ(world.first_stop("b"), 1h + 11min - 60s);
  EXPECT_EQ(field(world.told("stop.intended", "b").at(0), "rule"), Value("tight"));
}

TEST(BudgetEdges, AnAllowanceLongerThanTheWindowStopsAtItsBegin) {
  World world(
      "stop: {confirm_within: 1h}\nrules: ["
      "{name: short, match: {job: 'name-s*'}, when: {running_for: 5m}},"
      "{name: pot, match: {job: 'name-p*'}, budget: {limit: $20, per: hour}}]\n");
  world.at(10s, [&] { world.add("s", 10s).stop_latency = 100min; });
  world.run_until(2h + 1min);
  ASSERT_THAT(world.told("stop.confirmed", "s"), SizeIs(1));
  world.at(2h + 10min, [&] { world.add("p", 2h + 10min); });
  world.run_until(5h);
  ASSERT_TRUE(world.was_stopped("p"));
  EXPECT_LE(world.first_stop("p"), 2h + 10min + 16s);
  EXPECT_THAT(world.told("budget.overspent"), IsEmpty());
}

TEST(BudgetEdges, AnExhaustionThatARestartCameBeforeWasForeseen) {
  World world("safety: {max_stops: {count: 2, per: 1h}}\n" + budget("limit: $100, per: day"));
  world.at(15s, [&] {
    for (int i = 0; i < 12; ++i) world.add("j" + std::to_string(i), 15s);
  });
  world.at(5min, [&] { world.restart(5s); });
  world.run_until(2h);
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(12));
}

TEST(BudgetReset, AStopWhoseJobEndsAfterItTellsNothingOfTheNextWindow) {
  World world(budget("limit: $50, per: hour"));
  world.at(1s, [&] { world.add("a", 1s).stop_latency = 6min; });
  world.run_until(80min);
  ASSERT_THAT(world.told("stop.confirmed", "a"), SizeIs(1));
  ASSERT_GT(*world.job("a").ended, kStart + 1h);
  EXPECT_EQ(world.told("stop.confirmed", "a")[0].find("spent"), nullptr);
  EXPECT_EQ(world.told("stop.confirmed", "a")[0].find("margin"), nullptr);
}

}  // namespace
}  // namespace trainstop::test
