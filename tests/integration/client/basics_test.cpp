// What the API says when all is well.
#include <gmock/gmock.h>

#include "integration/client/fixture.hpp"

namespace trainstop::test {
namespace {

using namespace std::chrono_literals;

class Basics : public ClientTest {};

TEST_F(Basics, SearchListsTheJobsThatThePlatformHas) {
  start();
  sim::JobScript script;
  script.id = "job1";
  script.name = "llm-a";
  script.node_count = 2;
  script.user = "ana@corp.example";
  server->add_job(script);
  add_job("job2");

  const auto reply = search();

  ASSERT_TRUE(reply.value) << reply.value.error().message;
  ASSERT_EQ(reply.value->jobs.size(), 2U);
  EXPECT_EQ(reply.value->unusable, 0U);
  EXPECT_EQ(translated, 2);
  EXPECT_LE(reply.timing.sent, reply.timing.received);
  ASSERT_TRUE(reply.timing.date);
  const auto is_first = [](const JobRef& job) { return job->id == "job1"; };
  const auto job = std::find_if(reply.value->jobs.begin(), reply.value->jobs.end(), is_first);
  ASSERT_NE(job, reply.value->jobs.end());
  EXPECT_EQ((*job)->name, "llm-a");
  EXPECT_EQ((*job)->node_count, 2);
  EXPECT_EQ((*job)->user, "ana@corp.example");
  EXPECT_EQ((*job)->project_id, "proj1");
  EXPECT_EQ((*job)->gpu_count, 8);
  EXPECT_EQ((*job)->gpu_type, "H100");
}

TEST_F(Basics, AnUnchangedRecordIsTheSameObjectAgain) {
  start();
  add_job("job1");
  add_job("job2");
  const auto first = search();
  server->set_status("job1", sim::kDeploying);

  const auto second = search();

  ASSERT_TRUE(first.value && second.value);
  int same = 0;
  for (const JobRef& job : second.value->jobs) {
    for (const JobRef& before : first.value->jobs) same += job == before ? 1 : 0;
  }
  EXPECT_EQ(same, 1);
  EXPECT_EQ(translated, 3) << "only what is new or changed is translated";
}

TEST_F(Basics, AFilterAsksForTheNamedStatusesOnly) {
  start();
  add_job("job1");
  add_job("job2");
  server->set_status("job2", sim::kCompleted);

  const auto reply = run(api->search({sim::kRunning}, net::Lane::normal));

  ASSERT_TRUE(reply.value);
  ASSERT_EQ(reply.value->jobs.size(), 1U);
  EXPECT_EQ(reply.value->jobs[0]->id, "job1");
}

TEST_F(Basics, StopSaysWhenItsFirstByteLeftAndIsApplied) {
  start();
  add_job("job1");
  std::optional<Instant> left;
  const Instant before = wall_now();

  const auto reply = run(api->stop_job("proj1", "job1", [&](Instant at) { left = at; }));

  ASSERT_TRUE(reply.value) << reply.value.error().message;
  EXPECT_EQ((*reply.value)->id, "job1");
  ASSERT_TRUE(left);
  EXPECT_GE(*left, before);
  EXPECT_EQ(*left, reply.timing.sent);
  EXPECT_TRUE(server->job("job1").stop_applied);
  EXPECT_EQ(server->truth().requests.at(0).body, "{}");
}

TEST_F(Basics, ReadGivesOneJobAndAnUnknownOneIsNotFound) {
  start();
  add_job("job1");
  const auto found = read("job1");
  const auto lost = read("other");
  ASSERT_TRUE(found.value);
  EXPECT_EQ((*found.value)->status, sim::kRunning);
  ASSERT_FALSE(lost.value);
  EXPECT_EQ(lost.value.error().kind, FailureKind::not_found);
  EXPECT_THAT(lost.value.error().message, testing::StartsWith("not found (404)"));
}

TEST_F(Basics, PricesProjectsAndTheKeysOwnerAreRead) {
  sim::Settings settings;
  settings.projects.push_back({"proj1", "llm", "research"});
  start(CertificateKind::good, settings);
  const auto prices = run(api->prices());
  const auto projects = run(api->projects());
  const auto user = run(api->whoami());
  ASSERT_TRUE(prices.value) << prices.value.error().message;
  ASSERT_EQ(prices.value->per_minute.size(), 1U);
  EXPECT_EQ(prices.value->per_minute[0].second, Money::from_nano(866'670'000));
  ASSERT_TRUE(projects.value) << projects.value.error().message;
  ASSERT_EQ(projects.value->size(), 1U);
  EXPECT_EQ(projects.value->at(0).team, "research");
  EXPECT_TRUE(user.value) << user.value.error().message;
}

TEST_F(Basics, TheKeptConnectionServesManyCalls) {
  start();
  add_job("job1");
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(search().value);
  EXPECT_EQ(server->truth().connections, 1U);
}

TEST_F(Basics, PlainHttpWorksOnLoopback) {
  start(std::nullopt);
  add_job("job1");
  EXPECT_TRUE(search().value);
  EXPECT_TRUE(stop("job1").value);
}

TEST_F(Basics, AnAddressIsVerifiedAsAnAddress) {
  start();
  add_job("job1");
  api = make_api(10s, client_options("127.0.0.1"));
  const auto reply = search();
  EXPECT_TRUE(reply.value) << reply.value.error().message;
}

TEST_F(Basics, AnIdThatIsNoneNeverReachesTheWire) {
  start();
  const auto reply = run(api->stop_job("proj1", "../../x", nullptr));
  ASSERT_FALSE(reply.value);
  EXPECT_FALSE(reply.was_sent);
  EXPECT_EQ(server->truth().request_count, 0U);
}

}  // namespace
}  // namespace trainstop::test
