// What the core tells and remembers of persons' orders and of very many jobs, in moments that only
// a test can hold still.
#include <gmock/gmock.h>

#include "core/holds.hpp"
#include "unit/core/script.hpp"

namespace trainstop::core {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = Answer::Outcome;

const std::string kTenMinutes = "rules: [{name: short, when: {running_for: 10m}}]\n";
const Money kDollar = Money::from_dollars(1);

std::vector<JobRef> many(int count) {
  std::vector<JobRef> jobs;
  for (int i = 0; i < count; ++i) jobs.push_back(shared(running("j" + std::to_string(i))));
  return jobs;
}

/// All these run from the start, at a dollar a minute.
void watch(Script& script, const std::vector<JobRef>& jobs) {
  script.settle(0s);
  script.prices({{"H100x8", kDollar}}, 0s);
  script.list(jobs, 0s);
  script.settle(0s);
}

Answer order(Script& script, decltype(Command::what) what, Duration at, std::string user = "ana") {
  const std::size_t before = script.acts.size();
  script.feed(Command{7, std::move(user), "test", std::move(what)}, at);
  for (std::size_t i = before; i < script.acts.size(); ++i) {
    if (const auto* answer = std::get_if<Answer>(&script.acts[i])) return *answer;
  }
  ADD_FAILURE() << "the command was not answered";
  return {};
}

Value member(const Event& event, std::string_view key) {
  const Value* found = event.find(key);
  return found == nullptr ? Value("(absent)") : *found;
}

std::string id_of(const Answer& answer) {
  for (const auto& [name, value] : answer.fields) {
    if (name == "id") return std::get<std::string>(value.data);
  }
  return {};
}

/// Where in the order of all events the first and the last of that name stand.
std::pair<std::size_t, std::size_t> span_of(const Script& script, const std::string& name) {
  std::size_t first = script.events.size(), last = 0;
  for (std::size_t i = 0; i < script.events.size(); ++i) {
    if (script.events[i].name != name) continue;
    first = std::min(first, i);
    last = i;
  }
  return {first, last};
}

TEST(Words, OfWhatHoldsAStopAreThoseOfTheManual) {
  EXPECT_EQ(to_string(Standing::enforcing), "enforce");
  EXPECT_EQ(to_string(Standing::observed), "observe");
  EXPECT_EQ(to_string(Standing::exempt), "exempt");
  EXPECT_EQ(to_string(Standing::paused), "pause");
  EXPECT_EQ(to_string(Hold::none), "none");
  EXPECT_EQ(to_string(Hold::breaker), "breaker");
  EXPECT_EQ(to_string(Hold::unknown), "unknown");
  EXPECT_EQ(to_string(Hold::freeze), "freeze");
}

TEST(SummaryEdges, SaysOfARateThatCantBeCountedThatItIsMoreThanThat) {
  Script script("rules: [{name: short, when: {running_for: 10m}, mode: observe}]\n");
  script.settle(0s);
  script.prices({{"H100x8", Money::from_nano(9'000'000'000'000'000'000)}}, 0s);
  script.list(many(1), 0s);
  script.settle(0s);
  script.settle(11min);
  ASSERT_FALSE(script.told("daemon.summary").empty());
  const Event last = script.told("daemon.summary").back();
  EXPECT_THAT(last.message, HasSubstr("burn more than can be told: j0 (rule short"));
  EXPECT_THAT(last.message, HasSubstr(", more than can be told): nothing of that is stopped"));
  EXPECT_EQ(member(last, "would_stop_rate"), Value(9e9 * 60));
}

TEST(OrderByHand, OfNobodyKnownIsAPersonsAllTheSame) {
  Script script(kTenMinutes);
  watch(script, many(1));
  const Answer answer = order(script, Command::StopJob{"main/proj1/j0", false}, 1min, "");
  EXPECT_EQ(answer.outcome, Outcome::done);
  ASSERT_THAT(script.told("operator.stop"), SizeIs(1));
  const auto read = script.take<FetchJob>();
  script.feed(JobRead{read.request, 0, kStart + 1min, kStart + 1min, shared(running("j0"))}, 1min);
  script.settle(1min);
  EXPECT_EQ(script.count<SendStop>(), 1U);
  ASSERT_THAT(script.told("stop.intended"), SizeIs(1));
  EXPECT_EQ(member(script.told("stop.intended")[0], "operator"), Value("unknown"));
}

TEST(OverrideId, IsNotGivenTwiceOverARestartWithTheSameDice) {
  const auto first_of = [](const std::vector<Image>& images) {
    Script script(kTenMinutes);
    script.feed(Recalled{images, true, false}, 0s);
    const Answer answer = order(script, Command::Pause{{}, 2h}, 0s);
    EXPECT_EQ(answer.outcome, Outcome::done);
    return std::pair(id_of(answer), script.present);
  };
  const auto [id, present] = first_of({});
  ASSERT_EQ(first_of({}).first, id);
  const Image image = present.at({Image::Kind::override_, id});
  EXPECT_NE(first_of({image}).first, id);
}

TEST(RecallOfOverrides, TakesWhatIsOneAndHoldsEveryStopForWhatIsNot) {
  Script before(kTenMinutes);
  watch(before, many(1));
  const std::string id = id_of(order(before, Command::Pause{{}, 2h}, 1min));
  const Image sound = before.present.at({Image::Kind::override_, id});
  const auto with = [&](const std::string& key, const std::string& name,
                        const Value& value = Value(true)) {
    Image image = sound;
    image.key = key;
    for (auto& [key_of_member, old] : image.body) {
      if (key_of_member == name) old = value;
    }
    return image;
  };
  struct Case {
    const char* what;
    std::vector<Image> images;
    bool lost;
  };
  const std::vector<Case> cases = {
      {"as it was written", {sound}, false},
      {"two of them", {sound, with("ov-other", "")}, false},
      {"without an id", {with("", "")}, true},
      {"of no kind", {with(id, "kind", std::int64_t{9})}, true},
      {"without an end", {with(id, "until", kNever)}, true},
      {"twice", {sound, sound}, true},
  };
  for (const Case& each : cases) {
    Script script(kTenMinutes);
    script.feed(Recalled{each.images, true, false}, 2min);
    script.settle(2min);
    EXPECT_EQ(!script.told("breaker.opened").empty(), each.lost) << each.what;
    EXPECT_EQ(script.core.brief().breaker_open, each.lost) << each.what;
  }
}

TEST(ResetByHand, BeforeItWasToldThatTheBreakerIsOpenIsToldWithoutSince) {
  Script before(kTenMinutes);
  watch(before, many(100));
  std::vector<Image> images;
  for (const auto& [key, image] : before.present) images.push_back(image);
  Script script(kTenMinutes);
  const Batch batch = script.feed(Recalled{images, true, true}, 1min);
  EXPECT_EQ(batch.wake, kStart + 1min) << "there is more to do";
  EXPECT_TRUE(script.core.brief().breaker_open);
  ASSERT_THAT(script.told("breaker.opened"), IsEmpty());
  EXPECT_EQ(order(script, Command::ResetBreaker{}, 1min).outcome, Outcome::done);
  script.settle(1min);
  EXPECT_FALSE(script.core.brief().breaker_open);
  EXPECT_THAT(script.told("breaker.opened"), IsEmpty());
  ASSERT_THAT(script.told("breaker.reset"), SizeIs(1));
  EXPECT_EQ(member(script.told("breaker.reset")[0], "reason_opened"), Value("journal_lost"));
  EXPECT_EQ(member(script.told("breaker.reset")[0], "since"), Value("(absent)"));
}

TEST(ManyJobs, AreJudgedByANewBudgetOnlyOnceItHoldsAllOfThem) {
  Script script("safety: {max_stops: {count: 1000, per: 1h}}\n" + kTenMinutes);
  watch(script, many(600));
  script.settle(5min);
  const policy::ReadResult read =
      policy::read_config({"test.yaml",
                           "mode: enforce\naccounts: [{name: main, api_key: {env: KEY}}]\n"
                           "safety: {max_stops: {count: 1000, per: 1h}}\n"
                           "rules: [{name: day, budget: {limit: $100, per: day}}]\n"});
  ASSERT_TRUE(read.config);
  Reload reload;
  reload.config = std::make_shared<const policy::Config>(*read.config);
  const Batch batch = script.feed(reload, 5min);
  EXPECT_EQ(batch.wake, kStart + 5min);
  EXPECT_THAT(script.told("budget.exhausted"), IsEmpty());
  script.settle(5min);
  ASSERT_THAT(script.told("budget.exhausted"), SizeIs(1));
  EXPECT_EQ(member(script.told("budget.exhausted")[0], "value"), Value(Money::from_dollars(3000)))
      << "five minutes of all the six hundred";
  EXPECT_THAT(script.told("rule.tripped"), SizeIs(600));
  EXPECT_LT(span_of(script, "budget.exhausted").second, span_of(script, "rule.tripped").first);
}

TEST(ManyJobs, AreJudgedByTheirBudgetsOnlyOnceAllOfThemAreSummedUp) {
  Script script(
      "safety: {max_stops: {count: 1000, per: 1h}}\n"
      "rules: [{name: each, budget: {limit: $10, per: day, group_by: job}}]\n");
  watch(script, many(600));
  const Batch batch = script.feed(Tick{}, 20min);  // the machine slept
  EXPECT_EQ(batch.wake, kStart + 20min);
  EXPECT_THAT(script.told("rule.tripped"), IsEmpty());
  script.settle(20min);
  EXPECT_THAT(script.told("budget.exhausted"), SizeIs(600));
  EXPECT_THAT(script.told("rule.tripped"), SizeIs(600));
  EXPECT_LT(span_of(script, "budget.exhausted").second, span_of(script, "rule.tripped").first);
}

}  // namespace
}  // namespace trainstop::core
