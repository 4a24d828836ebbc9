// Budgets that persons raise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using core::Command;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = core::Answer::Outcome;

constexpr const char* kDay = "rules: [{name: day, budget: {limit: $52, per: day}}]\n";

TEST(RaisedBudget, LastsLongerByWhatWasAdded) {
  World world(kDay);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(30min, [&] {
    const auto answer = world.order(Command::Raise{"day", {}, Money::from_dollars(52), 0s});
    EXPECT_EQ(answer.outcome, Outcome::done) << answer.message;
  });
  world.run_until(3h);
  EXPECT_GT(world.first_stop("j1"), 115min);
  EXPECT_LT(world.first_stop("j1"), 120min + 10s);
  EXPECT_EQ(field(world.told("budget.raised").at(0), "limit"), Value(Money::from_dollars(104)));
  EXPECT_EQ(field(world.told("stop.confirmed").at(0), "cost_limit"),
            Value(Money::from_dollars(104)));
}

TEST(RaisedBudget, IsOpenAgainAfterItsExhaustionUntilTheRaiseEnds) {
  World world(kDay);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(70min, [&] { world.order(Command::Raise{"day", "all", Money::from_dollars(50), 2h}); });
  world.at(80min, [&] { world.add("j2", 80min); });
  world.run_until(90min);
  EXPECT_FALSE(world.was_stopped("j2"));
  world.at(100min, [&] { world.restart(5s); });
  world.run_until(5h);
  EXPECT_GT(world.first_stop("j2"), 130min);
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(2));
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
}

TEST(RaisedBudget, ThatIsExhaustedIsNotToldAgainAfterARestart) {
  World world(kDay);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(30min, [&] { world.order(Command::Raise{"day", {}, Money::from_dollars(26), 0s}); });
  world.at(2h, [&] { world.restart(5s); });
  world.run_until(3h);
  EXPECT_LT(world.first_stop("j1"), 90min + 10s);
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(1));
}

TEST(RaisedBudget, MayBeRaisedSoOftenInEachWindow) {
  World world(
      "rules: [{name: hour, budget: {limit: $10, per: hour}, action: warn, extend: {max: $5, "
      "times: "
      "1}}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  const Command::Raise raise{"hour", "all", Money::from_dollars(5), 0s};
  std::vector<Outcome> outcomes;
  world.at(1min, [&] {
    outcomes.push_back(
        world.order(Command::Raise{"hour", "all", Money::from_dollars(6), 0s}).outcome);
    outcomes.push_back(world.order(raise).outcome);
    outcomes.push_back(world.order(raise).outcome);
  });
  // At once in the next window, before anything else has looked at it.
  world.at(1h, [&] { outcomes.push_back(world.order(raise).outcome); });
  world.at(1h + 1s, [&] { outcomes.push_back(world.order(raise).outcome); });
  world.run_until(2h);
  EXPECT_THAT(outcomes, testing::ElementsAre(Outcome::refused, Outcome::done, Outcome::refused,
                                             Outcome::done, Outcome::refused));
}

TEST(RaisedBudget, OfNoBudgetOrNoMoneyIsRefused) {
  World world(kDay);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.run_until(1min);
  EXPECT_EQ(world.order(Command::Raise{"none", {}, Money::from_dollars(1), 0s}).outcome,
            Outcome::no_such);
  EXPECT_EQ(world.order(Command::Raise{"day", "x", Money::from_dollars(1), 0s}).outcome,
            Outcome::no_such);
  EXPECT_EQ(world.order(Command::Raise{"day", {}, Money{}, 0s}).outcome, Outcome::refused);
}

TEST(RaisedBudget, IsOverWithTheWindow) {
  World world(kDay);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(1min, [&] { world.order(Command::Raise{"day", {}, Money::from_dollars(1000), 0s}); });
  world.run_until(23h + 30min);
  world.job("j1");
  const bool stopped_today = world.was_stopped("j1");
  world.run_until(26h);
  EXPECT_EQ(stopped_today, true);  // 24 hours cost more than 1,052 dollars
  EXPECT_THAT(world.told("operator.expired"), SizeIs(1));
}

constexpr const char* kOnce =
    "rules: [{name: day, budget: {limit: $10, per: day, group_by: user}, extend: {max: $5, times: "
    "1}}]\n";

Command::Raise raise_by_five(std::optional<std::string> group = {}) {
  return {"day", std::move(group), Money::from_dollars(5), 0s};
}

TEST(RaisedBudget, IsRaisedNoMoreOftenBeforeItsFirstJobThanAfter) {
  World world(kOnce);
  world.run_until(1min);
  EXPECT_EQ(world.order(raise_by_five()).outcome, Outcome::done);
  EXPECT_EQ(world.order(raise_by_five()).outcome, Outcome::refused);
  ASSERT_THAT(world.told("budget.raised"), SizeIs(1));
  EXPECT_EQ(field(world.told("budget.raised")[0], "rule"), Value("day"));
  EXPECT_EQ(field(world.told("budget.raised")[0], "by"), Value(Money::from_dollars(5)));
  world.add("j1", 2min);
  world.run_until(10h);
  EXPECT_EQ(field(world.told("budget.exhausted").at(0), "limit"), Value(Money::from_dollars(15)));
}

TEST(RaisedBudget, OfAGroupThatComesLaterHasBeenRaisedWithTheOthers) {
  for (const bool restarts : {false, true}) {
    World world(kOnce);
    world.add("j1", 10s);
    world.run_until(1min);
    EXPECT_EQ(world.order(raise_by_five()).outcome, Outcome::done);
    if (restarts) world.restart(5s);
    world.add("j2", 2min).now.user = "bo@corp.example";
    world.run_until(3min);
    EXPECT_EQ(world.order(raise_by_five("bo@corp.example")).outcome, Outcome::refused) << restarts;
    EXPECT_EQ(world.order(raise_by_five()).outcome, Outcome::refused) << restarts;
  }
}

TEST(RaisedBudget, OfAGroupThatComesLaterHasNotBeenRaisedWithAnother) {
  World world(kOnce);
  world.add("j1", 10s).now.user = "ana@corp.example";
  world.run_until(1min);
  EXPECT_EQ(world.order(raise_by_five("ana@corp.example")).outcome, Outcome::done);
  world.add("j2", 2min).now.user = "bo@corp.example";
  world.run_until(3min);
  EXPECT_EQ(world.order(raise_by_five("bo@corp.example")).outcome, Outcome::done);
  EXPECT_EQ(world.order(raise_by_five("bo@corp.example")).outcome, Outcome::refused);
}

TEST(RaisedBudget, MayBeRaisedAgainInTheNextWindow) {
  World world(kOnce);
  world.run_until(1min);
  EXPECT_EQ(world.order(raise_by_five()).outcome, Outcome::done);
  world.run_until(25h);
  EXPECT_EQ(world.order(raise_by_five()).outcome, Outcome::done);
}

}  // namespace
}  // namespace trainstop::test
