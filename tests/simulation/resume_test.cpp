// An open stop goes on after the daemon's death: once, and after a look.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kTenMinutesWarned =
    "rules: [{name: short, when: {running_for: 10m}, warn_before: [5m, 1m]}]\n";

std::size_t stops_of(World& world, const std::string& job) {
  return world.job(job).stop_requests.size();
}

TEST(Resume, AnAcceptedStopIsFollowedAndNotSentAgain) {
  World world(kTenMinutesWarned);
  world.at(10s, [&] { world.add("j1", 10s).stop_latency = 40s; });
  world.at(10min + 20s, [&] { world.restart(5s); });
  world.run_until(20min);
  EXPECT_EQ(stops_of(world, "j1"), 1u);
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
  EXPECT_EQ(field(world.told("stop.confirmed").at(0), "outcome"), Value("stopped"));
}

TEST(Resume, AStopWhoseEndCameMeanwhileIsConfirmed) {
  World world(kTenMinutesWarned);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(10min + 11s, [&] { world.restart(2h); });
  world.run_until(3h);
  EXPECT_EQ(stops_of(world, "j1"), 1u);
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
  EXPECT_THAT(world.told("stop.unconfirmed"), IsEmpty());
}

TEST(Resume, AnIntentWhoseRequestNeverLeftIsCarriedOutOnce) {
  World world(kTenMinutesWarned);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.die_at("stop.intended", World::Death::before_acts);
  world.at(11min, [&] { world.restart(1s); });
  world.run_until(20min);
  EXPECT_EQ(stops_of(world, "j1"), 1u);
  EXPECT_THAT(world.told("stop.intended"), SizeIs(1));
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
}

TEST(Resume, AnIntentWhoseFateCantBeReadIsToldAsUnconfirmed) {
  World world("rules: [{name: stuck, when: {deploying_for: 10m}}]\n");
  world.at(10s, [&] { world.add("j1", 10s, "DEPLOYING"); });
  world.die_at("stop.intended", World::Death::before_acts);
  world.at(11min, [&] {
    world.on_read = [](const std::string&) { return failing(FailureKind::timeout); };
    world.on_list = [](bool) { return failing(FailureKind::timeout); };
    world.restart(1s);
  });
  world.run_until(90min);
  EXPECT_EQ(stops_of(world, "j1"), 0u);
  ASSERT_THAT(world.told("stop.unconfirmed"), SizeIs(2));  // at once and hourly
  EXPECT_LE(world.told("stop.unconfirmed")[0].at, kStart + 15min);
}

TEST(Resume, AnIntentThatWasNotDurableIsDecidedAnew) {
  World world(kTenMinutesWarned);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.die_at("stop.intended", World::Death::before_records);
  world.at(11min, [&] { world.restart(1s); });
  world.run_until(20min);
  EXPECT_EQ(stops_of(world, "j1"), 1u);
  EXPECT_THAT(world.told("stop.intended"), SizeIs(1));
  EXPECT_THAT(world.told("rule.tripped"), SizeIs(1));
}

TEST(Resume, AnIntentThatHoldsNoLongerIsAverted) {
  World world("rules: [{name: stuck, when: {deploying_for: 10m}}]\n");
  world.at(10s, [&] { world.add("j1", 10s, "DEPLOYING"); });
  world.die_at("stop.intended", World::Death::before_acts);
  world.at(11min, [&] { world.set_status("j1", "RUNNING"); });
  world.at(12min, [&] { world.restart(1s); });
  world.run_until(40min);
  EXPECT_EQ(stops_of(world, "j1"), 0u);
  EXPECT_THAT(world.told("stop.averted"), SizeIs(1));
  EXPECT_EQ(world.present().count({Image::Kind::stop, "main/proj1/j1"}), 0u);
}

TEST(Resume, ARequestThatMayHaveBeenLostIsSentAgainAfterALook) {
  World world(kTenMinutesWarned);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.on_stop = [](const std::string&) { return failing(FailureKind::transport); };
  world.die_at("stop.sent", World::Death::before_acts);
  world.at(11min, [&] {
    world.on_stop = [](const std::string&) { return Trouble{}; };
    world.restart(1s);
  });
  world.run_until(20min);
  ASSERT_EQ(stops_of(world, "j1"), 2u);
  EXPECT_THAT(world.told("stop.intended"), SizeIs(1));
  Instant read = kLongAgo;
  for (const auto& call : world.calls) {
    if (call.what == "read" && call.at < world.job("j1").stop_requests[1]) read = call.at;
  }
  EXPECT_GE(read, kStart + 11min);
}

TEST(Resume, ARuleThatIsGoneDoesNotUndoItsStop) {
  World world(kTenMinutesWarned);
  world.at(10s, [&] { world.add("j1", 10s).stop_latency = 2min; });
  world.at(10min + 20s, [&] { world.restart(5s, "rules: [{name: other, when: {age: 10h}}]\n"); });
  world.run_until(30min);
  const Event confirmed = world.told("stop.confirmed").at(0);
  EXPECT_EQ(field(confirmed, "rule"), Value("short"));
  EXPECT_EQ(stops_of(world, "j1"), 1u);
}

TEST(Resume, ARuleThatIsGoneAvertsWhatWasNotYetSent) {
  World world("rules: [{name: short, when: {running_for: 10m}, grace: 5m}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(12min, [&] { world.restart(5s, "rules: [{name: other, when: {age: 10h}}]\n"); });
  world.run_until(30min);
  EXPECT_THAT(world.told("stop.averted"), SizeIs(1));
  EXPECT_FALSE(world.was_stopped("j1"));
}

}  // namespace
}  // namespace trainstop::test
