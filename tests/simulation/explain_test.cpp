// What the core says of one job: which rules apply, how far they are, what holds, and the upshot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/view.hpp"

namespace trainstop::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Explain, SaysWhichRulesApplyAndWhyOthersDoNot) {
  World world(
      "rules:\n"
      "  - {name: mine, when: {running_for: 10h}}\n"
      "  - {name: theirs, match: {user: \"bo@*\"}, when: {running_for: 10h}}\n"
      "  - {name: teams, match: {team: ml}, when: {running_for: 10h}}\n"
      "  - {name: spared, exclude: {job: a}, when: {running_for: 10h}}\n");
  world.projects.clear();
  world.add("a", 0s);
  world.run_until(1h);
  const Value said = explain(world, "a");
  EXPECT_EQ(get(rule_of(said, "mine"), "applies"), Value("yes"));
  EXPECT_EQ(get(rule_of(said, "theirs"), "applies"), Value("no"));
  EXPECT_EQ(get(rule_of(said, "theirs"), "because"), Value("match: its user does not fit"));
  EXPECT_EQ(get(rule_of(said, "teams"), "applies"), Value("unknown"));
  EXPECT_EQ(get(rule_of(said, "teams"), "because"), Value("match: its team is not known"));
  EXPECT_EQ(get(rule_of(said, "spared"), "applies"), Value("no"));
  EXPECT_THAT(text(get(rule_of(said, "spared"), "because")), HasSubstr("exclude: "));
  EXPECT_EQ(get(said, "upshot"),
            Value("Job name-a is stopped in 9h, at 2026-01-05T10:00:00.000Z, by rule mine if "
                  "nothing changes."));
}

TEST(Explain, ShowsEachConditionWithItsValueLimitAndSource) {
  World world("rules: [{name: both, when: {running_for: 10h, cost: $1000}}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.run_until(1s + 1h);
  const Value rule = rule_of(explain(world, "a"), "both");
  EXPECT_THAT(names(rule, "conditions", "condition"), ElementsAre("running_for", "cost"));
  const Value running = items(rule, "conditions").at(0), cost = items(rule, "conditions").at(1);
  EXPECT_EQ(get(running, "limit"), Value(Duration(10h)));
  EXPECT_NEAR(std::get<double>(get(running, "progress").data), 0.1, 0.001);
  EXPECT_EQ(get(running, "unit"), Value("s"));
  EXPECT_EQ(get(cost, "source"), Value("observed"));
  EXPECT_EQ(get(cost, "value"), get(explain(world, "a"), "cost"));
  EXPECT_EQ(get(rule, "holds"), Value("no"));
}

TEST(Explain, SaysWhyAConditionIsUnknown) {
  World world("rules: [{name: cap, when: {cost: $1000}}]\n");
  world.prices.clear();
  world.add("a", 0s);
  world.add("b", 0s, "PONDERING");
  world.run_until(1h);
  const auto reason = [&](const char* job) {
    return text(get(items(rule_of(explain(world, job), "cap"), "conditions").at(0), "reason"));
  };
  EXPECT_EQ(reason("a"), "no price is known for instance type H100x8");
  EXPECT_THAT(reason("b"), HasSubstr("PONDERING"));
  EXPECT_THAT(text(get(explain(world, "a"), "upshot")),
              HasSubstr("is not going to be stopped if nothing changes"));
}

TEST(Explain, TellsAnEstimateFromAnObservation) {
  World world("rules: [{name: cap, when: {cost: $100}}]\n");
  world.add("a", -3h).now.updated_at = kStart - 1min;
  world.run_until(1min);
  const Value cost = items(rule_of(explain(world, "a"), "cap"), "conditions").at(0);
  EXPECT_EQ(get(cost, "source"), Value("estimated"));
  EXPECT_EQ(get(cost, "holds"), Value("unknown"));
  EXPECT_THAT(text(get(cost, "reason")), HasSubstr("nothing is stopped on an estimate"));
  EXPECT_GT(std::get<Money>(get(explain(world, "a"), "cost_at_most").data),
            Money::from_dollars(100));
}

TEST(Explain, SaysWhatHoldsAJobThatIsDue) {
  World world(
      "safety: {first_notice: 30m, exempt: [{job: kept, reason: the paper}]}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  world.add("kept", -1h);
  world.add("old", -1h);
  world.run_until(20min);
  EXPECT_EQ(get(rule_of(explain(world, "old"), "short"), "hold"), Value("notice"));
  EXPECT_THAT(text(get(explain(world, "old"), "upshot")),
              HasSubstr("when its first notice is over"));
  EXPECT_EQ(get(status(world), "counts", "held", "notice"), Value(1));
  world.run_until(29min);
  EXPECT_EQ(get(rule_of(explain(world, "kept"), "short"), "hold"), Value("exempt"));
  world.run_until(1h);
  EXPECT_TRUE(world.was_stopped("old"));
  EXPECT_THAT(text(get(explain(world, "kept"), "upshot")), HasSubstr("the paper"));
  EXPECT_EQ(get(explain(world, "kept"), "exempt", "reason"), Value("the paper"));
}

TEST(Explain, TellsWhatAPersonHasChanged) {
  World world("rules: [{name: short, when: {running_for: 10m}}, {name: long, when: {age: 5d}}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.at(1min, [&] { world.order(core::Command::Extend{"main/proj1/a", "short", 1h, 2h}); });
  world.run_until(30min);
  const Value extended = explain(world, "a");
  EXPECT_EQ(get(rule_of(extended, "short"), "extended_s"), Value(Duration(1h)));
  EXPECT_EQ(get(rule_of(extended, "short"), "due_at"), Value(kStart + 1s + 70min));
  EXPECT_EQ(get(items(extended, "overrides").at(0), "kind"), Value("extend"));
  world.order(core::Command::Exempt{"main/proj1/a", {}, 4h});
  world.run_until(2h);
  EXPECT_FALSE(world.was_stopped("a"));
  EXPECT_EQ(get(rule_of(explain(world, "a"), "short"), "hold"), Value("exempt"));
  EXPECT_THAT(text(get(explain(world, "a"), "upshot")), HasSubstr("the job is exempt ("));
}

TEST(Explain, NamesThePersonWhoHasOrderedTheStop) {
  World world("rules: [{name: long, when: {age: 5d}}]\n");
  world.at(1s, [&] { world.add("a", 1s).stop_latency = 1h; });
  world.at(10min, [&] { world.order(core::Command::StopJob{"main/proj1/a"}); });
  world.run_until(11min);
  EXPECT_TRUE(world.was_stopped("a"));
  EXPECT_THAT(text(get(explain(world, "a"), "upshot")),
              HasSubstr("is being stopped by order of ana: request 1 was taken"));
  const Value line = items(status(world), "jobs").at(0);
  EXPECT_EQ(get(line, "ordered_by"), Value("ana"));
  EXPECT_EQ(get(line, "rule"), Value("(absent)"));
}

TEST(Explain, RemembersAJobThatHasEndedForAnHour) {
  World world("rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    world.add("stopped", 1s);
    world.add("done", 1s);
  });
  world.at(5min, [&] { world.set_status("done", "COMPLETED"); });
  world.run_until(30min);
  EXPECT_THAT(text(get(explain(world, "stopped"), "upshot")), HasSubstr("stopped by trainstop"));
  const Value done = explain(world, "done");
  EXPECT_THAT(text(get(done, "upshot")), HasSubstr("as COMPLETED, by itself"));
  EXPECT_EQ(get(done, "live"), Value(false));
  const Value running = items(rule_of(done, "short"), "conditions").at(0);
  EXPECT_LT(std::get<double>(get(running, "progress").data), 0.6) << "of the time it ran";
  EXPECT_EQ(get(status(world), "counts", "live"), Value(0));
}

}  // namespace
}  // namespace trainstop::test
