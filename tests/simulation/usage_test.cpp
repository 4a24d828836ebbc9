// The invoice: budgets count by its figures where it has them, and nothing that it says can hurt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/budgets.hpp"
#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using testing::IsEmpty;
using testing::SizeIs;

const sys_days kDay = std::chrono::floor<days>(kStart);

std::string budget(const std::string& keys, const std::string& more = {}) {
  return "rules: [{name: pot, budget: {" + keys + "}}" + more + "]\n";
}

std::size_t asked(const World& world) {
  return static_cast<std::size_t>(
      std::count_if(world.calls.begin(), world.calls.end(),
                    [](const World::Call& call) { return call.what == "usage"; }));
}

/// An invoice that is what truly happened, at another price.
void bill_at(World& world, std::int64_t per_minute) {
  world.on_usage = [&world, per_minute](const core::FetchUsage& act) {
    return world.true_usage(act, per_minute);
  };
}

/// One figure on the world's first day, whatever is asked.
void bill_one(World& world, const std::string& job, std::int64_t minutes, Money billed) {
  world.on_usage = [=](const core::FetchUsage&) {
    return World::Usage{{}, {{job, kDay, minutes, billed}}, 0};
  };
}

TEST(Usage, IsAskedForHourlyWhereABudgetNeedsIt) {
  World world(budget("limit: $20, per: day"));
  std::vector<std::pair<sys_days, sys_days>> ranges;
  world.on_usage = [&](const core::FetchUsage& act) {
    ranges.emplace_back(act.from, act.until);
    return World::Usage{};
  };
  world.run_until(27h);
  ASSERT_THAT(ranges, SizeIs(27));
  EXPECT_EQ(ranges[0], std::pair(sys_days(std::chrono::year(2026) / 1 / 1), kDay + days(1)))
      << "no earlier day may be asked for";
  EXPECT_EQ(ranges[1], std::pair(kDay - days(1), kDay + days(1)));
  EXPECT_EQ(ranges[4], std::pair(kDay, kDay + days(1))) << "yesterday is final";
  EXPECT_EQ(ranges[24], std::pair(kDay, kDay + days(2)));
  World other(kTenMinutes);
  other.run_until(3h);
  EXPECT_EQ(asked(other), 0U);
}

TEST(Usage, IsNotAskedForBeforeThereIsSomethingToHoldItAgainst) {
  World world(budget("limit: $20, per: day"));
  world.on_list = [&](bool) {
    return world.now() < kStart + 30min ? failing(FailureKind::timeout) : Trouble{};
  };
  world.run_until(29min);
  EXPECT_EQ(asked(world), 0U);
  EXPECT_LT(world.calls_of_core(), 500U) << "nor does it spin";
  world.run_until(35min);
  EXPECT_EQ(asked(world), 1U);
}

TEST(Usage, AJobThatComesLateIsLookedForOnTheDaysBefore) {
  World world(budget("limit: $90000, per: month"));
  std::vector<sys_days> from;
  world.on_usage = [&](const core::FetchUsage& act) {
    from.push_back(act.from);
    return world.true_usage(act, kMinuteOfH100x8);
  };
  world.at(78h, [&] {
    TrueJob& job = world.add("a", 20h);
    job.now.updated_at = kStart + 78h;
    job.began = kStart + 22h;
  });
  world.run_until(81h);
  ASSERT_THAT(from, SizeIs(81));
  EXPECT_EQ(from[77], kDay + days(3));
  EXPECT_EQ(from[78], sys_days(std::chrono::year(2026) / 1 / 1));
  EXPECT_EQ(from[79], kDay + days(3));
  const Image& pot = world.present().at({Image::Kind::pot, "pot/all"});
  const auto member = [&](const std::string& name) {
    for (const auto& [key, value] : pot.body) {
      if (key == name) return std::get<Money>(value.data).nano() / kMinuteOfH100x8;
    }
    return std::int64_t{-1};
  };
  EXPECT_EQ(member("spent"), 56 * 60 + 3) << "from hour 22 to 78:02";
}

TEST(Usage, ThePotIsShownWithBothFigures) {
  World world(budget("limit: $90000, per: day"));
  bill_at(world, kMinuteOfH100x8 * 3 / 2);
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(4h);
  Value::Object body = world.present().at({Image::Kind::pot, "pot/all"}).body;
  std::map<std::string, Money> shown;
  for (const auto& [key, value] : body) {
    if (const Money* money = std::get_if<Money>(&value.data)) shown[key] = *money;
  }
  EXPECT_EQ(shown.at("estimated"), Money::from_nano(182 * kMinuteOfH100x8));
  EXPECT_EQ(shown.at("spent"), Money::from_nano(182 * kMinuteOfH100x8 + 122 * kMinuteOfH100x8 / 2));
}

TEST(Usage, AsksForThirtyOneDaysAtTheStart) {
  World world(budget("limit: $20, per: day"));
  world.set_shift(24h * 100);
  std::vector<core::FetchUsage> acts;
  world.on_usage = [&](const core::FetchUsage& act) {
    acts.push_back(act);
    return World::Usage{};
  };
  world.run_until(10min);
  ASSERT_THAT(acts, SizeIs(1));
  EXPECT_EQ(acts[0].until, kDay + days(101));
  EXPECT_EQ(acts[0].until - acts[0].from, days(31));
}

TEST(Usage, AKeyThatMayNotReadItIsToldOnceAndHurtsNothing) {
  for (const unsigned status : {401U, 403U}) {
    World world(budget("limit: $20, per: day"));
    world.on_usage = [&](const core::FetchUsage&) {
      return World::Usage{failing(FailureKind::unauthorized, status).failure, {}, 0};
    };
    world.at(15s, [&] { world.add("a", 15s); });
    world.run_until(50h);
    EXPECT_THAT(world.told("ledger.unavailable"), SizeIs(1));
    EXPECT_THAT(world.told("api.auth_failed"), IsEmpty());
    EXPECT_THAT(world.told("api.recovered"), IsEmpty());
    EXPECT_EQ(asked(world), 3U) << "once a day";
    EXPECT_EQ(world.first_stop("a"), 15s + 23min - 60s);
  }
}

TEST(Usage, AFailureIsTriedAgainSoonAndNotTold) {
  World world(budget("limit: $20, per: day"));
  world.on_usage = [&](const core::FetchUsage&) {
    return World::Usage{failing(FailureKind::server_error, 503).failure, {}, 0};
  };
  world.run_until(1h);
  EXPECT_GT(asked(world), 5U);
  EXPECT_LT(asked(world), 40U);
  for (const Event& event : world.events) EXPECT_FALSE(event.name.starts_with("ledger."));
}

TEST(Usage, WhatItCoversCountsByItsFigure) {
  // By the estimate $200 last for 230 minutes.
  World cheap(budget("limit: $200, per: day")), dear(budget("limit: $200, per: day"));
  bill_at(cheap, kMinuteOfH100x8 / 2);
  bill_at(dear, kMinuteOfH100x8 * 11 / 10);
  for (World* world : {&cheap, &dear}) {
    world->at(15s, [=] { world->add("a", 15s); });
    world->run_until(12h);
    ASSERT_TRUE(world->was_stopped("a"));
  }
  // Read last at 5:02, the invoice covers 242 minutes for $104.87; 109 more fit into the rest.
  EXPECT_EQ(cheap.first_stop("a"), 15s + (242min + 109min) - 60s);
  // Read last at 3:02, it covers 122 minutes for $116.31; 96 more fit.
  EXPECT_EQ(dear.first_stop("a"), 15s + (122min + 96min) - 60s);
  EXPECT_THAT(cheap.told("budget.overspent"), IsEmpty());
  EXPECT_FALSE(dear.told("budget.overspent").empty()) << "those came to more as well";
}

TEST(Usage, WhatIsSpentAlreadyByItsFigureStopsAtOnceAndIsTold) {
  World world(budget("limit: $200, per: day"));
  bill_at(world, kMinuteOfH100x8 * 3 / 2);
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(4h);
  // Read at 3:02, it covers 122 minutes for $158.60, and sixty more had begun.
  ASSERT_TRUE(world.was_stopped("a"));
  EXPECT_GE(world.first_stop("a"), 3h + 2min);
  EXPECT_LE(world.first_stop("a"), 3h + 2min + 1s);
  EXPECT_FALSE(world.told("budget.overspent").empty());
}

TEST(Usage, AnAbsurdFigureIsToldOnceAndChangesNothing) {
  for (const std::int64_t billed : {-1LL, 1'000'000'000'000LL, 9'000'000'000'000'000'000LL}) {
    World world(budget("limit: $300, per: day"));
    bill_one(world, "a", 60, Money::from_nano(billed));
    world.at(15s, [&] { world.add("a", 15s); });
    world.at(4h, [&] { world.restart(5s); });
    world.run_until(12h);
    ASSERT_TRUE(world.was_stopped("a"));
    EXPECT_EQ(world.first_stop("a"), 15s + 346min - 60s) << billed;
    EXPECT_THAT(world.told("ledger.unusable"), SizeIs(1)) << billed;
    EXPECT_EQ(field(world.told("ledger.unusable").at(0), "unusable"), Value(1));
    EXPECT_THAT(world.told("ledger.drift"), IsEmpty());
  }
}

TEST(Usage, RecordsThatCannotBeReadAreToldDaily) {
  World world(budget("limit: $300, per: day"));
  world.on_usage = [](const core::FetchUsage&) { return World::Usage{{}, {}, 3}; };
  world.run_until(26h);
  ASSERT_THAT(world.told("ledger.unusable"), SizeIs(2));
  EXPECT_EQ(field(world.told("ledger.unusable")[0], "unusable"), Value(3));
}

TEST(Usage, HidesNothingThatItDoesNotCover) {
  World world(budget("limit: $100, per: day"));
  // A day's minutes for little: no more than what had begun by then is covered.
  bill_one(world, "a", 1440, Money::from_dollars(20));
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(12h);
  ASSERT_TRUE(world.was_stopped("a"));
  // Believed at 1:02, when 62 minutes ($53.73) had begun; from 1:32 on no more than a third.
  EXPECT_LE(world.first_stop("a"), 15s + 62min + 93min);
}

TEST(Usage, IsRememberedOverARestart) {
  World world(budget("limit: $200, per: day"));
  bill_at(world, kMinuteOfH100x8 / 2);
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(3h + 30min, [&] {
    world.on_usage = [](const core::FetchUsage&) {
      return World::Usage{failing(FailureKind::timeout).failure, {}, 0};
    };
    world.restart(5s);
  });
  world.run_until(12h);
  // Read last at 3:02, it covers 122 minutes for $52.87; 169 more fit.
  EXPECT_EQ(world.first_stop("a"), 15s + (122min + 169min) - 60s);
}

TEST(Usage, CountsForJobsThatAreLongForgottenAndAfterARestart) {
  for (const char* per : {"day", "total"}) {
    World world(budget("limit: $30, per: " + std::string(per)));
    bill_at(world, kMinuteOfH100x8 * 2);
    world.at(15s, [&] { world.add("a", 15s); });
    world.at(15s + 10min, [&] { world.set_status("a", "COMPLETED"); });
    world.at(4h, [&] { world.restart(10s); });
    world.at(4h + 30s, [&] { world.add("b", 4h + 30s); });
    world.run_until(4h + 59min);
    // $17.33 for ten minutes; fourteen more fit, of which the invoice says nothing yet.
    EXPECT_EQ(world.first_stop("b"), 4h + 30s + 14min - 60s) << per;
  }
}

TEST(Usage, TellsWhenAJobBeganThatRanBeforeItWasSeen) {
  World world(budget("limit: $9000, per: day", ", {name: cap, when: {cost: $600}}"));
  TrueJob& job = world.add("a", -10h);
  job.now.updated_at = kStart - 1min;
  job.began = kStart - 6h;
  bill_at(world, kMinuteOfH100x8);
  world.run_until(2h);
  EXPECT_THAT(world.told("rule.warned", "a"), SizeIs(1)) << "its cost is only estimated";
  world.at(4h, [&] { world.restart(5s); });
  world.run_until(12h);
  ASSERT_TRUE(world.was_stopped("a"));
  EXPECT_EQ(world.first_stop("a"), -6h + 692min - 60s);
}

TEST(Usage, ALastingDifferenceIsToldDailyWithItsFactor) {
  World world(budget("limit: $90000, per: day"));
  bill_at(world, kMinuteOfH100x8 * 11 / 10);
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(29h);
  const auto drift = world.told("ledger.drift");
  ASSERT_THAT(drift, SizeIs(2));
  EXPECT_EQ(drift[0].at, kStart + 4h + 2min + 50ms) << "the third that names minutes";
  EXPECT_EQ(drift[1].at, kStart + 28h + 2min + 50ms);
  EXPECT_NEAR(std::get<double>(field(drift[0], "factor").data), 1.1, 1e-6);
}

TEST(Usage, ASmallDifferenceIsNoDrift) {
  World world(budget("limit: $90000, per: day"));
  bill_at(world, kMinuteOfH100x8 * 101 / 100);
  world.at(15s, [&] { world.add("a", 15s); });
  world.run_until(29h);
  EXPECT_THAT(world.told("ledger.drift"), IsEmpty());
}

TEST(Usage, WhatNoWindowNeedsIsForgotten) {
  const auto invoices = [](const World& world) {
    return std::count_if(world.present().begin(), world.present().end(),
                         [](const auto& each) { return each.first.first == Image::Kind::invoice; });
  };
  World world(budget("limit: $90000, per: day")), total(budget("limit: $90000, per: total"));
  for (World* each : {&world, &total}) {
    bill_at(*each, kMinuteOfH100x8);
    each->at(15s, [=] { each->add("a", 15s); });
    each->at(49h, [=] { each->set_status("a", "COMPLETED"); });
    each->run_until(24h * 5);
    EXPECT_EQ(invoices(*each), 3);
    each->run_until(24h * 40);
  }
  EXPECT_EQ(invoices(world), 0);
  EXPECT_EQ(invoices(total), 3);
}

}  // namespace
}  // namespace trainstop::test
