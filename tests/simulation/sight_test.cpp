// What is concluded from lists and reads that disagree, lack jobs, or are old.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kHour = "rules: [{name: hour, when: {running_for: 1h}}]\n";

void drop(std::vector<JobRef>& jobs, const std::string& id) {
  std::erase_if(jobs, [&](const JobRef& job) { return job->id == id; });
}

TEST(EmptyList, ConcludesNothing) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(2min, [&] { world.edit_list = [](std::vector<JobRef>& jobs) { jobs.clear(); }; });
  world.run_until(9min);
  EXPECT_THAT(world.told("job.ended"), IsEmpty());
  EXPECT_THAT(world.told("job.lost"), IsEmpty());
  world.run_until(20min);
  EXPECT_EQ(world.first_stop("j1"), 1s + 10min);
}

TEST(VanishedJob, IsReadByItsIdBeforeAnythingIsConcluded) {
  World world(kHour);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(2min, [&] { world.set_status("j1", "COMPLETED"); });
  world.run_until(3min);
  EXPECT_THAT(world.told("job.ended"), SizeIs(1));
  EXPECT_EQ(field(world.told("job.ended")[0], "by"), Value("itself"));
}

TEST(VanishedJob, HundredsAtOnceAreNotReadOneByOne) {
  World world(kHour);
  world.at(1s, [&] {
    for (int i = 0; i < 300; ++i) world.add("j" + std::to_string(i), 1s);
  });
  world.at(2min, [&] {
    for (int i = 0; i < 300; ++i) world.set_status("j" + std::to_string(i), "COMPLETED");
  });
  world.run_until(4min);
  EXPECT_THAT(world.told("job.ended"), SizeIs(300));
  std::size_t reads = 0;
  for (const auto& call : world.calls) reads += call.what == "read" ? 1u : 0u;
  EXPECT_LE(reads, 40u);
}

TEST(MissingJob, IsLostOnlyAfterASecondLookThreePollsLater) {
  World world(kHour);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(2min, [&] { world.job("j1").exists = false; });
  world.run_until(2min + 40s);
  EXPECT_THAT(world.told("job.lost"), IsEmpty());
  world.run_until(4min);
  ASSERT_THAT(world.told("job.lost"), SizeIs(1));
  EXPECT_EQ(world.told("job.lost")[0].level, Level::warning);
}

TEST(MissingJob, ThatIsSeenAgainGoesOn) {
  World world(kHour);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(2min, [&] { world.job("j1").exists = false; });
  world.at(10min, [&] { world.job("j1").exists = true; });
  world.run_until(2h);
  EXPECT_EQ(world.first_stop("j1"), 1s + 1h);
}

TEST(MissingJob, ClosesItsOpenStopAndASightReopensIt) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 2h; });
  world.at(11min, [&] { world.job("j1").exists = false; });
  world.run_until(14min);
  ASSERT_THAT(world.told("stop.unconfirmed"), SizeIs(1));
  EXPECT_EQ(field(world.told("stop.unconfirmed")[0], "reason"), Value("lost"));
  const std::size_t requests = world.job("j1").stop_requests.size();
  world.run_until(30min);
  EXPECT_THAT(world.job("j1").stop_requests, SizeIs(requests));
  world.job("j1").exists = true;
  world.run_until(3h);
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
}

TEST(StaleList, DoesNotReopenAnEndedJob) {
  World world(kTenMinutes);
  std::vector<JobRef> stale;
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(1min, [&] {
    world.edit_list = [&](std::vector<JobRef>& jobs) {
      if (stale.empty()) stale = jobs;
    };
  });
  world.at(3min, [&] { world.set_status("j1", "COMPLETED"); });
  world.at(4min, [&] { world.edit_list = [&](std::vector<JobRef>& jobs) { jobs = stale; }; });
  world.run_until(20min);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.told("job.ended"), SizeIs(1));
}

TEST(EndedJob, IsReopenedByADirectReadThatShowsItAlive) {
  World world(kHour);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(3min, [&] { world.set_status("j1", "FAILED"); });
  world.at(5min, [&] { world.set_status("j1", "RUNNING"); });
  world.run_until(2h);
  EXPECT_TRUE(world.was_stopped("j1"));
}

TEST(EndedJob, IsIgnoredWhenFirstSeenSo) {
  World world("rules: [{name: old, when: {age: 1m}}]\n");
  world.add("done", -5h, "COMPLETED");
  world.run_until(1h);
  EXPECT_FALSE(world.was_stopped("done"));
  EXPECT_THAT(world.told("job.seen"), IsEmpty());
}

TEST(PartialList, DelaysNoStop) {
  World world(kTenMinutes);
  world.at(1s, [&] {
    world.add("j1", 1s);
    world.add("j2", 1s);
  });
  world.at(2min, [&] { world.edit_list = [](std::vector<JobRef>& jobs) { drop(jobs, "j1"); }; });
  world.run_until(20min);
  EXPECT_EQ(world.first_stop("j1"), 1s + 10min);
  EXPECT_EQ(world.first_stop("j2"), 1s + 10min);
}

TEST(SlowReply, DoesNotOverwriteALaterOne) {
  World world(kHour);
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(1min);
  // A list that was asked for before the end and arrives long after it.
  world.at(1min, [&] { world.latency = 2min; });
  world.at(1min + 20s, [&] { world.latency = 50ms; });
  world.at(1min + 30s, [&] { world.set_status("j1", "COMPLETED"); });
  world.run_until(10min);
  EXPECT_THAT(world.told("job.ended"), SizeIs(1));
}

TEST(SlowReply, DoesNotUndoWhatALaterReadShowed) {
  World world("rules: [{name: stuck, when: {deploying_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s, "DEPLOYING"); });
  world.at(584s, [&] { world.latency = 20s; });  // of the list that is asked for at 585 s
  world.at(586s, [&] { world.latency = 50ms; });
  world.at(590s, [&] { world.set_status("j1", "RUNNING"); });
  world.run_until(1h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_THAT(world.told("job.phase_changed"), SizeIs(1));
}

TEST(Account, SecondOfTheSameUrlLeavesTheJobToTheFirst) {
  World world(
      "accounts: [{name: a, api_key: {env: A}}, {name: b, api_key: {env: B}}]\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(20min);
  EXPECT_THAT(world.job("j1").stop_requests, SizeIs(1));
  EXPECT_EQ(field(world.told("stop.sent")[0], "account"), Value("a"));
}

TEST(Projects, OutsideTheAccountsViewAreNotWatched) {
  World world(
      "accounts: [{name: a, api_key: {env: A}, projects: ['dev-*']}]\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(20min);
  EXPECT_FALSE(world.was_stopped("j1"));
}

}  // namespace
}  // namespace trainstop::test
