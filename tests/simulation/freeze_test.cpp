// Windows in which nothing is stopped. Every world begins on a Monday at midnight UTC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::string frozen(const std::string& freeze, const std::string& rule = {}) {
  return "safety: {freeze: [" + freeze + "]}\nrules: [{name: short, when: {running_for: 10m}" +
         rule + "}]\n";
}

constexpr const char* kMorning = "{during: \"Mon 00:00-02:00\"}";

TEST(Freeze, HoldsWhatFallsDueInItAndLetsItLeaveAtItsEnd) {
  World world(frozen(kMorning));
  world.at(10s, [&] { world.add("j1", 10s); });
  world.run_until(3h);
  EXPECT_GE(world.first_stop("j1"), 2h);
  EXPECT_LT(world.first_stop("j1"), 2h + 5s);
  EXPECT_EQ(field(world.told("stop.held", "j1").at(0), "reason"), Value("freeze"));
  EXPECT_THAT(world.told("freeze.began"), SizeIs(1));
  EXPECT_THAT(world.told("freeze.ended"), SizeIs(1));
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
}

TEST(Freeze, JudgesAnewAtItsEnd) {
  World world("safety: {freeze: [" + std::string(kMorning) +
              "]}\nrules: [{name: stuck, when: {deploying_for: 10m}}]\n");
  world.at(10s, [&] { world.add("j1", 10s, "DEPLOYING"); });
  world.at(1h, [&] { world.set_status("j1", "RUNNING"); });
  world.run_until(3h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.told("stop.averted", "j1"), SizeIs(1));
}

TEST(Freeze, IsPassedByARuleThatMay) {
  World world(frozen(kMorning, ", through_freeze: true"));
  world.at(10s, [&] { world.add("j1", 10s); });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("j1"), 10min + 10s);
}

TEST(Freeze, OfOneRuleDoesNotHoldAnotherThatMayPass) {
  World world(
      "safety: {freeze: [" + std::string(kMorning) +
      "]}\nrules: [{name: a, when: {running_for: 10m}}, {name: b, when: {running_for: 20m}, "
      "through_freeze: true}]\n");
  world.at(10s, [&] { world.add("j1", 10s); });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("j1"), 20min + 10s);
  EXPECT_EQ(field(world.told("stop.intended", "j1").at(0), "rule"), Value("b"));
}

TEST(Freeze, IsPassedByAPerson) {
  World world(frozen(kMorning));
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(20min, [&] { world.order(core::Command::StopJob{World::key_of("j1"), false}); });
  world.run_until(1h);
  EXPECT_LT(world.first_stop("j1"), 20min + 5s);
}

TEST(Freeze, SpeaksOfTheJobsThatFitAndOfThoseThatMay) {
  World world(frozen("{during: \"Mon 00:00-02:00\", match: {user: ana@corp.example}}"));
  world.at(10s, [&] {
    world.add("hers", 10s);
    world.add("his", 10s).now.user = "bo@corp.example";
    world.add("whose", 10s).now.user.reset();
  });
  world.run_until(1h);
  EXPECT_FALSE(world.was_stopped("hers"));
  EXPECT_TRUE(world.was_stopped("his"));
  EXPECT_FALSE(world.was_stopped("whose"));
}

TEST(Freeze, ManyDuesAtItsEndPassTheBreakerAsOne) {
  World world("safety: {max_stops: {count: 2, per: 1h}, freeze: [" + std::string(kMorning) +
              "]}\nrules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(10s, [&] {
    for (const char* id : {"a", "b", "c"}) world.add(id, 10s);
  });
  world.run_until(119min);
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
  world.run_until(3h);
  EXPECT_THAT(world.told("breaker.opened"), SizeIs(1));
  for (const char* id : {"a", "b", "c"}) EXPECT_FALSE(world.was_stopped(id));
}

TEST(Freeze, LeavesTheLoopAtRest) {
  World world(frozen(kMorning));
  world.at(10s, [&] { world.add("j1", 10s); });
  world.run_until(2h);
  EXPECT_LT(world.calls_of_core(), 3000u);
  EXPECT_THAT(world.told("stop.held", "j1"), SizeIs(2));  // at once and hourly
}

TEST(Freeze, DoesNotHoldWhatHasLeft) {
  World world(frozen("{during: \"Mon 00:12-02:00\"}"));
  world.on_stop = [&](const std::string&) {
    return world.now() < kStart + 15min ? failing(FailureKind::server_error, 500) : Trouble{};
  };
  world.at(10s, [&] { world.add("j1", 10s); });
  world.run_until(1h);
  EXPECT_THAT(world.story("j1", {"stop.held"}), IsEmpty());
  EXPECT_THAT(world.told("stop.confirmed", "j1"), SizeIs(1));
}

}  // namespace
}  // namespace trainstop::test
