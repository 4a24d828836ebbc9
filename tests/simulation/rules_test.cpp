// What rules do to jobs: selection, warnings, first notice, exemptions, modes, and what is unknown.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Instant> times_of(const std::vector<Event>& events) {
  std::vector<Instant> times;
  for (const Event& event : events) times.push_back(event.at);
  return times;
}

TEST(Rules, StopOnlyWhatTheyMatch) {
  World world(
      "rules: [{name: short, match: {project: llm}, exclude: [{job: '*-keep'}], when: "
      "{running_for: 10m}}]\n");
  world.at(1s, [&] {
    world.add("j1", 1s);
    world.add("j2", 1s).now.name = "tune-keep";
    world.add("j3", 1s).now.project_name = "other";
  });
  world.run_until(30min);
  EXPECT_TRUE(world.was_stopped("j1"));
  EXPECT_FALSE(world.was_stopped("j2"));
  EXPECT_FALSE(world.was_stopped("j3"));
}

TEST(Rules, AnUnknownAttributeProtects) {
  World world(
      "rules: [{name: a, match: {user: 'ana@*'}, when: {running_for: 10m}},"
      " {name: b, exclude: [{user: 'bo@*'}], when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s).now.user.reset(); });
  world.run_until(30min);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.told("rule.unknown", "j1"), SizeIs(2));
}

TEST(Rules, AnAttributeOnceSeenStays) {
  World world("rules: [{name: a, match: {user: 'ana@*'}, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(2min, [&] { world.job("j1").now.user.reset(); });
  world.run_until(30min);
  EXPECT_EQ(world.first_stop("j1"), 1s + 10min);
}

TEST(Rules, KnowTheTeamFromTheProject) {
  World world("rules: [{name: a, match: {team: Research}, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(30min);
  EXPECT_TRUE(world.was_stopped("j1"));
}

TEST(Warnings, ComeAtTheirTimesBeforeTheDue) {
  World world(
      "rules: [{name: a, when: {running_for: 2h}, warn_before: [1h, 10m], warn_at: [25%]}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(3h);
  EXPECT_THAT(times_of(world.told("rule.warned")),
              ElementsAre(kStart + 1s + 30min, kStart + 1s + 1h, kStart + 1s + 110min));
}

TEST(Warnings, OfSeveralOverdueOnlyTheMostUrgentIsTold) {
  World world("rules: [{name: a, when: {age: 2h}, warn_before: [1h, 10m], warn_at: [25%]}]\n");
  world.at(1min, [&] { world.add("j1", 1min - 115min); });
  world.run_until(2min);
  ASSERT_THAT(world.told("rule.warned"), SizeIs(1));
  EXPECT_EQ(field(world.told("rule.warned")[0], "warn_before"), Value(Duration(10min)));
}

TEST(Warnings, AreNotToldAfterTheTrip) {
  World world("rules: [{name: a, when: {running_for: 10m}, warn_before: [1h, 10m], grace: 1h}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(12min);
  const std::size_t before = world.told("rule.warned").size();
  world.run_until(1h);
  EXPECT_THAT(world.told("rule.warned"), SizeIs(before));
}

TEST(WarnRule, NeverStopsAndRepeats) {
  World world("rules: [{name: a, when: {running_for: 10m}, action: warn, repeat: 30m}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(75min);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(times_of(world.told("rule.tripped")),
              ElementsAre(kStart + 1s + 10min, kStart + 1s + 40min, kStart + 1s + 70min));
}

TEST(FirstNotice, DelaysTheStopOfAJobThatIsOverAtTheStart) {
  World world("rules: [{name: a, when: {age: 1h}}]\n");
  world.add("old", -5h);
  world.add("young", -59min);
  world.run_until(2h);
  EXPECT_GE(world.first_stop("old"), 30min);
  EXPECT_LE(world.first_stop("old"), 31min);
  EXPECT_EQ(world.first_stop("young"), 1min);
  EXPECT_EQ(field(world.told("rule.tripped", "old")[0], "due_at"),
            Value(world.told("rule.tripped", "old")[0].at + 30min));
}

TEST(FirstNotice, IsNotUsedUpByAnEmptyList) {
  World world("rules: [{name: a, when: {age: 1h}}]\n");
  world.add("old", -5h);
  world.edit_list = [](std::vector<JobRef>& jobs) { jobs.clear(); };
  world.at(1min, [&] { world.edit_list = [](std::vector<JobRef>&) {}; });
  world.run_until(2h);
  EXPECT_GE(world.first_stop("old"), 31min);
}

TEST(FirstNotice, IsGivenToAJobWhosePriceComesAfterTheFirstList) {
  World world("rules: [{name: cap, when: {cost: $20}}]\n");
  world.add("old", -5h);
  world.run_until(2h);
  EXPECT_GE(world.first_stop("old"), 30min);
  EXPECT_LE(world.first_stop("old"), 31min);
}

TEST(Money, LimitBelowTheCostOfOneStopIsToldOnSight) {
  World world("rules: [{name: cap, when: {cost: $1}}]\n");
  world.at(1s, [&] { world.add("j1", 1s, "PENDING"); });
  world.run_until(1min);
  ASSERT_THAT(world.told("rule.warned"), SizeIs(1));
  EXPECT_EQ(field(world.told("rule.warned")[0], "reason"), Value("limit_below_one_stop"));
}

TEST(FirstNotice, ComesWhenEnforcementBegins) {
  World world("rules: [{name: a, when: {running_for: 10m}, enforce_from: 2026-01-05T02:00:00Z}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(1h + 59min);
  EXPECT_THAT(world.told("rule.would_stop"), SizeIs(1));
  world.run_until(4h);
  EXPECT_EQ(world.first_stop("j1"), 2h + 30min);
}

TEST(Exemption, WatchesTellsAndNeverStops) {
  World world(
      "safety: {exempt: [{job: j1, reason: paper}]}\nrules: [{name: a, when: {running_for: "
      "10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(5h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.story("j1", {"rule.", "stop."}), ElementsAre("rule.tripped", "stop.held"));
  EXPECT_EQ(field(world.told("stop.held")[0], "reason"), Value("exempt"));
}

TEST(Exemption, ThatEndsGivesNotice) {
  World world(
      "safety: {exempt: [{job: j1, until: 2026-01-05T01:00:00Z, reason: paper}]}\n"
      "rules: [{name: a, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(5h);
  EXPECT_EQ(world.first_stop("j1"), 1h + 30min);
}

TEST(Exemption, ThatEndsWhenTheConditionHoldsNoLongerTakesBackWhatWasTold) {
  World world(
      "safety: {exempt: [{job: j1, until: 2026-01-05T01:00:00Z, reason: paper}]}\n"
      "rules: [{name: a, when: {schedule: {during: '00:10-01:00'}}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(2h);
  EXPECT_THAT(world.story("j1", {"rule."}), ElementsAre("rule.tripped", "rule.cleared"));
}

TEST(Exemption, ThatEndsWhileTheConditionIsUnknownGivesNoticeWhenItIsKnown) {
  World world(
      "safety: {exempt: [{job: j1, until: 2026-01-05T01:00:00Z, reason: paper}]}\n"
      "rules: [{name: a, when: {in_status: {status: RUNNING, for: 10m}}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(50min, [&] { world.set_status("j1", "SNAPSHOTTING"); });
  world.at(70min, [&] { world.set_status("j1", "RUNNING"); });
  world.run_until(5h);
  EXPECT_THAT(world.story("j1", {"rule."}),
              ElementsAre("rule.tripped", "rule.cleared", "rule.tripped"));
}

TEST(Exemption, ThatEndsBeforeThePriceIsKnownGivesNoticeWhenItIs) {
  World world(
      "safety: {exempt: [{job: j1, until: 2026-01-05T01:00:00Z, reason: paper}]}\n"
      "rules: [{name: cap, when: {cost: $20}}]\n");
  world.prices.clear();
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(61min, [&] { world.prices = {{"H100x8", "0.86667"}}; });
  world.run_until(5h);
  const Instant tripped = world.told("rule.tripped").at(0).at;
  EXPECT_GE(tripped, kStart + 61min);
  EXPECT_EQ(kStart + world.first_stop("j1"), tripped + 30min);
}

TEST(Cleared, ConditionAvertsTheStop) {
  World world("rules: [{name: a, when: {deploying_for: 10m}, grace: 10m}]\n");
  world.at(1s, [&] { world.add("j1", 1s, "DEPLOYING"); });
  world.at(15min, [&] { world.set_status("j1", "RUNNING"); });
  world.run_until(2h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.story("j1", {"rule.", "stop."}),
              ElementsAre("rule.tripped", "rule.cleared", "stop.averted"));
}

TEST(Cleared, OnlyByTheVerifyingReadIsEnough) {
  World world("poll: {interval: 5m}\nrules: [{name: a, when: {deploying_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s, "DEPLOYING"); });
  world.at(10min - 3s, [&] { world.set_status("j1", "RUNNING"); });
  world.run_until(2h);
  EXPECT_FALSE(world.was_stopped("j1"));
}

TEST(Money, WithoutAPriceIsUnknownAndNeverStops) {
  World world("rules: [{name: a, when: {cost: $1}}]\n");
  world.prices.clear();
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(5h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.told("price.missing"), SizeIs(1));
}

TEST(Money, OfABeginThatIsNotKnownCloselyIsWarnedOfNotStoppedOn) {
  World world("rules: [{name: a, when: {cost: $100}}]\n");
  world.add("j1", -10h).now.updated_at = kStart - 10h - 1s;
  world.run_until(30min);
  EXPECT_FALSE(world.was_stopped("j1"));
  ASSERT_THAT(world.told("rule.warned"), SizeIs(1));
  EXPECT_EQ(field(world.told("rule.warned")[0], "estimated"), Value(true));
  world.run_until(
      5h);  // from the latest begin $100 are reached after 115 minutes, less the allowance
  EXPECT_EQ(world.first_stop("j1"),
            std::chrono::floor<std::chrono::minutes>(world.first_stop("j1")) + 50ms);
  EXPECT_GT(world.first_stop("j1"), 1h + 50min);
}

TEST(Money, KeepsThePriceThatIsNoLongerListedAndSaysSoOnce) {
  World world("rules: [{name: a, when: {cost: $2000}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(20h, [&] { world.prices = {{"other", "1"}}; });
  world.run_until(24h * 3);
  ASSERT_THAT(world.told("price.missing"), SizeIs(1));
  EXPECT_EQ(field(world.told("price.missing")[0], "kept_old"), Value(true));
  ASSERT_TRUE(world.was_stopped("j1"));
  EXPECT_GT(world.first_stop("j1"), 38h);
}

TEST(Money, KeepsTheOldPriceWhenTheNewOneIsAbsurd) {
  World world("rules: [{name: a, when: {cost: $100}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(23h, [&] {
    world.set_status("j1", "COMPLETED");
    world.prices["H100x8"] = "86.667";
  });
  world.at(25h, [&] { world.add("j2", 25h); });
  world.run_until(25h + 30min);
  EXPECT_FALSE(world.was_stopped("j2"));
  ASSERT_THAT(world.told("price.changed"), SizeIs(1));
  EXPECT_EQ(field(world.told("price.changed")[0], "kept_old"), Value(true));
}

TEST(Money, TakesTheConfiguredPriceFirst) {
  World world("prices: {H100x8: $60.00/h}\nrules: [{name: a, when: {cost: $10}, landing: at}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("j1"), 1s + 10min);
}

TEST(Schedule, StopsWhenTheWindowOpens) {
  World world(
      "rules: [{name: night, when: {schedule: {during: '22:00-06:00', timezone: "
      "America/New_York}}}]\n");
  world.at(6h + 1s, [&] { world.add("j1", 6h + 1s); });  // 01:00 in New York: in the window at once
  world.at(12h, [&] { world.add("j2", 12h); });  // 07:00: waits for 22:00, which is 03:00 UTC
  world.run_until(40h);
  EXPECT_LT(world.first_stop("j1"), 6h + 20s);
  EXPECT_EQ(world.first_stop("j2"), 27h);
}

TEST(Deadline, MovesWithTheClock) {
  World world("rules: [{name: end, when: {deadline: 2026-01-05T03:00:00Z}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(1h, [&] { world.set_shift(-10min); });
  world.run_until(5h);
  EXPECT_EQ(world.first_stop("j1"), 3h + 10min);
}

TEST(UnknownStatus, ContinuesTheClocksOfTheLastKnownPhase) {
  World world("rules: [{name: a, when: {running_for: 1h}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(10min, [&] { world.set_status("j1", "CHECKPOINTING"); });
  world.run_until(2h);
  EXPECT_EQ(world.first_stop("j1"), 1s + 1h);
  EXPECT_THAT(world.told("job.status_unknown"), SizeIs(1));
}

TEST(UnknownStatus, FromTheStartKnowsOnlyAgeDeadlineAndSchedule) {
  World world("rules: [{name: a, when: {running_for: 1h}}, {name: b, when: {age: 5h}}]\n");
  world.at(1s, [&] { world.add("j1", 1s, "CHECKPOINTING"); });
  world.run_until(6h);
  EXPECT_EQ(world.first_stop("j1"), 1s + 5h);
}

TEST(RunningFor, SumsAllStays) {
  World world("rules: [{name: a, when: {running_for: 1h}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(30min, [&] { world.set_status("j1", "QUEUED"); });
  world.at(2h, [&] { world.set_status("j1", "RUNNING"); });
  world.run_until(5h);
  // A stay's end is counted early, a begin late: at most a poll interval of both is given away.
  EXPECT_GE(world.first_stop("j1"), 2h + 30min + 1s);
  EXPECT_LE(world.first_stop("j1"), 2h + 30min + 17s);
}

}  // namespace
}  // namespace trainstop::test
