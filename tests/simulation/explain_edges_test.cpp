// What the core says of one job at the edges: rules that only warn, budgets, conditions without a
// number, and an upshot for whatever may become of a job.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/budgets.hpp"
#include "simulation/tell.hpp"
#include "simulation/view.hpp"

namespace trainstop::test::explains {
namespace {

using core::Command;
using testing::HasSubstr;
using testing::StartsWith;

std::string upshot(World& world, const std::string& job) {
  return text(get(explain(world, job), "upshot"));
}

Value rule_of_job(World& world, const std::string& job, std::string_view rule) {
  return rule_of(explain(world, job), rule);
}

/// The first condition of the rule.
Value condition_of(World& world, const std::string& job, std::string_view rule) {
  return items(rule_of_job(world, job, rule), "conditions").at(0);
}

TEST(ExplainEdges, AConditionWithoutANumberHasNeitherUnitNorProgress) {
  World world(
      "rules:\n"
      "  - {name: seen, when: {in_status: {status: CREATED}}}\n"
      "  - {name: stays, when: {in_status: {status: CREATED, for: 1h}}}\n"
      "  - {name: last, when: {deadline: 2026-02-01T00:00:00Z}}\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.run_until(10min);
  const Value seen = condition_of(world, "a", "seen"), last = condition_of(world, "a", "last");
  EXPECT_EQ(get(seen, "limit"), Value("CREATED"));
  EXPECT_EQ(get(seen, "value"), Value("RUNNING"));
  EXPECT_EQ(get(last, "limit"), Value("2026-02-01T00:00:00.000Z"));
  for (const Value& each : {seen, last}) {
    EXPECT_EQ(get(each, "unit"), kAbsent);
    EXPECT_EQ(get(each, "progress"), kAbsent);
  }
  const Value stays = condition_of(world, "a", "stays");
  EXPECT_EQ(get(stays, "limit"), Value(Duration(1h)));
  EXPECT_EQ(get(stays, "unit"), Value("s"));
  EXPECT_EQ(get(stays, "value"), kAbsent) << "it is not in that status";
  EXPECT_EQ(get(stays, "progress"), kAbsent);
}

TEST(ExplainEdges, SaysThatAStatusNobodyDocumentedCantBeCompared) {
  World world("rules: [{name: stays, when: {in_status: {status: DEPLOYING, for: 1h}}}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.at(5min, [&] { world.set_status("a", "PONDERING"); });
  world.run_until(10min);
  const Value stays = condition_of(world, "a", "stays");
  EXPECT_EQ(get(stays, "holds"), Value("unknown"));
  EXPECT_EQ(get(stays, "reason"), Value("the status is not known"));
}

TEST(ExplainEdges, ProtectsAJobOfWhichAnExclusionIsNotKnown) {
  World world("rules: [{name: spared, exclude: {team: ml}, when: {running_for: 10m}}]\n");
  world.projects.clear();
  world.add("a", -1h);
  world.run_until(2h);
  const Value rule = rule_of_job(world, "a", "spared");
  EXPECT_EQ(get(rule, "applies"), Value("unknown"));
  EXPECT_EQ(get(rule, "because"),
            Value("exclude: what it asks for is not known, so the job is protected"));
  EXPECT_FALSE(world.was_stopped("a"));
}

TEST(ExplainEdges, SaysInWhichGroupOfABudgetTheJobIs) {
  World world(budget("limit: $1000, per: day, group_by: user"));
  world.at(1s, [&] { world.add("a", 1s); });
  world.run_until(1h);
  const Value rule = rule_of_job(world, "a", "pot");
  EXPECT_EQ(get(rule, "applies"), Value("yes"));
  EXPECT_EQ(get(rule, "because"), kAbsent);
  EXPECT_EQ(get(rule, "group"), Value("ana@corp.example"));
  const Value spent = items(rule, "conditions").at(0);
  EXPECT_EQ(get(spent, "condition"), Value("budget"));
  EXPECT_EQ(get(spent, "unit"), Value("USD"));
}

TEST(ExplainEdges, SaysWhyABudgetDoesNotStopTheJob) {
  World by_team(budget("limit: $10, per: day, group_by: team"));
  by_team.projects.clear();
  by_team.at(1s, [&] { by_team.add("a", 1s); });
  by_team.run_until(1h);
  EXPECT_EQ(get(rule_of_job(by_team, "a", "pot"), "because"),
            Value("group_by: its group is not known, so the job is counted and not stopped"));
  EXPECT_FALSE(by_team.was_stopped("a"));

  World by_name(budget("limit: $10, per: day, group_by: {job: '^(sweep)-'}"));
  by_name.at(1s, [&] { by_name.add("a", 1s); });
  by_name.run_until(1h);
  const Value rule = rule_of_job(by_name, "a", "pot");
  EXPECT_EQ(get(rule, "because"), Value("group_by: the job is in no group"));
  EXPECT_EQ(get(rule, "group"), kAbsent);
  EXPECT_FALSE(by_name.was_stopped("a"));
}

TEST(ExplainEdges, ARuleThatWarnsHasNeitherADueNorAHold) {
  World world(
      "rules:\n"
      "  - {name: hint, when: {running_for: 10m}, action: warn}\n"
      "  - {name: idea, when: {running_for: 10m}, action: warn, mode: observe}\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.run_until(20min);
  for (const char* name : {"hint", "idea"}) {
    const Value rule = rule_of_job(world, "a", name);
    EXPECT_EQ(get(rule, "action"), Value("warn")) << name;
    EXPECT_EQ(get(rule, "holds"), Value("yes")) << name;
    EXPECT_EQ(get(rule, "trip_at"), Value(kStart + 1s + 10min)) << name;
    EXPECT_EQ(get(rule, "due_at"), kAbsent) << name;
    EXPECT_EQ(get(rule, "hold"), kAbsent) << name;
  }
  EXPECT_EQ(upshot(world, "a"),
            "Job name-a is not going to be stopped if nothing changes: none of the 2 rules that "
            "apply comes due.");
}

TEST(ExplainEdges, SaysWhenNoRuleApplies) {
  World world("rules: [{name: theirs, match: {user: bo}, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.run_until(20min);
  EXPECT_EQ(upshot(world, "a"), "No rule applies to job name-a.");
}

TEST(ExplainEdges, SaysThatAJobIsLostOrWasStoppedBySomebodyElse) {
  World world("rules: [{name: long, when: {running_for: 100h}}]\n");
  world.at(1s, [&] {
    world.add("lost", 1s);
    world.add("theirs", 1s);
  });
  world.at(10min, [&] {
    world.job("lost").exists = false;
    world.set_status("theirs", "STOPPED");
  });
  world.run_until(40min);
  EXPECT_THAT(
      upshot(world, "lost"),
      StartsWith("The API knows job name-lost no more; it was last seen at 2026-01-05T00:"));
  EXPECT_EQ(get(explain(world, "lost"), "live"), Value(false));
  EXPECT_THAT(upshot(world, "theirs"), HasSubstr("as STOPPED, stopped by somebody else."));
}

TEST(ExplainEdges, SaysWhatHoldsAStopThatIsDue) {
  struct Case {
    const char* yaml;
    std::function<void(World&)> then;
    const char* hold;
    const char* words;
  };
  const Case cases[] = {
      {"rules: [{name: short, mode: observe, when: {running_for: 10m}}]\n", [](World&) {},
       "observe", "it only observes"},
      {kTenMinutes,
       [](World& world) {
         world.order(Command::Pause{"short", 3h});
       },
       "pause", "it is paused (test)"},
      {"safety: {max_stops: {count: 1, per: 1h}}\n"
       "rules: [{name: short, when: {running_for: 10m}}]\n",
       [](World& world) { world.add("b", 1min); }, "breaker", "the breaker is open"},
      {"safety: {freeze: [{during: \"Mon 00:00-06:00\"}]}\n"
       "rules: [{name: short, when: {running_for: 10m}}]\n",
       [](World&) {}, "freeze", "stops are frozen"},
      {kTenMinutes,
       [](World& world) {
         world.on_read = [](const std::string&) { return failing(FailureKind::unauthorized, 401); };
       },
       "unknown", "the job's state can't be read"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.hold);
    World world(each.yaml);
    world.at(1min, [&] {
      world.add("a", 1min);
      each.then(world);
    });
    world.run_until(20min);
    EXPECT_FALSE(world.was_stopped("a"));
    EXPECT_EQ(get(rule_of_job(world, "a", "short"), "hold"), Value(each.hold));
    EXPECT_EQ(upshot(world, "a"),
              "Job name-a has been due by rule short for 9m, since 2026-01-05T00:11:00.000Z, and "
              "is not stopped: " +
                  std::string(each.words) + ".");
  }
}

TEST(ExplainEdges, SaysThatADueStopIsAboutToLeaveWhileTheJobIsReadAgain) {
  World world(kTenMinutes);
  world.at(1s, [&] {
    world.add("a", 1s);
    world.add("b", 1s);
  });
  world.at(5min, [&] {
    world.on_read = [](const std::string&) { return failing(FailureKind::timeout); };
    world.order(Command::StopJob{World::key_of("b")});
  });
  world.run_until(5min + 1s);
  EXPECT_EQ(upshot(world, "b"), "Job name-b is about to be stopped by order of ana.");
  EXPECT_FALSE(world.was_stopped("b"));
  world.run_until(10min + 2s);
  EXPECT_EQ(upshot(world, "a"), "Job name-a is about to be stopped by rule short.");
  EXPECT_FALSE(world.was_stopped("a"));
}

TEST(ExplainEdges, TellsARequestUnderWayFromOneThatWasTakenAndOneThatIsOverdue) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("a", 1s).stop_latency = 10h; });
  world.at(9min, [&] { world.latency = 2s; });
  world.run_until(10min + 1500ms);
  ASSERT_TRUE(world.was_stopped("a"));
  EXPECT_EQ(upshot(world, "a"),
            "Job name-a is being stopped by rule short: request 1 is under way, its end is "
            "awaited.");
  world.run_until(10min + 30s);
  EXPECT_THAT(upshot(world, "a"), HasSubstr("request 1 was taken, its end is awaited."));
  world.run_until(30min);
  EXPECT_THAT(upshot(world, "a"), HasSubstr("its end is overdue."));
}

TEST(ExplainEdges, AnEstimateWithoutAPriceHasNoCostAtAll) {
  World world("rules: [{name: cap, when: {cost: $100}}]\n");
  world.prices.clear();
  world.add("a", -3h).now.updated_at = kStart - 1min;
  world.run_until(1min);
  const Value said = explain(world, "a");
  EXPECT_EQ(get(said, "cost"), kAbsent);
  EXPECT_EQ(get(said, "cost_at_most"), kAbsent);
  EXPECT_EQ(get(said, "rate"), kAbsent);
}

TEST(ExplainEdges, DoesNotShowAnOverrideThatEndedWhileTheDaemonWasDown) {
  World world("rules: [{name: long, when: {running_for: 100h}}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.at(1min, [&] {
    for (int i = 0; i < 6; ++i) world.order(Command::Exempt{World::key_of("a"), {}, 1h});
  });
  world.run_until(10min);
  EXPECT_EQ(items(explain(world, "a"), "overrides").size(), 6u);
  // Asked between any two pieces of what the journal holds as well.
  std::size_t seen = 0;
  world.on_batch = [&](const core::Batch&) {
    if (world.core().find("a").empty()) return;
    ++seen;
    EXPECT_EQ(get(explain(world, "a"), "overrides"), kAbsent);
  };
  world.restart(3h);
  world.run_until(4h);
  EXPECT_GT(seen, 2u);
}

TEST(ExplainEdges, SaysThatTheOneRuleThatAppliesDoesNotComeDue) {
  World world("rules: [{name: hint, when: {running_for: 10m}, action: warn}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.run_until(20min);
  EXPECT_EQ(get(explain(world, "a"), "upshot"),
            Value("Job name-a is not going to be stopped if nothing changes: the one rule that "
                  "applies does not come due."));
}
TEST(ExplainEdges, SaysWhenACostIsTooLargeToBeCounted) {
  World world("rules: [{name: cap, when: {cost: $1000}}]\n");
  world.prices["H100x8"] = "9000000000";
  world.at(1s, [&] { world.add("a", 1s).now.node_count = 4; });
  world.run_until(10min);
  const Value cost = items(rule_of(explain(world, "a"), "cap"), "conditions").at(0);
  EXPECT_EQ(get(cost, "holds"), Value("unknown"));
  EXPECT_EQ(get(cost, "reason"), Value("the cost is too large to be counted"));
}
}  // namespace
}  // namespace trainstop::test::explains
