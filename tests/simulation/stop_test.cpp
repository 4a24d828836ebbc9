// A stop from trip to seen end, when all goes well.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Stop, LeavesAtTheInstantWhateverThePollInterval) {
  World world(kTenMinutes);
  world.at(37s, [&] { world.add("j1", 37s); });
  world.run_until(20min);
  EXPECT_EQ(world.first_stop("j1"), 37s + 10min);
  EXPECT_THAT(world.job("j1").stop_requests, SizeIs(1));
}

TEST(Stop, TellsItsStoryInOrder) {
  World world(kTenMinutes);
  world.at(37s, [&] { world.add("j1", 37s); });
  world.run_until(20min);
  EXPECT_THAT(world.story("j1", {"rule.", "stop.", "job."}),
              ElementsAre("job.seen", "rule.tripped", "stop.intended", "stop.sent", "stop.accepted",
                          "job.ended", "stop.confirmed"));
  const Event confirmed = world.told("stop.confirmed").at(0);
  EXPECT_EQ(field(confirmed, "outcome"), Value("stopped"));
  EXPECT_EQ(field(confirmed, "late_s"), Value(Duration{0}));
  EXPECT_EQ(field(confirmed, "rule"), Value("short"));
  EXPECT_EQ(field(world.told("job.ended").at(0), "by"), Value("trainstop"));
}

TEST(Stop, BearsOneIdInAllItsLines) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(20min);
  const Value id = field(world.told("rule.tripped").at(0), "stop");
  for (const char* name : {"stop.intended", "stop.sent", "stop.accepted", "stop.confirmed"}) {
    EXPECT_EQ(field(world.told(name).at(0), "stop"), id) << name;
  }
}

TEST(Stop, ReadsTheJobAgainAtMostFiveSecondsBeforeTheRequest) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(20min);
  Instant read = kLongAgo, stop = kNever;
  for (const auto& call : world.calls) {
    if (call.what == "stop") stop = std::min(stop, call.at);
    if (call.what == "read" && call.at < stop) read = call.at;
  }
  EXPECT_LE(stop - read, 5s);
  EXPECT_GE(stop - read, 2s);
}

TEST(Stop, ThatWaitedForItsTurnIsVerifiedAnew) {
  World world("stop: {concurrency: 1}\nrules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    for (const char* id : {"a", "b", "c", "d", "e"}) world.add(id, 1s);
  });
  world.at(10min, [&] { world.latency = 3s; });
  world.run_until(20min);
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    Instant read = kLongAgo;
    for (const auto& call : world.calls) {
      const bool before = call.at < kStart + world.first_stop(id);
      if (call.what == "read" && call.job == id && before) read = call.at;
    }
    EXPECT_LE(world.first_stop(id) - (read - kStart), 5s) << id;
  }
}

TEST(Stop, SparesAJobThatEndsBeforeItsDue) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(10min, [&] { world.set_status("j1", "COMPLETED"); });
  world.run_until(20min);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_EQ(field(world.told("job.ended").at(0), "by"), Value("itself"));
}

TEST(Stop, IsAvertedWhenTheVerifyingReadShowsTheEnd) {
  World world("rules: [{name: short, when: {running_for: 10m}, grace: 1m}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(11min - 500ms, [&] { world.set_status("j1", "FAILED"); });
  world.run_until(20min);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.story("j1", {"stop."}), ElementsAre("stop.averted"));
  EXPECT_EQ(field(world.told("stop.averted").at(0), "reason"), Value("ended"));
}

TEST(Stop, ThatEndsItselfAfterTheRequestSaysSo) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 1min; });
  world.at(1s + 10min + 2s, [&] { world.set_status("j1", "COMPLETED"); });
  world.run_until(20min);
  EXPECT_EQ(field(world.told("stop.confirmed").at(0), "outcome"), Value("ended_itself"));
}

TEST(Stop, LandsUnderTheMoneyLimit) {
  World world("rules: [{name: cap, when: {cost: $10}}]\n");
  world.at(20s, [&] { world.add("j1", 20s, "DEPLOYING").stop_latency = 55s; });
  world.run_until(30min);
  const Event confirmed = world.told("stop.confirmed").at(0);
  const auto cost = std::get<Money>(field(confirmed, "cost").data);
  EXPECT_LE(cost, Money::from_dollars(10));
  // 11 whole minutes at 0.86667 fit; 60 s of allowance lie before their end, counted from the
  // earliest begin.
  EXPECT_GE(cost, Money::from_dollars(8));
  const Money truly =
      *multiply(*parse_decimal_dollars("0.86667"),
                (*world.job("j1").ended - world.job("j1").began + Duration{59999999}) / 1min);
  EXPECT_LE(truly, Money::from_dollars(10));
}

TEST(Stop, AtTheMoneyLimitDropsTheAllowance) {
  World world("rules: [{name: cap, when: {cost: $10}, landing: at}]\n");
  world.at(15s, [&] { world.add("j1", 15s, "DEPLOYING"); });
  world.run_until(30min);
  EXPECT_EQ(world.first_stop("j1"), 15s + 11min);
}

TEST(Stop, GraceNeverCostsMoney) {
  World world("rules: [{name: cap, when: {cost: $10}, landing: at, grace: 2m}]\n");
  world.at(15s, [&] { world.add("j1", 15s, "DEPLOYING"); });
  world.run_until(30min);
  EXPECT_EQ(world.told("rule.tripped").at(0).at, kStart + 15s + 9min);
  EXPECT_EQ(world.first_stop("j1"), 15s + 11min);
}

TEST(Stop, WaitsForGraceAfterATimeRule) {
  World world("rules: [{name: short, when: {running_for: 10m}, grace: 5m}]\n");
  world.at(15s, [&] { world.add("j1", 15s); });
  world.run_until(30min);
  EXPECT_EQ(world.told("rule.tripped").at(0).at, kStart + 15s + 10min);
  EXPECT_EQ(world.first_stop("j1"), 15s + 15min);
}

TEST(Stop, OfTwoRulesTheEarlierWinsAndTiesGoByName) {
  World world(
      "rules: [{name: b, when: {running_for: 10m}}, {name: a, when: {running_for: 10m}},"
      " {name: c, when: {running_for: 1h}}]\n");
  world.at(15s, [&] { world.add("j1", 15s); });
  world.run_until(30min);
  const Event intended = world.told("stop.intended").at(0);
  EXPECT_EQ(field(intended, "rule"), Value("a"));
  EXPECT_THAT(std::get<Value::Array>(field(intended, "evidence").data), SizeIs(2));
  EXPECT_THAT(world.job("j1").stop_requests, SizeIs(1));
}

TEST(Stop, ManyAtOnceLeaveCostliestFirst) {
  World world(
      "safety: {max_stops: {count: 100, per: 1h}}\nstop: {concurrency: 1}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(15s, [&] {
    world.add("cheap", 15s);
    world.add("dear", 15s).now.node_count = 4;
    world.add("middle", 15s).now.node_count = 2;
  });
  world.run_until(30min);
  EXPECT_LT(world.first_stop("dear"), world.first_stop("middle"));
  EXPECT_LT(world.first_stop("middle"), world.first_stop("cheap"));
}

TEST(Stop, NoneWaitsForEverBehindDearerOnesWhoseRequestsFail) {
  World world(
      "safety: {max_stops: {count: 100, per: 1h}}\nstop: {concurrency: 1}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(15s, [&] {
    world.add("cheap", 15s);
    for (const char* dear : {"a", "b", "c", "d", "e"}) world.add(dear, 15s).now.node_count = 4;
  });
  world.at(10min + 16s, [&] {
    world.latency = 10s;
    world.on_stop =
        world.on_read = [](const std::string&) { return failing(FailureKind::timeout); };
    world.on_list = [](bool) { return failing(FailureKind::timeout); };
  });
  world.run_until(2h);
  std::vector<std::size_t> requests;
  for (const char* id : {"a", "b", "c", "d", "e", "cheap"})
    requests.push_back(world.job(id).stop_requests.size());
  EXPECT_GT(requests.back() * 2, std::ranges::max(requests)) << testing::PrintToString(requests);
}

TEST(Stop, AThousandAtOnceAllLeaveWithoutAReadEach) {
  World world(
      "safety: {max_stops: {count: 2000, per: 1h}}\nrules: [{name: short, when: {running_for: "
      "10m}}]\n");
  world.at(15s, [&] {
    for (int i = 0; i < 1000; ++i) world.add("j" + std::to_string(i), 15s);
  });
  world.run_until(15min);
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1000));
  std::size_t reads = 0;
  for (const auto& call : world.calls) reads += call.what == "read" ? 1u : 0u;
  EXPECT_LE(reads, 100u);
  EXPECT_LE(
      *std::max_element(world.job("j7").stop_requests.begin(), world.job("j7").stop_requests.end()),
      kStart + 15s + 10min + 10s);
}

TEST(Observe, DecidesAndTellsAndSendsNothing) {
  World world(std::string("mode: observe\n") + kTenMinutes);
  world.at(15s, [&] { world.add("j1", 15s); });
  world.run_until(30min);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.story("j1", {"rule.", "stop."}),
              ElementsAre("rule.tripped", "rule.would_stop"));
  EXPECT_THAT(world.told("stop.intended"), IsEmpty());
}

TEST(Shutdown, EndsAllActs) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(5min);
  const auto batch = world.core().handle(core::Shutdown{}, world.now());
  EXPECT_TRUE(batch.acts.empty());
  EXPECT_EQ(world.core().handle(core::Tick{}, world.now() + 1h).acts.size(), 0u);
}

}  // namespace
}  // namespace trainstop::test
