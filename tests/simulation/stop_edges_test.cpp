// A stop at its edges: dues that move while it is verified, replies that come too late, ends that
// come first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// When the job was read, after the start.
std::vector<Duration> reads_of(const World& world, const std::string& id) {
  std::vector<Duration> reads;
  for (const auto& call : world.calls) {
    if (call.what == "read" && call.job == id) reads.push_back(call.at - kStart);
  }
  return reads;
}

TEST(Extrapolation, IsForEveryFailureThatLeavesTheApiOutOfReach) {
  for (const FailureKind kind : {FailureKind::transport, FailureKind::timeout,
                                 FailureKind::rate_limited, FailureKind::server_error}) {
    World world(kTenMinutes);
    world.at(1s, [&] { world.add("j1", 1s); });
    world.at(5min, [&] { world.on_read = [=](const std::string&) { return failing(kind); }; });
    world.run_until(30min);
    EXPECT_EQ(world.first_stop("j1"), 1s + 10min + 30s) << to_string(kind);
  }
}

TEST(Extrapolation, IsNotForARuleThatBecameUnknown) {
  World world("rules: [{name: cap, when: {cost: $10}, grace: 5m, landing: at}]\n");
  world.at(15s, [&] { world.add("j1", 15s); });
  world.at(8min, [&] { world.job("j1").now.instance_type = "B200x8"; });  // without a price
  world.at(9min, [&] {
    world.on_read = [](const std::string&) { return failing(FailureKind::timeout); };
    world.on_list = [](bool) { return failing(FailureKind::timeout); };
  });
  world.run_until(1h);
  EXPECT_THAT(world.told("rule.tripped"), SizeIs(1));
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_EQ(field(world.told("stop.held").at(0), "reason"), Value("unknown"));
}

TEST(Due, ThatMovesLaterWhileItIsVerifiedIsVerifiedAnew) {
  World world("rules: [{name: end, when: {deadline: 2026-01-05T01:00:00Z}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(1h - 1500ms, [&] { world.set_shift(-4s); });
  world.run_until(2h);
  EXPECT_EQ(world.first_stop("j1"), 1h + 4s);
  EXPECT_THAT(reads_of(world, "j1"), testing::Contains(1h + 3s)) << "the first was stale by then";
}

TEST(Due, ThatGoesAwayBeforeItsTripLeavesNoTrace) {
  World world("poll: {interval: 1m}\nrules: [{name: stuck, when: {deploying_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s, "DEPLOYING"); });
  world.at(10min - 1s, [&] { world.set_status("j1", "RUNNING"); });
  world.run_until(1h);
  EXPECT_THAT(world.story("j1", {"stop.", "rule."}), IsEmpty());
}

TEST(TrippedJob, ThatBecomesExemptIsSparedAndToldSo) {
  World world(
      "safety: {exempt: [{job: '*-keep', reason: paper}]}\n"
      "rules: [{name: short, when: {running_for: 10m}, grace: 10m}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(15min, [&] { world.job("j1").now.name = "tune-keep"; });
  world.run_until(1h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_EQ(field(world.told("stop.averted").at(0), "reason"), Value("exempt"));
}

TEST(TrippedJob, ThatNoRuleMatchesAnyMoreIsSpared) {
  World world("rules: [{name: a, match: {job: 'name-*'}, when: {running_for: 10m}, grace: 10m}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(15min, [&] { world.job("j1").now.name = "other"; });
  world.run_until(1h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.story("j1", {"rule.", "stop."}),
              ElementsAre("rule.tripped", "rule.cleared", "stop.averted"));
}

TEST(RuleThatBecameUnknown, GivesWayToOneThatCanBeJudged) {
  World world(
      "rules: [{name: cap, when: {cost: $10}, grace: 5m, landing: at},"
      " {name: long, when: {running_for: 12m}}]\n");
  world.at(15s, [&] { world.add("j1", 15s); });
  world.at(8min, [&] { world.job("j1").now.instance_type = "B200x8"; });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("j1"), 15s + 12min);
  EXPECT_EQ(field(world.told("stop.intended").at(0), "rule"), Value("long"));
}

TEST(RuleThatIsNotYetKnown, DoesNotGiveWayForThat) {
  // The begin is known to within hours: until it is over the limit from its latest, cap is unknown.
  World world("rules: [{name: cap, when: {cost: $30}}, {name: old, when: {age: 10h35m}}]\n");
  world.add("j1", -10h).now.updated_at = kStart - 11h;
  world.run_until(1h);
  EXPECT_EQ(field(world.told("stop.intended").at(0), "rule"), Value("cap"));
}

TEST(Refusal, OfEveryKindIsToldAndTellsWhatItCosts) {
  for (const FailureKind kind :
       {FailureKind::unauthorized, FailureKind::not_found, FailureKind::client_error}) {
    for (const bool priced : {true, false}) {
      World world(kTenMinutes);
      if (!priced) world.prices.clear();
      world.on_stop = [=](const std::string&) { return failing(kind, 400); };
      world.at(1s, [&] { world.add("j1", 1s); });
      world.run_until(15min);
      ASSERT_THAT(world.told("stop.refused"), SizeIs(1)) << to_string(kind);
      EXPECT_EQ(world.told("stop.refused")[0].find("rate") != nullptr, priced);
      EXPECT_EQ(field(world.told("stop.refused")[0], "status_code"), Value(std::int64_t{400}));
    }
  }
}

TEST(Refusal, IsToldAgainAfterAnHour) {
  World world(kTenMinutes);
  world.on_stop = [](const std::string&) { return failing(FailureKind::client_error, 400); };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(10min + 130min);
  EXPECT_THAT(world.told("stop.refused"), SizeIs(3));
}

TEST(Unconfirmed, WithoutAPriceNamesNoCost) {
  World world(kTenMinutes);
  world.prices.clear();
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 1h; });
  world.run_until(2h);
  EXPECT_EQ(world.told("stop.unconfirmed").at(0).find("cost"), nullptr);
  EXPECT_EQ(world.told("stop.confirmed").at(0).find("cost"), nullptr);
  EXPECT_EQ(world.told("job.ended").at(0).find("cost"), nullptr);
}

TEST(Deadline, OfTheConfirmationPassesWhileARequestIsUnderWay) {
  World world("stop: {confirm_within: 30s}\nrules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 5min; });
  world.at(10min, [&] { world.latency = 40s; });
  world.run_until(12min);
  EXPECT_THAT(world.told("stop.unconfirmed"), SizeIs(1));
  EXPECT_EQ(world.told("stop.unconfirmed")[0].at, world.job("j1").stop_requests[0] + 30s);
  EXPECT_GE(world.job("j1").stop_requests.at(1) - world.job("j1").stop_requests[0], 40s)
      << "never two requests at once";
}

TEST(End, ThatIsSeenBeforeTheReplyToTheStopFinishesIt) {
  World world("poll: {interval: 5s, timeout: 4s}\n" + std::string(kTenMinutes));
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 10ms; });
  world.on_stop = [&](const std::string&) {
    world.latency = 20s;  // of this reply alone
    world.at(world.now() - kStart + 10ms, [&] { world.latency = 50ms; });
    return Trouble{};
  };
  world.run_until(10min + 19s);
  // The stop takes hold when half of the reply's time has passed.
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
  EXPECT_THAT(world.told("stop.accepted"), IsEmpty());
  world.run_until(20min);
  EXPECT_THAT(world.told("stop.accepted"), IsEmpty()) << "its stop is over";
  EXPECT_EQ(world.core().counts().open_stops, 0U);
}

TEST(StopSent, OfWhatNobodyAskedForSaysNothing) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(1min);
  EXPECT_THAT(world.core().handle(core::StopSent{4711, world.now()}, world.now()).records,
              IsEmpty());
}

TEST(Answer, ToWhatWasNotAskedIsABug) {
  World world(kTenMinutes);
  world.run_until(1min);
  core::PricesRead read;
  read.request = 4711;
  EXPECT_THROW(world.core().handle(read, world.now()), std::logic_error);
}

}  // namespace
}  // namespace trainstop::test
