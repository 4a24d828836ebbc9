// What the core says when people ask for status, rules, budgets and the breaker.
#include "simulation/view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trainstop::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kHours =
    "rules:\n"
    "  - {name: long, when: {running_for: 10h}}\n"
    "  - {name: short, match: {job: \"*-b\"}, when: {running_for: 2h}}\n";

TEST(Status, ListsTheJobsByTheirNextDue) {
  World world(kHours);
  world.at(1s, [&] {
    world.add("a", 1s);
    world.add("b", 1s);
    world.add("c", 1s, "DEPLOYING");
  });
  world.run_until(1h);
  const Value shown = status(world);
  EXPECT_EQ(get(shown, "mode"), Value("enforce"));
  EXPECT_EQ(get(shown, "since"), Value(kStart));
  EXPECT_THAT(names(shown, "jobs", "job"), ElementsAre("b", "a", "c"));
  EXPECT_EQ(get(shown, "counts", "live"), Value(3));
  EXPECT_THAT(items(shown, "impaired"), IsEmpty());
  const Value first = items(shown, "jobs").at(0);
  EXPECT_EQ(get(first, "rule"), Value("short"));
  EXPECT_EQ(get(first, "due_at"), Value(kStart + 1s + 2h));
  EXPECT_EQ(get(first, "progress"), get(rule_of(explain(world, "b"), "short"), "progress"));
  EXPECT_EQ(get(first, "hold"), Value("(absent)"));
  EXPECT_EQ(get(items(shown, "jobs").at(2), "due_at"), Value("(absent)"));
  EXPECT_EQ(get(shown, "next_due", "job"), Value("b"));
  EXPECT_EQ(get(shown, "next_due", "rule"), Value("short"));
  // An H100x8 is 52.0002 USD an hour, and c costs as well.
  EXPECT_EQ(get(shown, "rate"), Value(Money::from_nano(3 * 52'000'200'000)));
}

TEST(Status, ShowsTheFirstOnesAndCountsTheOthers) {
  World world(kHours);
  for (int i = 0; i < 30; ++i) {
    const Duration begin = 1min + i * 1min;
    world.at(begin, [&world, i, begin] { world.add("j" + std::to_string(i), begin); });
  }
  world.run_until(1h);
  const Value shown = status(world, 3);
  EXPECT_THAT(names(shown, "jobs", "job"), ElementsAre("j0", "j1", "j2"));
  EXPECT_EQ(get(shown, "more"), Value(27));
  const Value soon = status(world, 100, 9h + 5min);
  EXPECT_THAT(items(soon, "jobs"), SizeIs(5));
  EXPECT_EQ(get(soon, "more"), Value(0));
  EXPECT_EQ(get(soon, "counts", "live"), Value(30)) << "of all, also those not shown";
}

TEST(Status, SaysWhatWouldBeStoppedWhileTheDaemonObserves) {
  World world("mode: observe\nrules: [{name: short, when: {running_for: 10m}}]\n");
  world.add("a", -3h);
  world.add("b", -5min);
  world.run_until(1min);
  const Value shown = status(world);
  EXPECT_EQ(get(shown, "mode"), Value("observe"));
  EXPECT_EQ(get(shown, "over", "count"), Value(1));
  EXPECT_EQ(get(shown, "over", "first_notice_s"), Value(Duration(30min)));
  const Value over = items(get(shown, "over"), "jobs").at(0);
  EXPECT_EQ(get(over, "job"), Value("a"));
  EXPECT_EQ(get(over, "rule"), Value("short"));
  EXPECT_EQ(get(over, "rate"), Value(Money::from_nano(52'000'200'000)));
  EXPECT_EQ(get(items(shown, "jobs").at(0), "hold"), Value("observe"));
  EXPECT_EQ(get(shown, "next_due"), Value("(absent)")) << "nothing is stopped";
  world.run_until(2h);
  EXPECT_EQ(get(status(world), "over", "count"), Value(2));
  EXPECT_EQ(get(status(world), "counts", "held", "observe"), Value(2));
}

TEST(Summary, SaysAfterTheFirstListWhoIsOverARuleAlreadyAndHowToEnforce) {
  World world("mode: observe\nrules: [{name: limit, when: {running_for: 1h}}]\n");
  world.add("old", -2h).now.name = "llama";
  world.add("new", -5min);
  world.run_until(1min);
  ASSERT_FALSE(world.told("daemon.summary").empty());
  const Event first = world.told("daemon.summary").front();
  EXPECT_THAT(first.message, HasSubstr("2 jobs are watched"));
  EXPECT_THAT(first.message, HasSubstr("1 are over a rule that only observes"));
  EXPECT_THAT(first.message, HasSubstr("llama (rule limit, since "));
  EXPECT_THAT(first.message, HasSubstr("mode: enforce"));
  EXPECT_THAT(first.message, HasSubstr("notice of 30m"));
  EXPECT_EQ(*first.find("would_stop"), Value(1));
}

TEST(Summary, CountsAllThatAreOverARuleHoweverManyThereAre) {
  World world("mode: observe\nrules: [{name: limit, when: {running_for: 1h}}]\n");
  for (int i = 0; i < 1000; ++i) world.add("old" + std::to_string(i), -2h);
  world.run_until(1min);
  ASSERT_FALSE(world.told("daemon.summary").empty());
  EXPECT_EQ(*world.told("daemon.summary").front().find("would_stop"), Value(1000));
}

TEST(Status, IsImpairedWhileAnAccountIsOutOfReach) {
  World world(kHours);
  world.add("a", 0s);
  world.at(10min, [&] { world.on_list = [](bool) { return failing(FailureKind::transport); }; });
  world.run_until(15min);
  EXPECT_EQ(get(items(status(world), "accounts").at(0), "reachable"), Value(true));
  world.run_until(25min);
  const Value shown = status(world);
  const Value account = items(shown, "accounts").at(0);
  EXPECT_EQ(get(account, "reachable"), Value(false));
  EXPECT_GT(std::get<Duration>(get(account, "facts_age_s").data), 14min);
  EXPECT_THAT(texts(items(shown, "impaired")), ElementsAre(HasSubstr("account main")));
}

TEST(Status, IsImpairedWhileAKeyIsRefused) {
  World world(kHours);
  world.on_list = [](bool) { return failing(FailureKind::unauthorized, 401); };
  world.run_until(1min);
  const Value shown = status(world);
  EXPECT_EQ(get(items(shown, "accounts").at(0), "auth_failed"), Value(kStart + world.latency));
  EXPECT_THAT(texts(items(shown, "impaired")), ElementsAre(HasSubstr("the key is refused")));
}

TEST(Status, ForetellsTheBreakerAndShowsItOpen) {
  World world("rules: [{name: short, when: {running_for: 2h}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 11; ++i) world.add("j" + std::to_string(i), 1s);
  });
  world.run_until(1h);
  const Value before = get(status(world), "breaker");
  EXPECT_EQ(get(before, "open"), Value(false));
  EXPECT_EQ(get(before, "foreseen", "at"), Value(kStart + 1s + 2h));
  EXPECT_EQ(get(before, "foreseen", "stops"), Value(11));
  world.run_until(3h);
  const Value shown = status(world);
  EXPECT_EQ(get(shown, "breaker", "open"), Value(true));
  EXPECT_EQ(get(shown, "breaker", "reason"), Value("max_stops"));
  EXPECT_EQ(get(shown, "breaker", "foreseen"), Value("(absent)"));
  EXPECT_EQ(get(shown, "counts", "held", "breaker"), Value(11));
  EXPECT_EQ(get(shown, "counts", "overdue"), Value(11));
  EXPECT_THAT(texts(items(shown, "impaired")), ElementsAre(HasSubstr("breaker is open")));
  const Value breaker(world.core().breaker());
  ASSERT_THAT(items(breaker, "open"), SizeIs(1));
  const Value open = items(breaker, "open").at(0);
  EXPECT_THAT(items(open, "held"), SizeIs(11));
  EXPECT_EQ(text(get(items(open, "held").at(0), "stop")).substr(0, 3), "st-");
}

TEST(Status, DoesNotForetellTheBreakerForAsManyAsItLetsPass) {
  World world("rules: [{name: short, when: {running_for: 2h}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 10; ++i) world.add("j" + std::to_string(i), 1s);
  });
  // Not within the same hour as the ten.
  world.at(1h + 2s, [&] { world.add("later", 1h + 2s); });
  world.run_until(90min);
  EXPECT_EQ(get(status(world), "breaker", "foreseen"), Value("(absent)"));
}

TEST(Status, CountsAStopThatIsNotConfirmed) {
  World world("rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("a", 1s).stop_latency = 10h; });
  world.run_until(10min + 30s);
  EXPECT_EQ(get(status(world), "counts", "open_stops"), Value(1));
  EXPECT_THAT(items(status(world), "impaired"), IsEmpty());
  EXPECT_THAT(text(get(explain(world, "a"), "upshot")),
              HasSubstr("is being stopped by rule short: request 1 was taken"));
  world.run_until(20min);
  const Value shown = status(world);
  EXPECT_EQ(get(shown, "counts", "unconfirmed"), Value(1));
  EXPECT_THAT(texts(items(shown, "impaired")), ElementsAre("1 stop is not confirmed"));
  EXPECT_EQ(get(items(shown, "jobs").at(0), "stop", "stage"), Value("requested"));
}

TEST(Status, IsImpairedWhileRulesArePaused) {
  World world("rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.at(2s, [&] { world.order(core::Command::Pause{"short", 1h}); });
  world.run_until(20min);
  const Value shown = status(world);
  EXPECT_THAT(texts(items(shown, "impaired")),
              ElementsAre(HasSubstr("rule short is paused by ana")));
  EXPECT_EQ(get(items(shown, "paused").at(0), "until"), Value(kStart + 2s + 1h));
  EXPECT_EQ(get(items(shown, "jobs").at(0), "hold"), Value("pause"));
  EXPECT_EQ(get(shown, "counts", "held", "pause"), Value(1));
  EXPECT_THAT(items(Value(world.core().overrides()), "overrides"), SizeIs(1));
  EXPECT_EQ(get(items(Value(world.core().rules()), "rules").at(0), "paused_until"),
            Value(kStart + 2s + 1h));
  world.run_until(2h);
  EXPECT_THAT(items(status(world), "impaired"), IsEmpty());
  EXPECT_THAT(items(status(world), "paused"), IsEmpty());
}

TEST(Status, SaysUntilWhenStopsAreFrozen) {
  World world(
      "safety: {freeze: [{during: \"Mon 00:00-06:00\"}]}\n"
      "rules: [{name: short, when: {running_for: 10m}}, {name: long, when: {running_for: 10h}}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.run_until(5min);
  const Value before = status(world);
  EXPECT_EQ(get(items(before, "frozen").at(0), "until"), Value(kStart + 6h));
  EXPECT_EQ(get(items(before, "jobs").at(0), "hold"), Value("freeze"));
  world.run_until(1h);
  EXPECT_EQ(get(status(world), "counts", "held", "freeze"), Value(1));
  EXPECT_EQ(get(rule_of(explain(world, "a"), "long"), "hold"), Value("(absent)"))
      << "it is due when the freeze is over";
}

TEST(Find, KnowsAJobByIdKeyPageAndALiveOneByName) {
  World world(kHours);
  world.add("a", 0s);
  world.add("b", 0s).now.name = "name-a";
  world.add("done", 0s).now.name = "old";
  world.at(5min, [&] { world.set_status("done", "COMPLETED"); });
  world.run_until(10min);
  for (const char* name :
       {"a", "main/a", "main/proj1/a", "https://app.baseten.co/training/proj1/logs/a"})
    EXPECT_THAT(world.core().find(name), ElementsAre("main/proj1/a")) << name;
  EXPECT_THAT(world.core().find("name-a"), ElementsAre("main/proj1/a", "main/proj1/b"));
  EXPECT_THAT(world.core().find("done"), ElementsAre("main/proj1/done"));
  EXPECT_THAT(world.core().find("old"), IsEmpty()) << "the name of an ended job";
  EXPECT_FALSE(world.core().explain("main/proj1/none"));
}

TEST(Rules, CountWhatTheyMatchAndWouldStop) {
  World world(
      "rules:\n"
      "  - {name: idea, mode: observe, when: {running_for: 10m}}\n"
      "  - {name: long, match: {job: a}, when: {running_for: 10h}}\n"
      "  - {name: pot, budget: {limit: $100000, per: day, group_by: user}}\n");
  world.at(1s, [&] {
    world.add("a", 1s);
    world.add("b", 1s);
  });
  world.run_until(1h);
  const Value rules(world.core().rules());
  const Value idea = items(rules, "rules").at(0), longer = items(rules, "rules").at(1),
              pot = items(rules, "rules").at(2);
  EXPECT_EQ(get(idea, "mode"), Value("observe"));
  EXPECT_EQ(get(idea, "matches"), Value(2));
  EXPECT_EQ(get(idea, "would_stop"), Value(2));
  EXPECT_EQ(get(longer, "matches"), Value(1));
  EXPECT_EQ(get(longer, "would_stop"), Value(0));
  EXPECT_EQ(get(longer, "next_due", "job"), Value("a"));
  EXPECT_EQ(get(longer, "next_due", "at"), Value(kStart + 1s + 10h));
  EXPECT_EQ(get(pot, "matches"), Value(2));
}

TEST(Budgets, ShowWhatIsSpentNowWithoutAnythingHavingChanged) {
  World world("rules: [{name: pot, budget: {limit: $1000, per: day, group_by: user}}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.run_until(1h);
  const Value pot = items(Value(world.core().budgets()), "budgets").at(0);
  EXPECT_EQ(get(pot, "group"), Value("ana@corp.example"));
  // 60 minutes have begun.
  EXPECT_EQ(get(pot, "spent"), Value(Money::from_nano(60 * 866'670'000LL)));
  EXPECT_EQ(get(pot, "limit"), Value(Money::from_dollars(1000)));
  EXPECT_EQ(get(pot, "resets_at"), Value(kStart + 24h));
  EXPECT_EQ(get(items(status(world), "budgets").at(0), "spent"), get(pot, "spent"));
}

}  // namespace
}  // namespace trainstop::test
