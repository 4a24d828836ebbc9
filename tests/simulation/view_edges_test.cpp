// What status, rules, overrides and the breaker say at the edges: of jobs that the API says little
// of, of stops that are between two stages, and of what is over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/budgets.hpp"
#include "simulation/view.hpp"

namespace trainstop::test::views {
namespace {

using core::Command;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Value the_rule(World& world, std::string_view name) {
  for (const Value& each : items(Value(world.core().rules()), "rules")) {
    if (get(each, "rule") == Value(name)) return each;
  }
  return Value("(no rule)");
}

/// What status says of one job.
Value line_of(World& world, std::string_view job) {
  for (const Value& each : items(status(world), "jobs")) {
    if (get(each, "job") == Value(job)) return each;
  }
  return Value("(no job)");
}

void fail_reads(World& world, FailureKind kind) {
  world.on_read = [kind](const std::string&) { return failing(kind); };
}

TEST(FindEdges, TakesTheAddressOfAPageWithSlashesAtItsEnd) {
  World world("rules: [{name: long, when: {running_for: 10h}}]\n");
  world.add("a", 0s);
  world.run_until(1min);
  for (const char* name : {"https://app.baseten.co/training/proj1/logs/a/", "a//"})
    EXPECT_THAT(world.core().find(name), ElementsAre("main/proj1/a")) << name;
  EXPECT_THAT(world.core().find("/"), IsEmpty());
}

TEST(StatusEdges, LeavesOutWhatTheApiDoesNotSayOfAJob) {
  World world("rules: [{name: long, when: {running_for: 10h}}]\n");
  world.projects.clear();
  TrueJob& job = world.add("a", 0s);
  job.now.project_name.clear();
  job.now.name.reset();
  job.now.user.reset();
  world.run_until(1min);
  const Value line = line_of(world, "a");
  EXPECT_EQ(get(line, "project_id"), Value("proj1"));
  for (const char* key : {"project", "job_name", "user"})
    EXPECT_EQ(get(line, key), Value("(absent)")) << key;
}

TEST(StatusEdges, ShowsTheNextStopAndNotAnEarlierWarning) {
  World world(
      "rules: [{name: hint, action: warn, when: {running_for: 1h}}, "
      "{name: long, when: {running_for: 10h}}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  for (const Duration when : {30min, 120min}) {
    world.run_until(when);
    EXPECT_EQ(get(line_of(world, "a"), "rule"), Value("long"));
    EXPECT_EQ(get(line_of(world, "a"), "due_at"), Value(kStart + 1s + 10h));
    EXPECT_EQ(get(line_of(world, "a"), "hold"), Value("(absent)"));
  }
  EXPECT_EQ(get(the_rule(world, "hint"), "over"), Value(1));
  EXPECT_EQ(get(the_rule(world, "hint"), "action"), Value("warn"));
  EXPECT_EQ(get(the_rule(world, "hint"), "next_due"), Value("(absent)")) << "it stops nothing";
}

TEST(StatusEdges, ShowsWhenAStopWasOrderedThatStillWaitsForItsLastLook) {
  World world("safety: {max_stops: {count: 1, per: 1h}}\nrules: [{name: long, when: {age: 5d}}]\n");
  for (const char* id : {"a", "b", "c"}) world.add(id, 0s);
  fail_reads(world, FailureKind::transport);
  world.at(10min, [&] {
    for (const char* id : {"a", "b"}) world.order(Command::StopJob{World::key_of(id)});
  });
  world.run_until(10min + 10s);
  ASSERT_FALSE(world.was_stopped("a"));
  EXPECT_EQ(get(line_of(world, "a"), "due_at"), Value(kStart + 10min));
  EXPECT_EQ(get(line_of(world, "a"), "ordered_by"), Value("ana"));
  EXPECT_EQ(get(line_of(world, "c"), "due_at"), Value(kStart + 120h));
  const Value breaker = get(status(world), "breaker");
  EXPECT_EQ(get(breaker, "foreseen"), Value("(absent)")) << "orders are none of its business";
}

TEST(StatusEdges, SaysThatAJobWhichCanNotBeReadIsHeldAsUnknown) {
  World world("rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  fail_reads(world, FailureKind::client_error);
  world.run_until(10min + 11s);
  EXPECT_EQ(get(line_of(world, "a"), "hold"), Value("(absent)")) << "it may still be read in time";
  EXPECT_EQ(get(line_of(world, "a"), "stop", "stage"), Value("waiting"));
  EXPECT_EQ(get(status(world), "counts", "overdue"), Value(1));
  world.run_until(15min);
  EXPECT_FALSE(world.was_stopped("a"));
  EXPECT_EQ(get(line_of(world, "a"), "hold"), Value("unknown"));
  EXPECT_EQ(get(status(world), "counts", "held", "unknown"), Value(1));
}

TEST(ExplainEdges, ReadsABudgetOfThePotThatTheJobIsIn) {
  World world(budget("limit: $104.0004, per: day"));
  world.at(1s, [&] { world.add("a", 1s); });
  world.run_until(30min);
  const Value rule = rule_of(explain(world, "a"), "pot");
  EXPECT_EQ(get(rule, "group"), Value("all"));
  EXPECT_EQ(get(rule, "holds"), Value("no"));
  EXPECT_NEAR(std::get<double>(get(rule, "progress").data), 0.25, 0.01);
}

TEST(RulesEdges, CountTheJobsThatLackWhatASelectorAsksFor) {
  World world(
      "safety: {exempt: [{team: gold, reason: paid}]}\n"
      "rules: [{name: teams, match: {team: ml}, when: {age: 10h}}, "
      "{name: all, when: {age: 10h}}]\n");
  world.projects.clear();
  for (const char* id : {"a", "b"}) world.add(id, 0s);
  world.run_until(5min);
  EXPECT_EQ(get(the_rule(world, "teams"), "unknown"), Value(2));
  EXPECT_EQ(get(the_rule(world, "teams"), "matches"), Value(0));
  EXPECT_EQ(get(the_rule(world, "all"), "unknown"), Value(0))
      << "that of an exemption is no rule's";
  EXPECT_EQ(get(the_rule(world, "all"), "matches"), Value(2));
}

TEST(RulesEdges, CountWhatWouldBeStoppedOnceItsGraceIsOver) {
  World world(
      "mode: observe\n"
      "rules: [{name: short, when: {running_for: 10m}, grace: 10m}, "
      "{name: until, enforce_from: 2026-01-06T00:00:00Z, when: {running_for: 10h}}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  const auto counted = [&](Duration when) {
    world.run_until(when);
    const Value rule = the_rule(world, "short");
    return std::vector<Value>{get(rule, "over"), get(rule, "would_stop")};
  };
  EXPECT_THAT(counted(5min), ElementsAre(Value(0), Value(0)));
  EXPECT_THAT(counted(15min), ElementsAre(Value(1), Value(0)));
  EXPECT_THAT(counted(25min), ElementsAre(Value(1), Value(1)));
  EXPECT_EQ(get(Value(world.core().rules()), "mode"), Value("observe"));
  EXPECT_EQ(get(the_rule(world, "until"), "enforce_from"), Value(kStart + 24h));
  EXPECT_EQ(get(the_rule(world, "short"), "enforce_from"), Value("(absent)"));
}

TEST(RulesEdges, NameTheNextJobAndNotOneWhoseStopIsUnderWay) {
  World world("rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("a", 1s).stop_latency = 1h; });
  world.at(5min, [&] { world.add("b", 5min); });
  world.run_until(10min - 2s);
  EXPECT_EQ(get(the_rule(world, "short"), "next_due", "job"), Value("a"));
  world.run_until(10min + 990ms);  // its stop is being prepared
  ASSERT_EQ(get(line_of(world, "a"), "stop", "stage"), Value("waiting"));
  EXPECT_EQ(get(the_rule(world, "short"), "next_due", "job"), Value("a"));
  world.run_until(12min);
  ASSERT_TRUE(world.was_stopped("a"));
  EXPECT_EQ(get(the_rule(world, "short"), "next_due", "job"), Value("b"));
}

TEST(OverridesEdges, SayWhatARaiseAddsToWhichGroup) {
  World world("rules: [{name: day, budget: {limit: $52, per: day}}]\n");
  world.add("a", 10s);
  world.run_until(1min);
  world.order(Command::Raise{"day", "all", Money::from_dollars(5), 2h});
  world.order(Command::Raise{"day", {}, Money::from_dollars(7), 3h});
  const Value::Array made = items(Value(world.core().overrides()), "overrides");
  ASSERT_THAT(made, SizeIs(2));
  EXPECT_EQ(get(made[0], "kind"), Value("raise"));
  EXPECT_EQ(get(made[0], "rule"), Value("day"));
  EXPECT_EQ(get(made[0], "group"), Value("all"));
  EXPECT_EQ(get(made[0], "by"), Value(Money::from_dollars(5)));
  EXPECT_EQ(get(made[1], "group"), Value("(absent)")) << "of all groups";
  EXPECT_EQ(get(made[1], "by"), Value(Money::from_dollars(7)));
  for (const char* key : {"job", "by_s"}) EXPECT_EQ(get(made[0], key), Value("(absent)")) << key;
}

TEST(OverridesEdges, NameAJobThatIsForgottenByItsKey) {
  World world("rules: [{name: long, when: {age: 5d}}]\n");
  world.add("a", 0s);
  world.at(1min, [&] { world.order(Command::Exempt{World::key_of("a"), {}, 24h}); });
  world.at(5min, [&] { world.set_status("a", "COMPLETED"); });
  const auto told = [&] { return items(Value(world.core().overrides()), "overrides").at(0); };
  world.run_until(10min);
  EXPECT_EQ(get(told(), "account"), Value("main"));
  EXPECT_EQ(get(told(), "job"), Value("a"));
  world.run_until(3h);
  EXPECT_THAT(world.core().find("a"), IsEmpty());
  EXPECT_EQ(get(told(), "account"), Value("(absent)"));
  EXPECT_EQ(get(told(), "job"), Value("main/proj1/a"));
}

TEST(OverridesEdges, ShowWhatTheConfigurationExempts) {
  World world(
      "safety: {exempt: [{job: name-a, until: 2026-01-06T00:00:00Z, reason: paper}, "
      "{user: 'bo@*', reason: boss}]}\n"
      "rules: [{name: long, when: {age: 5d}}]\n");
  for (const char* id : {"a", "b", "c"}) world.add(id, 0s);
  world.job("c").now.user.reset();
  world.run_until(1min);
  const Value::Array made = items(Value(world.core().overrides()), "configured");
  ASSERT_THAT(made, SizeIs(2));
  EXPECT_THAT(text(get(made[0], "what")), HasSubstr("name-a"));
  EXPECT_EQ(get(made[0], "until"), Value(kStart + 24h));
  EXPECT_EQ(get(made[0], "reason"), Value("paper"));
  EXPECT_EQ(get(made[0], "jobs"), Value(1));
  EXPECT_EQ(get(made[1], "until"), Value("(absent)"));
  EXPECT_EQ(get(made[1], "jobs"), Value(1)) << "one whose user is not known is protected as well";
}

TEST(PauseEdges, OfAllRulesImpairsAllAndOfOneThatOneOnly) {
  World world("rules: [{name: a, when: {age: 5d}}, {name: b, when: {age: 6d}}]\n");
  world.order(Command::Pause{"a", 2h});
  world.run_until(1min);
  EXPECT_EQ(get(the_rule(world, "a"), "paused_until"), Value(kStart + 2h));
  EXPECT_EQ(get(the_rule(world, "b"), "paused_until"), Value("(absent)"));
  world.order(Command::Pause{{}, 1h});
  EXPECT_THAT(
      texts(items(status(world), "impaired")),
      testing::UnorderedElementsAre(HasSubstr("rule a is paused by ana until 2026-01-05T02:00:00"),
                                    HasSubstr("all rules are paused by ana until")));
  EXPECT_EQ(get(the_rule(world, "a"), "paused_until"), Value(kStart + 2h)) << "the longer one";
  EXPECT_EQ(get(the_rule(world, "b"), "paused_until"), Value(kStart + 1min + 1h));
}

TEST(PauseEdges, ThatEndsWhileTheDaemonEndsIsNotShownAnyMore) {
  World world("rules: [{name: a, when: {age: 5d}}]\n");
  world.add("j", 0s);
  world.order(Command::Pause{"a", 1h});
  world.order(Command::Pause{"a", 3h});
  world.run_until(1min);
  world.core().handle(core::Shutdown{}, world.now());
  world.core().handle(core::Tick{}, kStart + 2h);
  EXPECT_THAT(items(status(world), "paused"), SizeIs(1));
  EXPECT_THAT(texts(items(status(world), "impaired")),
              testing::Contains(HasSubstr("until 2026-01-05T03:00:00")));
  EXPECT_THAT(items(Value(world.core().overrides()), "overrides"), SizeIs(1));
  world.core().handle(core::Tick{}, kStart + 4h);
  EXPECT_THAT(items(status(world), "paused"), IsEmpty());
  EXPECT_THAT(items(Value(world.core().overrides()), "overrides"), IsEmpty());
  EXPECT_EQ(get(the_rule(world, "a"), "paused_until"), Value("(absent)"));
}

}  // namespace
}  // namespace trainstop::test::views
