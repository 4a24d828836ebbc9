// What persons order: exemptions, extensions, pauses, stops and the breaker's reset, over restarts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using core::Answer;
using core::Command;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = core::Answer::Outcome;

Value field_of(const Answer& answer, std::string_view key) {
  for (const auto& [name, value] : answer.fields) {
    if (name == key) return value;
  }
  return "(absent)";
}

std::string text_of(const Answer& answer, std::string_view key) {
  const Value value = field_of(answer, key);
  const auto* text = std::get_if<std::string>(&value.data);
  return text == nullptr ? "(no text)" : *text;
}

Command::Exempt exempt(const std::string& job, Duration lasts) {
  return {World::key_of(job), {}, lasts};
}

Command::Extend extend(const std::string& job, Duration by, std::optional<std::string> rule = {}) {
  return {World::key_of(job), std::move(rule), by, 0s};
}

TEST(Hands, AnExemptJobIsNotStoppedUntilItsExemptionEndsAndThenGetsNotice) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s); });
  Answer answer;
  world.at(5min, [&] { answer = world.order(exempt("j1", 1h)); });
  world.run_until(3h);
  EXPECT_EQ(answer.outcome, Outcome::done) << answer.message;
  EXPECT_EQ(field_of(answer, "until"), Value(kStart + 65min));
  EXPECT_EQ(field_of(answer, "rule"), Value("(absent)"));
  EXPECT_EQ(field(world.told("stop.held", "j1").at(0), "reason"), Value("exempt"));
  EXPECT_EQ(world.first_stop("j1"), 95min);
  EXPECT_THAT(world.story("j1", {"operator."}), ElementsAre("operator.exempt", "operator.expired"));
}

TEST(Hands, AnExemptionEndsByTheClockThatIsBelieved) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(5min, [&] { world.order(exempt("j1", 1h)); });
  world.at(30min, [&] { world.set_shift(40min); });
  world.run_until(31min);
  EXPECT_THAT(world.told("operator.expired", "j1"), SizeIs(1));
  world.run_until(2h);
  EXPECT_EQ(world.first_stop("j1"), 1h);
}

TEST(Hands, AnExemptionOfOneRuleLeavesTheOthers) {
  World world(
      "rules: [{name: a, when: {running_for: 10m}}, {name: b, when: {running_for: 20m}}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  Answer answer;
  world.at(5min, [&] { answer = world.order(Command::Exempt{World::key_of("j1"), "a", 2h}); });
  world.run_until(1h);
  EXPECT_EQ(field_of(answer, "rule"), Value("b"));
  EXPECT_EQ(world.first_stop("j1"), 20min + 10s);
}

TEST(Hands, AnExemptionOutlivesARestartAndEndsWhileTheDaemonIsAway) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(5min, [&] { world.order(exempt("j1", 1h)); });
  world.at(20min, [&] { world.restart(5s); });
  world.at(50min, [&] { world.restart(1h); });
  world.run_until(4h);
  // The daemon is back at 1 h 50 min, and the job gets its notice from there on.
  EXPECT_GE(world.first_stop("j1"), 110min + 30min);
  EXPECT_LT(world.first_stop("j1"), 110min + 31min);
}

TEST(Hands, AnExemptionAvertsAStopThatWasAnnounced) {
  World world("rules: [{name: short, when: {running_for: 10m}, grace: 10m}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(15min, [&] { world.order(exempt("j1", 24h)); });
  world.run_until(2h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_EQ(field(world.told("stop.averted", "j1").at(0), "reason"), Value("exempt"));
}

TEST(Hands, AfterTheRequestHasLeftNothingHoldsAnyMore) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s).stop_latency = 5min; });
  Answer answer;
  world.at(11min, [&] { answer = world.order(exempt("j1", 1h)); });
  world.run_until(20min);
  EXPECT_EQ(answer.outcome, Outcome::refused);
  EXPECT_THAT(answer.message, testing::HasSubstr("already sent"));
  EXPECT_THAT(world.told("stop.confirmed", "j1"), SizeIs(1));
}

TEST(Hands, AnExtensionMovesTheDueAndTheWarningsByItsLength) {
  World world("rules: [{name: short, when: {running_for: 10m}, warn_before: [2m]}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  Answer answer;
  world.at(9min, [&] { answer = world.order(extend("j1", 1h)); });
  world.run_until(2h);
  EXPECT_EQ(answer.outcome, Outcome::done) << answer.message;
  EXPECT_EQ(field_of(answer, "due_at"), Value(kStart + 70min + 10s));
  EXPECT_EQ(field_of(answer, "rule"), Value("short"));
  EXPECT_EQ(world.first_stop("j1"), 70min + 10s);
  EXPECT_THAT(world.told("rule.warned", "j1"), SizeIs(2));
}

TEST(Hands, ExtensionsAddUpAndOutliveARestart) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(1min, [&] { world.order(extend("j1", 10min)); });
  world.at(2min, [&] { world.restart(5s); });
  world.at(3min, [&] { world.order(extend("j1", 10min, "short")); });
  world.run_until(2h);
  EXPECT_EQ(world.first_stop("j1"), 30min + 10s);
}

TEST(Hands, ARevokedExtensionIsNone) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s); });
  std::string id;
  Answer revoked;
  world.at(1min, [&] { id = text_of(world.order(extend("j1", 1h)), "id"); });
  world.at(2min, [&] { revoked = world.order(Command::Revoke{id}); });
  world.run_until(1h);
  EXPECT_EQ(revoked.outcome, Outcome::done);
  EXPECT_EQ(field_of(revoked, "due_at"), Value(kStart + 10min + 10s));
  EXPECT_EQ(world.first_stop("j1"), 10min + 10s);
  EXPECT_THAT(
      world.present(),
      testing::Not(testing::Contains(testing::Key(testing::Pair(Image::Kind::override_, id)))));
}

TEST(Hands, AnExtensionThatEndsDoesNotCutAFirstNoticeShort) {
  for (const bool restarts : {false, true}) {
    World world(kTenMinutes);
    world.at(10s, [&] { world.add("j1", 10s); });
    world.at(5min, [&] { world.order(Command::Pause{{}, 50min}); });
    std::string id;
    // At 55 min the pause ends: not to be stopped before 85 min.
    world.at(56min, [&] { id = text_of(world.order(extend("j1", 1h)), "id"); });
    if (restarts) world.at(57min, [&] { world.restart(5s); });
    world.at(58min, [&] { world.order(Command::Revoke{id}); });
    world.run_until(2h);
    EXPECT_EQ(world.first_stop("j1"), 85min) << restarts;
  }
}

TEST(Hands, WhatCannotBeExtendedIsRefused) {
  World world("rules: [{name: money, when: {cost: $100}}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  std::vector<Answer> answers;
  world.at(1min, [&] {
    answers.push_back(world.order(extend("j1", 1h)));
    answers.push_back(world.order(extend("j1", 8 * 24h)));
    answers.push_back(world.order(extend("j1", 1h, "none")));
    answers.push_back(world.order(extend("j2", 1h)));
  });
  world.run_until(2min);
  std::vector<Outcome> outcomes;
  for (const Answer& answer : answers) outcomes.push_back(answer.outcome);
  EXPECT_THAT(outcomes,
              ElementsAre(Outcome::refused, Outcome::refused, Outcome::no_such, Outcome::no_such));
}

TEST(Hands, APauseHoldsEverythingIsToldHourlyAndEndsWithNotice) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(5min, [&] {
    EXPECT_EQ(world.order(Command::Pause{{}, 150min}).outcome, Outcome::done);
  });
  world.run_until(155min);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_EQ(field(world.told("stop.held", "j1").at(0), "reason"), Value("pause"));
  EXPECT_THAT(world.told("operator.pause"), SizeIs(3));
  world.run_until(5h);
  EXPECT_EQ(world.first_stop("j1"), 185min);
}

TEST(Hands, APauseOfOneRuleHoldsThatRuleAlone) {
  World world(
      "rules: [{name: a, when: {running_for: 10m}}, {name: b, when: {running_for: 20m}}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(5min, [&] { world.order(Command::Pause{"a", 5h}); });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("j1"), 20min + 10s);
}

TEST(Hands, APauseOutlivesARestart) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(5min, [&] { world.order(Command::Pause{{}, 3h}); });
  world.at(6min, [&] { world.restart(5s); });
  world.run_until(2h);
  EXPECT_FALSE(world.was_stopped("j1"));
}

TEST(Hands, AnEndIsOneOfUtcWhateverTheClockDoesMeanwhile) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(5min, [&] { world.order(exempt("j1", 1h)); });
  world.at(20min, [&] { world.set_shift(30min); });
  world.run_until(30min);
  EXPECT_THAT(world.told("operator.expired"), IsEmpty());
  world.run_until(36min);
  EXPECT_THAT(world.told("operator.expired"), SizeIs(1));
}

TEST(Hands, AResumeGivesNoticeToWhatIsOver) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(1min, [&] { world.order(Command::Pause{{}, 24h}); });
  Answer resumed, again;
  world.at(1h, [&] {
    resumed = world.order(Command::Resume{});
    again = world.order(Command::Resume{});
  });
  world.run_until(3h);
  EXPECT_EQ(resumed.outcome, Outcome::done);
  EXPECT_EQ(again.outcome, Outcome::refused);
  EXPECT_EQ(world.first_stop("j1"), 90min);
}

TEST(Hands, AnOrderStopsAJobThatNoRuleWould) {
  World world("mode: observe\nrules: [{name: long, when: {running_for: 100h}}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(10s, [&] { world.add("j2", 10s); });
  Answer answer;
  world.at(5min, [&] {
    world.order(Command::Pause{{}, 5h});
    answer = world.order(Command::StopJob{World::key_of("j1"), false});
  });
  world.run_until(20min);
  EXPECT_EQ(answer.outcome, Outcome::done) << answer.message;
  EXPECT_GE(world.first_stop("j1"), 5min);
  EXPECT_LT(world.first_stop("j1"), 5min + 1s);
  EXPECT_FALSE(world.was_stopped("j2"));
  const Event confirmed = world.told("stop.confirmed", "j1").at(0);
  EXPECT_EQ(field(confirmed, "operator"), Value("ana"));
  EXPECT_EQ(field(confirmed, "rule"), Value("(absent)"));
  EXPECT_EQ(field(world.told("stop.intended", "j1").at(0), "reason"), Value("test"));
  EXPECT_THAT(world.story("j1", {"operator.", "stop."}),
              ElementsAre("operator.stop", "stop.intended", "stop.sent", "stop.accepted",
                          "stop.confirmed"));
}

TEST(Hands, AnOrderOutlivesARestartBeforeItsRequest) {
  World world("rules: [{name: long, when: {running_for: 100h}}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  world.die_at("operator.stop", World::Death::before_acts);
  world.at(5min, [&] {
    world.order(Command::Pause{{}, 5h});
    world.on_read = [](const std::string&) { return failing(FailureKind::timeout); };
    world.order(Command::StopJob{World::key_of("j1"), false});
  });
  world.at(6min, [&] {
    world.on_read = [](const std::string&) { return Trouble{}; };
    world.restart(5s);
  });
  world.run_until(20min);
  EXPECT_EQ(world.job("j1").stop_requests.size(), 1u);
  EXPECT_THAT(world.told("stop.confirmed", "j1"), SizeIs(1));
}

TEST(Hands, AnExemptJobIsOrderedToStopByForceOnly) {
  World world("safety: {exempt: [{job: j1, reason: serving}]}\n" + std::string(kTenMinutes));
  world.at(10s, [&] { world.add("j1", 10s); });
  Answer refused, forced;
  world.at(5min, [&] {
    refused = world.order(Command::StopJob{World::key_of("j1"), false});
    forced = world.order(Command::StopJob{World::key_of("j1"), true});
  });
  world.run_until(20min);
  EXPECT_EQ(refused.outcome, Outcome::refused);
  EXPECT_EQ(forced.outcome, Outcome::done);
  EXPECT_EQ(world.job("j1").stop_requests.size(), 1u);
}

TEST(Hands, AnOrderPassesTheOpenBreakerAndIsNotCounted) {
  World world("safety: {max_stops: {count: 1, per: 10h}}\n" + std::string(kTenMinutes));
  world.at(10s, [&] {
    for (const char* id : {"a", "b", "c"}) world.add(id, 10s);
  });
  world.at(15min, [&] { world.order(Command::StopJob{World::key_of("a"), false}); });
  world.run_until(1h);
  EXPECT_TRUE(world.was_stopped("a"));
  EXPECT_FALSE(world.was_stopped("b"));
}

TEST(Hands, AResetLetsWhatWasShownLeaveAndJudgesTheRestAnew) {
  World world("safety: {max_stops: {count: 1, per: 10h}}\n" + std::string(kTenMinutes));
  world.at(10s, [&] {
    for (const char* id : {"a", "b", "c"}) world.add(id, 10s);
  });
  Answer answer;
  world.at(20min, [&] {
    const auto held = world.told("stop.held");
    ASSERT_THAT(held, SizeIs(3));
    std::vector<std::string> shown;
    for (const Event& event : held) {
      if (field(event, "job") != Value("c"))
        shown.push_back(std::get<std::string>(field(event, "stop").data));
    }
    answer = world.order(Command::ResetBreaker{shown});
  });
  world.run_until(1h);
  EXPECT_EQ(answer.outcome, Outcome::done);
  EXPECT_EQ(field_of(answer, "approved"), Value(2));
  EXPECT_TRUE(world.was_stopped("a"));
  EXPECT_TRUE(world.was_stopped("b"));
  EXPECT_TRUE(world.was_stopped("c"));  // alone it is within the bound
  EXPECT_THAT(world.told("breaker.reset"), SizeIs(1));
  EXPECT_EQ(world.order(Command::ResetBreaker{}).outcome, Outcome::refused);
}

}  // namespace
}  // namespace trainstop::test
