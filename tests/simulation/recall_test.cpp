// What the daemon knows after its death: clocks, what was told, open stops, the breaker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kWithWarnings =
    "rules: [{name: short, when: {running_for: 10m}, warn_before: [5m, 1m]}]\n";

TEST(Recall, AStopIsDueWhenItWasDueWithoutTheRestart) {
  World world(kWithWarnings);
  world.at(37s, [&] { world.add("j1", 37s); });
  world.at(5min, [&] { world.restart(100s); });
  world.run_until(20min);
  EXPECT_EQ(world.first_stop("j1"), 37s + 10min);
  EXPECT_THAT(world.told("job.seen"), SizeIs(1));
}

TEST(Recall, AnEarlierStayInRunningCountsOn) {
  World world(kWithWarnings);
  world.add("j1", 1s, "PENDING");
  world.at(60s, [&] { world.set_status("j1", "RUNNING"); });
  world.at(60s + 6min, [&] { world.set_status("j1", "PENDING"); });
  world.at(8min, [&] { world.restart(30s); });
  world.at(20min, [&] { world.set_status("j1", "RUNNING"); });
  world.run_until(40min);
  EXPECT_NEAR(static_cast<double>(world.first_stop("j1") / 1s), 24 * 60, 20);
}

TEST(Recall, NothingIsToldTwice) {
  World world(kWithWarnings);
  world.at(10s, [&] { world.add("j1", 10s); });
  for (const Duration when : {Duration(6min), Duration(7min), Duration(9min + 30s)}) {
    world.at(when, [&] { world.restart(5s); });
  }
  world.run_until(20min);
  EXPECT_THAT(world.story("j1", {"rule.", "stop.", "job."}),
              ElementsAre("job.seen", "rule.warned", "rule.warned", "rule.tripped", "stop.intended",
                          "stop.sent", "stop.accepted", "job.ended", "stop.confirmed"));
}

TEST(Recall, ADueThatPassedMeanwhileLeavesAtOnceAndVerified) {
  World world(kWithWarnings);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(5min, [&] { world.restart(30min); });
  world.run_until(50min);
  EXPECT_LE(world.first_stop("j1") - 35min, 500ms);
  EXPECT_EQ(field(world.told("stop.intended").at(0), "verified"), Value(true));
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
}

TEST(Recall, ManyDuesThatPassedMeanwhileAreNoSurprise) {
  World world("rules: [{name: short, when: {running_for: 10m}}]\n");
  for (int i = 0; i < 8; ++i) {
    const std::string id = "j" + std::to_string(i);
    world.at(1s, [&world, id] { world.add(id, 1s); });
  }
  world.at(5min, [&] { world.restart(30min); });
  world.run_until(50min);
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(8));
}

TEST(Recall, ButTheBreakerCountsThem) {
  World world(
      "safety: {max_stops: {count: 5, per: 1h}}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  for (int i = 0; i < 8; ++i) {
    const std::string id = "j" + std::to_string(i);
    world.at(1s, [&world, id] { world.add(id, 1s); });
  }
  world.at(5min, [&] { world.restart(30min); });
  world.run_until(50min);
  EXPECT_THAT(world.told("breaker.opened"), SizeIs(1));
  EXPECT_THAT(world.told("stop.intended"), IsEmpty());
}

TEST(Recall, AnOpenBreakerStaysOpen) {
  World world(
      "safety: {max_stops: {count: 1, per: 1h}}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  for (const char* id : {"j1", "j2"}) world.at(1s, [&world, id] { world.add(id, 1s); });
  world.at(15min, [&] { world.restart(10s); });
  world.run_until(50min);
  EXPECT_THAT(world.told("breaker.opened"), SizeIs(1));
  EXPECT_THAT(world.told("stop.held"), SizeIs(2));
  EXPECT_THAT(world.told("stop.intended"), IsEmpty());
}

TEST(Recall, TheBreakersCountGoesOn) {
  World world(
      "safety: {max_stops: {count: 1, per: 1h}}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(10min, [&] { world.add("j2", 10min); });
  world.at(15min, [&] { world.restart(10s); });
  world.run_until(50min);
  EXPECT_TRUE(world.was_stopped("j1"));
  EXPECT_FALSE(world.was_stopped("j2"));
  EXPECT_THAT(world.told("breaker.opened"), SizeIs(1));
}

TEST(Recall, ARestartIsNoFirstTime) {
  World world("rules: [{name: short, when: {age: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(1min, [&] { world.restart(20min); });
  world.at(2min, [&] { world.add("j2", 2min); });
  world.run_until(25min);
  EXPECT_TRUE(world.was_stopped("j1"));
  EXPECT_TRUE(world.was_stopped("j2"));
}

TEST(Recall, ARuleThatIsNewGivesFirstNotice) {
  World world("rules: [{name: long, when: {age: 10h}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(30min, [&] { world.restart(10s, "rules: [{name: long, when: {age: 10m}}]\n"); });
  world.run_until(2h);
  EXPECT_GE(world.first_stop("j1"), 60min);
  EXPECT_LE(world.first_stop("j1"), 61min);
}

TEST(Recall, FromObserveToEnforceGivesFirstNotice) {
  const std::string rules = "rules: [{name: short, when: {age: 10m}}]\n";
  World world("mode: observe\n" + rules);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(2s, [&] { world.add("j2", 2s); });
  world.at(5min, [&] { world.restart(25min, "mode: enforce\n" + rules); });
  world.run_until(2h);
  EXPECT_GE(world.first_stop("j1"), 60min);
  EXPECT_GE(world.first_stop("j2"), 60min);
  EXPECT_LE(world.first_stop("j2"), 61min);
}

TEST(Recall, AnExemptionThatEndedMeanwhileGivesFirstNotice) {
  const std::string rules = "rules: [{name: short, when: {age: 10m}}]\n";
  World world("safety: {exempt: [{job: j1, reason: paper}]}\n" + rules);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(5min, [&] { world.restart(25min, rules); });
  world.run_until(2h);
  EXPECT_GE(world.first_stop("j1"), 60min);
}

TEST(Recall, AFirstNoticeThatIsRunningGoesOn) {
  World world("rules: [{name: short, when: {age: 10m}}]\n");
  world.add("j1", -1h);
  world.at(20min, [&] { world.restart(10s); });
  world.run_until(2h);
  EXPECT_GE(world.first_stop("j1"), 30min);
  EXPECT_LE(world.first_stop("j1"), 30min + 1s);
}

TEST(Recall, TeamsAreRemembered) {
  World world("rules: [{name: short, match: {team: research}, when: {age: 10m}}]\n");
  world.add("j1", -1h);
  world.at(20min, [&] { world.restart(10s); });
  world.run_until(2h);
  EXPECT_GE(world.first_stop("j1"), 30min) << "the first notice goes on";
  EXPECT_LE(world.first_stop("j1"), 30min + 1s);
  EXPECT_THAT(world.told("rule.tripped"), SizeIs(1));
  EXPECT_THAT(world.told("stop.averted"), IsEmpty());
}

TEST(Recall, PricesAreRemembered) {
  World world("rules: [{name: cap, when: {cost: $50}}]\n");
  world.at(10s, [&] { world.add("j1", 10s, "RUNNING"); });
  world.at(5min, [&] {
    world.prices.clear();
    world.restart(10s);
  });
  world.run_until(3h);
  EXPECT_TRUE(world.was_stopped("j1"));
  EXPECT_THAT(world.told("price.missing"), IsEmpty());
}

TEST(Recall, AJobThatEndedIsNotTakenForANewOne) {
  World world(kWithWarnings);
  world.at(10s, [&] { world.add("j1", 10s); });
  std::vector<JobRef> stale;
  world.at(2min, [&] {
    stale = {std::make_shared<const JobSnapshot>(world.job("j1").now)};
    world.set_status("j1", "COMPLETED");
  });
  world.at(5min, [&] {
    world.edit_list = [&](std::vector<JobRef>& jobs) { jobs = stale; };
    world.restart(1s);
  });
  world.run_until(30min);
  EXPECT_THAT(world.told("job.seen"), SizeIs(1));
  EXPECT_THAT(world.told("job.ended"), SizeIs(1));
}

TEST(Recall, WithoutItsJournalTheDaemonHoldsEveryStop) {
  World world(kWithWarnings);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(20s, [&] { world.add("j2", 20s, "DEPLOYING"); });
  world.at(5min, [&] { world.restart_without_journal(10s); });
  world.run_until(2h);
  EXPECT_FALSE(world.was_stopped("j1"));
  const Event opened = world.told("breaker.opened").at(0);
  EXPECT_EQ(field(opened, "reason"), Value("journal_lost"));
  EXPECT_THAT(world.told("rule.tripped", "j1"), SizeIs(1));
  world.at(2h, [&] { world.restart(10s); });
  world.run_until(4h);
  EXPECT_FALSE(world.was_stopped("j1")) << "a restart is no reset";
}

TEST(Recall, AnImageThatCantBeReadHoldsEveryStop) {
  World world(kWithWarnings);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(5min, [&] {
    auto present = world.present();
    auto& body = present.at({Image::Kind::job, "main/proj1/j1"}).body;
    for (auto& [name, value] : body) {
      if (name == "created_at") value = "yesterday";
    }
    world.set_present(present);
    world.restart(10s);
  });
  world.run_until(2h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_EQ(field(world.told("breaker.opened").at(0), "reason"), Value("journal_lost"));
}

TEST(Recall, AnImageThatCantBeReadIsTakenOutOnce) {
  World world(kWithWarnings);
  world.at(1min, [&] {
    auto present = world.present();
    present[{Image::Kind::job, "main/proj1/gone"}] = {
        Image::Kind::job, Image::Change::put, "main/proj1/gone", {{"created_at", "yesterday"}}};
    world.set_present(present);
    world.restart(10s);
  });
  world.run_until(2min);
  EXPECT_EQ(world.present().count({Image::Kind::job, "main/proj1/gone"}), 0u);
}

TEST(Recall, AnotherApiUnderTheSameNameInheritsNothing) {
  World world(kWithWarnings);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(5min, [&] {
    world.job("j1").exists = false;
    world.restart(5s, std::string("accounts: [{name: main, base_url: 'https://other.example', "
                                  "api_key: {env: KEY}}]\n") +
                          kWithWarnings);
  });
  world.run_until(20min);
  EXPECT_THAT(world.told("job.lost"), IsEmpty());
  EXPECT_EQ(world.present().count({Image::Kind::job, "main/proj1/j1"}), 0u);
}

TEST(Recall, AProjectOutOfViewIsLeftAlone) {
  World world(kWithWarnings);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.at(5min, [&] {
    world.restart(
        5s, std::string("accounts: [{name: main, projects: [other], api_key: {env: KEY}}]\n") +
                kWithWarnings);
  });
  world.run_until(20min);
  EXPECT_FALSE(world.was_stopped("j1"));
}

TEST(Recall, WhatIsRememberedIsNotWrittenAgain) {
  World world(kWithWarnings);
  world.at(10s, [&] { world.add("j1", 10s); });
  std::size_t before = 0;
  world.at(7min, [&] {
    world.on_list = [](bool) { return failing(FailureKind::timeout); };
    before = world.images_written();
    world.restart(1s);
  });
  world.run_until(8min);
  EXPECT_EQ(world.images_written(), before + 1);  // of the account
}

TEST(Recall, AnUnchangedListCostsOneAmendedImage) {
  World world(kWithWarnings);
  world.at(10s, [&] { world.add("j1", 10s); });
  world.run_until(2min);
  const std::size_t before = world.images_written();
  world.run_until(3min);
  EXPECT_EQ(world.images_written(), before + 4);
}

TEST(Recall, AJobThatNoListShowedWasLastSeenWhenItWasRead) {
  World world("rules: [{name: cap, when: {cost: $50}}]\n");
  world.at(10s, [&] { world.add("j1", 10s, "PENDING"); });
  world.at(20min, [&] { world.edit_list = [](std::vector<JobRef>& jobs) { jobs.clear(); }; });
  world.at(22min + 2s, [&] { world.restart(5s); });
  world.at(22min + 4s, [&] {
    world.edit_list = [](std::vector<JobRef>&) {};
    world.set_status("j1", "RUNNING");
  });
  world.run_until(3h);
  EXPECT_TRUE(world.was_stopped("j1")) << "the begin is known to within two polls";
}

TEST(Recall, APhaseThatBeganMeanwhileBeganAfterTheLastList) {
  World world("rules: [{name: cap, when: {cost: $50}}]\n");
  world.at(10s, [&] { world.add("j1", 10s, "PENDING"); });
  world.at(20min + 2s, [&] { world.restart(10s); });
  world.at(20min + 5s, [&] { world.set_status("j1", "RUNNING"); });
  world.run_until(3h);
  EXPECT_TRUE(world.was_stopped("j1")) << "the begin is known to within two polls";
}

}  // namespace
}  // namespace trainstop::test
