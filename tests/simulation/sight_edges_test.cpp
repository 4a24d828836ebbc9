// Sights at their edges: replies that lack what was known, come twice, or belong to two accounts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kTwoAccounts =
    "accounts: [{name: a, api_key: {env: A}}, {name: b, api_key: {env: B}}]\n"
    "rules: [{name: short, when: {running_for: 10m}}]\n";

std::size_t calls_of(const World& world, const std::string& what, const std::string& job = {}) {
  std::size_t count = 0;
  for (const auto& call : world.calls) {
    if (call.what == what && (job.empty() || call.job == job)) ++count;
  }
  return count;
}

/// Lets the lists of some accounts fail.
class ListsByAccount {
 public:
  explicit ListsByAccount(World& world) {
    world.on_batch = [this](const core::Batch& batch) {
      for (const core::Act& act : batch.acts) {
        if (const auto* list = std::get_if<core::FetchList>(&act)) asked_.push_back(list->account);
      }
    };
    world.on_list = [this](bool) {
      const AccountIndex account = asked_.front();
      asked_.pop_front();
      return fails(account) ? failing(FailureKind::timeout) : Trouble{};
    };
  }
  std::function<bool(AccountIndex)> fails = [](AccountIndex) { return false; };

 private:
  std::deque<AccountIndex> asked_;
};

TEST(Attributes, OnceSeenAllStay) {
  World world(
      "rules: [{name: a, match: {job: 'name-*', gpu_type: H100, priority: [2], availability: spot,"
      " user: 'ana@*', min_nodes: 3}, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    JobSnapshot& job = world.add("j1", 1s).now;
    job.priority = 2;
    job.availability = "spot";
    job.node_count = 3;
  });
  world.at(2min, [&] {
    JobSnapshot& job = world.job("j1").now;
    job.name.reset();
    job.gpu_type.reset();
    job.priority.reset();
    job.availability.reset();
    job.node_count.reset();
    job.user.reset();
  });
  world.run_until(30min);
  EXPECT_EQ(world.first_stop("j1"), 1s + 10min);
  EXPECT_EQ(field(world.told("stop.intended")[0], "job_name"), Value("name-j1"));
}

TEST(SameRecord, TwiceInTheSameObjectChangesNothing) {
  World world(kTenMinutes);
  std::vector<JobRef> first;
  world.edit_list = [&](std::vector<JobRef>& jobs) {
    if (first.empty()) first = jobs;
    jobs = first;
  };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(20min);
  EXPECT_EQ(world.first_stop("j1"), 1s + 10min);
  EXPECT_THAT(world.told("job.seen"), SizeIs(1));
}

TEST(VerifyingList, ThatLacksAJobIsFollowedByAReadOfIt) {
  World world(
      "poll: {interval: 5m}\nsafety: {max_stops: {count: 100, per: 1h}}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 30; ++i) world.add("j" + std::to_string(i), 1s);
  });
  world.at(9min, [&] {
    world.edit_list = [](std::vector<JobRef>& jobs) {
      std::erase_if(jobs, [](const JobRef& job) { return job->id == "j7"; });
    };
  });
  world.run_until(20min);
  const Instant due = kStart + world.first_stop("j8");
  EXPECT_LE(kStart + world.first_stop("j7") - due, 1s);
  EXPECT_THAT(world.told("stop.intended"), SizeIs(30));
  for (const Event& event : world.told("stop.intended")) {
    EXPECT_EQ(field(event, "verified"), Value(true));
  }
}

TEST(VerifyingList, ThatLacksManyIsFollowedByReadsInRounds) {
  World world(
      "poll: {interval: 5m}\nsafety: {max_stops: {count: 100, per: 1h}}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] {
    for (int i = 0; i < 50; ++i) world.add("j" + std::to_string(i), 1s);
  });
  world.at(9min, [&] { world.edit_list = [](std::vector<JobRef>& jobs) { jobs.clear(); }; });
  std::size_t most_at_once = 0;
  world.at(9min, [&] {
    world.on_batch = [&](const core::Batch& batch) {
      std::size_t verifies = 0;
      for (const core::Act& act : batch.acts) {
        const auto* read = std::get_if<core::FetchJob>(&act);
        if (read != nullptr && read->priority == core::Priority::verify) ++verifies;
      }
      most_at_once = std::max(most_at_once, verifies);
    };
  });
  world.run_until(20min);
  EXPECT_THAT(world.told("stop.intended"), SizeIs(50));
  EXPECT_EQ(most_at_once, 20U);
}

TEST(MissingJob, WhoseReadFailsIsReadAgainLater) {
  World world("rules: [{name: hour, when: {running_for: 1h}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(2min, [&] {
    world.set_status("j1", "COMPLETED");
    world.on_read = [](const std::string&) {
      Trouble trouble = failing(FailureKind::rate_limited, 429);
      trouble.failure->retry_after = 40s;
      return trouble;
    };
  });
  world.run_until(2min + 40s);
  EXPECT_THAT(world.told("job.ended"), IsEmpty());
  EXPECT_EQ(calls_of(world, "read", "j1"), 1U) << "two lists lacked it, one read was allowed";
  world.on_read = [](const std::string&) { return Trouble{}; };
  world.run_until(4min);
  EXPECT_THAT(world.told("job.ended"), SizeIs(1));
}

TEST(MissingJob, IsNotLostByTwoReadsAtOnce) {
  World world("poll: {interval: 5m}\nrules: [{name: short, when: {running_for: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(10min - 5s, [&] {
    world.on_read = [](const std::string&) { return failing(FailureKind::not_found, 404); };
  });
  world.run_until(11min);
  EXPECT_GE(calls_of(world, "read", "j1"), 3U);
  EXPECT_THAT(world.told("job.lost"), IsEmpty());
  world.on_read = [](const std::string&) { return Trouble{}; };
  world.run_until(15min);
  EXPECT_TRUE(world.was_stopped("j1"));
}

TEST(MissingJob, BeforeItsStopLeftAvertsIt) {
  World world("rules: [{name: short, when: {running_for: 10m}, grace: 1h}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(15min, [&] { world.job("j1").exists = false; });
  world.run_until(2h);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_EQ(field(world.told("stop.averted").at(0), "reason"), Value("lost"));
}

TEST(EndedJob, ThatTakesAnotherEndedStatusEndsOnce) {
  World world("rules: [{name: hour, when: {running_for: 1h}}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(5min, [&] { world.set_status("j1", "STOPPED"); });
  world.at(8min, [&] { world.set_status("j1", "FAILED"); });
  world.run_until(30min);  // an unfiltered list shows it as well
  ASSERT_THAT(world.told("job.ended"), SizeIs(1));
  EXPECT_EQ(field(world.told("job.ended")[0], "by"), Value("other"));
}

TEST(View, FitsAProjectByItsNameOrItsId) {
  for (const char* glob : {"llm", "'proj?'", "'*'"}) {
    World world(std::string("accounts: [{name: a, api_key: {env: A}, projects: [") + glob +
                "]}]\n" + kTenMinutes);
    world.at(1s, [&] { world.add("j1", 1s); });
    world.run_until(20min);
    EXPECT_TRUE(world.was_stopped("j1")) << glob;
  }
}

TEST(Account, ThatIsListedFirstTakesItsJobFromALaterOne) {
  World world(kTwoAccounts);
  ListsByAccount lists(world);
  lists.fails = [&](AccountIndex account) { return account == 0 && world.now() < kStart + 5min; };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(20min);
  ASSERT_THAT(world.told("job.seen"), SizeIs(2));
  EXPECT_EQ(field(world.told("job.seen")[0], "account"), Value("b"));
  EXPECT_EQ(field(world.told("job.seen")[1], "account"), Value("a"));
  EXPECT_THAT(world.job("j1").stop_requests, SizeIs(1));
  EXPECT_EQ(field(world.told("stop.sent")[0], "account"), Value("a"));
}

TEST(Account, ThatIsListedFirstTakesNoJobWhoseStopHasBegun) {
  World world(kTwoAccounts);
  ListsByAccount lists(world);
  lists.fails = [&](AccountIndex account) { return account == 0 && world.now() < kStart + 11min; };
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 5min; });
  world.run_until(30min);
  EXPECT_THAT(world.told("job.seen"), SizeIs(1));
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
  EXPECT_EQ(field(world.told("stop.confirmed")[0], "account"), Value("b"));
}

TEST(Account, ThatTakesAJobOverDropsTheGraceThatRan) {
  World world(
      "accounts: [{name: a, api_key: {env: A}}, {name: b, api_key: {env: B}}]\n"
      "rules: [{name: short, when: {running_for: 10m}, grace: 10m}]\n");
  ListsByAccount lists(world);
  lists.fails = [&](AccountIndex account) { return account == 0 && world.now() < kStart + 15min; };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(40min);
  EXPECT_THAT(world.told("rule.tripped"), SizeIs(2));
  EXPECT_THAT(world.job("j1").stop_requests, SizeIs(1));
  EXPECT_THAT(world.present().count({Image::Kind::job, "b/proj1/j1"}), 0U);
  EXPECT_THAT(world.present().count({Image::Kind::stop, "b/proj1/j1"}), 0U);
}

TEST(Account, OfAnotherUrlHasItsOwnJobs) {
  World world(
      "accounts: [{name: a, api_key: {env: A}},"
      " {name: b, base_url: 'https://other.example', api_key: {env: B}}]\n"
      "rules: [{name: short, when: {running_for: 10m}, action: warn}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(20min);
  EXPECT_THAT(world.told("rule.tripped"), SizeIs(2));
}

}  // namespace
}  // namespace trainstop::test
