// Stops and reads that fail: the tripped job is stopped in the end, and never an unseen one on too
// little.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kStuck = "rules: [{name: stuck, when: {deploying_for: 10m}}]\n";

TEST(LostReply, IsFollowedByAReadAndAnotherRequest) {
  World world(kTenMinutes);
  int calls = 0;
  world.on_stop = [&](const std::string&) {
    return ++calls < 4 ? failing(FailureKind::transport) : Trouble{};
  };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(20min);
  EXPECT_THAT(world.job("j1").stop_requests, SizeIs(4));
  EXPECT_THAT(world.told("stop.retrying"), SizeIs(3));
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
  EXPECT_LT(world.job("j1").stop_requests.back() - world.job("j1").stop_requests.front(), 5s);
}

TEST(LostReply, OfAnAppliedStopNeedsNoSecondRequest) {
  World world(kTenMinutes);
  world.on_stop = [](const std::string&) {
    Trouble trouble = failing(FailureKind::timeout);
    trouble.applied = true;
    return trouble;
  };
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 10ms; });
  world.run_until(20min);
  EXPECT_THAT(world.job("j1").stop_requests, SizeIs(1));
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
}

TEST(RetryAfter, IsHonouredAndCapped) {
  World world(kTenMinutes);
  world.on_stop = [&](const std::string&) {
    if (world.job("j1").stop_requests.size() > 2) return Trouble{};
    Trouble trouble = failing(FailureKind::rate_limited, 429);
    trouble.failure->retry_after =
        world.job("j1").stop_requests.size() == 1 ? Duration(20s) : Duration(5h);
    return trouble;
  };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(20min);
  const auto& requests = world.job("j1").stop_requests;
  ASSERT_THAT(requests, SizeIs(3));
  EXPECT_GE(requests[1] - requests[0], 20s);
  EXPECT_LE(requests[1] - requests[0], 25s);
  EXPECT_GE(requests[2] - requests[1], 60s);
  EXPECT_LE(requests[2] - requests[1], 65s);
}

TEST(Refusal, IsToldOnceAndTriedAgain) {
  World world(kTenMinutes);
  world.on_stop = [](const std::string&) { return failing(FailureKind::client_error, 400); };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(30min);
  EXPECT_THAT(world.told("stop.refused"), SizeIs(1));
  EXPECT_EQ(world.told("stop.refused")[0].level, Level::error);
  EXPECT_GT(world.job("j1").stop_requests.size(), 15u);
  world.on_stop = [](const std::string&) { return Trouble{}; };
  world.run_until(33min);
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
}

TEST(RefusedKey, IsToldAndTriedAgain) {
  World world(kTenMinutes);
  world.on_stop = [](const std::string&) { return failing(FailureKind::unauthorized, 401); };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(12min);
  EXPECT_FALSE(world.told("api.auth_failed").empty());
  EXPECT_GT(world.job("j1").stop_requests.size(), 2u);
}

TEST(Unconfirmed, IsToldLoudlyAndSentAgainWithoutEnd) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 100h; });
  world.run_until(3h);
  const auto& requests = world.job("j1").stop_requests;
  EXPECT_NEAR(static_cast<double>(requests.size()), 170.0 / 3.0, 3.0);
  EXPECT_EQ(requests[1] - requests[0], 3min);
  EXPECT_THAT(world.told("stop.unconfirmed"), SizeIs(3));  // at once and hourly
}

TEST(Extrapolation, StopsARunTimeThatNothingUnseenCanUndo) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(5min, [&] {
    world.on_read = [](const std::string&) { return failing(FailureKind::timeout); };
    world.on_list = [](bool) { return failing(FailureKind::timeout); };
  });
  world.run_until(20min);
  EXPECT_EQ(world.first_stop("j1"), 1s + 10min + 30s);
  EXPECT_EQ(field(world.told("stop.intended")[0], "verified"), Value(false));
}

TEST(Extrapolation, IsNotForWhatAnObservationCouldUndo) {
  World world(kStuck);
  world.at(1s, [&] { world.add("j1", 1s, "DEPLOYING"); });
  world.at(5min, [&] {
    world.on_read = [](const std::string&) { return failing(FailureKind::server_error, 500); };
    world.on_list = [](bool) { return failing(FailureKind::server_error, 500); };
  });
  world.run_until(30min);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_EQ(field(world.told("stop.held").at(0), "reason"), Value("unknown"));
  world.on_read = [](const std::string&) { return Trouble{}; };
  world.run_until(31min);
  EXPECT_TRUE(world.was_stopped("j1"));
}

TEST(Extrapolation, IsNotAfterARefusedKeyOrAMissingJob) {
  for (const FailureKind kind :
       {FailureKind::unauthorized, FailureKind::not_found, FailureKind::unusable}) {
    World world(kTenMinutes);
    world.at(1s, [&] { world.add("j1", 1s); });
    world.at(5min, [&] { world.on_read = [=](const std::string&) { return failing(kind); }; });
    world.run_until(30min);
    EXPECT_FALSE(world.was_stopped("j1")) << to_string(kind);
  }
}

/// A world without a reply from its fifth minute on, and with a clock that none has confirmed.
void lose_sight(World& world) {
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(5min, [&] {
    world.on_read = [](const std::string&) { return failing(FailureKind::timeout); };
    world.on_list = [](bool) { return failing(FailureKind::timeout); };
    world.set_shift(0s, true);
  });
  world.run_until(20min);
}

TEST(Extrapolation, OfADeadlineOrADaysBudgetNeedsAClockThatAReplyHasConfirmed) {
  for (const char* what :
       {"when: {deadline: 2026-01-05T00:10:00Z}", "budget: {limit: $10, per: day}"}) {
    World world("rules: [{name: end, " + std::string(what) + "}]\n");
    lose_sight(world);
    EXPECT_FALSE(world.was_stopped("j1")) << what;
    EXPECT_EQ(field(world.told("stop.held").at(0), "reason"), Value("unknown")) << what;
    world.set_shift(0s);
    world.run_until(21min);
    EXPECT_TRUE(world.was_stopped("j1")) << what;
  }
}

TEST(Extrapolation, OfABudgetWithoutAnEndNeedsNoClock) {
  World world("rules: [{name: end, budget: {limit: $10, per: total}}]\n");
  lose_sight(world);
  EXPECT_TRUE(world.was_stopped("j1"));
}

TEST(Filter, ThatIsRefusedFallsBackToEverything) {
  World world(kTenMinutes);
  world.on_list = [](bool filtered) {
    return filtered ? failing(FailureKind::client_error, 400) : Trouble{};
  };
  world.at(20s, [&] { world.add("j1", 20s); });
  world.run_until(20min);
  EXPECT_TRUE(world.was_stopped("j1"));
  std::size_t filtered = 0;
  for (const auto& call : world.calls) filtered += call.filtered ? 1u : 0u;
  EXPECT_EQ(filtered, 1u);
}

TEST(UnknownAtDue, HoldsTheStop) {
  World world("rules: [{name: a, when: {in_status: {status: RUNNING, for: 10m}}, grace: 10m}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(15min, [&] { world.set_status("j1", "CHECKPOINTING"); });
  world.run_until(1h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_EQ(field(world.told("stop.held").at(0), "reason"), Value("unknown"));
}

TEST(Unreachable, IsToldAfterItsTimeThenHourlyAndItsEndToo) {
  World world(kTenMinutes);
  world.at(5min, [&] { world.on_list = [](bool) { return failing(FailureKind::transport); }; });
  world.run_until(2h + 30min);
  EXPECT_THAT(world.told("api.unreachable"), SizeIs(3));
  world.on_list = [](bool) { return Trouble{}; };
  world.run_until(2h + 31min);
  EXPECT_THAT(world.told("api.recovered"), SizeIs(1));
}

TEST(Unauthorized, OnListsConcludesNothing) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(5min,
           [&] { world.on_list = [](bool) { return failing(FailureKind::unauthorized, 401); }; });
  world.run_until(20min);
  EXPECT_THAT(world.told("api.auth_failed"), SizeIs(1));
  EXPECT_THAT(world.told("job.lost"), IsEmpty());
  EXPECT_TRUE(world.was_stopped("j1"));
}

}  // namespace
}  // namespace trainstop::test
