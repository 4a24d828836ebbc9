// What persons order at the edges: names that almost fit, lengths out of bounds, and orders that
// come when the job, the rule or another override is about to change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

const std::string kTwoRules =
    "rules: [{name: a, when: {running_for: 10m}}, {name: b, when: {running_for: 20m}}]\n";

/// A member of an answer.
Value given(const Answer& answer, std::string_view key) {
  return get(Value(Value::Object(answer.fields.begin(), answer.fields.end())), key);
}

Command::Exempt exempted(Duration lasts, std::optional<std::string> rule = {}) {
  return {World::key_of("j1"), std::move(rule), lasts};
}

Command::Extend extended(Duration by, std::optional<std::string> rule = {}, Duration lasts = 0s) {
  return {World::key_of("j1"), std::move(rule), by, lasts};
}

/// A world in which job j1 runs since its tenth second.
struct WithJob : World {
  explicit WithJob(const std::string& yaml) : World(yaml) {
    add("j1", 10s);
    run_until(1min);
  }
};

TEST(HandsEdges, AnOrderIsForTheJobOfThatWholeKeyAlone) {
  const std::string accounts =
      "accounts: [{name: main, api_key: {env: A}}, {name: main2, api_key: {env: B}}]\n";
  World world(accounts + kTenMinutes);
  world.add("j1", 10s);
  world.run_until(1min);
  for (const char* key :
       {"", "main", "main/", "j1", "proj1/j1", "main/j1", "other/proj1/j1", "mainx/proj1/j1",
        "main2/proj1/j1", "main/proj2/j1", "main/proj1/j2", "main/more/proj1/j1"}) {
    const Answer answer = world.order(Command::Exempt{key, {}, 1h});
    EXPECT_EQ(answer.outcome, Outcome::no_such) << key;
    EXPECT_EQ(answer.message, "no such job") << key;
  }
  EXPECT_EQ(world.order(Command::Exempt{"main/proj1/j1", {}, 1h}).outcome, Outcome::done);
}

TEST(HandsEdges, AnOrderAboutAJobThatIsGoneSaysHowItWent) {
  World world(kTenMinutes);
  for (const char* id : {"ended", "lost"}) world.add(id, 10s);
  world.at(1min, [&] {
    world.set_status("ended", "COMPLETED");
    world.job("lost").exists = false;
  });
  world.run_until(5min);
  ASSERT_THAT(world.told("job.lost", "lost"), SizeIs(1));
  for (const bool is_lost : {false, true}) {
    const std::string key = World::key_of(is_lost ? "lost" : "ended");
    for (const Answer& answer :
         {world.order(Command::Exempt{key, {}, 1h}), world.order(Command::Extend{key, {}, 1h, 0s}),
          world.order(Command::StopJob{key, true})}) {
      EXPECT_EQ(answer.outcome, Outcome::refused);
      EXPECT_THAT(answer.message, HasSubstr(is_lost ? "is lost" : "has ended"));
    }
  }
  EXPECT_THAT(world.told("operator.stop"), IsEmpty());
}

TEST(HandsEdges, AnOverrideLastsAboveZeroAndAtMostSevenDays) {
  WithJob world(
      "rules: [{name: short, when: {running_for: 10h}},"
      " {name: pot, budget: {limit: $100, per: week}}]\n");
  const Money dollar = Money::from_dollars(1);
  for (const Duration wrong : {Duration{-1}, 7 * 24h + Duration{1}}) {
    const std::vector<Answer> answers = {world.order(exempted(wrong)), world.order(extended(wrong)),
                                         world.order(extended(1h, {}, wrong)),
                                         world.order(Command::Pause{{}, wrong}),
                                         world.order(Command::Raise{"pot", {}, dollar, wrong})};
    for (const Answer& answer : answers) {
      EXPECT_EQ(answer.outcome, Outcome::refused);
      EXPECT_THAT(answer.message, HasSubstr("at most 7 days"));
    }
  }
  for (const Answer& answer :
       {world.order(exempted(0s)), world.order(extended(0s)), world.order(Command::Pause{{}, 0s})})
    EXPECT_EQ(answer.outcome, Outcome::refused);
  EXPECT_THAT(items(Value(world.core().overrides()), "overrides"), IsEmpty());
  for (const Answer& answer :
       {world.order(exempted(7 * 24h)), world.order(extended(7 * 24h, {}, 7 * 24h)),
        world.order(Command::Pause{{}, 7 * 24h}),
        world.order(Command::Raise{"pot", {}, dollar, 7 * 24h})})
    EXPECT_EQ(answer.outcome, Outcome::done) << answer.message;
}

TEST(HandsEdges, ARuleSaysByHowMuchAndHowOftenItMayBeExtended) {
  WithJob world(
      "rules: [{name: much, when: {running_for: 10h}, extend: {max: 2h}},"
      " {name: often, when: {running_for: 11h}, extend: {times: 2}},"
      " {name: both, when: {running_for: 12h}, extend: {max: 2h, times: 1}},"
      " {name: free, when: {running_for: 13h}}]\n");
  const auto answer_to = [&](Duration by, const std::string& rule) {
    const Answer answer = world.order(extended(by, rule));
    return answer.outcome == Outcome::done ? "done" : answer.message;
  };
  EXPECT_EQ(answer_to(2h + 1s, "much"), "rule much may be extended by at most 2h at a time");
  EXPECT_EQ(answer_to(3h, "both"), "rule both may be extended by at most 2h at a time");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(answer_to(2h, "much"), "done");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(answer_to(24h, "often"), "done");
  EXPECT_THAT(answer_to(24h, "often"), HasSubstr("as often as it allows (2)"));
  EXPECT_EQ(answer_to(2h, "both"), "done");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(answer_to(24h, "free"), "done");
  // It is counted over a restart, and one rule's refusal is everybody's.
  world.at(2min, [&] { world.restart(5s); });
  world.run_until(3min);
  EXPECT_THAT(answer_to(1h, "both"), HasSubstr("as often as it allows (1)"));
  EXPECT_EQ(world.order(extended(1h)).outcome, Outcome::refused);
  world.run_until(17h);
  EXPECT_EQ(world.first_stop("j1"), 14h + 10s) << "both is the first that is due now";
}

TEST(HandsEdges, OnlyAnExemptionFromEveryRuleKeepsAPersonFromStoppingTheJob) {
  struct Case {
    decltype(Command::what) before;
    Duration stop_at;
    Outcome outcome;
  };
  const std::vector<Case> cases = {{exempted(1h), 2min, Outcome::refused},
                                   {exempted(1h, "a"), 2min, Outcome::done},
                                   {extended(1h), 2min, Outcome::done},
                                   {exempted(1h), 61min - Duration{1}, Outcome::refused},
                                   // At its very end, before anything else has looked at it.
                                   {exempted(1h), 61min, Outcome::done}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    World world(kTwoRules);
    world.add("j1", 10s);
    Answer answer;
    world.at(1min, [&] { world.order(cases[i].before); });
    world.at(cases[i].stop_at, [&] {
      answer = world.order(Command::StopJob{World::key_of("j1"), false});
    });
    world.run_until(cases[i].stop_at + 1s);
    EXPECT_EQ(answer.outcome, cases[i].outcome) << i << ' ' << answer.message;
    EXPECT_EQ(world.was_stopped("j1"), cases[i].outcome == Outcome::done) << i;
  }
}

TEST(HandsEdges, OneThatIsExemptByHandIsStoppedByForce) {
  WithJob world(kTenMinutes);
  world.order(exempted(1h));
  EXPECT_EQ(world.order(Command::StopJob{World::key_of("j1"), true}).outcome, Outcome::done);
  EXPECT_EQ(field(world.told("operator.stop").at(0), "forced"), Value(true));
  world.run_until(2min);
  EXPECT_TRUE(world.was_stopped("j1"));
}

TEST(HandsEdges, PausesAreOfRulesThatThereAreAndEndByTheirRule) {
  WithJob world(kTwoRules);
  EXPECT_EQ(world.order(Command::Pause{"c", 1h}).message, "no rule is named c");
  EXPECT_EQ(world.order(Command::Resume{"c"}).message, "no rule is named c");
  world.order(Command::Pause{"a", 24h});
  world.order(Command::Pause{"b", 24h});
  EXPECT_EQ(world.order(Command::Resume{"b"}).outcome, Outcome::done);
  EXPECT_EQ(world.order(Command::Resume{"b"}).message, "nothing is paused");
  world.run_until(1h);
  EXPECT_EQ(field(world.told("stop.intended").at(0), "rule"), Value("b"));
  EXPECT_THAT(world.told("operator.resume"), SizeIs(1));
}

TEST(HandsEdges, MoreOverridesThanAnybodyMeansAreRefusedAndRevokingHelps) {
  WithJob world(kTenMinutes);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(world.order(exempted(1h, "short")).outcome, Outcome::done) << i;
  }
  EXPECT_EQ(world.order(Command::Pause{{}, 1h}).message,
            "there are 1000 overrides already: revoke some");
  EXPECT_EQ(world.order(exempted(1h)).outcome, Outcome::refused);
  const std::string id = text(field(world.told("operator.exempt").at(0), "override"));
  EXPECT_EQ(world.order(Command::Revoke{id}).outcome, Outcome::done);
  EXPECT_EQ(world.order(Command::Pause{{}, 1h}).outcome, Outcome::done);
  EXPECT_EQ(world.order(exempted(1h)).outcome, Outcome::refused);
}

TEST(HandsEdges, WhatWasOrderedOfAJobThatHasEndedSinceIsRevokedAllTheSame) {
  WithJob world(kTenMinutes);
  const std::string id = text(given(world.order(exempted(1h)), "id"));
  world.at(2min, [&] { world.set_status("j1", "COMPLETED"); });
  world.run_until(3min);
  const Answer answer = world.order(Command::Revoke{id});
  EXPECT_EQ(answer.outcome, Outcome::done);
  EXPECT_EQ(answer.message, "revoked");
  EXPECT_THAT(answer.fields, IsEmpty());
  EXPECT_EQ(world.order(Command::Revoke{id}).outcome, Outcome::no_such);
}

TEST(HandsEdges, AnExtensionEndsAtItsEndWhateverIsOrderedAtThatVeryMoment) {
  World world("rules: [{name: long, when: {running_for: 3h}}]\n");
  world.add("j1", 10s);
  Answer answer;
  world.at(1min, [&] { world.order(extended(2h, {}, 1h)); });
  world.at(61min, [&] { answer = world.order(extended(1h)); });
  world.run_until(5h);
  EXPECT_EQ(given(answer, "due_at"), Value(kStart + 4h + 10s));
  EXPECT_EQ(world.first_stop("j1"), 4h + 10s);
}

TEST(HandsEdges, AStopThatHasLeftIsRecalledAsSuchEvenIfItsIntentIsNot) {
  World world(kTenMinutes);
  world.add("j1", 10s).stop_latency = 20min;
  world.at(11min, [&] {
    World::Present present = world.present();
    Image& stop = present.at({Image::Kind::stop, World::key_of("j1")});
    for (auto& [name, value] : stop.body) {
      if (name == "intended") value = false;
    }
    world.set_present(present);
    world.restart(5s);
  });
  world.run_until(12min);
  const Answer answer = world.order(exempted(1h));
  EXPECT_EQ(answer.outcome, Outcome::refused);
  EXPECT_THAT(answer.message, HasSubstr("already sent"));
}

TEST(HandsEdges, AFreezeThatNoCalendarEndsIsToldWithoutAnEnd) {
  World world("safety: {freeze: [{during: \"Mon 00:00-00:30\"}]}\n" + std::string(kTenMinutes));
  world.run_until(1h);
  world.set_shift(24h * 365 * 280);  // where no local time is known any more
  world.run_until(2h);
  const auto began = world.told("freeze.began");
  ASSERT_THAT(began, SizeIs(2));
  EXPECT_EQ(field(began[0], "until"), Value(kStart + 30min));
  EXPECT_EQ(field(began[1], "until"), Value("(absent)"));
}

}  // namespace
}  // namespace trainstop::test
