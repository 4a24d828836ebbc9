// Rules at their edges: what is told once and not again, exemptions that are unsure, values that
// can't be shown.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Exemption, SparesOnlyWhatItNames) {
  World world(
      "safety: {exempt: [{job: j1, reason: paper}]}\n"
      "rules: [{name: a, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    world.add("j1", 1s);
    world.add("j2", 1s);
  });
  world.run_until(1h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_TRUE(world.was_stopped("j2"));
}

TEST(Exemption, OfSeveralTheLongestCounts) {
  for (const char* order :
       {"{job: j1, until: 2026-01-05T01:00:00Z, reason: short}, {job: j1, reason: long}",
        "{job: j1, reason: long}, {job: j1, until: 2026-01-05T01:00:00Z, reason: short}"}) {
    World world(std::string("safety: {exempt: [") + order +
                "]}\nrules: [{name: a, when: {running_for: 10m}}]\n");
    world.at(1s, [&] { world.add("j1", 1s); });
    world.run_until(5h);
    EXPECT_FALSE(world.was_stopped("j1")) << order;
    EXPECT_THAT(world.told("stop.held").at(0).message, HasSubstr("long"));
  }
}

TEST(Exemption, ThatAsksForWhatTheJobLacksProtectsItAndIsToldOnce) {
  World world(
      "safety: {exempt: [{user: 'ana@*', reason: paper}]}\n"
      "rules: [{name: a, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s).now.user.reset(); });
  world.at(5min, [&] { world.job("j1").now.node_count = 2; });
  world.run_until(1h);
  EXPECT_FALSE(world.was_stopped("j1"));
  ASSERT_THAT(world.told("rule.unknown"), SizeIs(1));
  EXPECT_EQ(world.told("rule.unknown")[0].find("rule"), nullptr) << "it is no rule that asks";
  EXPECT_THAT(world.told("rule.unknown")[0].message, HasSubstr("the job is protected"));
}

TEST(Rules, ThatBeginToMatchAreJudgedFromThenOn) {
  World world(
      "rules: [{name: a, match: {job: late}, when: {running_for: 20m}},"
      " {name: b, when: {running_for: 1h}}, {name: c, match: {job: name-*}, when: {age: 5h}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(15min, [&] { world.job("j1").now.name = "late"; });
  world.run_until(2h);
  EXPECT_EQ(world.first_stop("j1"), 1s + 20min);
}

TEST(Observe, WaitsForTheGraceBeforeItTellsWhatItWouldStop) {
  World world(
      "mode: observe\nrules: [{name: short, when: {running_for: 10m}, grace: 10m},"
      " {name: told, when: {running_for: 10m}, action: warn}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(1h);
  ASSERT_THAT(world.told("rule.would_stop"), SizeIs(1));
  EXPECT_EQ(world.told("rule.would_stop")[0].at, kStart + 1s + 20min);
}

TEST(Observe, TellsItOnceHoweverOftenTheJobChanges) {
  World world("mode: observe\nrules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(20min, [&] { world.job("j1").now.node_count = 2; });
  world.at(30min, [&] { world.job("j1").now.priority = 2; });
  world.run_until(1h);
  EXPECT_THAT(world.told("rule.would_stop"), SizeIs(1));
}

TEST(Observe, ThatBecomesUnknownInItsGraceTellsNothing) {
  World world("mode: observe\nrules: [{name: cap, when: {cost: $10}, grace: 5m}]\n");
  world.at(15s, [&] { world.add("j1", 15s); });
  world.at(6min, [&] { world.job("j1").now.instance_type = "B200x8"; });
  world.run_until(1h);
  EXPECT_THAT(world.told("rule.tripped"), SizeIs(1));
  EXPECT_THAT(world.told("rule.would_stop"), IsEmpty());
}

TEST(LimitBelowOneStop, IsToldOnceAndForStopsOnly) {
  World world(
      "rules: [{name: cap, when: {cost: $1}}, {name: told, when: {cost: $1}, action: warn}]\n");
  world.at(1s, [&] { world.add("j1", 1s, "PENDING"); });
  world.at(5min, [&] { world.job("j1").now.node_count = 2; });
  world.run_until(10min);
  ASSERT_THAT(world.told("rule.warned"), SizeIs(1));
  EXPECT_EQ(field(world.told("rule.warned")[0], "rule"), Value("cap"));
  EXPECT_NE(world.told("rule.warned")[0].find("least_cost"), nullptr);
}

TEST(LimitBelowOneStop, OfAPriceTooLargeToCountIsToldWithoutTheCost) {
  World world("rules: [{name: cap, when: {cost: $1}}]\n");
  world.prices = {{"H100x8", "9000000000"}};
  world.at(1s, [&] { world.add("j1", 1s, "PENDING"); });
  world.run_until(1min);
  ASSERT_THAT(world.told("rule.warned"), SizeIs(1));
  EXPECT_EQ(world.told("rule.warned")[0].find("least_cost"), nullptr);
}

TEST(UnknownStatus, OfAJobWhoseCostIsEstimatedSaysNothingOfMoney) {
  World world("rules: [{name: a, when: {in_status: {status: RUNNING, for: 10h}}}]\n");
  world.add("j1", -5h).now.updated_at = kStart - 6h;
  world.at(1min, [&] { world.set_status("j1", "CHECKPOINTING"); });
  world.run_until(1h);
  EXPECT_THAT(world.told("rule.warned"), IsEmpty());
}

TEST(Evidence, OfAPartThatIsUnknownHasNoValue) {
  World world("rules: [{name: a, when: {any: [{running_for: 10m}, {cost: $100}]}}]\n");
  world.prices.clear();
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(20min);
  const Event tripped = world.told("rule.tripped").at(0);
  EXPECT_EQ(field(tripped, "unit"), Value("s")) << "the part that speaks for the rule";
  const auto evidence = std::get<Value::Array>(field(tripped, "evidence").data);
  ASSERT_THAT(evidence, SizeIs(2));
  const auto names = [](const Value& leaf) {
    std::vector<std::string> found;
    for (const auto& [name, value] : std::get<Value::Object>(leaf.data)) found.push_back(name);
    return found;
  };
  EXPECT_THAT(names(evidence[0]), testing::Contains("value"));
  EXPECT_THAT(names(evidence[1]), testing::Not(testing::Contains("value")));
}

TEST(Evidence, OfWordsAloneGivesTheRuleNoValue) {
  World world("rules: [{name: a, when: {in_status: {status: RUNNING}}, action: warn}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(1min);
  EXPECT_EQ(world.told("rule.tripped").at(0).find("value"), nullptr);
}

TEST(Event, OfAJobWithoutNamesNamesItsIds) {
  World world("rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    JobSnapshot& job = world.add("j1", 1s).now;
    job.project_name.clear();
    job.name.reset();
  });
  world.run_until(20min);
  const Event intended = world.told("stop.intended").at(0);
  EXPECT_EQ(intended.find("project"), nullptr);
  EXPECT_EQ(intended.find("job_name"), nullptr);
  EXPECT_EQ(field(intended, "project_id"), Value("proj1"));
  EXPECT_THAT(intended.message, HasSubstr("job j1 "));
}

TEST(Prices, OfASpotJobAreThoseForSpot) {
  World world(
      "prices: {H100x8: $60.00/h, spot/H100x8: $30.00/h}\n"
      "rules: [{name: a, when: {cost: $10}, landing: at}]\n");
  world.at(1s, [&] {
    world.add("dedicated", 1s);
    world.add("spot", 1s).now.availability = "spot";
  });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("dedicated"), 1s + 10min);
  EXPECT_EQ(world.first_stop("spot"), 1s + 20min);
}

TEST(Prices, OfASpotJobWithoutOneForSpotAreTheCommonOnes) {
  World world("prices: {H100x8: $60.00/h}\nrules: [{name: a, when: {cost: $10}, landing: at}]\n");
  world.at(1s, [&] { world.add("spot", 1s).now.availability = "spot"; });
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("spot"), 1s + 10min);
}

TEST(Prices, AreFoundByWhatTheJobTellsOfItsMachine) {
  World world("prices: {H100x8: $60.00/h}\nrules: [{name: a, when: {cost: $10}, landing: at}]\n");
  for (const char* availability : {"dedicated", "spot"}) {
    world.at(1s, [&world, availability] {
      const std::string kind = availability;
      JobSnapshot& by_shape = world.add("shape-" + kind, 1s).now;
      by_shape.instance_type.clear();
      by_shape.availability = kind;
      JobSnapshot& by_nothing = world.add("nothing-" + kind, 1s).now;
      by_nothing.instance_type.clear();
      by_nothing.gpu_type.reset();
      by_nothing.availability = kind;
    });
  }
  world.run_until(1h);
  EXPECT_EQ(world.first_stop("shape-dedicated"), 1s + 10min);
  EXPECT_EQ(world.first_stop("shape-spot"), 1s + 10min);
  EXPECT_FALSE(world.was_stopped("nothing-dedicated"));
  EXPECT_FALSE(world.was_stopped("nothing-spot"));
}

TEST(Unreachable, TellsWhatBurnsAsFarAsItIsKnown) {
  World world("rules: [{name: short, when: {running_for: 10h}}]\n");
  world.at(1s, [&] {
    world.add("j1", 1s);
    world.add("j2", 1s).now.instance_type = "B200x8";
  });
  world.at(5min, [&] { world.on_list = [](bool) { return failing(FailureKind::timeout); }; });
  world.run_until(20min);
  ASSERT_THAT(world.told("api.unreachable"), SizeIs(1));
  EXPECT_EQ(field(world.told("api.unreachable")[0], "rate"),
            core::dollars_per_hour(*parse_decimal_dollars("0.86667")));
}

TEST(MissingJob, WithoutAPriceIsLostWithoutACost) {
  World world("rules: [{name: hour, when: {running_for: 1h}}]\n");
  world.prices.clear();
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(2min, [&] { world.job("j1").exists = false; });
  world.run_until(10min);
  ASSERT_THAT(world.told("job.lost"), SizeIs(1));
  EXPECT_EQ(world.told("job.lost")[0].find("cost"), nullptr);
}

TEST(MissingJob, IsForgottenAfterADayAndItsOpenStopWithIt) {
  World world("rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 100h; });
  world.at(11min, [&] { world.job("j1").exists = false; });
  world.run_until(23h);
  EXPECT_EQ(world.present().count({Image::Kind::stop, "main/proj1/j1"}), 1U);
  world.run_until(26h);
  EXPECT_EQ(world.present().count({Image::Kind::stop, "main/proj1/j1"}), 0U);
  EXPECT_EQ(world.present().count({Image::Kind::job, "main/proj1/j1"}), 0U);
}

}  // namespace
}  // namespace trainstop::test
