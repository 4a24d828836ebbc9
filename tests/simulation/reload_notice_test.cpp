// A list that comes while new rules are still being matched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/world.hpp"

namespace trainstop::test::reload_notice {
namespace {

using testing::IsEmpty;

const std::string kMany = "safety: {max_stops: {count: 2000, per: 1h}}\n";
const std::string kOld = kMany + "rules: [{name: old, when: {age: 100h}}]\n";
const std::string kNew = kMany + "rules: [{name: new, when: {running_for: 20m}}]\n";

/// Jobs that run for an hour when the rules are changed at the instant of a list's reply: right
/// before it or right behind it.
void expect_first_notice(int jobs, bool before) {
  World world(kOld);
  world.at(10s, [&world, jobs] {
    for (int i = 0; i < jobs; ++i) world.add("j" + std::to_string(i), 10s);
  });
  std::optional<Duration> reloaded;
  const auto reload = [&] { EXPECT_EQ(world.reload(kNew).outcome, core::Answer::Outcome::done); };
  world.edit_list = [&](std::vector<JobRef>&) {
    if (reloaded || world.now() < kStart + 1h) return;
    const Duration reply = world.now() - kStart + world.latency;
    reloaded = reply;
    world.at(reply,
             [&world, &reload, reply, before] { before ? reload() : world.at(reply, reload); });
  };
  world.run_until(2h);
  ASSERT_TRUE(reloaded);
  int early = 0;
  for (int i = 0; i < jobs; ++i)
    early += world.first_stop("j" + std::to_string(i)) < *reloaded + 30min ? 1 : 0;
  EXPECT_EQ(early, 0) << "stopped without first notice";
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
}

TEST(ReloadNotice, IsGivenWhenAListComesBetweenTwoSlicesOfTheReload) {
  expect_first_notice(300, true);
}

TEST(ReloadNotice, IsGivenWhenTheReloadComesBetweenTwoSlicesOfAList) {
  expect_first_notice(600, false);
}

TEST(ReloadNotice, IsGivenToWhatALongListShowsFirstAmidTheReload) {
  constexpr int kJobs = 1700;
  const std::string many = "safety: {max_stops: {count: 2000, per: 1h}}\n";
  World world(many + "rules: [{name: old, when: {age: 100h}}]\n");
  world.at(10s, [&] { world.add("first", 10s); });
  // A project is shown from now on that is an hour old.
  world.at(5min, [&] {
    for (int i = 0; i < kJobs; ++i) world.add("j" + std::to_string(i), -1h);
  });
  std::optional<Duration> reloaded;
  world.edit_list = [&](std::vector<JobRef>& jobs) {
    if (jobs.size() < kJobs || reloaded) return;
    const Duration reply = world.now() - kStart + world.latency;
    reloaded = reply;
    world.at(reply, [&world, &many, reply] {
      world.at(reply, [&world, &many] {
        world.reload(many + "rules: [{name: new, when: {running_for: 20m}}]\n");
      });
    });
  };
  world.run_until(50min);
  ASSERT_TRUE(reloaded);
  for (int i = 0; i < kJobs; ++i) {
    ASSERT_TRUE(world.was_stopped("j" + std::to_string(i))) << i;
    EXPECT_GE(world.first_stop("j" + std::to_string(i)), *reloaded + 30min) << i;
  }
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
}

}  // namespace
}  // namespace trainstop::test::reload_notice
