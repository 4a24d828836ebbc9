// Budgets: the jobs of a pot end before its limit, new ones wait for its reset, and nothing of it
// is lost with the process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/budgets.hpp"
#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(Budget, EndsItsJobsUnderTheLimit) {
  World world(budget("limit: $20, per: day"));
  world.at(10s, [&] { world.add("a", 10s); });
  world.at(100s, [&] { world.add("b", 100s); });
  world.run_until(2h);
  EXPECT_TRUE(world.was_stopped("a"));
  EXPECT_TRUE(world.was_stopped("b"));
  ASSERT_THAT(world.told("budget.exhausted"), SizeIs(1));
  const Money bill = bill_of(world, {"a", "b"}, 0s, 24h);
  EXPECT_LE(bill, Money::from_dollars(20));
  EXPECT_GE(bill, Money::from_dollars(20 - 4)) << "of two jobs a minute and the allowance's";
  EXPECT_THAT(world.told("budget.overspent"), IsEmpty());
  const Event confirmed = world.told("stop.confirmed").back();
  EXPECT_EQ(field(confirmed, "spent"), Value(bill));
  EXPECT_EQ(field(confirmed, "margin"), Value(*subtract(Money::from_dollars(20), bill)));
  EXPECT_EQ(field(confirmed, "group"), Value("all"));
}

TEST(Budget, IsExhaustedAtTheLastInstantThatLeavesTimeToEnd) {
  // One job at $0.86667 a minute: eleven minutes cost $9.53, twelve $10.40.
  World world(budget("limit: $10, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("a"), 15s + 11min - 60s);
}

TEST(Budget, LandsAtTheLimitWhenToldSo) {
  World world(budget("limit: $10, per: day", ", landing: at"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("a"), 15s + 11min);
}

TEST(Budget, GraceCostsNoMoney) {
  World world(budget("limit: $10, per: day", ", grace: 3m"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("a"), 15s + 11min - 60s);
  EXPECT_EQ(world.told("rule.tripped").at(0).at, kStart + 15s + 7min);
}

TEST(Budget, AnEndedJobCounts) {
  World world(budget("limit: $20, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(15s + 10min, [&] { world.set_status("a", "COMPLETED"); });
  world.at(20min, [&] { world.add("b", 20min); });
  world.run_until(2h);
  EXPECT_LE(bill_of(world, {"a", "b"}, 0s, 24h), Money::from_dollars(20));
  EXPECT_TRUE(world.was_stopped("b"));
}

TEST(Budget, AnEndedJobCountsWhenItIsLongForgottenAndAfterARestart) {
  World world(budget("limit: $20, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(15s + 10min, [&] { world.set_status("a", "COMPLETED"); });
  world.at(3h, [&] { world.restart(10s); });
  world.at(4h, [&] { world.add("b", 4h); });
  world.run_until(6h);
  EXPECT_LE(bill_of(world, {"a", "b"}, 0s, 24h), Money::from_dollars(20));
  EXPECT_GE(bill_of(world, {"a", "b"}, 0s, 24h), Money::from_dollars(17));
  EXPECT_TRUE(world.was_stopped("b"));
}

TEST(Budget, StopsNewJobsUntilItsResetAndNoneAfterIt) {
  World world(budget("limit: $20, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(1h, [&] { world.add("b", 1h); });
  world.at(24h + 5min, [&] { world.add("c", 24h + 5min); });
  world.run_until(24h + 15min);
  ASSERT_TRUE(world.was_stopped("b"));
  EXPECT_LE(world.first_stop("b") - 1h, 16s);
  EXPECT_FALSE(world.was_stopped("c"));
  ASSERT_THAT(world.told("budget.reset"), SizeIs(1));
  EXPECT_EQ(world.told("budget.reset")[0].at, kStart + 24h);
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(1));
}

TEST(Budget, AWindowHoldsTheMinutesThatStartInIt) {
  World world(budget("limit: $40, per: hour"));
  world.at(30min, [&] { world.add("a", 30min); });
  world.run_until(1h + 44min);
  // Thirty minutes fall into the first hour, so the second one starts with nothing spent.
  EXPECT_FALSE(world.was_stopped("a"));
  world.run_until(2h);
  EXPECT_EQ(world.first_stop("a"), 1h + 46min - 60s);
}

TEST(Budget, TellsItsGroupsApart) {
  World world(budget("limit: $20, per: day, group_by: user"));
  world.at(15s, [&] {
    world.add("a", 15s);
    world.add("b", 15s).now.user = "bo@corp.example";
    world.add("c", 15s).now.user.reset();
  });
  world.at(10min, [&] { world.set_status("b", "COMPLETED"); });
  world.run_until(2h);
  EXPECT_EQ(world.first_stop("a"), 15s + 23min - 60s);
  EXPECT_FALSE(world.was_stopped("b"));
  EXPECT_FALSE(world.was_stopped("c")) << "whose it is is not known";
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(2));
  EXPECT_EQ(field(world.told("budget.exhausted")[0], "group"), Value("ana@corp.example"));
  EXPECT_EQ(field(world.told("budget.exhausted")[1], "group"), Value("(unknown)"));
  EXPECT_EQ(field(world.told("budget.exhausted")[1], "action"), Value("warn"));
  EXPECT_THAT(world.told("rule.unknown", "c"), SizeIs(1));
}

TEST(Budget, GroupsByAPartOfTheName) {
  World world(budget("limit: $20, per: total, group_by: {job: '^name-(sweep[0-9])'}"));
  world.at(15s, [&] {
    world.add("sweep1-a", 15s);
    world.add("sweep1-b", 15s);
    world.add("other", 15s);
  });
  world.run_until(2h);
  EXPECT_TRUE(world.was_stopped("sweep1-a"));
  EXPECT_TRUE(world.was_stopped("sweep1-b"));
  EXPECT_FALSE(world.was_stopped("other"));
  EXPECT_LE(bill_of(world, {"sweep1-a", "sweep1-b"}, 0s, 24h), Money::from_dollars(20));
}

TEST(Budget, WarnsOnceForEachShareAndWindowAlsoOverARestart) {
  World world(budget("limit: $20, per: day", ", warn_at: [50%, 80%], warn_before: [5m]"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(14min, [&] { world.restart(5s); });
  world.run_until(1h);
  const auto warned = world.told("budget.warned");
  ASSERT_THAT(warned, SizeIs(3));
  EXPECT_EQ(field(warned[0], "warn_at"), Value(0.5));
  EXPECT_EQ(warned[0].at, kStart + 15s + 11min + Duration{1});
  EXPECT_EQ(field(warned[1], "warn_before"), Value(Duration(5min)));
  EXPECT_EQ(field(warned[2], "warn_at"), Value(0.8));
  EXPECT_THAT(world.told("rule.warned"), IsEmpty()) << "the pot warns, not each job";
  world.at(24h + 10s, [&] { world.add("b", 24h + 10s); });
  world.run_until(25h);
  EXPECT_THAT(world.told("budget.warned"), SizeIs(6));
}

TEST(Budget, OnlyTellsWhenItsActionIsToWarn) {
  World world(budget("limit: $20, per: day", ", action: warn, warn_at: [50%, 150%]"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(1h);
  EXPECT_FALSE(world.was_stopped("a"));
  EXPECT_THAT(world.told("budget.warned"), SizeIs(2));
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(1));
  EXPECT_THAT(world.told("budget.overspent"), IsEmpty());
  EXPECT_THAT(world.told("rule.tripped"), IsEmpty());
}

TEST(Budget, LeavesQueuedJobsUntilTheyWouldCost) {
  World world(budget("limit: $20, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(10min, [&] { world.add("q", 10min, "PENDING"); });
  world.at(1h, [&] { world.set_status("q", "DEPLOYING"); });
  world.run_until(59min);
  EXPECT_TRUE(world.was_stopped("a"));
  EXPECT_FALSE(world.was_stopped("q"));
  world.run_until(2h);
  ASSERT_TRUE(world.was_stopped("q"));
  EXPECT_LE(world.first_stop("q") - 1h, 16s);
}

TEST(Budget, StopsQueuedJobsWhenToldSo) {
  World world(budget("limit: $20, per: day, queued: stop"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(10min, [&] { world.add("q", 10min, "PENDING"); });
  world.run_until(59min);
  EXPECT_TRUE(world.was_stopped("q"));
}

TEST(Budget, AForeseenExhaustionCountsAsOneForTheBreaker) {
  World world("safety: {max_stops: {count: 2, per: 1h}}\n" + budget("limit: $100, per: day"));
  world.at(15s, [&] {
    for (int i = 0; i < 12; ++i) world.add("j" + std::to_string(i), 15s);
  });
  world.run_until(2h);
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(12));
}

TEST(Budget, WhatTheBreakerHoldsIsToldAsOverspent) {
  World world(
      "safety: {max_stops: {count: 1, per: 5h}}\n"
      "rules: [{name: pot, match: {job: name-a}, budget: {limit: $20, per: day}},"
      "{name: short, match: {job: 'name-b*'}, when: {running_for: 5m}}]\n");
  world.at(15s, [&] {
    world.add("a", 15s);
    world.add("b1", 15s);
    world.add("b2", 15s);
  });
  world.run_until(3h);
  EXPECT_FALSE(world.was_stopped("a"));
  const auto overspent = world.told("budget.overspent");
  ASSERT_THAT(overspent, SizeIs(3)) << "when it is passed, and hourly";
  EXPECT_EQ(field(overspent[0], "over"), Value(nano(24 * kMinuteOfH100x8 - 20'000'000'000)));
}

TEST(Budget, ObservesAsAnyRule) {
  World world(budget("limit: $20, per: day", ", mode: observe"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(2h);
  EXPECT_FALSE(world.was_stopped("a"));
  EXPECT_THAT(world.told("rule.would_stop"), SizeIs(1));
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(1));
  EXPECT_THAT(world.told("budget.overspent"), IsEmpty());
}

TEST(Budget, CountsFromTheFirstSightWhatRanBefore) {
  World world(budget("limit: $20, per: month"));
  world.add("a", -2h, "RUNNING").now.updated_at = kStart - 3h;
  world.run_until(2h);
  // Its begin is not known closely: what is sure begins with the first sight.
  EXPECT_EQ(world.first_stop("a"), world.latency + 23min - 60s);
  EXPECT_EQ(field(world.told("budget.exhausted").at(0), "partial"), Value(true));
}

TEST(Budget, GivesFirstNoticeToWhatANewRuleFindsOverIt) {
  World world(budget("limit: $500, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(1h, [&] { world.restart(5s, budget("limit: $20, per: day")); });
  world.run_until(2h);
  EXPECT_THAT(world.told("rule.tripped", "a"), SizeIs(1));
  EXPECT_GE(world.first_stop("a"), 1h + 5s + 30min);
  EXPECT_LE(world.first_stop("a"), 1h + 10s + 30min);
  EXPECT_THAT(world.told("budget.overspent"), SizeIs(1));
}

TEST(Budget, APriceThatChangesMovesTheDue) {
  World world(budget("limit: $20, per: day"));
  world.prices = {{"H100x8", "0.4"}};
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(10min);
  EXPECT_THAT(world.told("rule.tripped"), IsEmpty());
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("a"), 15s + 50min - 60s);
}

TEST(Budget, AJobThatEndsGivesTheOthersMoreTime) {
  World world(budget("limit: $20, per: day", ", grace: 5m"));
  world.at(15s, [&] {
    world.add("a", 15s);
    world.add("b", 15s);
  });
  world.at(8min, [&] { world.set_status("b", "COMPLETED"); });
  world.run_until(1h);
  EXPECT_THAT(world.told("rule.cleared", "a"), SizeIs(1)) << "it had tripped at 5 minutes";
  EXPECT_LE(bill_of(world, {"a", "b"}, 0s, 24h), Money::from_dollars(20));
  EXPECT_GE(world.first_stop("a"), 13min);
}

TEST(Budget, AnUnknownPriceIsNeverZeroNorAReasonToStop) {
  World world(budget("limit: $20, per: day"));
  world.prices = {{"other", "0.4"}};
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(3h);
  EXPECT_FALSE(world.was_stopped("a"));
  EXPECT_THAT(world.told("price.missing"), SizeIs(1));
}

TEST(Budget, ARestartKeepsAnExhaustedPotExhausted) {
  World world(budget("limit: $20, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(1h, [&] { world.restart(5s); });
  world.at(2h, [&] { world.add("b", 2h); });
  world.run_until(3h);
  ASSERT_TRUE(world.was_stopped("b"));
  EXPECT_LE(world.first_stop("b") - 2h, 16s);
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(1));
}

TEST(Budget, AResetThatPassedWhileTheDaemonWasAwayIsTold) {
  World world(budget("limit: $20, per: hour"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(50min, [&] { world.restart(20min); });
  world.at(80min, [&] { world.add("b", 80min); });
  world.run_until(85min);
  EXPECT_THAT(world.told("budget.reset"), SizeIs(1));
  EXPECT_FALSE(world.was_stopped("b"));
}

TEST(Budget, TheAllowanceGrowsWithSlowStops) {
  World world(
      "rules: [{name: short, match: {job: 'name-s*'}, when: {running_for: 5m}},"
      "{name: cap, match: {job: 'name-c*'}, when: {cost: $20}}]\n");
  world.at(10s, [&] {
    for (int i = 0; i < 3; ++i) world.add("s" + std::to_string(i), 10s).stop_latency = 100s;
  });
  world.at(15s, [&] { world.add("c", 15s); });
  world.at(10min, [&] { world.restart(1s); });
  world.run_until(1h);
  // Three of thirteen took over 100 s: the 99th percentile is theirs.
  const Duration due = 15s + 23min;
  EXPECT_LE(world.first_stop("c"), due - 100s);
  EXPECT_GE(world.first_stop("c"), due - 105s);
}

}  // namespace
}  // namespace trainstop::test
