// The core when it is woken late: persons, reloads and lists that come before anything else has
// been looked at. And what it learns and remembers at its bounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/latency.hpp"
#include "core/life.hpp"
#include "core/memory.hpp"
#include "core/reset.hpp"
#include "unit/core/script.hpp"

namespace trainstop::core {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = Answer::Outcome;

const std::string kJob = "main/proj1/j1";

Value field(const Event& event, std::string_view key) {
  const Value* value = event.find(key);
  return value == nullptr ? Value("(absent)") : *value;
}

Value field(const Answer& answer, std::string_view key) {
  for (const auto& [name, value] : answer.fields) {
    if (name == key) return value;
  }
  return Value("(absent)");
}

/// One job that runs since the start is watched, at a dollar a minute.
std::unique_ptr<Script> watching(const std::string& yaml) {
  auto script = std::make_unique<Script>(yaml);
  script->settle(0s);
  script->prices({{"H100x8", Money::from_dollars(1)}}, 0s);
  script->list({shared(running("j1"))}, 0s);
  script->settle(0s);
  return script;
}

/// The answer that came last.
Answer last_answer(const Script& script) {
  for (auto act = script.acts.rbegin(); act != script.acts.rend(); ++act) {
    if (const auto* answer = std::get_if<Answer>(&*act)) return *answer;
  }
  ADD_FAILURE() << "nothing was answered";
  return {};
}

/// What ana orders at that time, before the core has done anything else since it was last fed.
Answer ordered(Script& script, Duration at, decltype(Command::what) what,
               const std::string& reason = "test") {
  script.feed(Command{1, "ana", reason, std::move(what)}, at);
  return last_answer(script);
}

TEST(LateCommand, FindsAnExemptionThatIsOverToBeOver) {
  const auto script = watching("rules: [{name: short, when: {running_for: 10m}}]\n");
  ordered(*script, 1min, Command::Exempt{kJob, {}, 20min});
  script->settle(2min);
  const Answer answer = ordered(*script, 30min, Command::Extend{kJob, {}, 1min, 0s});
  EXPECT_EQ(answer.outcome, Outcome::done) << answer.message;
  EXPECT_EQ(field(answer, "rule"), Value("short"));
  EXPECT_EQ(field(answer, "due_at"), Value(kStart + 60min)) << "half an hour of notice";
  EXPECT_THAT(script->told("operator.expired"), SizeIs(1));
}

TEST(LateCommand, FindsAnExtensionThatIsOverToBeOver) {
  const auto script = watching(
      "rules: [{name: short, when: {running_for: 10m}, grace: 1h}, {name: age, when: {age: "
      "9h}}]\n");
  ordered(*script, 1min, Command::Extend{kJob, "short", 5h, 20min});
  script->settle(2min);
  const Answer answer = ordered(*script, 30min, Command::Exempt{kJob, "age", 1h});
  EXPECT_EQ(field(answer, "rule"), Value("short"));
  EXPECT_EQ(field(answer, "due_at"), Value(kStart + 90min)) << "told now, and an hour of grace";
}

TEST(SparedStop, NamesTheReasonOfWhatSparesItAndOfNothingElse) {
  const auto script = watching(
      "rules: [{name: a, when: {running_for: 10m}}, {name: b, when: {running_for: 10m}}]\n");
  ordered(*script, 1min, Command::Extend{kJob, "b", 1s, 0s}, "an extension spares nothing");
  ordered(*script, 1min, Command::Exempt{kJob, "a", 2h}, "paper");
  ordered(*script, 1min, Command::Pause{"b", 2h}, "maintenance");
  script->settle(10min);
  script->settle(11min);
  const auto held = script->told("stop.held");
  ASSERT_THAT(held, SizeIs(2));
  EXPECT_EQ(field(held[0], "rule"), Value("a"));
  EXPECT_EQ(field(held[0], "reason"), Value("exempt"));
  EXPECT_THAT(held[0].message, HasSubstr("paper"));
  EXPECT_EQ(field(held[1], "rule"), Value("b"));
  EXPECT_EQ(field(held[1], "reason"), Value("pause"));
  EXPECT_THAT(held[1].message, HasSubstr("maintenance"));
}

TEST(SparedStop, DoesNotNameAnExemptionThatIsOver) {
  const auto script =
      watching("rules: [{name: short, when: {running_for: 25m}}, {name: age, when: {age: 9h}}]\n");
  ordered(*script, 1min, Command::Exempt{kJob, {}, 20min}, "paper");
  ordered(*script, 2min, Command::Pause{{}, 3h}, "maintenance");
  script->settle(3min);
  ordered(*script, 30min, Command::Exempt{kJob, "age", 1h}, "another rule");
  const auto held = script->told("stop.held");
  ASSERT_THAT(held, SizeIs(1));
  EXPECT_EQ(field(held[0], "reason"), Value("pause"));
  EXPECT_THAT(held[0].message, HasSubstr("maintenance"));
}

TEST(LateCommand, AfterABudgetsResetStopsNothingForTheOldWindow) {
  const auto script = watching(
      "rules: [{name: hour, budget: {limit: $59, per: hour}}, {name: age, when: {age: 9h}}]\n");
  script->settle(57min);  // a minute before the budget's stops
  ASSERT_THAT(script->told("rule.tripped"), IsEmpty());
  ordered(*script, 1h + 5s, Command::Exempt{kJob, "age", 1h});
  script->settle(1h + 6s);
  EXPECT_EQ(script->told("rule.cleared").size(), script->told("rule.tripped").size());
  EXPECT_THAT(script->told("stop.intended"), IsEmpty());
  EXPECT_EQ(script->count<SendStop>(), 0U);
}

TEST(Reload, OfManyJobsIsDoneInSlicesAndAnotherOneHasToWait) {
  Script script("rules: [{name: short, when: {running_for: 10m}}]\n");
  std::vector<JobRef> jobs;
  for (int i = 0; i < 300; ++i) jobs.push_back(shared(running("j" + std::to_string(i))));
  script.settle(0s);
  script.list(jobs, 0s);
  script.settle(0s);
  const policy::ReadResult other =
      policy::read_config({"test.yaml",
                           "mode: observe\naccounts: [{name: main, api_key: {env: KEY}}]\n"
                           "rules: [{name: now, when: {running_for: 1m}}]\n"});
  ASSERT_TRUE(other.config);
  const auto config = std::make_shared<const policy::Config>(*other.config);
  const auto outcome = [&] { return last_answer(script).outcome; };
  const Batch first = script.feed(Reload{1, "ana", config, nullptr}, 2min);
  EXPECT_EQ(outcome(), Outcome::done);
  EXPECT_EQ(first.wake, kStart + 2min) << "there is more to do at once";
  EXPECT_THAT(script.told("rule.tripped"), IsEmpty()) << "nothing is judged by half of the rules";
  script.feed(Reload{2, "ana", config, nullptr}, 2min);
  EXPECT_EQ(outcome(), Outcome::refused);
  script.settle(2min);
  EXPECT_THAT(script.told("rule.tripped"), SizeIs(300));
  script.feed(Reload{3, "ana", config, nullptr}, 2min);
  EXPECT_EQ(outcome(), Outcome::done);
}

TEST(WatchedSince, IsTheNextListWhenTheJournalLacksTheRunOfLists) {
  const std::string yaml = "rules: [{name: day, budget: {limit: $900, per: day}}]\n";
  const auto before = watching(yaml);
  for (const bool lacks_run : {false, true}) {
    std::vector<Image> images;
    for (const auto& [key, image] : before->present) {
      if (!lacks_run || image.kind != Image::Kind::polls) images.push_back(image);
    }
    ASSERT_EQ(images.size() == before->present.size(), !lacks_run) << "it has kept a run";
    Script script(yaml);
    script.feed(Recalled{images, true, false}, 1min);
    script.settle(1min);
    script.list({shared(running("j1"))}, 1min);
    script.settle(1min);
    Instant since = kNever;
    const auto kept = script.present.find({Image::Kind::account, "main"});
    const Image& image = kept != script.present.end()
                             ? kept->second
                             : before->present.at({Image::Kind::account, "main"});
    MemberReader(image.body)("watched_since", since, kNever);
    EXPECT_EQ(since, lacks_run ? kStart + 1min : kStart);
  }
}

TEST(Latency, OfMoreStopsThanCountTakesTheLastHundredFromTheJournal) {
  Value::Array took{Value(Duration(5min)), Value(Duration(5min))};
  took.resize(100, Value(Duration(1s)));
  const auto recalled = [&] {
    const Value::Object body{{"stops_took", took}};
    MemberReader reader(body);
    Latency latency(10min);
    Latency::members(reader, latency);
    EXPECT_FALSE(reader.failed());
    latency.recalled();
    return latency.allowance();
  };
  EXPECT_EQ(recalled(), 5min) << "two of a hundred count";
  took.resize(101, Value(Duration(1s)));
  EXPECT_EQ(recalled(), 1min) << "the first is not of the last hundred; the prior is a minute";
}

TEST(Life, BelievesOfAnInvoicesBeginOnlyWhatObservationsLeaveOpen) {
  JobSnapshot job = running("j1", -1h);
  Life life;
  life.narrow_billed_since(kStart);
  EXPECT_FALSE(life.billed_since()) << "it has not begun to cost";
  life.observe(job, {kStart, kStart + 1s}, policy::BillingFrom::deploying);
  const Bounds seen = life.billed_since().value_or(Bounds{});
  for (const Instant wrong : {seen.earliest - 1s, seen.latest + 1s}) {
    life.narrow_billed_since(wrong);
    EXPECT_EQ(life.billed_since(), seen);
  }
  life.narrow_billed_since(seen.latest);
  EXPECT_EQ(life.billed_since(), (Bounds{seen.latest, seen.latest}));
}

TEST(Reset, NamesTheRulesWhoseOwnBreakersAreOpen) {
  const auto open = [](const std::string& rule, const std::string& reason) {
    return Image{Image::Kind::breaker, Image::Change::put, rule, {{"reason", reason}}};
  };
  const auto own = find_open_breaker({open("b", "max_stops"), open("a", "surprise")});
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->of_rule);
  EXPECT_EQ(own->reason, "surprise");
  EXPECT_THAT(own->rules, ElementsAre("a", "b"));
  const auto both = find_open_breaker({open("a", "surprise"), open("", "journal_lost")});
  ASSERT_TRUE(both);
  EXPECT_FALSE(both->of_rule);
  EXPECT_EQ(both->reason, "journal_lost") << "the daemon's own comes first";
  EXPECT_THAT(both->rules, ElementsAre("a"));
}

}  // namespace
}  // namespace trainstop::core
