// What is not known is absent or said to be unknown: never zero.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/view.hpp"

namespace trainstop::test::unknown {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kCap = "rules: [{name: cap, when: {cost: $1000}}]\n";

TEST(MissingPrice, IsToldWhenTheApiGivesNoPricesAtAll) {
  World world(kCap);
  world.on_side = [](const std::string& what) {
    return what == "prices" ? failing(FailureKind::server_error, 500) : Trouble{};
  };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(10s);
  EXPECT_THAT(world.told("price.missing"), IsEmpty()) << "it may be a passing failure";
  world.run_until(5min);
  ASSERT_THAT(world.told("price.missing"), SizeIs(1));
  EXPECT_THAT(world.told("price.missing")[0].message, HasSubstr("the API gives no prices"));
  world.at(6min, [&] { world.add("j2", 6min).now.instance_type = "B200x8"; });
  world.run_until(7min);
  ASSERT_THAT(world.told("price.missing"), SizeIs(2)) << "at once, of another type";
  EXPECT_EQ(get(status(world), "rate"), kAbsent);
  EXPECT_EQ(get(status(world), "counts", "unpriced"), Value(2));
}

TEST(MissingPrice, IsToldOfAJobThatComesLater) {
  World world(kCap);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(30s, [&] { world.add("j2", 30s).now.instance_type = "B200x8"; });
  world.run_until(1min);
  ASSERT_THAT(world.told("price.missing"), SizeIs(1));
  EXPECT_EQ(field(world.told("price.missing")[0], "instance_type"), Value("B200x8"));
  EXPECT_EQ(field(world.told("price.missing")[0], "job"), Value("j2"));
  const auto names = world.story("j2", {"job.seen", "price."});
  EXPECT_THAT(names, ElementsAre("job.seen", "price.missing"));
  world.run_until(3h);
  EXPECT_THAT(world.told("price.missing"), SizeIs(1));
  // What is known is told, and how many are not.
  EXPECT_EQ(get(status(world), "rate"), Value(Money::from_nano(52'000'200'000)));
  EXPECT_EQ(get(status(world), "counts", "unpriced"), Value(1));
  EXPECT_EQ(field(world.told("daemon.summary").back(), "unpriced"), Value(1));
}

TEST(MissingPrice, WaitsForTheAnswerThatMayBringIt) {
  World world(kCap);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(2h, [&] {
    world.prices["B200x8"] = "1.5";
    world.add("j2", 2h).now.instance_type = "B200x8";
  });
  world.run_until(3h);
  EXPECT_THAT(world.told("price.missing"), IsEmpty());
  EXPECT_EQ(get(status(world), "counts", "unpriced"), Value(0));
}

TEST(MissingPrice, MakesTheRateOfAllUnknownWhenItIsOfAll) {
  World world("rules: [{name: a, when: {age: 100h}}]\n");
  world.prices.clear();
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(1h);
  EXPECT_EQ(get(status(world), "rate"), kAbsent);
  EXPECT_EQ(field(world.told("daemon.summary").back(), "rate"), kAbsent);
  EXPECT_EQ(world.core().counts().per_minute, std::nullopt);
  world.on_list = [](bool) { return failing(FailureKind::transport); };
  world.run_until(2h);
  EXPECT_EQ(field(world.told("api.unreachable").at(0), "rate"), kAbsent);
}

TEST(UnknownPhase, HasNoCostNoRateAndNoBegin) {
  World world(
      "rules:\n"
      "  - {name: old, when: {age: 2h}}\n"
      "  - {name: day, budget: {limit: $10, per: day, queued: stop}}\n");
  world.at(1s, [&] { world.add("j1", 1s, "ODD"); });
  world.run_until(1h);
  const Value shown = explain(world, "j1");
  EXPECT_EQ(get(shown, "phase"), Value("unknown"));
  for (const char* member : {"phase_since", "cost", "rate"})
    EXPECT_EQ(get(shown, member), kAbsent) << member;
  const Value line = items(status(world), "jobs").at(0);
  EXPECT_EQ(get(line, "cost"), kAbsent);
  EXPECT_EQ(get(line, "rate"), kAbsent);
  EXPECT_EQ(get(status(world), "rate"), kAbsent);
  const Value pot = items(status(world), "budgets").at(0);
  EXPECT_EQ(get(pot, "partial"), Value(true));
  world.run_until(3h);
  for (const char* event : {"rule.tripped", "stop.intended", "job.ended", "stop.confirmed"}) {
    ASSERT_THAT(world.told(event), SizeIs(1)) << event;
    EXPECT_EQ(field(world.told(event)[0], "cost"), kAbsent) << event;
  }
  EXPECT_EQ(field(world.told("rule.tripped")[0], "rate"), kAbsent);
  EXPECT_EQ(field(world.told("rule.tripped")[0], "rule"), Value("old"));
  EXPECT_EQ(get(explain(world, "j1"), "cost"), kAbsent) << "nor after its end";
}

TEST(UnknownPhase, IsNotStoppedByABudgetThatStopsWhatIsQueued) {
  World world("rules: [{name: day, budget: {limit: $100, per: day, queued: stop}}]\n");
  world.at(1s, [&] { world.add("odd", 1s, "ODD"); });
  world.at(1s, [&] { world.add("queued", 1s, "PENDING"); });
  world.at(1s, [&] { world.add("runs", 1s); });
  world.run_until(3h);
  EXPECT_TRUE(world.was_stopped("runs"));
  EXPECT_TRUE(world.was_stopped("queued"));
  EXPECT_FALSE(world.was_stopped("odd"));
}

TEST(UnknownPhase, IsForgottenOnceAPhaseIsKnown) {
  World world(kCap);
  world.at(1s, [&] { world.add("j1", 1s, "ODD"); });
  world.at(1h, [&] { world.set_status("j1", "RUNNING"); });
  world.run_until(2h);
  EXPECT_NE(get(explain(world, "j1"), "cost"), kAbsent);
  EXPECT_EQ(get(status(world), "rate"), Value(Money::from_nano(52'000'200'000)));
}

TEST(UnknownPhase, OfAJobThatHasEndedIsRememberedOverARestart) {
  World world(kCap);
  world.at(1s, [&] { world.add("j1", 1s, "ODD"); });
  world.at(1h, [&] { world.set_status("j1", "COMPLETED"); });
  world.run_until(1h + 5min);
  world.restart(1min);
  world.run_until(1h + 10min);
  EXPECT_EQ(get(explain(world, "j1"), "phase"), Value("ended"));
  EXPECT_EQ(get(explain(world, "j1"), "cost"), kAbsent);
}

TEST(Unread, AccountSaysNothingOfItsJobs) {
  World world("safety: {unreachable_after: 1m}\nrules: [{name: a, when: {age: 1h}}]\n");
  world.on_list = [](bool) { return failing(FailureKind::transport); };
  world.run_until(5min);
  const Value shown = status(world);
  EXPECT_EQ(get(shown, "rate"), kAbsent);
  const Value account = items(shown, "accounts").at(0);
  EXPECT_EQ(get(account, "facts_age_s"), kAbsent);
  EXPECT_EQ(get(account, "jobs"), kAbsent);
  EXPECT_EQ(get(account, "reachable"), Value(false));
  ASSERT_THAT(world.told("api.unreachable"), SizeIs(1));
  EXPECT_EQ(field(world.told("api.unreachable")[0], "rate"), kAbsent);
  world.on_list = [](bool) { return Trouble{}; };
  world.run_until(6min);
  EXPECT_EQ(get(status(world), "rate"), Value(Money{}));
  EXPECT_EQ(get(items(status(world), "accounts").at(0), "jobs"), Value(0));
}

TEST(Exempt, ByWhatIsNotKnownSaysSo) {
  World world(
      "safety: {exempt: [{user: boss@x, reason: chief}]}\n"
      "rules: [{name: a, when: {age: 1h}}]\n");
  world.at(1s, [&] { world.add("j1", 1s).now.user.reset(); });
  world.at(1s, [&] { world.add("j2", 1s).now.user = "boss@x"; });
  world.run_until(10min);
  EXPECT_THAT(text(get(explain(world, "j1"), "exempt", "because")), HasSubstr("is not known"));
  EXPECT_EQ(get(explain(world, "j2"), "exempt", "because"), kAbsent);
}

}  // namespace
}  // namespace trainstop::test::unknown
