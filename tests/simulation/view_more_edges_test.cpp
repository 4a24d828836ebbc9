// What is said of breakers and budgets at the edges: breakers of rules' own, what each holds and
// foretells, and budgets that are raised, exhausted or only warn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "simulation/budgets.hpp"
#include "simulation/view.hpp"

namespace trainstop::test::views {
namespace {

using core::Command;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Value breaker_of(World& world) {
  return get(status(world), "breaker");
}

Value::Array open_breakers(World& world) {
  return items(Value(world.core().breaker()), "open");
}

/// What the list of open breakers says is held by one of them.
std::vector<std::string> held(const Value& open) {
  return names(open, "held", "job");
}

Command::ResetBreaker reset_of_all_held(World& world) {
  Command::ResetBreaker reset;
  for (const Value& open : open_breakers(world)) {
    for (const Value& each : items(open, "held")) reset.shown.push_back(text(get(each, "stop")));
  }
  return reset;
}

void add_at_once(World& world, const std::vector<std::string>& ids) {
  world.at(1s, [&world, ids] {
    for (const std::string& id : ids) world.add(id, 1s);
  });
}

/// Reads of these jobs get no reply.
void hide(World& world, const std::vector<std::string>& ids) {
  world.on_read = [ids](const std::string& job) {
    const bool hidden = std::find(ids.begin(), ids.end(), job) != ids.end();
    return hidden ? failing(FailureKind::transport) : Trouble{};
  };
}

constexpr const char* kTwoOwn =
    "safety: {max_stops: {count: 1, per: 10h}}\n"
    "rules:\n"
    "  - {name: few, match: {job: 'name-a*'}, max_stops: {count: 1, per: 10h},\n"
    "     when: {running_for: 10m}}\n"
    "  - {name: one, match: {job: 'name-b*'}, max_stops: {count: 1, per: 10h},\n"
    "     when: {running_for: 20m}}\n"
    "  - {name: late, when: {running_for: 1h}}\n";

TEST(ShownOwnBreaker, ForetellsForItsRuleAndNotForTheDaemon) {
  World world(kTwoOwn);
  add_at_once(world, {"a1", "a2", "b1", "b2"});
  world.run_until(5min);
  const Value shown = breaker_of(world);
  EXPECT_EQ(get(shown, "foreseen"), kAbsent) << "none of the next stops is its business";
  EXPECT_EQ(get(shown, "rule"), kAbsent);
  ASSERT_THAT(names(shown, "rules", "rule"), ElementsAre("few", "one"));
  const Value few = items(shown, "rules").at(0), one = items(shown, "rules").at(1);
  EXPECT_EQ(get(few, "foreseen", "at"), Value(kStart + 1s + 10min));
  EXPECT_EQ(get(few, "foreseen", "stops"), Value(2));
  EXPECT_EQ(get(one, "foreseen", "at"), Value(kStart + 1s + 20min));
  const Value rules(world.core().rules());
  EXPECT_EQ(get(items(rules, "rules").at(0), "breaker"), few);
  EXPECT_EQ(get(items(rules, "rules").at(2), "breaker"), kAbsent);
  EXPECT_THAT(open_breakers(world), IsEmpty());
}

TEST(ShownOwnBreaker, HoldsTheStopsOfItsOwnRuleAlone) {
  World world(kTwoOwn);
  add_at_once(world, {"a1", "a2", "b1", "b2", "c"});
  world.run_until(15min);
  EXPECT_THAT(texts(items(status(world), "impaired")),
              ElementsAre("the breaker of rule few is open"));
  ASSERT_THAT(open_breakers(world), SizeIs(1));
  world.run_until(30min);
  const Value::Array open = open_breakers(world);
  ASSERT_THAT(open, SizeIs(2));
  EXPECT_EQ(get(open[0], "rule"), Value("few"));
  EXPECT_THAT(held(open[0]), ElementsAre("a1", "a2"));
  EXPECT_EQ(get(open[1], "rule"), Value("one"));
  EXPECT_THAT(held(open[1]), ElementsAre("b1", "b2"));
  EXPECT_EQ(get(breaker_of(world), "open"), Value(false));
  EXPECT_EQ(get(rule_of(explain(world, "a1"), "few"), "hold"), Value("breaker"));
  EXPECT_EQ(get(rule_of(explain(world, "a1"), "late"), "hold"), kAbsent);
  EXPECT_EQ(get(rule_of(explain(world, "c"), "late"), "hold"), kAbsent);
}

TEST(ShownBreaker, DoesNotHoldWhatAPersonHasOrderedMeanwhile) {
  World world(
      "rules: [{name: short, when: {running_for: 10m}}]\nsafety: {max_stops: {count: 1, per: "
      "10h}}\n");
  add_at_once(world, {"a", "b", "c"});
  world.run_until(15min);
  ASSERT_THAT(open_breakers(world), SizeIs(1));
  EXPECT_THAT(held(open_breakers(world)[0]), ElementsAre("a", "b", "c"));
  hide(world, {"a"});
  for (const char* id : {"a", "b"}) world.order(Command::StopJob{World::key_of(id)});
  world.job("b").stop_latency = 1h;
  world.run_until(15min + 10s);
  ASSERT_TRUE(world.was_stopped("b"));
  ASSERT_FALSE(world.was_stopped("a")) << "it is to be read first";
  EXPECT_THAT(held(open_breakers(world)[0]), ElementsAre("c"));
  EXPECT_EQ(get(rule_of(explain(world, "a"), "short"), "hold"), kAbsent);
  EXPECT_EQ(get(rule_of(explain(world, "c"), "short"), "hold"), Value("breaker"));
  EXPECT_EQ(get(status(world), "counts", "held", "breaker"), Value(1));
}

TEST(ShownBreaker, DoesNotListAmongTheHeldWhatAFreezeHolds) {
  World world(
      "safety: {max_stops: {count: 1, per: 10h}, freeze: [{during: '00:00-06:00', match: {job: "
      "name-c}}]}\nrules: [{name: short, when: {running_for: 10m}}]\n");
  add_at_once(world, {"a", "b", "c"});
  world.run_until(15min);
  ASSERT_THAT(open_breakers(world), SizeIs(1));
  EXPECT_THAT(held(open_breakers(world)[0]), ElementsAre("a", "b"));
  EXPECT_EQ(get(rule_of(explain(world, "c"), "short"), "hold"), Value("freeze"));
}

TEST(ShownBreaker, SaysNoRateOfAHeldJobWhosePriceIsNotKnown) {
  World world(
      "rules: [{name: short, when: {running_for: 10m}}]\nsafety: {max_stops: {count: 1, per: "
      "10h}}\n");
  add_at_once(world, {"a", "b"});
  world.at(2s, [&] { world.job("b").now.instance_type = "odd"; });
  world.run_until(15min);
  ASSERT_THAT(open_breakers(world), SizeIs(1));
  const Value::Array entries = items(open_breakers(world)[0], "held");
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(get(entries[0], "rate"), Value(Money::from_nano(52'000'200'000)));
  EXPECT_EQ(get(entries[1], "rate"), kAbsent);
  EXPECT_EQ(get(entries[1], "since"), Value(kStart + 1s + 10min));
}

TEST(ShownBreaker, IsNotForetoldForStopsThatAPersonHasLetPass) {
  World world(
      "rules: [{name: short, when: {running_for: 10m}}]\nsafety: {max_stops: {count: 1, per: "
      "10h}}\n");
  add_at_once(world, {"a", "b"});
  world.run_until(15min);
  // They can't be looked at for the last time, and so wait on.
  world.on_read = [](const std::string&) { return failing(FailureKind::client_error); };
  world.order(reset_of_all_held(world));
  world.run_until(16min);
  EXPECT_EQ(get(breaker_of(world), "open"), Value(false));
  EXPECT_EQ(get(status(world), "counts", "overdue"), Value(2));
  EXPECT_EQ(get(breaker_of(world), "foreseen"), kAbsent);
  world.on_read = [](const std::string&) { return Trouble{}; };
  world.run_until(20min);
  for (const char* id : {"a", "b"}) EXPECT_TRUE(world.was_stopped(id)) << id;
  EXPECT_EQ(get(breaker_of(world), "open"), Value(false));
}

TEST(ShownBreaker, IsForetoldForTheEnforcingOneOfTwoRulesWithTheSameLimit) {
  World world(
      "safety: {max_stops: {count: 1, per: 10h}}\n"
      "rules: [{name: idea, mode: observe, when: {running_for: 2h}},\n"
      "        {name: short, match: {job: 'name-a*'}, when: {running_for: 2h}}]\n");
  add_at_once(world, {"a1", "a2", "b"});
  world.run_until(1h);
  EXPECT_EQ(get(breaker_of(world), "foreseen", "at"), Value(kStart + 1s + 2h));
  EXPECT_EQ(get(breaker_of(world), "foreseen", "stops"), Value(2));
}

TEST(ShownBreaker, IsNotForetoldForThePastWhenItsBoundIsLowered) {
  const std::string rules = "rules: [{name: short, when: {running_for: 10m}}]\n";
  World world(rules);
  for (int i = 0; i < 5; ++i)
    world.at(1s + i * 1min, [&world, i] { world.add("j" + std::to_string(i), 1s + i * 1min); });
  world.run_until(20min);
  ASSERT_EQ(get(breaker_of(world), "stops_in_window"), Value(5));
  world.reload("safety: {max_stops: {count: 2, per: 1h}}\n" + rules);
  world.run_until(21min);
  EXPECT_EQ(get(breaker_of(world), "open"), Value(false));
  EXPECT_EQ(get(breaker_of(world), "max_stops"), Value(2));
  EXPECT_EQ(get(breaker_of(world), "foreseen"), kAbsent) << "nothing more is due";
  world.at(22min, [&] { world.add("more", 22min); });
  world.run_until(30min);
  EXPECT_EQ(get(breaker_of(world), "foreseen", "at"), Value(kStart + 32min));
  world.run_until(33min);
  EXPECT_EQ(get(breaker_of(world), "open"), Value(true)) << "as it was foretold";
}

TEST(ShownBreaker, SaysSinceWhenItIsOpenOnceTheJournalIsRead) {
  World world("rules: [{name: short, when: {age: 5d}}]\n");
  for (const char* id : {"a", "b", "c", "d", "e"}) world.add(id, 0s);
  world.run_until(5min);
  World::Present present = world.present();
  ASSERT_GT(present.size(), 3u);
  present.begin()->second.body = {{"since", Value("no time")}, {"judged", Value("no list")}};
  world.set_present(present);
  std::vector<Value> opened;
  world.on_batch = [&](const core::Batch&) {
    if (opened.empty() && get(breaker_of(world), "open") == Value(true))
      opened.push_back(breaker_of(world));
  };
  world.restart(5s);
  world.run_until(6min);
  ASSERT_THAT(opened, SizeIs(1));
  EXPECT_EQ(get(opened[0], "reason"), Value("journal_lost"));
  EXPECT_EQ(get(opened[0], "since"), kAbsent) << "the journal is still being read";
  EXPECT_EQ(get(breaker_of(world), "since"), Value(kStart + 5min + 5s));
}

constexpr const char* kPotAndBreaker = "safety: {max_stops: {count: 1, per: 10h}}\n";

TEST(ShownBreaker, CountsAForeseenExhaustionOfABudgetAsOneStop) {
  World world(kPotAndBreaker + budget("limit: $100, per: day"));
  add_at_once(world, {"a", "b", "c"});
  world.run_until(30min);
  const Value pot = items(Value(world.core().budgets()), "budgets").at(0);
  EXPECT_EQ(get(pot, "exhausted_at"), kAbsent);
  world.run_until(std::get<Instant>(get(pot, "due_at").data) - kStart - 30s);
  EXPECT_EQ(get(rule_of(explain(world, "a"), "pot"), "due_at"), get(pot, "due_at"));
  EXPECT_EQ(get(breaker_of(world), "foreseen"), kAbsent) << "before it";
  hide(world, {"a", "b", "c"});
  while (world.told("budget.exhausted").empty() && world.now() < kStart + 1h)
    world.run_until(world.now() - kStart + 1s);
  world.run_until(world.now() - kStart + 2s);
  ASSERT_EQ(get(status(world), "counts", "overdue"), Value(3));
  EXPECT_EQ(get(breaker_of(world), "foreseen"), kAbsent) << "at it";
  EXPECT_EQ(get(items(Value(world.core().budgets()), "budgets").at(0), "exhausted_at"),
            Value(world.told("budget.exhausted").at(0).at));
}

TEST(ShownBreaker, CountsNothingMoreOfABudgetThatIsCounted) {
  World world(kPotAndBreaker + budget("limit: $100, per: day"));
  add_at_once(world, {"a", "b", "c"});
  world.run_until(30min);
  hide(world, {"b", "c"});
  while (!world.was_stopped("a") && world.now() < kStart + 1h)
    world.run_until(world.now() - kStart + 1s);
  world.run_until(world.now() - kStart + 2s);
  ASSERT_EQ(get(status(world), "counts", "overdue"), Value(2));
  EXPECT_EQ(get(breaker_of(world), "stops_in_window"), Value(1));
  EXPECT_EQ(get(breaker_of(world), "foreseen"), kAbsent);
}

TEST(ShownBreaker, CountsEachJobOfABudgetThatIsExhaustedBySurprise) {
  World world(kPotAndBreaker + budget("limit: $20, per: day") + "stop: {verify_timeout: 10m}\n");
  add_at_once(world, {"a"});
  hide(world, {"a", "b", "c"});
  world.at(10min, [&] {  // they were not listed, and have run as long as the first one
    for (const char* id : {"b", "c"}) world.add(id, 1s);
  });
  world.run_until(11min);
  ASSERT_THAT(world.told("budget.exhausted"), SizeIs(1));
  ASSERT_EQ(get(status(world), "counts", "overdue"), Value(3));
  EXPECT_EQ(get(breaker_of(world), "foreseen", "stops"), Value(3));
  EXPECT_EQ(get(rule_of(explain(world, "a"), "pot"), "hold"), kAbsent);
}

TEST(ShownBudget, ThatOnlyWarnsSaysSo) {
  World world(budget("limit: $10, per: day", ", action: warn"));
  add_at_once(world, {"a"});
  world.run_until(1h);
  const Value pot = items(Value(world.core().budgets()), "budgets").at(0);
  EXPECT_EQ(get(pot, "action"), Value("warn"));
  EXPECT_EQ(get(pot, "exhausted_at"), Value(world.told("budget.exhausted").at(0).at));
  EXPECT_FALSE(world.was_stopped("a"));
}

TEST(ShownBudget, WarnsOnlyOfWhatLacksItsGroup) {
  World world(budget("limit: $1000, per: day, group_by: user"));
  world.add("a", 1s);
  world.add("b", 1s).now.user.reset();
  world.run_until(1h);
  const Value all(world.core().budgets());
  std::map<std::string, std::string> actions;
  for (const Value& pot : items(all, "budgets"))
    actions[text(get(pot, "group"))] = text(get(pot, "action"));
  ASSERT_THAT(actions, SizeIs(2));
  EXPECT_EQ(actions["ana@corp.example"], "stop");
  actions.erase("ana@corp.example");
  EXPECT_EQ(actions.begin()->second, "warn");
}

Value foreseen(World& world) {
  return get(status(world), "breaker", "foreseen");
}

void add_two(World& world) {
  world.at(1s, [&world] {
    for (const char* id : {"a", "b"}) world.add(id, 1s);
  });
}

TEST(ForeseenBreaker, ForetellsTheBreakerAtTheEndOfAFreeze) {
  World world(
      "safety: {max_stops: {count: 1, per: 1h}, freeze: [{during: '00:00-06:00'}]}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  add_two(world);
  world.run_until(5min);
  EXPECT_EQ(get(foreseen(world), "at"), Value(kStart + 6h));
  world.run_until(1h);
  EXPECT_EQ(get(foreseen(world), "at"), Value(kStart + 6h));
  world.run_until(7h);
  EXPECT_EQ(world.told("breaker.opened").at(0).at, kStart + 6h + 50ms);
}
TEST(ForeseenBreaker, DoesNotForetellTheBreakerForStopsThatAFreezeParts) {
  World world(
      "safety: {max_stops: {count: 1, per: 1h}, freeze: [{during: '00:00-02:00', match: {job: "
      "name-a}}]}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  add_two(world);
  world.run_until(5min);
  EXPECT_EQ(foreseen(world), Value("(absent)"));
  world.run_until(3h);
  EXPECT_TRUE(world.told("breaker.opened").empty());
}
TEST(ForeseenBreaker, DoesNotForetellTheBreakerForJobsThatCanNotBeRead) {
  World world(
      "safety: {max_stops: {count: 1, per: 1h}}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  add_two(world);
  world.on_read = [](const std::string&) { return failing(FailureKind::client_error); };
  world.run_until(1h);
  EXPECT_EQ(foreseen(world), Value("(absent)"));
  world.run_until(3h);
  EXPECT_TRUE(world.told("breaker.opened").empty());
}
}  // namespace
}  // namespace trainstop::test::views
