// Budgets on the real binary: the jobs of a pot end under its limit by the simulated API's own
// truth, nothing of a pot is lost with the process, and `trainstop budgets` tells what is true.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <set>

#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

namespace json = boost::json;

// A bill grows by whole minutes, so the first one that counts lies in the past when a case begins:
// jobs have run for so long when they are added.
constexpr auto kBefore = 48s;
constexpr double kPrice = 0.86667;  // of a minute

/// With `confirm_within` at 2 s the allowance for a stop is the least there is.
constexpr auto kAllowance = 5s;

WorldOptions options(const std::string& budget) {
  WorldOptions options;
  options.rules = "  - {name: pot, match: {job: \"pot-*\"}, budget: {" + budget + "}}\n";
  options.settings.stop_latency = 300ms;
  return options;
}

void add(World& world, const std::string& id, std::chrono::microseconds began_before) {
  sim::JobScript script;
  script.id = id;
  script.life = {{-began_before, sim::kRunning}};
  world.add_job(script);
}

/// Started minutes from running to the end, or to now.
std::int64_t minutes_of(const sim::JobTruth& job) {
  const auto end = job.ended ? job.ended->wall : sim::read_clocks().wall;
  return std::chrono::ceil<std::chrono::minutes>(end - job.changes.at(0).at.wall).count();
}

double bill_of(const sim::Truth& truth) {
  double sum = 0;
  for (const auto& [id, job] : truth.jobs) {
    if (id.starts_with("pot-")) sum += static_cast<double>(minutes_of(job)) * kPrice;
  }
  return sum;
}

test::Ran run_with(std::vector<std::string> arguments) {
  test::ChildOptions options;
  options.command = {binary()};
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  options.unset = {"E2E_KEY", "STATE_DIRECTORY", "TRAINSTOP_SOCKET"};
  return test::run(options, 20s);
}

constexpr int kUnreachable = 69;

/// What `trainstop budgets --json` says: of the daemon, or of its journal alone.
enum class From { daemon, journal };
json::object answer_of(const World& world, From from) {
  std::vector<std::string> arguments{"budgets", "--json", "--config", world.config_file()};
  const std::string nowhere = (world.directory().path() / "none.sock").string();
  if (from == From::journal) arguments.insert(arguments.end(), {"--socket", nowhere});
  const auto ran = run_with(arguments);
  EXPECT_EQ(ran.ending.code, from == From::journal ? kUnreachable : 0) << ran.err;
  boost::system::error_code error;
  const auto value = json::parse(ran.out, error);
  if (!error && value.is_object()) return value.as_object();
  ADD_FAILURE() << "no JSON: " << ran.out << ran.err;
  return {};
}

/// The only pot that the journal shows.
json::object shown(const World& world) {
  const json::object answer = answer_of(world, From::journal);
  if (!answer.contains("budgets")) return {};
  const auto& budgets = answer.at("budgets").as_array();
  if (budgets.size() == 1) return budgets[0].as_object();
  return {};
}

double number(const json::object& pot, const char* key) {
  return pot.at(key).to_number<double>();
}

/// Waits until the journal, and with it `budgets`, shows so many jobs: a little after the log.
json::object shown_with(const World& world, int jobs) {
  json::object pot;
  for (int i = 0; i < 50; ++i) {
    pot = shown(world);
    if (!pot.empty() && pot.at("jobs").to_number<int>() == jobs) break;
  }
  return pot;
}

bool both_ended(const sim::Truth& truth) {
  return truth.jobs.at("pot-1").ended_by_stop && truth.jobs.at("pot-2").ended_by_stop;
}

TEST(Budgets, ThePotsJobsEndUnderTheLimitAndNewOnesAreStoppedAlsoAfterAKill) {
  World world(options("limit: $2, per: total"));
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  // The third minute of both together, $2.60, begins with the second one of the elder.
  add(world, "pot-1", kBefore);
  add(world, "pot-2", kBefore - 4s);
  world.add_running("keep-1");
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "pot-2")) << world.daemon().err();
  const json::object before = shown_with(world, 2);
  EXPECT_NEAR(number(before, "spent"), 2 * kPrice, 1e-9);
  EXPECT_NEAR(number(before, "rate"), 2 * 60 * kPrice, 1e-9);
  EXPECT_NEAR(number(before, "limit"), 2, 1e-9);
  EXPECT_FALSE(before.contains("exhausted_at"));
  EXPECT_FALSE(before.contains("resets_at"));
  EXPECT_EQ(before.at("group").as_string(), "all");

  ASSERT_TRUE(world.wait_until(both_ended, kPatience)) << world.daemon().err();
  for (const char* id : {"pot-1", "pot-2"}) {
    const auto late = lateness(world.api().job("pot-1"), 60s - kAllowance);
    EXPECT_GE(late, 0us) << id << " was stopped before the money was spent";
    EXPECT_LE(world.api().job(id).ended->boot - world.api().job("pot-1").changes.at(0).at.boot, 60s)
        << id << " had its bill pass the limit";
  }
  EXPECT_LE(bill_of(world.api().truth()), 2.0);
  ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "pot-1"));
  ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "pot-2"));
  EXPECT_EQ(world.count("budget.exhausted"), 1U);
  EXPECT_EQ(world.count("budget.overspent"), 0U);
  for (const Line& line : world.lines()) {
    if (line.event != "stop.confirmed") continue;
    EXPECT_EQ(line.all.at("group").as_string(), "all");
    EXPECT_GE(line.all.at("margin").to_number<double>(), 0.0);
  }

  add(world, "pot-3", 0s);
  ASSERT_TRUE(world.wait_until_stopped("pot-3", kPatience)) << world.daemon().err();
  EXPECT_LE(lateness(world.api().job("pot-3"), 0s), 2s) << "one poll and its reads";
  ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "pot-3"));

  world.daemon().send_signal(SIGKILL);
  ASSERT_TRUE(world.daemon().wait(kPatience));
  EXPECT_TRUE(shown(world).contains("exhausted_at")) << "the journal alone knows it";
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  add(world, "pot-4", 0s);
  ASSERT_TRUE(world.wait_until_stopped("pot-4", kPatience)) << world.daemon().err();
  EXPECT_LE(lateness(world.api().job("pot-4"), 0s), 2s);
  ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "pot-4"));
  EXPECT_EQ(world.count("budget.exhausted"), 0U) << "it was told by the first one";
  EXPECT_EQ(world.end(), 0);
  const json::object after = shown(world);
  EXPECT_NEAR(number(after, "spent"), bill_of(world.api().truth()), 1e-9);
  EXPECT_NEAR(number(after, "spent"), 4 * kPrice, 1e-9);
  EXPECT_EQ(number(after, "rate"), 0.0);
  EXPECT_EQ(after.at("jobs").to_number<int>(), 4);
  EXPECT_EQ(world.api().job("keep-1").stop_requests, 0);
  world.expect_key_hidden();
}

TEST(Budgets, AJobThatEndedCountsAlsoAfterAKill) {
  World world(options("limit: $3, per: total"));
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  add(world, "pot-1", 65s);  // in its second minute
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "pot-1")) << world.daemon().err();
  world.api().set_status("pot-1", sim::kCompleted);
  ASSERT_TRUE(world.wait_for_event("job.ended", kPatience, "pot-1")) << world.daemon().err();
  shown_with(world, 1);
  world.daemon().send_signal(SIGKILL);
  ASSERT_TRUE(world.daemon().wait(kPatience));
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  // Alone it would be under the limit for two minutes more.
  add(world, "pot-2", kBefore);
  ASSERT_TRUE(world.wait_until_stopped("pot-2", kPatience)) << world.daemon().err();
  EXPECT_GE(lateness(world.api().job("pot-2"), 60s - kAllowance), 0us);
  EXPECT_EQ(minutes_of(world.api().job("pot-2")), 1);
  EXPECT_LE(bill_of(world.api().truth()), 3.0);
  ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "pot-2"));
  EXPECT_EQ(world.end(), 0);
  EXPECT_NEAR(number(shown(world), "spent"), 3 * kPrice, 1e-9);
}

TEST(Budgets, AreShownToPeopleWithTheirState) {
  World world(options("limit: $1000, per: day, group_by: user, timezone: America/New_York"));
  const auto none = run_with({"budgets", "--config", world.config_file()});
  EXPECT_EQ(none.ending.code, kUnreachable) << "there is no journal yet";
  EXPECT_THAT(none.err, AllOf(HasSubstr("no daemon listens there"), HasSubstr("journal.db")));
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  sim::JobScript script;
  script.id = "pot-1";
  script.user = "ana@corp.example";
  world.add_job(script);
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "pot-1")) << world.daemon().err();
  const json::object pot = shown_with(world, 1);
  EXPECT_EQ(pot.at("group").as_string(), "ana@corp.example");
  EXPECT_THAT(std::string(pot.at("resets_at").as_string()),
              testing::AnyOf(HasSubstr("T04:00:00"), HasSubstr("T05:00:00")));
  const auto ran = run_with({"budgets", "--config", world.config_file()});
  EXPECT_EQ(ran.ending.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(StartsWith("RULE"), HasSubstr("\npot "), HasSubstr("ana@corp.example"),
                             HasSubstr(" of $1000.00"), HasSubstr("$52.00/h"),
                             HasSubstr("not exhausted in this window, reset in ")));
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(world.end(), 0);
  const auto away = run_with({"budgets", "--config", world.config_file()});
  EXPECT_EQ(away.ending.code, kUnreachable);
  EXPECT_THAT(away.out, AllOf(StartsWith("RULE"), HasSubstr("ana@corp.example")));
  EXPECT_THAT(away.err, HasSubstr("What follows is from the journal"));
  EXPECT_EQ(world.api().truth().count(sim::Endpoint::stop), 0U);
}

std::set<std::string> keys_of(const json::object& object) {
  std::set<std::string> keys;
  for (const auto& member : object) keys.emplace(member.key());
  return keys;
}

TEST(Budgets, HaveOneShapeFromDaemonAndJournal) {
  World world(options("limit: $1000, per: day"));
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  add(world, "pot-1", kBefore);
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "pot-1")) << world.daemon().err();
  ASSERT_FALSE(shown_with(world, 1).empty());
  const json::object live = answer_of(world, From::daemon);
  const json::object left = answer_of(world, From::journal);
  for (const json::object& answer : {live, left}) {
    EXPECT_EQ(keys_of(answer), (std::set<std::string>{"v", "at", "budgets"}));
    ASSERT_EQ(answer.at("budgets").as_array().size(), 1U);
    const json::object& pot = answer.at("budgets").as_array()[0].as_object();
    EXPECT_EQ(pot.at("live").to_number<int>(), 1);
    for (const auto& member : pot) EXPECT_FALSE(member.value().is_null()) << member.key();
  }
  EXPECT_EQ(keys_of(live.at("budgets").as_array()[0].as_object()),
            keys_of(left.at("budgets").as_array()[0].as_object()));
  EXPECT_EQ(world.end(), 0);
}

TEST(Budgets, AreExplainedByCheck) {
  World world(
      options("limit: $2000, per: day, group_by: team, timezone: America/New_York, "
              "resets_at: \"06:00\""));
  const auto ran = run_with({"check", "--explain", world.config_file()});
  EXPECT_EQ(ran.ending.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("\npot: "), HasSubstr("$2000"), HasSubstr("team"),
                             HasSubstr("06:00"), HasSubstr("America/New_York")));
}

}  // namespace
}  // namespace trainstop::e2e
