// The daemon dies: at random instants and at every step of a stop and of a commit. After its
// restart it knows what it knew.
#include "e2e/crash.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <thread>

namespace trainstop::e2e {
namespace {

#ifdef TRAINSTOP_SANITIZED
constexpr int kKills = 40;
#else
constexpr int kKills = 200;
#endif
constexpr std::size_t kWorlds = 2;

/// CRASH_KILLS asks for another number, at length.
int kills_wanted() {
  const char* const wish = std::getenv("CRASH_KILLS");
  return wish == nullptr ? kKills : std::atoi(wish);
}

/// One world of jobs that come and go while the daemon is killed again and again.
void kill_at_random(int kills, unsigned seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Crash crash(crash_options("2s"));
  std::mt19937 random(seed);
  // A daemon that is killed before its first list sees many jobs only when they are due already.
  // Among so many live ones that is no reason to suspect what it sees, and to open the breaker.
  for (int i = 0; i < kills; ++i) crash.world().add_running("keep-all-along-" + std::to_string(i));
  int jobs = 0;
  for (int i = 0; i < kills; ++i) {
    crash.start();
    const std::string number = std::to_string(jobs++);
    if (i % 2 == 0) crash.world().add_running("stop-" + number);
    if (i % 5 == 1) crash.world().add_running("keep-" + number);
    if (i % 5 == 3) {
      sim::JobScript brief;
      brief.id = "brief-" + number;
      brief.life = {{0ms, sim::kRunning}, {1s, sim::kCompleted}};
      crash.world().add_job(brief);
    }
    crash.world().daemon().wait(
        std::chrono::milliseconds(std::uniform_int_distribution<int>(5, 700)(random)));
    crash.kill();
  }
  EXPECT_EQ(crash.deaths(), kills);
  crash.start();
  const auto all_stopped = [](const sim::Truth& truth) {
    return std::all_of(truth.jobs.begin(), truth.jobs.end(), [](const auto& job) {
      return !job.first.starts_with("stop-") || job.second.ended;
    });
  };
  EXPECT_TRUE(crash.world().wait_until(all_stopped, kPatience)) << crash.world().daemon().err();
  EXPECT_TRUE(crash.world().wait_for_requests(sim::Endpoint::search, 2, kPatience));
  EXPECT_EQ(crash.world().end(), 0);
  crash.check();
}

TEST(Crash, KilledAtRandomItForgetsNothing) {
  std::vector<std::function<void()>> worlds;
  for (std::size_t i = 0; i < kWorlds; ++i) {
    const auto seed = static_cast<unsigned>(std::random_device{}());
    worlds.emplace_back(
        [seed] { kill_at_random(kills_wanted() / static_cast<int>(kWorlds), seed); });
  }
  run_together(worlds, kWorlds);
}

#ifdef TRAINSTOP_FAILPOINTS
/// Where the failpoint is not reached so often the daemon is killed all the same.
void die_at(const std::string& failpoint) {
  SCOPED_TRACE(failpoint);
  Crash crash(crash_options("1s"));
  crash.start(failpoint);
  crash.world().add_running("stop-1");
  crash.world().add_running("keep-1");
  if (!crash.wait_for_death(4s)) crash.kill();
  crash.start();
  EXPECT_TRUE(crash.world().wait_until_stopped("stop-1", kPatience));
  EXPECT_TRUE(crash.world().wait_for_requests(sim::Endpoint::search, 2, kPatience));
  EXPECT_EQ(crash.world().end(), 0);
  crash.check();
}

std::vector<std::function<void()>> at_visits(const std::string& name, int first, int last) {
  std::vector<std::function<void()>> cases;
  for (int visit = first; visit <= last; ++visit) {
    cases.emplace_back([name, visit] { die_at(name + ":" + std::to_string(visit)); });
  }
  return cases;
}

TEST(Crash, AtEveryStepOfAStop) {
  std::vector<std::function<void()>> cases;
  for (const char* name : {"send.before_request", "send.request_left", "send.replied"}) {
    for (auto& each : at_visits(name, 1, 1)) cases.push_back(std::move(each));
  }
  for (auto& each : at_visits("gate.before_acts", 1, 24)) cases.push_back(std::move(each));
  run_together(cases, 6);
}

TEST(Crash, AtEveryStepOfACommit) {
  std::vector<std::function<void()>> cases;
  for (const char* name :
       {"journal.before_write", "journal.before_commit", "journal.after_commit"}) {
    for (auto& each : at_visits(name, 1, 16)) cases.push_back(std::move(each));
  }
  run_together(cases, 6);
}
#endif

}  // namespace
}  // namespace trainstop::e2e
