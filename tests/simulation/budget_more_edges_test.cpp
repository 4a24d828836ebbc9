// More edges of budgets: many pots at once, sums and prices that are not known or cannot be
// counted, pots that nobody comes back to, members that are not shed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "simulation/budgets.hpp"
#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {
namespace more_budgets {

using test::budget;  // another file compiled with this one has its own
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kMany = 600;  // pots: more than are reviewed in one call

std::string of_many(int i) {
  return "j" + std::to_string(i);
}

/// The groups whose pots the journal holds.
std::vector<std::string> groups_kept(const World& world) {
  std::vector<std::string> groups;
  for (const auto& [key, image] : world.present()) {
    if (image.kind == Image::Kind::pot) groups.push_back(image.key.substr(image.key.find('/') + 1));
  }
  return groups;
}

Value of_pot(const World& world, const std::string& group, const std::string& member) {
  for (const auto& [name, value] : world.present().at({Image::Kind::pot, "pot/" + group}).body) {
    if (name == member) return value;
  }
  return Value("(absent)");
}

/// A job that ends by itself.
void run_once(World& world, const std::string& id, Duration from, Duration until,
              const std::string& type = "H100x8") {
  world.at(from, [&world, id, from, type] { world.add(id, from).now.instance_type = type; });
  world.at(until, [&world, id] { world.set_status(id, "COMPLETED"); });
}

TEST(BudgetMoreEdges, ManyPotsAreReviewedInSeveralCallsAndNoneIsMissed) {
  World world(budget("limit: $20, per: day, group_by: job", ", action: warn"));
  world.at(15s, [&] {
    for (int i = 0; i < kMany; ++i) world.add(of_many(i), 15s);
  });
  std::vector<std::size_t> batches;
  world.on_batch = [&](const core::Batch& batch) {
    const auto told = std::count_if(batch.records.begin(), batch.records.end(),
                                    [](const Event& e) { return e.name == "budget.exhausted"; });
    if (told == 0) return;
    batches.push_back(static_cast<std::size_t>(told));
    EXPECT_TRUE(batches.size() > 1 || batch.wake <= world.now()) << "the rest is not put off";
  };
  world.run_until(1h);
  ASSERT_THAT(batches, SizeIs(2));
  EXPECT_EQ(batches[0] + batches[1], std::size_t{kMany});
  EXPECT_LT(batches[0], std::size_t{kMany});
  const auto told = world.told("budget.exhausted");
  EXPECT_EQ(told.front().at, told.back().at);
}

TEST(BudgetMoreEdges, ARuleThatGoesBeforeAllItsPotsWereLookedAtLeavesNothing) {
  World world(budget("limit: $20, per: day, group_by: job"));
  std::set<std::string> put;
  std::size_t looked_at = 0, of_nothing = 0;
  const auto reload = [&] {
    looked_at = put.size();
    EXPECT_EQ(world.reload(kTenMinutes).outcome, core::Answer::Outcome::done);
  };
  world.on_batch = [&](const core::Batch& batch) {
    const bool none = put.empty();
    for (const Image& image : batch.images) {
      if (image.kind != Image::Kind::pot) continue;
      if (image.change != Image::Change::close) {
        put.insert(image.key);
      } else if (put.erase(image.key) == 0) {
        ++of_nothing;
      }
    }
    // Before the core goes on with the others.
    if (none && !put.empty() && looked_at == 0) world.at(world.now() - kStart, reload);
  };
  world.at(15s, [&] {
    for (int i = 0; i < kMany; ++i) world.add(of_many(i), 15s);
  });
  world.run_until(5min);
  EXPECT_GT(looked_at, 0U);
  EXPECT_LT(looked_at, std::size_t{kMany});
  EXPECT_THAT(groups_kept(world), IsEmpty());
  EXPECT_EQ(of_nothing, 0U) << "what was never written needs no end";
}

TEST(BudgetMoreEdges, ThePotOfOneJobEndsWithIt) {
  World world(budget("limit: $9000, per: day, group_by: job"));
  run_once(world, "a", 15s, 5min);
  run_once(world, "b", 15s, 3h);
  World shared(budget("limit: $9000, per: day, group_by: project"));
  run_once(shared, "a", 15s, 5min);
  world.run_until(1h);
  EXPECT_THAT(groups_kept(world), SizeIs(2));
  world.run_until(2h);
  EXPECT_THAT(groups_kept(world), SizeIs(1)) << "an hour after its end nobody asks for it";
  shared.run_until(2h);
  EXPECT_THAT(groups_kept(shared), SizeIs(1)) << "the next job of the project finds what is spent";
}

TEST(BudgetMoreEdges, ATotalRemembersWhatNoInvoiceCorrectsAnyMore) {
  World world(
      "poll: {interval: 5m}\n"
      "rules: [{name: pot, match: {job: 'name-a*'}, budget: {limit: $20, per: total}}]\n");
  world.on_usage = [&](const core::FetchUsage& act) {
    return world.true_usage(act, kMinuteOfH100x8);
  };
  const Duration late = 24h * 36;
  run_once(world, "a1", 15s, 15s + 10min);
  // Its figures change hourly: so all sums are made anew.
  world.at(late, [&] { world.add("other", late); });
  world.run_until(late + 5h);
  EXPECT_THAT(groups_kept(world), ElementsAre("all"));
  EXPECT_EQ(of_pot(world, "all", "spent"), Value(nano(10 * kMinuteOfH100x8)));
  world.at(late + 6h, [&] { world.add("a2", late + 6h); });
  world.run_until(late + 8h);
  ASSERT_TRUE(world.was_stopped("a2"));
  EXPECT_LE(world.first_stop("a2"), late + 6h + 13min - 60s);
  EXPECT_LE(bill_of(world, {"a1", "a2"}, 0s, late + 8h), Money::from_dollars(20));
}

TEST(BudgetMoreEdges, WhatHasNoPriceMakesItsPotPartialAlsoWhenItIsForgotten) {
  for (const bool priced : {true, false}) {
    World world(budget("limit: $40, per: total"));
    run_once(world, "a", 15s, 5min, priced ? "H100x8" : "odd");
    run_once(world, "b", 15s, 6min);
    world.run_until(3h);
    EXPECT_EQ(of_pot(world, "all", "jobs"), Value("(absent)")) << "both are forgotten";
    EXPECT_EQ(of_pot(world, "all", "partial"), priced ? Value("(absent)") : Value(true));
    world.at(4h, [&] { world.add("c", 4h); });
    world.run_until(6h);
    ASSERT_THAT(world.told("budget.exhausted"), SizeIs(1));
    EXPECT_EQ(field(world.told("budget.exhausted")[0], "partial"),
              priced ? Value("(absent)") : Value(true));
    EXPECT_TRUE(world.was_stopped("c")) << "what is known counts";
  }
}

TEST(BudgetMoreEdges, APriceThatIsNoLongerListedIsToldOnceForAllJobsOfItsType) {
  World world(budget("limit: $9000, per: day"));
  const auto with = world.prices;
  const std::map<std::string, std::string> without{{"other", "0.4"}};
  world.at(15s, [&] {
    for (const char* id : {"a", "b", "c"}) world.add(id, 15s);
  });
  world.at(12h, [&] { world.prices = without; });
  world.run_until(24h * 4 - 1h);
  ASSERT_THAT(world.told("price.missing"), SizeIs(1));
  EXPECT_EQ(field(world.told("price.missing")[0], "instance_type"), Value("H100x8"));
  EXPECT_EQ(field(world.told("price.missing")[0], "kept_old"), Value(true));
  world.prices = with;
  world.at(24h * 4 + 1h, [&] { world.prices = without; });
  world.run_until(24h * 6);
  EXPECT_THAT(world.told("price.missing"), SizeIs(2)) << "it was listed in between";
}

TEST(BudgetMoreEdges, AShareOfALimitThatTheWindowDoesNotReachHasNoDue) {
  // From minute 40 on twenty minutes fit into the hour: over a half of the limit, not all of it.
  World world(budget("limit: $30, per: hour", ", warn_at: [50%]"));
  world.at(40min, [&] { world.add("a", 40min); });
  world.run_until(59min);
  ASSERT_THAT(world.told("budget.warned"), SizeIs(1));
  const Event warned = world.told("budget.warned")[0];
  EXPECT_EQ(field(warned, "trip_at"), Value("(absent)"));
  EXPECT_EQ(field(warned, "due_at"), Value("(absent)"));
  EXPECT_EQ(field(warned, "resets_at"), Value(kStart + 1h));
}

TEST(BudgetMoreEdges, AnExhaustedOneThatWarnsIsToldAgainUntilTheReset) {
  World world(budget("limit: $20, per: day", ", action: warn, repeat: 6h"));
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(23h + 59min);
  const auto told = world.told("budget.exhausted");
  ASSERT_THAT(told, SizeIs(4));
  for (std::size_t i = 1; i < told.size(); ++i) EXPECT_EQ(told[i].at - told[i - 1].at, 6h);
  EXPECT_EQ(of_pot(world, "all", "exhausted"), Value(told[0].at)) << "since the first";
  world.run_until(24h + 10min);
  EXPECT_THAT(world.told("budget.exhausted"), SizeIs(4)) << "the next day has its own limit";
  EXPECT_FALSE(world.was_stopped("a"));
}

TEST(BudgetMoreEdges, ASumThatCannotBeCountedIsToldWithoutAFigure) {
  World world(budget("limit: $20, per: day", ", action: warn, repeat: 1h"));
  world.prices = {{"H100x8", "900000000"}};
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(3h);
  const auto told = world.told("budget.exhausted");
  ASSERT_THAT(told, SizeIs(3));
  EXPECT_EQ(field(told[0], "value"), Value(Money::from_dollars(900'000'000)));
  EXPECT_EQ(field(told[1], "value"), Value("(absent)"));
  EXPECT_EQ(field(told[1], "limit"), Value(Money::from_dollars(20)));
}

TEST(BudgetMoreEdges, WhatIsOverspentIsNotToldAgainWhenItCannotBeCounted) {
  World world(budget("limit: $20, per: day"));
  world.prices = {{"H100x8", "900000000"}};
  world.on_stop = [](const std::string&) { return failing(FailureKind::timeout); };
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(3h);
  EXPECT_TRUE(world.was_stopped("a"));
  EXPECT_THAT(world.told("budget.overspent"), SizeIs(1));
}

TEST(BudgetMoreEdges, WhatLacksTheAttributeIsNotShed) {
  World world(budget("limit: $200, per: day, group_by: user", ", shed: {at: 50%}"));
  world.at(15s, [&] {
    for (const char* id : {"a", "b"}) world.add(id, 15s).now.user.reset();
    for (const char* id : {"c", "d"}) world.add(id, 15s);
  });
  world.run_until(80min);
  EXPECT_FALSE(world.was_stopped("a") || world.was_stopped("b"));
  EXPECT_EQ(of_pot(world, "(unknown)", "shed"), Value("(absent)")) << "none is chosen";
  EXPECT_TRUE(world.was_stopped("d")) << "half of the limit after 58 minutes";
}

TEST(BudgetMoreEdges, WhatCostsNothingYetIsNotShed) {
  World world(budget("limit: $200, per: day", ", shed: {at: 50%, order: newest}"));
  world.at(15s, [&] {
    for (const char* id : {"a", "b"}) world.add(id, 15s);
  });
  world.at(20min, [&] { world.add("q", 20min, "PENDING"); });
  world.run_until(80min);
  EXPECT_FALSE(world.was_stopped("q")) << "its end would save nothing";
  EXPECT_TRUE(world.was_stopped("b"));
  EXPECT_FALSE(world.was_stopped("a")) << "the last one that costs is left to the limit";
}

TEST(BudgetMoreEdges, WhileTheChosenOneHasItsGraceNoOtherIsChosen) {
  World world(budget("limit: $250, per: day", ", grace: 15m, shed: {at: 50%, order: newest}"));
  const std::map<std::string, Duration> seen{{"a", 1s}, {"b", 61s}, {"c", 121s}};
  for (const auto& each : seen)
    world.at(each.second, [&world, each] { world.add(each.first, each.second); });
  // Half of it is spent after 49 minutes; in that grace there comes a newer one.
  world.at(51min, [&] { world.add("d", 51min); });
  world.run_until(62min);
  EXPECT_THAT(world.told("rule.tripped"), SizeIs(1));
  EXPECT_THAT(world.told("rule.tripped", "c"), SizeIs(1));
  EXPECT_THAT(world.told("stop.averted"), IsEmpty());
  EXPECT_FALSE(world.was_stopped("c"));
  world.run_until(66min);
  EXPECT_TRUE(world.was_stopped("c"));
  EXPECT_FALSE(world.was_stopped("a") || world.was_stopped("b") || world.was_stopped("d"));
}

}  // namespace more_budgets
}  // namespace
}  // namespace trainstop::test
