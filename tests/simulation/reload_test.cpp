// Other rules while jobs run and stops are open.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using Outcome = core::Answer::Outcome;

TEST(Reload, ARuleThatIsTheSameKeepsWhatItHasTold) {
  World world("rules: [{name: short, when: {running_for: 10m}, grace: 10m}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(15min, [&] {
    const auto answer = world.reload(
        "rules: [{name: new, when: {age: 100h}}, {name: short, when: {running_for: 10m}, grace: "
        "10m}]\n");
    EXPECT_EQ(answer.outcome, Outcome::done) << answer.message;
  });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("j1"), 20min + 10s);
  EXPECT_THAT(world.told("rule.tripped", "j1"), SizeIs(1));
  EXPECT_THAT(world.told("rule.cleared", "j1"), IsEmpty());
}

TEST(Reload, ANewRuleGivesNoticeToWhatIsOverAlready) {
  World world("rules: [{name: long, when: {running_for: 100h}}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(1h, [&] { world.reload(kTenMinutes); });
  world.at(61min, [&] { world.add("j2", 61min); });
  world.run_until(3h);
  EXPECT_EQ(world.first_stop("j1"), 90min);
  EXPECT_EQ(world.first_stop("j2"), 71min);
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
}

TEST(Reload, AChangedRuleIsJudgedAnew) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(9min, [&] { world.reload("rules: [{name: short, when: {running_for: 5m}}]\n"); });
  world.run_until(2h);
  EXPECT_EQ(world.first_stop("j1"), 39min);
}

TEST(Reload, ARemovedRuleAvertsWhatHasNotLeft) {
  World world("rules: [{name: short, when: {running_for: 10m}, grace: 10m}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(15min, [&] { world.reload("rules: [{name: other, when: {age: 100h}}]\n"); });
  world.run_until(1h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.told("rule.cleared", "j1"), SizeIs(1));
  EXPECT_THAT(world.told("stop.averted", "j1"), SizeIs(1));
}

TEST(Reload, ARemovedRuleDoesNotUndoAStopThatHasLeft) {
  World world(kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s).stop_latency = 2min; });
  world.at(11min, [&] { world.reload("rules: [{name: other, when: {age: 100h}}]\n"); });
  world.run_until(1h);
  EXPECT_THAT(world.told("stop.confirmed", "j1"), SizeIs(1));
  EXPECT_EQ(field(world.told("stop.confirmed", "j1").at(0), "rule"), Value("short"));
  EXPECT_EQ(world.job("j1").stop_requests.size(), 1u);
}

TEST(Reload, OtherAccountsAreRefused) {
  World world(kTenMinutes);
  world.run_until(1min);
  const auto answer =
      world.reload("accounts: [{name: other, api_key: {env: KEY}}]\n" + std::string(kTenMinutes));
  EXPECT_EQ(answer.outcome, Outcome::refused);
  EXPECT_THAT(answer.message, testing::HasSubstr("restart"));
}

TEST(Reload, FromObservingToEnforcingGivesNotice) {
  World world("mode: observe\n" + std::string(kTenMinutes));
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(1h, [&] { world.reload(kTenMinutes); });
  world.run_until(3h);
  EXPECT_EQ(world.first_stop("j1"), 90min);
}

TEST(Reload, ANewBudgetCountsWhatTheJournalKnows) {
  World world("rules: [{name: long, when: {running_for: 100h}}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(1h, [&] { world.set_status("j1", "COMPLETED"); });
  world.at(4h, [&] { world.add("j2", 4h); });
  world.at(5h, [&] { world.reload("rules: [{name: day, budget: {limit: $100, per: day}}]\n"); });
  world.run_until(5h + 5min);
  // An hour each, at 52 dollars: more than the limit is gone.
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(1));
  EXPECT_FALSE(world.was_stopped("j2"));
  world.run_until(6h);
  EXPECT_EQ(world.first_stop("j2"), 5h + 30min);
}

TEST(Reload, AnotherPriceCountsFromThenOn) {
  const std::string rule = "rules: [{name: cap, when: {cost: $100}}]\n";
  World world("prices: {H100x8: $50.00/h}\n" + rule);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(30min, [&] { world.reload("prices: {H100x8: $100.00/h}\n" + rule); });
  world.run_until(3h);
  EXPECT_GT(world.first_stop("j1"), 50min);
  EXPECT_LT(world.first_stop("j1"), 1h);
}

TEST(Reload, InAFreezeDoesNotTellOfItAgain) {
  const std::string frozen = "safety: {freeze: [{during: \"Mon 00:00-02:00\"}]}\n";
  World world(frozen + kTenMinutes);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(30min,
           [&] { world.reload(frozen + "rules: [{name: short, when: {running_for: 11m}}]\n"); });
  world.run_until(1h);
  EXPECT_THAT(world.told("freeze.began"), SizeIs(1));
}

TEST(Reload, AHundredTimesDuringStopsNothingIsLostOrDoubled) {
  const std::string a = "rules: [{name: short, when: {running_for: 10m}}]\n";
  const std::string b =
      "rules: [{name: extra, when: {age: 90h}}, {name: short, when: {running_for: 10m}}]\n";
  World world("safety: {max_stops: {count: 100, per: 1h}}\n" + a);
  for (int i = 0; i < 30; ++i) {
    world.at(i * 20s,
             [&world, i] { world.add("j" + std::to_string(i), i * 20s).stop_latency = 45s; });
  }
  for (int i = 0; i < 100; ++i) {
    world.at(9min + i * 7s, [&, i] {
      world.reload("safety: {max_stops: {count: 100, per: 1h}}\n" + (i % 2 == 0 ? b : a));
    });
  }
  world.run_until(2h);
  for (int i = 0; i < 30; ++i) {
    const std::string id = "j" + std::to_string(i);
    EXPECT_EQ(world.job(id).stop_requests.size(), 1u) << id;
    EXPECT_THAT(world.told("stop.confirmed", id), SizeIs(1)) << id;
    EXPECT_THAT(world.told("rule.tripped", id), SizeIs(1)) << id;
  }
}

}  // namespace
}  // namespace trainstop::test
