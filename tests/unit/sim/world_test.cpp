#include "sim/world.hpp"

#include <gtest/gtest.h>

namespace trainstop::sim {
namespace {

using namespace std::chrono_literals;

const Moment kStart{WallTime(1'767'225'600s), 1000s};

Moment after(Duration duration) {
  return {kStart.wall + duration, kStart.boot + duration};
}

JobScript script(std::vector<Step> life) {
  JobScript job;
  job.id = "j1";
  job.life = std::move(life);
  return job;
}

class WorldTest : public testing::Test {
 protected:
  std::string status(Duration at) {
    world.advance(after(at));
    return world.find_anywhere("j1")->status;
  }
  JobState& job() { return *world.find("proj1", "j1"); }
  const JobTruth& truth() { return world.truth().jobs.at("j1"); }
  World world{Settings()};
};

TEST_F(WorldTest, A_job_does_not_exist_before_its_first_step) {
  world.add_job(script({{5s, kPending}}), kStart);
  EXPECT_EQ(status(4'999'999us), "");
  EXPECT_EQ(world.find("proj1", "j1"), nullptr);
  EXPECT_EQ(status(5s), kPending);
  EXPECT_NE(world.find("proj1", "j1"), nullptr);
  EXPECT_EQ(world.find("proj2", "j1"), nullptr);
}

TEST_F(WorldTest, A_scripted_life_is_dated_by_its_script_not_by_who_looks) {
  world.add_job(script({{0s, kDeploying}, {10s, kRunning}, {20s, kCompleted}}), kStart);
  EXPECT_EQ(status(9s), kDeploying);
  EXPECT_EQ(status(60s), kCompleted);
  ASSERT_EQ(truth().changes.size(), 3U);
  EXPECT_EQ(truth().changes[1].at.wall, kStart.wall + 10s);
  EXPECT_EQ(truth().ended->boot, kStart.boot + 20s);
  EXPECT_FALSE(truth().ended_by_stop);
  EXPECT_EQ(job().updated, kStart.wall + 20s);
  EXPECT_EQ(job().created, kStart.wall);
}

TEST_F(WorldTest, A_life_that_began_in_the_past_has_already_happened) {
  world.add_job(script({{-7200s, kDeploying}, {-3600s, kRunning}}), kStart);
  EXPECT_EQ(status(0s), kRunning);
  EXPECT_EQ(job().created, kStart.wall - 7200s);
  EXPECT_EQ(job().updated, kStart.wall - 3600s);
}

TEST_F(WorldTest, After_a_stop_the_old_status_goes_on_for_the_latency) {
  JobScript job_script = script({{0s, kRunning}, {60s, kCompleted}});
  job_script.stop_latency = 30s;
  world.add_job(job_script, kStart);
  world.advance(after(10s));
  EXPECT_EQ(world.stop(job(), after(10s)), StopResult::applied);
  EXPECT_EQ(status(39s), kRunning);
  EXPECT_EQ(world.stop(job(), after(39s)), StopResult::already_under_way);
  EXPECT_EQ(status(40s), kStopped);
  EXPECT_TRUE(truth().ended_by_stop);
  EXPECT_EQ(truth().ended->boot, kStart.boot + 40s);
  EXPECT_EQ(truth().stop_applied->boot, kStart.boot + 10s);
  EXPECT_EQ(status(90s), kStopped);
  EXPECT_EQ(world.stop(job(), after(90s)), StopResult::already_ended);
}

TEST_F(WorldTest, A_job_may_end_by_itself_while_a_stop_is_under_way) {
  JobScript job_script = script({{0s, kRunning}, {20s, kCompleted}});
  job_script.stop_latency = 30s;
  world.add_job(job_script, kStart);
  world.stop(job(), after(1s));
  EXPECT_EQ(status(60s), kCompleted);
  EXPECT_FALSE(truth().ended_by_stop);
}

TEST_F(WorldTest, A_stop_that_never_takes_effect_leaves_the_job_running) {
  world.change([](Settings& settings) { settings.stop_latency = kNeverEnds; });
  world.add_job(script({{0s, kRunning}}), kStart);
  EXPECT_EQ(world.stop(job(), after(1s)), StopResult::applied);
  EXPECT_EQ(status(86400s), kRunning);
  EXPECT_EQ(world.next_change(), kNeverEnds);
}

TEST_F(WorldTest, A_direct_status_replaces_the_rest_of_the_script) {
  world.add_job(script({{0s, kRunning}, {20s, kCompleted}}), kStart);
  world.set_status("j1", "TRAINING_JOB_QUEUED", after(10s));
  EXPECT_EQ(status(60s), "TRAINING_JOB_QUEUED");
  world.set_status("j1", kFailed, after(70s));
  EXPECT_TRUE(truth().ended);
  world.set_status("j1", kRunning, after(80s));
  EXPECT_FALSE(truth().ended);
  EXPECT_EQ(world.stop(job(), after(81s)), StopResult::applied);
  EXPECT_EQ(status(82s), kStopped);
}

TEST_F(WorldTest, A_removed_job_is_found_again_when_restored) {
  world.add_job(script({{0s, kRunning}}), kStart);
  world.set_removed("j1", true);
  EXPECT_EQ(world.find("proj1", "j1"), nullptr);
  EXPECT_TRUE(world.by_creation().empty());
  world.set_removed("j1", false);
  EXPECT_EQ(world.by_creation().size(), 1U);
  EXPECT_THROW(world.set_removed("nobody", true), std::out_of_range);
}

TEST_F(WorldTest, A_record_is_rendered_anew_when_its_job_changes) {
  world.add_job(script({{0s, kRunning}, {5s, kFailed}}), kStart);
  const auto version = world.version();
  EXPECT_NE(world.record(job()).find(kRunning), std::string::npos);
  EXPECT_EQ(world.version(), version);
  world.advance(after(5s));
  EXPECT_NE(world.record(job()).find(kFailed), std::string::npos);
  EXPECT_GT(world.version(), version);
}

}  // namespace
}  // namespace trainstop::sim
