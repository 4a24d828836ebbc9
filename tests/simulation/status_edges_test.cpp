// What `status` says at the edges: jobs without a price, several accounts, stops in a row, and a
// daemon that has just begun.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/view.hpp"

namespace trainstop::test::statuses {
namespace {

using core::Command;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// The job's line.
Value line_of(const Value& shown, std::string_view job) {
  for (const Value& each : items(shown, "jobs")) {
    if (get(each, "job") == Value(job)) return each;
  }
  return Value("(no line)");
}

TEST(StatusEdges, AJobWithoutAPriceHasNeitherCostNorRate) {
  World world("mode: observe\nrules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    world.add("a", 1s);
    world.add("b", 1s).now.instance_type = "Z1x8";
  });
  world.run_until(20min);
  const Value shown = status(world);
  const Money one = Money::from_nano(52'000'200'000);
  EXPECT_EQ(get(shown, "rate"), Value(one)) << "of the job whose price is known";
  const Value known = line_of(shown, "a"), unknown = line_of(shown, "b");
  EXPECT_EQ(get(known, "rate"), Value(one));
  EXPECT_EQ(get(unknown, "rate"), kAbsent);
  EXPECT_EQ(get(unknown, "cost"), kAbsent);
  // Both are over the rule, the one of a known price first.
  EXPECT_EQ(get(shown, "over", "count"), Value(2));
  EXPECT_EQ(get(shown, "over", "rate"), Value(one));
  const Value over = get(shown, "over");
  EXPECT_THAT(names(over, "jobs", "job"), ElementsAre("a", "b"));
  EXPECT_EQ(get(items(over, "jobs").at(1), "rate"), kAbsent);
}

TEST(StatusEdges, MarksACostThatIsEstimated) {
  World world("rules: [{name: cap, when: {cost: $1000}}]\n");
  world.add("old", -3h).now.updated_at = kStart - 1min;
  world.at(1s, [&] { world.add("new", 1s); });
  world.run_until(1min);
  EXPECT_EQ(get(line_of(status(world), "old"), "estimated"), Value(true));
  EXPECT_EQ(get(line_of(status(world), "new"), "estimated"), kAbsent);
}

TEST(StatusEdges, ARuleThatCantBeJudgedAnyMoreHasNoProgress) {
  World world(
      "rules: [{name: stays, when: {in_status: {status: RUNNING, for: 10m}}, grace: 1h}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.run_until(15min);
  EXPECT_EQ(get(line_of(status(world), "a"), "rule"), Value("stays"));
  EXPECT_NE(get(line_of(status(world), "a"), "progress"), kAbsent);
  world.set_status("a", "PONDERING");
  world.run_until(20min);
  const Value line = line_of(status(world), "a");
  EXPECT_EQ(get(line, "rule"), Value("stays"));
  EXPECT_EQ(get(line, "progress"), kAbsent);
}

TEST(StatusEdges, CountsNoJobAsHeldBeforeItsGraceIsOver) {
  World world("rules: [{name: short, when: {running_for: 10m}, grace: 30m}]\n");
  world.at(1s, [&] { world.add("a", 1s); });
  world.at(2s, [&] { world.order(Command::Pause{"short", 5h}); });
  world.run_until(20min);
  ASSERT_THAT(world.told("rule.tripped", "a"), SizeIs(1));
  EXPECT_EQ(get(status(world), "counts", "held", "pause"), kAbsent);
  world.run_until(45min);
  EXPECT_EQ(get(status(world), "counts", "held", "pause"), Value(1));
}

TEST(StatusEdges, CountsNoJobAsHeldByARuleThatWarns) {
  World world("rules: [{name: hint, mode: observe, when: {running_for: 10m}, action: warn}]\n");
  world.add("a", -1h);
  world.run_until(20min);
  ASSERT_THAT(world.told("rule.tripped", "a"), SizeIs(1));
  EXPECT_EQ(get(status(world), "counts", "held"), Value(Value::Object{}));
  EXPECT_EQ(get(status(world), "over"), kAbsent);
}

TEST(StatusEdges, HoldsNothingOfWhichNothingIsJudgedYet) {
  World world("mode: observe\nrules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 6; ++i) world.add("j" + std::to_string(i), 1s);
  });
  world.run_until(20min);
  EXPECT_EQ(get(status(world), "counts", "held", "observe"), Value(6));
  std::vector<Value> held;
  world.on_batch = [&](const core::Batch&) {
    held.push_back(get(status(world), "counts", "held"));
  };
  world.restart(5s);
  world.run_until(20min + 10s);
  ASSERT_FALSE(held.empty());
  EXPECT_EQ(held.front(), Value(Value::Object{}));
  EXPECT_EQ(get(held.back(), "observe"), Value(6));
}

TEST(StatusEdges, ShowsAStopThatWaitsForItsTurn) {
  World world("stop: {concurrency: 1}\nrules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    world.add("a", 1s);
    world.add("b", 1s);
  });
  world.at(9min, [&] { world.latency = 1s; });
  world.run_until(10min + 1500ms);
  const Value shown = status(world);
  EXPECT_EQ(get(line_of(shown, "a"), "stop", "stage"), Value("requested"));
  EXPECT_EQ(get(line_of(shown, "b"), "stop", "stage"), Value("ready"));
  EXPECT_EQ(get(line_of(shown, "b"), "stop", "attempt"), kAbsent);
  EXPECT_EQ(get(shown, "counts", "open_stops"), Value(1));
}

TEST(StatusEdges, CountsStopsThatAreNotConfirmed) {
  World world(kTenMinutes);
  world.at(1s, [&] {
    world.add("a", 1s).stop_latency = 10h;
    world.add("b", 1s).stop_latency = 10h;
  });
  world.run_until(25min);
  EXPECT_EQ(get(status(world), "counts", "unconfirmed"), Value(2));
  EXPECT_THAT(texts(items(status(world), "impaired")), ElementsAre("2 stops are not confirmed"));
}

TEST(StatusEdges, TheNextDueIsTheFirstOfAllAccounts) {
  const std::string one = "{name: one, api_key: {env: A}, projects: [early]}",
                    two = "{name: two, api_key: {env: B}, projects: [late]}";
  for (const std::string& accounts : {one + ", " + two, two + ", " + one}) {
    World world("accounts: [" + accounts + "]\nrules: [{name: long, when: {running_for: 10h}}]\n");
    world.at(1s, [&] {
      world.add("a", 1s).now.project_name = "early";
      world.job("a").now.project_id = "early";
    });
    world.at(10min, [&] {
      world.add("b", 10min).now.project_name = "late";
      world.job("b").now.project_id = "late";
    });
    world.run_until(1h);
    const Value shown = status(world);
    EXPECT_EQ(get(shown, "next_due", "account"), Value("one"));
    EXPECT_EQ(get(shown, "next_due", "job"), Value("a"));
    EXPECT_EQ(get(shown, "next_due", "at"), Value(kStart + 1s + 10h));
    EXPECT_THAT(names(shown, "jobs", "job"), ElementsAre("a", "b"));
  }
}

TEST(StatusEdges, FactsAreAsOldAsTheLastListOfTheRunBefore) {
  World world(kTenMinutes);
  world.run_until(5min);
  world.at(5min, [&] { world.on_list = [](bool) { return failing(FailureKind::transport); }; });
  world.restart(2h);
  world.run_until(2h + 20min);
  const Value account = items(status(world), "accounts").at(0);
  EXPECT_EQ(get(account, "reachable"), Value(false));
  EXPECT_GT(std::get<Duration>(get(account, "facts_age_s").data), 2h + 14min);
  EXPECT_LT(std::get<Instant>(get(account, "unreachable_since").data), kStart + 5min);
}

TEST(StatusEdges, WithoutAnyListTheAgeOfFactsIsNotKnown) {
  World world(kTenMinutes);
  world.on_list = [](bool) { return failing(FailureKind::transport); };
  world.run_until(20min);
  const Value account = items(status(world), "accounts").at(0);
  EXPECT_EQ(get(account, "facts_age_s"), Value("(absent)"));
  EXPECT_EQ(get(account, "unreachable_since"), Value(kStart));
}

TEST(StatusEdges, ShowsOnlyTheFreezesWhoseWindowItIs) {
  World world(
      "safety: {freeze: [{during: \"Tue 00:00-06:00\"},\n"
      "                  {during: \"Mon 00:00-02:00\", match: {project: llm}}]}\n"
      "rules: [{name: short, when: {running_for: 10h}}]\n");
  world.run_until(1h);
  const auto frozen = items(status(world), "frozen");
  ASSERT_THAT(frozen, SizeIs(1));
  EXPECT_EQ(get(frozen[0], "until"), Value(kStart + 2h));
  EXPECT_EQ(get(frozen[0], "what"), Value("project is llm"));
  world.run_until(3h);
  EXPECT_THAT(items(status(world), "frozen"), IsEmpty());
}

TEST(StatusEdges, ForeseesTheBreakerWithAStopThatWaitsForItsTurn) {
  World world(
      "safety: {max_stops: {count: 3, per: 2h}}\n"
      "stop: {concurrency: 1}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(10s, [&] { world.add("waits", 10s); });
  world.at(63s, [&] { world.add("goes", 63s); });
  FailureKind trouble = FailureKind::client_error;
  world.on_read = [&](const std::string& job) {
    return job == "waits" ? failing(trouble) : Trouble{};
  };
  world.on_stop = [&](const std::string&) {  // its reply comes after a quarter of an hour
    world.latency = 15min;
    world.at(world.now() - kStart + 1ms, [&] { world.latency = 50ms; });
    return Trouble{};
  };
  world.run_until(13min);
  for (const char* id : {"next", "last"}) world.add(id, 13min);
  world.run_until(14min);
  EXPECT_EQ(get(line_of(status(world), "waits"), "hold"), Value("unknown"));
  EXPECT_EQ(get(status(world), "breaker", "foreseen"), kAbsent) << "one can't be read";
  trouble = FailureKind::transport;  // past which its rule may be judged
  world.run_until(22min);
  EXPECT_EQ(get(line_of(status(world), "waits"), "stop", "stage"), Value("ready"));
  const Value breaker = get(status(world), "breaker");
  EXPECT_EQ(get(breaker, "stops_in_window"), Value(1));
  EXPECT_EQ(get(breaker, "foreseen", "at"), Value(kStart + 23min));
  EXPECT_EQ(get(breaker, "foreseen", "stops"), Value(4));
}

}  // namespace
}  // namespace trainstop::test::statuses
