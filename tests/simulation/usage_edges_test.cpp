// The invoice at its edges: keys that may not read it, records that are odd, days that were not
// asked for, clocks that were ahead.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/budgets.hpp"
#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {
namespace usage_edges {

using std::chrono::days;
using std::chrono::sys_days;
using test::budget;  // another file compiled with this one has its own
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const sys_days kFirst = std::chrono::floor<days>(kStart);

using Day = core::UsageRead::Day;

/// Says these figures whatever is asked.
void say(World& world, std::vector<Day> figures, std::size_t unusable = 0) {
  world.on_usage = [=](const core::FetchUsage&) { return World::Usage{{}, figures, unusable}; };
}

/// The keys of the days that the journal has figures of.
std::vector<std::string> days_kept(const World& world) {
  std::vector<std::string> keys;
  for (const auto& [key, image] : world.present()) {
    if (image.kind == Image::Kind::invoice) keys.push_back(image.key);
  }
  return keys;
}

Value of_pot(const World& world, const std::string& member) {
  for (const auto& [name, value] : world.present().at({Image::Kind::pot, "pot/all"}).body) {
    if (name == member) return value;
  }
  return Value("(absent)");
}

TEST(UsageEdges, AnApiWithoutAnInvoiceIsToldOnceAndHurtsNothing) {
  const std::vector<Trouble> refusals{failing(FailureKind::not_found, 404),
                                      failing(FailureKind::client_error, 400)};
  for (const Trouble& refusal : refusals) {
    SCOPED_TRACE(refusal.failure->message);
    World world(budget("limit: $20, per: day"));
    int asked = 0;
    world.on_usage = [&](const core::FetchUsage&) {
      ++asked;
      return World::Usage{refusal.failure, {}, 0};
    };
    world.at(15s, [&] { world.add("a", 15s); });
    world.run_until(50h);
    EXPECT_THAT(world.told("ledger.unavailable"), SizeIs(1));
    EXPECT_EQ(asked, 3) << "once a day";
    EXPECT_EQ(world.first_stop("a"), 15s + 23min - 60s);
  }
}

TEST(UsageEdges, AJobThatCostsNothingYetIsNotLookedForOnTheDaysBefore) {
  World world(budget("limit: $90000, per: month"));
  std::vector<sys_days> from;
  world.on_usage = [&](const core::FetchUsage& act) {
    from.push_back(act.from);
    return World::Usage{};
  };
  world.at(78h, [&] { world.add("a", 20h, "CREATED"); });
  world.run_until(80h);
  ASSERT_THAT(from, SizeIs(80));
  EXPECT_EQ(from[77], kFirst + days(3));
  EXPECT_EQ(from[78], kFirst + days(3));
}

TEST(UsageEdges, DaysThatWereNotAskedForAreNotCounted) {
  World world(budget("limit: $90000, per: month"));
  world.at(15s, [&] { world.add("a", 15s); });
  // Yesterday is final, and tomorrow has not come.
  const Money little = nano(500'000'000);
  world.at(3h + 30min, [&] {
    say(world, {{"a", kFirst - days(1), 1, little},
                {"a", kFirst, 60, Money::from_dollars(50)},
                {"a", kFirst + days(1), 1, little}});
  });
  world.run_until(4h + 3min);
  EXPECT_EQ(of_pot(world, "spent"), Value(nano(50'000'000'000 + 182 * kMinuteOfH100x8)))
      << "as read at 4:02";
  EXPECT_THAT(days_kept(world), ElementsAre("main/2026-01-05"));
  EXPECT_THAT(world.told("ledger.unusable"), IsEmpty());
}

TEST(UsageEdges, FiguresOfJobsThatAreNotKnownSayNothing) {
  World world(budget("limit: $200, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  say(world, {{"stranger", kFirst, 600, Money::from_dollars(9000)},
              {"other", kFirst, 600, Money::from_nano(-1)}});
  world.run_until(12h);
  EXPECT_EQ(world.first_stop("a"), 15s + 230min - 60s);
  EXPECT_THAT(days_kept(world), IsEmpty());
  EXPECT_THAT(world.told("ledger.unusable"), IsEmpty());
  EXPECT_THAT(world.told("ledger.drift"), IsEmpty());
}

TEST(UsageEdges, ARecordThatIsListedTwiceCountsOnce) {
  World world(budget("limit: $200, per: day"));
  world.at(15s, [&] { world.add("a", 15s); });
  const Day figure{"a", kFirst, 60, Money::from_dollars(30)};
  say(world, {figure, figure});
  world.run_until(2h);
  EXPECT_EQ(of_pot(world, "spent"), Value(nano(30'000'000'000 + 2 * kMinuteOfH100x8)))
      << "as read at 1:02";
}

TEST(UsageEdges, AJobWithoutAPriceIsHeldAgainstNothing) {
  World world(budget("limit: $20, per: day"));
  world.prices = {{"other", "1"}};
  world.at(15s, [&] { world.add("a", 15s); });
  say(world, {{"a", kFirst, 60, Money::from_dollars(9000)}});
  world.run_until(8h);
  EXPECT_THAT(world.told("ledger.unusable"), IsEmpty());
  EXPECT_THAT(world.told("ledger.drift"), IsEmpty());
  EXPECT_EQ(of_pot(world, "spent"), Value(Money{}));
  EXPECT_FALSE(world.was_stopped("a")) << "what is unknown trips nothing";
  say(world, {{"a", kFirst, 60, Money::from_dollars(-3)}});
  world.run_until(10h);
  ASSERT_THAT(world.told("ledger.unusable"), SizeIs(1)) << "this can't be true at any price";
  EXPECT_THAT(world.told("ledger.unusable")[0].message, HasSubstr("job a on 2026-01-05: -$3.00"));
  EXPECT_THAT(world.told("ledger.unusable")[0].message, Not(HasSubstr("estimate")));
}

TEST(UsageEdges, AllFiguresOfOneReadThatMakeNoSenseAreToldTogether) {
  World world(budget("limit: $9000, per: day"));
  world.at(15s, [&] {
    world.add("a", 15s);
    world.add("b", 15s);
  });
  say(world,
      {{"a", kFirst, 60, Money::from_dollars(-3)}, {"b", kFirst, 60, Money::from_dollars(9000)}},
      3);
  world.run_until(8h);
  ASSERT_THAT(world.told("ledger.unusable"), SizeIs(1));
  const Event told = world.told("ledger.unusable")[0];
  EXPECT_EQ(field(told, "unusable"), Value(5));
  EXPECT_THAT(told.message, HasSubstr("the first: job a on 2026-01-05: -$3.00 against"));
  EXPECT_THAT(told.message, Not(HasSubstr("it is odd")));
}

TEST(UsageEdges, AFigureThatWasDoubtedIsNotToldAgainDaysLater) {
  World world(budget("limit: $90000, per: month"));
  world.at(15s, [&] { world.add("a", 15s); });
  say(world, {{"a", kFirst, 60, Money::from_dollars(9000)}});
  // On the third day that one is not asked for; after the restart all are asked for anew.
  world.run_until(59h);
  const Image& kept = world.present().at({Image::Kind::invoice, "main/2026-01-05"});
  EXPECT_THAT(kept.body, SizeIs(5)) << "with its figure, and that it was doubted";
  world.restart(5s);
  world.run_until(70h);
  EXPECT_THAT(world.told("ledger.unusable"), SizeIs(1));
  EXPECT_THAT(days_kept(world), ElementsAre("main/2026-01-05"));
}

TEST(UsageEdges, WhatWasReadWhileTheClockWasAheadIsKept) {
  World world(budget("limit: $90000, per: month"));
  world.at(15s, [&] {
    world.add("a", 15s);
    world.add("b", 15s);
  });
  std::vector<std::pair<sys_days, sys_days>> ranges;
  world.on_usage = [&](const core::FetchUsage& act) {
    ranges.emplace_back(act.from, act.until);
    World::Usage usage;
    if (act.until > kFirst + days(2)) {
      usage.days = {{"a", kFirst + days(2), 60, Money::from_dollars(50)},
                    {"b", kFirst + days(2), 60, Money::from_dollars(9000)}};
    } else {
      usage.days = {{"a", kFirst, 60, Money::from_dollars(50)}};
    }
    return usage;
  };
  world.at(1h + 30min, [&] { world.set_shift(48h); });
  world.at(2h + 30min, [&] { world.set_shift(0s); });
  world.run_until(4h);
  ASSERT_THAT(ranges, SizeIs(4));
  EXPECT_EQ(ranges[2].second, kFirst + days(3));
  EXPECT_EQ(ranges[3], std::pair(kFirst, kFirst + days(1))) << "as the clock says now";
  EXPECT_THAT(days_kept(world), ElementsAre("main/2026-01-05", "main/2026-01-07"));
  const Image& ahead = world.present().at({Image::Kind::invoice, "main/2026-01-07"});
  EXPECT_THAT(ahead.body, SizeIs(5)) << "the doubt as well";
}

TEST(UsageEdges, TheInvoiceOfOneAccountSaysNothingOfAnothersJobs) {
  World world("accounts: [{name: one, api_key: {env: KEY}}, {name: two, api_key: {env: KEY2}}]\n" +
              budget("limit: $20, per: day"));
  // The first account asks first; the second one sees no job at all.
  int lists = 0;
  bool of_first = false;
  world.on_list = [&](bool) {
    of_first = lists++ % 2 == 0;
    return Trouble{};
  };
  world.edit_list = [&](std::vector<JobRef>& jobs) {
    if (!of_first) jobs.clear();
  };
  world.on_usage = [&](const core::FetchUsage& act) {
    if (act.account == 0) return world.true_usage(act, 1'000'000'000);
    return World::Usage{{}, {{"a", kFirst, 10, Money::from_dollars(9000)}}, 0};
  };
  world.at(15s, [&] { world.add("a", 15s); });
  world.at(15s + 10min, [&] { world.set_status("a", "COMPLETED"); });
  world.run_until(4h);
  ASSERT_THAT(world.told("job.seen"), SizeIs(1));
  EXPECT_EQ(of_pot(world, "spent"), Value(Money::from_dollars(10)));
  EXPECT_THAT(days_kept(world), ElementsAre("one/2026-01-05"));
  EXPECT_THAT(world.told("ledger.unusable"), IsEmpty());
}

}  // namespace usage_edges
}  // namespace
}  // namespace trainstop::test
