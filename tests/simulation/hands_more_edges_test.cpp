// Budgets that are raised and breakers that are reset by hand, at the edges: what else there is
// stays as it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "simulation/tell.hpp"
#include "simulation/view.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using core::Answer;
using core::Command;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = core::Answer::Outcome;

Money dollars(std::int32_t amount) {
  return Money::from_dollars(amount);
}

Command::Raise raised(const std::string& rule, std::optional<std::string> group, Money by,
                      Duration lasts = 0s) {
  return {rule, std::move(group), by, lasts};
}

/// The limit of a budget's group as `trainstop budgets` shows it.
Value limit_of(World& world, std::string_view rule, std::string_view group) {
  for (const Value& pot : items(Value(world.core().budgets()), "budgets")) {
    if (get(pot, "rule") == Value(rule) && get(pot, "group") == Value(group))
      return get(pot, "limit");
  }
  return Value("(no such group)");
}

/// The ids of all stops that were told to be held.
std::vector<std::string> held_stops(const World& world) {
  std::vector<std::string> ids;
  for (const Event& event : world.told("stop.held")) ids.push_back(text(field(event, "stop")));
  return ids;
}

TEST(RaisedBudgetEdges, OfOneGroupLeavesTheOtherGroupsAndTheOtherBudgets) {
  World world(
      "rules: [{name: user, budget: {limit: $1000, per: day, group_by: user}},"
      " {name: all, budget: {limit: $2000, per: day}}]\n");
  world.add("j1", 10s);
  world.add("j2", 10s).now.user = "bo@corp.example";
  world.run_until(1min);
  world.order(Command::Pause{{}, 1h});  // another kind of override raises nothing
  ASSERT_EQ(world.order(raised("user", "bo@corp.example", dollars(10))).outcome, Outcome::done);
  EXPECT_EQ(limit_of(world, "user", "bo@corp.example"), Value(dollars(1010)));
  EXPECT_EQ(limit_of(world, "user", "ana@corp.example"), Value(dollars(1000)));
  EXPECT_EQ(limit_of(world, "all", "all"), Value(dollars(2000)));
  ASSERT_EQ(world.order(raised("user", {}, dollars(5))).outcome, Outcome::done);
  EXPECT_EQ(limit_of(world, "user", "bo@corp.example"), Value(dollars(1015)));
  EXPECT_EQ(limit_of(world, "user", "ana@corp.example"), Value(dollars(1005)));
  EXPECT_EQ(limit_of(world, "all", "all"), Value(dollars(2000)));
  EXPECT_THAT(world.told("budget.raised"), SizeIs(3)) << "once for each group that it is for";
}

TEST(RaisedBudgetEdges, ByMoreThanCanBeCountedOrOfWhatIsNoBudgetIsRefused) {
  World world(
      "rules: [{name: day, budget: {limit: $52, per: day}}, {name: short, when: {age: 10h}}]\n");
  world.add("j1", 10s);
  world.run_until(1min);
  const Money most = Money::from_nano(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(world.order(raised("day", {}, most)).message, "the amount is too large");
  EXPECT_EQ(world.order(raised("short", {}, dollars(1))).message, "no budget is named short");
  EXPECT_EQ(world.order(raised("", {}, dollars(1))).outcome, Outcome::no_such);
  EXPECT_THAT(world.told("budget.raised"), IsEmpty());
  EXPECT_EQ(limit_of(world, "day", "all"), Value(dollars(52)));
}

TEST(RaisedBudgetEdges, ABudgetMayBoundTheAmountOrTheNumberAlone) {
  World world(
      "rules: [{name: much, budget: {limit: $1000, per: day}, extend: {max: $5}},"
      " {name: often, budget: {limit: $1000, per: day}, extend: {times: 1}}]\n");
  world.add("j1", 10s);
  world.run_until(1min);
  const auto answer_to = [&](const char* rule, int by) {
    const Answer answer = world.order(raised(rule, {}, dollars(by)));
    return answer.outcome == Outcome::done ? "done" : answer.message;
  };
  EXPECT_EQ(answer_to("much", 6), "budget much may be raised by at most $5.00 at a time");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(answer_to("much", 5), "done");
  EXPECT_EQ(answer_to("often", 500), "done");
  EXPECT_THAT(answer_to("often", 1), HasSubstr("as often as it allows in one window (1)"));
  EXPECT_EQ(limit_of(world, "much", "all"), Value(dollars(1015)));
  EXPECT_EQ(limit_of(world, "often", "all"), Value(dollars(1500)));
}

TEST(RaisedBudgetEdges, EndsAtItsEndWhateverIsOrderedAtThatVeryMoment) {
  World world("rules: [{name: day, budget: {limit: $1000, per: day}}]\n");
  world.add("j1", 10s);
  world.at(1min, [&] { world.order(raised("day", {}, dollars(50), 1h)); });
  world.at(61min, [&] { world.order(raised("day", {}, dollars(20), 1h)); });
  world.run_until(62min);
  const auto told = world.told("budget.raised");
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(field(told[0], "limit"), Value(dollars(1050)));
  EXPECT_EQ(field(told[1], "limit"), Value(dollars(1020)));
  EXPECT_EQ(limit_of(world, "day", "all"), Value(dollars(1020)));
}

TEST(RaisedBudgetEdges, OneThatHasEndedDoesNotCountAtThatVeryMoment) {
  World world("rules: [{name: day, budget: {limit: $1000, per: day}, extend: {times: 1}}]\n");
  std::vector<Outcome> outcomes;
  for (const Duration at : {1min, 60min, 61min})
    world.at(at,
             [&] { outcomes.push_back(world.order(raised("day", {}, dollars(50), 1h)).outcome); });
  world.run_until(62min);
  EXPECT_THAT(outcomes, testing::ElementsAre(Outcome::done, Outcome::refused, Outcome::done));
}

TEST(ResetEdges, OfARulesOwnBreakerIsToldWhyThatOneWasOpen) {
  World world(
      "rules: [{name: few, max_stops: {count: 1, per: 10h}, when: {running_for: 10m}},"
      " {name: shut, max_stops: {count: 1, per: 10h}, when: {running_for: 100h}}]\n");
  for (const char* id : {"a", "b"}) world.add(id, 10s);
  world.run_until(5min);
  EXPECT_EQ(world.order(Command::ResetBreaker{}).outcome, Outcome::refused) << "both are closed";
  world.run_until(20min);
  const Answer answer = world.order(Command::ResetBreaker{held_stops(world)});
  EXPECT_EQ(answer.outcome, Outcome::done) << answer.message;
  const auto reset = world.told("breaker.reset");
  ASSERT_THAT(reset, SizeIs(1));
  EXPECT_EQ(field(reset[0], "reason_opened"), Value("max_stops"));
  EXPECT_EQ(field(reset[0], "since"), Value(kStart + 10min + 10s));
  world.run_until(21min);
  for (const char* id : {"a", "b"}) EXPECT_TRUE(world.was_stopped(id)) << id;
}

TEST(ResetEdges, ApprovesOfWhatTheBreakerHeldAndNotOfWhatAFreezeHolds) {
  World world(
      "safety: {max_stops: {count: 1, per: 10h},"
      " freeze: [{during: \"Mon 00:00-02:00\", match: {user: bo@corp.example}}]}\n" +
      std::string(kTenMinutes));
  for (const char* id : {"a", "b"}) world.add(id, 10s);
  for (const char* id : {"c", "d"}) world.add(id, 10s).now.user = "bo@corp.example";
  world.run_until(20min);
  ASSERT_THAT(world.told("breaker.opened"), SizeIs(1));
  const auto shown = held_stops(world);
  ASSERT_THAT(shown, SizeIs(4));
  world.order(Command::ResetBreaker{shown});
  const Event reset = world.told("breaker.reset").at(0);
  EXPECT_EQ(field(reset, "held"), Value(2));
  EXPECT_EQ(field(reset, "jobs"), Value(Value::Array{World::key_of("a"), World::key_of("b")}));
  world.run_until(1h);
  EXPECT_TRUE(world.was_stopped("a") && world.was_stopped("b"));
  // At the freeze's end the other two are as many as before.
  world.run_until(3h);
  EXPECT_THAT(world.told("breaker.opened"), SizeIs(2));
  EXPECT_FALSE(world.was_stopped("c") || world.was_stopped("d"));
}

TEST(BriefEdges, NamesTheNextDueOfAllAccountsAndNoneWhereThereIsNone) {
  World world(
      "accounts: [{name: idle, api_key: {env: A}, projects: [none]},"
      " {name: main, api_key: {env: B}}]\n" +
      std::string(kTenMinutes));
  world.run_until(1s);
  EXPECT_EQ(world.core().brief().live_jobs, 0U);
  EXPECT_EQ(world.core().brief().next_due, std::nullopt);
  for (const char* id : {"a", "b"}) world.add(id, id == std::string("a") ? 20s : 10s);
  world.set_shift(1h);
  world.run_until(1min);
  EXPECT_EQ(world.core().brief().live_jobs, 2U);
  EXPECT_EQ(world.core().brief().overdue, 0U);
  EXPECT_FALSE(world.core().brief().breaker_open);
  EXPECT_EQ(world.core().brief().next_due, kStart + 1h + 10min + 10s) << "in UTC";
  world.on_read = [](const std::string&) { return failing(FailureKind::not_found, 404); };
  world.run_until(11min);
  EXPECT_EQ(world.core().brief().overdue, 2U) << "they can't be read";
}

}  // namespace
}  // namespace trainstop::test
