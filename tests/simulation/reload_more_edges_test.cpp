// Other rules while there are more jobs than are gone through at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "simulation/tell.hpp"
#include "simulation/view.hpp"
#include "simulation/world.hpp"

namespace trainstop::test::large_reloads {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = core::Answer::Outcome;

const std::string kMany = "safety: {max_stops: {count: 1000, per: 1h}}\n";
const std::string kOld = kMany + "rules: [{name: old, when: {running_for: 10m}}]\n";
const std::string kNew = kMany + "rules: [{name: new, when: {running_for: 20m}}]\n";

std::string id_of(int i) {
  return "j" + std::to_string(1000 + i);
}

void add_jobs(World& world, int count) {
  world.at(10s, [&world, count] {
    for (int i = 0; i < count; ++i) world.add(id_of(i), 10s);
  });
}

/// How many of the jobs the rule applies to.
int under(World& world, const std::string& rule, int count) {
  int found = 0;
  for (int i = 0; i < count; ++i) {
    if (rule_of(explain(world, id_of(i)), rule) != Value("(no rule)")) ++found;
  }
  return found;
}

void expect_each_stopped_once_by_the_new_rule(World& world, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string id = id_of(i);
    ASSERT_EQ(world.job(id).stop_requests.size(), 1U) << id;
    EXPECT_GE(world.first_stop(id), 20min + 10s) << id;
    EXPECT_LT(world.first_stop(id), 21min) << id;
    EXPECT_EQ(field(world.told("stop.confirmed", id).at(0), "rule"), Value("new")) << id;
  }
}

TEST(LargeReload, ReachesEveryJobAndRefusesAnotherOneUntilThen) {
  constexpr int kJobs = 600;
  World world(kOld);
  add_jobs(world, kJobs);
  world.at(5min, [&] {
    EXPECT_EQ(world.reload(kNew).outcome, Outcome::done);
    const auto second = world.reload(kNew);
    EXPECT_EQ(second.outcome, Outcome::refused);
    EXPECT_THAT(second.message, HasSubstr("still under way"));
  });
  world.run_until(5min + 1s);
  EXPECT_EQ(under(world, "new", kJobs), kJobs);
  EXPECT_EQ(under(world, "old", kJobs), 0);
  EXPECT_EQ(world.reload(kNew).outcome, Outcome::done);
  world.run_until(30min);
  expect_each_stopped_once_by_the_new_rule(world, kJobs);
}

TEST(LargeReload, AmidALongListWaitsForItsEnd) {
  constexpr int kJobs = 600;
  World world(kOld);
  add_jobs(world, kJobs);
  bool reloaded = false;
  const auto reload = [&] {
    // A part of the list has been taken in.
    EXPECT_LT(world.core().counts().live_jobs, std::size_t{kJobs});
    EXPECT_EQ(world.reload(kNew).outcome, Outcome::done);
  };
  world.edit_list = [&](std::vector<JobRef>& jobs) {
    if (jobs.empty() || std::exchange(reloaded, true)) return;
    // At the instant of the reply, right behind it.
    const Duration reply = world.now() - kStart + world.latency;
    world.at(reply, [&world, &reload, reply] { world.at(reply, reload); });
  };
  world.run_until(1min);
  ASSERT_TRUE(reloaded);
  EXPECT_EQ(under(world, "new", kJobs), kJobs);
  EXPECT_EQ(under(world, "old", kJobs), 0);
  world.run_until(30min);
  expect_each_stopped_once_by_the_new_rule(world, kJobs);
}

TEST(LargeReload, GoesOnWhenAnotherAccountTakesTheJobsOver) {
  constexpr int kJobs = 400;
  const std::string accounts =
      "accounts: [{name: main, api_key: {env: KEY}}, {name: second, api_key: {env: KEY2}}]\n";
  World world(accounts + kOld);
  add_jobs(world, kJobs);
  // The first account's lists fail for five minutes.
  std::deque<AccountIndex> asked;
  world.on_batch = [&](const core::Batch& batch) {
    for (const core::Act& act : batch.acts) {
      if (const auto* list = std::get_if<core::FetchList>(&act)) asked.push_back(list->account);
    }
  };
  bool first_works = false, reloaded = false;
  world.on_list = [&](bool) {
    const bool of_first = asked.front() == 0;
    asked.pop_front();
    if (!of_first) return Trouble{};
    if (!first_works) return failing(FailureKind::transport);
    if (std::exchange(reloaded, true)) return Trouble{};
    // At the instant of the reply, right before it.
    world.at(world.now() - kStart + world.latency, [&] {
      EXPECT_THAT(world.told("job.seen"), SizeIs(kJobs));
      EXPECT_EQ(world.reload(accounts + kNew).outcome, Outcome::done);
    });
    return Trouble{};
  };
  world.at(5min, [&] { first_works = true; });
  world.run_until(8min);
  ASSERT_TRUE(reloaded);
  EXPECT_THAT(world.told("job.seen"), SizeIs(2 * kJobs)) << "each by the other account as well";
  EXPECT_EQ(world.core().counts().live_jobs, std::size_t{kJobs});
  EXPECT_EQ(under(world, "new", kJobs), kJobs);
  world.run_until(30min);
  expect_each_stopped_once_by_the_new_rule(world, kJobs);
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
}

}  // namespace
}  // namespace trainstop::test::large_reloads
