// Other rules at awkward moments: with budgets half spent, breakers open, stops on their way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/view.hpp"
#include "simulation/world.hpp"

namespace trainstop::test::reloads {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = core::Answer::Outcome;

const std::string kOther = "rules: [{name: other, when: {age: 100h}}]\n";
const std::string kDay = "{name: day, budget: {limit: $100, per: day}}";
const std::string kMonth = "{name: month, budget: {limit: $1000, per: month}}";
constexpr std::int64_t kMinute = 866'670'000;  // of the world's price, in nano-dollars

std::string rules(const std::string& first, const std::string& second = {}) {
  return "rules: [" + first + (second.empty() ? "" : ", " + second) + "]\n";
}

/// What is spent of the budget.
Value spent(World& world, const std::string& rule) {
  for (const Value& pot : items(Value(world.core().budgets()), "budgets")) {
    if (get(pot, "rule") == Value(rule)) return get(pot, "spent");
  }
  return "(no pot)";
}

std::size_t count(const World& world, Image::Kind kind) {
  std::size_t found = 0;
  for (const auto& [key, image] : world.present()) found += key.first == kind ? 1U : 0U;
  return found;
}

TEST(ReloadEdges, AnAccountThatChangesInAnyWayIsRefused) {
  const std::string main = "{name: main, api_key: {env: KEY}";
  World world("accounts: [" + main + "}]\n" + kTenMinutes);
  world.run_until(1min);
  for (const std::string& accounts :
       {main + ", base_url: 'https://elsewhere.example'}", main + ", projects: [llm]}",
        main + "}, {name: second, api_key: {env: KEY2}}"}) {
    const auto answer = world.reload("accounts: [" + accounts + "]\n" + kOther);
    EXPECT_EQ(answer.outcome, Outcome::refused) << accounts;
    EXPECT_THAT(answer.message, HasSubstr("accounts have changed")) << accounts;
  }
  EXPECT_EQ(world.reload("accounts: [" + main + "}]\n" + kOther).outcome, Outcome::done);
}

TEST(ReloadEdges, ABudgetThatStaysGoesOnWhereItWas) {
  World world(rules(kDay));
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(1h, [&] { world.reload(rules("{name: first, when: {age: 100h}}", kDay)); });
  world.run_until(24h);
  EXPECT_GT(world.first_stop("j1"), 114min) << "a hundred dollars last so long";
  EXPECT_LT(world.first_stop("j1"), 116min);
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(1));
}

TEST(ReloadEdges, ABudgetThatIsExhaustedAndStaysIsNotToldAgain) {
  World world(rules(kDay));
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(3h, [&] { world.reload(rules("{name: first, when: {age: 100h}}", kDay)); });
  world.at(4h, [&] { world.add("j2", 4h); });
  world.run_until(5h);
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(1));
  EXPECT_TRUE(world.was_stopped("j2")) << "nothing is left for it";
}

TEST(ReloadEdges, ABudgetThatIsGoneIsForgottenWithItsPot) {
  World world(rules(kDay, "{name: other, when: {age: 100h}}"));
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(1h, [&] {
    EXPECT_NE(spent(world, "day"), Value("(no pot)"));
    world.reload(kOther);
  });
  world.run_until(3h);
  EXPECT_EQ(count(world, Image::Kind::pot), 0U);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.told("budget.exhausted"), IsEmpty());
}

TEST(ReloadEdges, ABudgetsStopThatHasLeftIsFollowedAfterTheBudgetIsGone) {
  World world(rules(kDay));
  world.at(10s, [&] { world.add("j1", 10s).stop_latency = 5min; });
  world.run_until(114min);
  while (!world.was_stopped("j1")) world.run_until(world.now() - kStart + 1s);
  world.reload(kOther);
  world.run_until(3h);
  ASSERT_THAT(world.told("stop.confirmed", "j1"), SizeIs(1));
  EXPECT_EQ(field(world.told("stop.confirmed", "j1")[0], "rule"), Value("day"));
  EXPECT_EQ(field(world.told("stop.confirmed", "j1")[0], "cost_limit"),
            Value(Money::from_dollars(100)));
}

TEST(ReloadEdges, ARulesStopGoesOnWhenABudgetOfTheJobIsGone) {
  World world(rules("{name: short, when: {running_for: 10m}}", kDay));
  world.at(10s, [&] { world.add("j1", 10s).stop_latency = 2min; });
  world.at(11min, [&] { world.reload(kTenMinutes); });
  world.run_until(1h);
  EXPECT_EQ(world.job("j1").stop_requests.size(), 1U);
  ASSERT_THAT(world.told("stop.confirmed", "j1"), SizeIs(1));
  EXPECT_EQ(field(world.told("stop.confirmed", "j1")[0], "rule"), Value("short"));
}

TEST(ReloadEdges, AStopThatAwaitsItsTurnIsJudgedByTheNewRules) {
  for (const bool stays : {true, false}) {
    World world("stop: {concurrency: 1}\n" + std::string(kTenMinutes));
    world.latency = 2s;
    world.at(10s, [&] {
      for (const char* id : {"j1", "j2"}) world.add(id, 10s);
    });
    // The first request is under way, the other one is to leave after it.
    world.at(10min + 11s, [&] {
      EXPECT_NE(world.was_stopped("j1"), world.was_stopped("j2"));
      world.reload("stop: {concurrency: 1}\n" + (stays ? std::string(kTenMinutes) : kOther));
    });
    world.run_until(1h);
    EXPECT_EQ(world.was_stopped("j1") && world.was_stopped("j2"), stays);
    EXPECT_EQ(world.job("j1").stop_requests.size() + world.job("j2").stop_requests.size(),
              stays ? 2U : 1U);
    EXPECT_THAT(world.told("stop.averted"), SizeIs(stays ? 0 : 1));
  }
}

TEST(ReloadEdges, TheInvoiceIsNotAskedForTwiceAtOnce) {
  World world(rules(kDay));
  int asked = 0;
  world.on_usage = [&](const core::FetchUsage&) {
    if (++asked == 1) {
      world.at(world.now() - kStart + world.latency / 2, [&] {
        world.reload(rules(kDay, kMonth));
        world.reload(rules(kDay));
      });
    }
    return World::Usage{};
  };
  world.at(10s, [&] { world.add("j1", 10s); });
  world.run_until(55min);
  EXPECT_EQ(asked, 1);
  world.run_until(70min);
  EXPECT_EQ(asked, 2) << "an hour after the first";
}

const std::string kFew = "{name: few, max_stops: {count: 1, per: 10h}, when: {running_for: 10m}}";

TEST(ReloadEdges, ARulesOpenBreakerStaysWithTheRule) {
  World world(rules(kFew));
  world.at(1s, [&] {
    for (const char* id : {"a", "b", "c"}) world.add(id, 1s);
  });
  world.at(30min, [&] { world.reload(rules("{name: first, when: {age: 100h}}", kFew)); });
  world.at(31min, [&] { world.reload(rules(kFew, "{name: first, when: {age: 100h}}")); });
  world.run_until(1h);
  for (const char* id : {"a", "b", "c"}) EXPECT_FALSE(world.was_stopped(id)) << id;
  EXPECT_THAT(world.told("breaker.opened"), SizeIs(1));
  EXPECT_EQ(count(world, Image::Kind::breaker), 1U);
}

TEST(ReloadEdges, ARulesOpenBreakerGoesWithTheRule) {
  World world(rules(kFew));
  world.at(1s, [&] {
    for (const char* id : {"a", "b", "c"}) world.add(id, 1s);
  });
  world.at(30min, [&] {
    EXPECT_EQ(count(world, Image::Kind::breaker), 1U);
    world.reload(kTenMinutes);
  });
  world.run_until(31min);
  EXPECT_EQ(count(world, Image::Kind::breaker), 0U);
  world.restart(5s);
  world.run_until(2h);
  for (const char* id : {"a", "b", "c"}) EXPECT_TRUE(world.was_stopped(id)) << id;
}

TEST(ReloadEdges, ARuleThatNeverOpenedItsBreakerGoesWithoutATrace) {
  World world(rules(kFew));
  world.run_until(1min);
  bool closed = false;
  world.on_batch = [&](const core::Batch& batch) {
    for (const Image& image : batch.images) closed |= image.kind == Image::Kind::breaker;
  };
  EXPECT_EQ(world.reload(kOther).outcome, Outcome::done);
  world.run_until(2min);
  EXPECT_FALSE(closed);
}

/// Until three o'clock, when ten minutes of a job are billed that is forgotten since.
void run_up_a_bill(World& world) {
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(10min + 10s, [&] { world.set_status("j1", "COMPLETED"); });
  world.run_until(3h);
  EXPECT_EQ(count(world, Image::Kind::bill), 1U);
}

TEST(ReloadEdges, ABillIsNotCountedTwiceByABudgetThatStays) {
  const Value once(Money::from_nano(10 * kMinute));
  for (const std::string& accounts :
       {std::string(), std::string("accounts: [{name: main, api_key: {env: KEY}}, "
                                   "{name: second, api_key: {env: KEY2}}]\n")}) {
    World world(accounts + rules(kDay));
    run_up_a_bill(world);
    world.reload(accounts + rules(kDay, "{name: other, when: {age: 100h}}"));
    world.run_until(3h + 1min);
    EXPECT_EQ(spent(world, "day"), once) << "no budget is new";
    world.reload(accounts + rules(kDay, kMonth));
    world.run_until(3h + 2min);
    EXPECT_EQ(spent(world, "day"), once) << "another one is new";
    EXPECT_EQ(spent(world, "month"), once);
  }
}

TEST(ReloadEdges, ANewBudgetCountsMoreBillsThanFitInOneSlice) {
  constexpr int kBills = 1300;
  World world(rules(kMonth));
  run_up_a_bill(world);
  World::Present present = world.present();
  const auto bill = std::find_if(present.begin(), present.end(), [](const auto& each) {
                      return each.first.first == Image::Kind::bill;
                    })->second;
  for (int i = 1; i < kBills; ++i) {
    Image more = bill;
    more.key = "main/proj1/more" + std::to_string(i) + "/" + std::to_string(i);
    present[{more.kind, more.key}] = more;
  }
  world.set_present(present);
  world.at(3h + 30s, [&] { world.add("j2", 3h + 30s); });
  world.at(3h + 5min, [&] {
    world.reload(rules("{name: all, budget: {limit: $20000, per: total}}"));
    EXPECT_EQ(world.reload(kOther).outcome, Outcome::refused) << "it is not done yet";
  });
  world.run_until(3h + 5min);
  world.run_until(3h + 5min + 1s);
  const std::int64_t minutes = kBills * 10 + 5;
  EXPECT_EQ(spent(world, "all"), Value(Money::from_nano(minutes * kMinute)));
}

}  // namespace
}  // namespace trainstop::test::reloads
