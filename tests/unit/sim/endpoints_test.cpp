#include "unit/sim/fixture.hpp"

namespace trainstop::sim {
namespace {

TEST_F(SimTest, A_search_lists_the_newest_first_and_the_oldest_on_demand) {
  EXPECT_EQ(ids(search()), "j2,j1");
  EXPECT_EQ(ids(search(R"({"order_by":[{"field":"created_at","order":"asc"}]})")), "j1,j2");
  EXPECT_EQ(search(R"({"order_by":[{"field":"name","order":"asc"}]})").status(), 400U);
  EXPECT_EQ(search("nonsense").status(), 400U);
}

TEST_F(SimTest, A_search_filters_by_status_project_and_job) {
  server.set_status("j1", kCompleted);
  EXPECT_EQ(ids(search(R"({"statuses":["TRAINING_JOB_RUNNING","TRAINING_JOB_NEW"]})")), "j2");
  EXPECT_EQ(ids(search(R"({"statuses":null})")), "j2,j1");
  EXPECT_EQ(ids(search(R"({"job_id":"j1","project_id":"proj1"})")), "j1");
  EXPECT_EQ(ids(search(R"({"project_id":"proj2"})")), "");
}

TEST_F(SimTest, A_search_may_refuse_a_status_that_it_does_not_know) {
  server.change([](Settings& settings) { settings.refuse_unknown_statuses = true; });
  EXPECT_EQ(search(R"({"statuses":["TRAINING_JOB_RUNNING"]})").status(), 200U);
  const auto refused = search(R"({"statuses":["TRAINING_JOB_QUEUED"]})");
  EXPECT_EQ(refused.status(), 400U);
  EXPECT_EQ(json(refused).at("code").as_string(), "VALIDATION_ERROR");
}

TEST_F(SimTest, A_list_from_the_cache_is_never_older_than_the_last_change) {
  EXPECT_EQ(search().body(), search().body());
  server.set_status("j1", kFailed);
  EXPECT_EQ(ids(search(R"({"statuses":["TRAINING_JOB_FAILED"]})")), "j1");
  server.set_status("j2", kFailed);
  EXPECT_EQ(ids(search(R"({"statuses":["TRAINING_JOB_FAILED"]})")), "j2,j1");
}

TEST_F(SimTest, A_job_is_read_with_its_project_and_only_within_it) {
  const auto reply = json(read());
  EXPECT_EQ(reply.at("training_job").at("id").as_string(), "j1");
  EXPECT_EQ(reply.at("training_project").at("id").as_string(), "proj1");
  EXPECT_EQ(reply.at("training_project").at("latest_job").at("id").as_string(), "j2");
  const auto missing = call("GET", "/v1/training_projects/proj2/jobs/j1");
  EXPECT_EQ(missing.status(), 404U);
  EXPECT_EQ(json(missing).at("code").as_string(), "NOT_FOUND");
  server.remove_job("j1");
  EXPECT_EQ(read().status(), 404U);
  EXPECT_EQ(ids(search()), "j2");
}

TEST_F(SimTest, Projects_prices_and_the_user_have_the_documented_shapes) {
  server.change([](Settings& settings) { settings.projects = {{"proj0", "zero", "team-a"}}; });
  const auto projects = json(call("GET", "/v1/training_projects")).at("training_projects");
  ASSERT_EQ(projects.as_array().size(), 2U);
  EXPECT_EQ(projects.at(0).at("team_name").as_string(), "team-a");
  EXPECT_TRUE(projects.at(0).at("latest_job").is_null());
  EXPECT_EQ(ids(call("GET", "/v1/training_projects/proj1/jobs")), "j2,j1");
  const auto prices = json(call("GET", kPrices)).at("instance_types").as_array();
  EXPECT_EQ(prices.at(0).at("instance_type").at("gpu_count").as_int64(), 8);
  EXPECT_DOUBLE_EQ(prices.at(0).at("price").as_double(), 0.86667);
  EXPECT_TRUE(json(call("GET", "/v1/users/me")).as_object().contains("user_id"));
  EXPECT_EQ(call("DELETE", kRead).status(), 404U);
}

TEST_F(SimTest, A_stop_takes_effect_after_its_latency_and_the_truth_says_when) {
  server.change([](Settings& settings) { settings.stop_latency = 30ms; });
  const auto reply = stop();
  EXPECT_EQ(reply.status(), 200U);
  EXPECT_EQ(status_of(reply), kRunning);
  ASSERT_TRUE(server.wait_until(
      [](const Truth& truth) { return truth.jobs.at("j1").ended.has_value(); }, kLong));
  EXPECT_EQ(status_of(read()), kStopped);
  const JobTruth job = server.job("j1");
  EXPECT_EQ(job.stop_requests, 1);
  EXPECT_TRUE(job.ended_by_stop);
  EXPECT_LE(job.first_stop_received->boot, job.stop_applied->boot);
  EXPECT_EQ(job.ended->boot - job.stop_applied->boot, 30ms);
  EXPECT_EQ(server.job("j2").stop_requests, 0);
}

TEST_F(SimTest, A_stop_needs_a_body) {
  EXPECT_EQ(call("POST", kStop).status(), 400U);
  EXPECT_FALSE(server.job("j1").stop_applied);
  EXPECT_EQ(server.job("j1").stop_requests, 1);
}

TEST_F(SimTest, A_stop_of_an_ended_job_answers_as_configured) {
  server.set_status("j1", kCompleted);
  for (const unsigned status : {200U, 400U, 409U}) {
    server.change([&](Settings& settings) { settings.stop_of_ended = status; });
    EXPECT_EQ(stop().status(), status);
  }
  EXPECT_EQ(server.job("j1").status, kCompleted);
  EXPECT_FALSE(server.job("j1").stop_applied);
}

TEST_F(SimTest, A_stop_reply_may_run_ahead_of_the_truth) {
  server.change([](Settings& settings) {
    settings.stop_reply_is_stopped = true;
    settings.stop_latency = kNeverEnds;
  });
  EXPECT_EQ(status_of(stop()), kStopped);
  EXPECT_EQ(status_of(read()), kRunning);
}

TEST_F(SimTest, Both_forms_of_the_key_are_accepted_and_a_wrong_one_does_nothing) {
  const auto with = [&](const std::string& authorization) {
    test::RawHttp client(server.port());
    client.send("POST " + kStop + " HTTP/1.1\r\nHost: a\r\n" + authorization +
                "Content-Length: 2\r\n\r\n{}");
    return client.receive(kLong);
  };
  const auto refused = with("Authorization: Api-Key wrong\r\n");
  EXPECT_EQ(refused.status(), 401U);
  EXPECT_THROW(json(refused), boost::system::system_error);
  server.change([](Settings& settings) { settings.wrong_key_status = 403; });
  EXPECT_EQ(with("").status(), 403U);
  EXPECT_EQ(server.job("j1").stop_requests, 0);
  EXPECT_FALSE(server.truth().requests.back().key_accepted);
  EXPECT_EQ(with("Authorization: Bearer sim-key\r\n").status(), 200U);
  EXPECT_EQ(server.truth().requests.back().authorization, "Bearer");
  EXPECT_EQ(with("Authorization: Api-Key sim-key\r\n").status(), 200U);
  EXPECT_EQ(server.job("j1").stop_requests, 2);
}

TEST_F(SimTest, Over_the_rate_limit_the_wait_is_told_in_the_body) {
  server.change([](Settings& settings) { settings.rate_limit = 1; });
  bool limited = false;
  for (int i = 0; i < 50 && !limited; ++i) {
    const auto reply = read();
    limited = reply.status() == 429 && json(reply).at("retry_after").as_int64() == 1;
  }
  EXPECT_TRUE(limited);
}

TEST_F(SimTest, One_connection_takes_many_requests_also_in_one_piece) {
  test::RawHttp client(server.port());
  const std::string two = test::request_bytes("GET", kRead) + test::request_bytes("GET", kPrices);
  client.send(two);
  EXPECT_EQ(client.receive(kLong).status(), 200U);
  client.send(test::request_bytes("GET", kRead));
  EXPECT_EQ(client.receive(kLong).status(), 200U);
  ASSERT_TRUE(
      server.wait_until([](const Truth& truth) { return truth.request_count == 3; }, kLong));
  EXPECT_EQ(server.truth().connections, 1U);
  EXPECT_EQ(server.truth().count(Endpoint::read), 2U);
}

TEST_F(SimTest, Latency_delays_the_reply_and_not_the_truth) {
  server.set_latency(Endpoint::read, 50ms);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(read().status(), 200U);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 50ms);
}

TEST_F(SimTest, The_clock_of_the_API_may_be_wrong) {
  server.change([](Settings& settings) { settings.clock_offset = -24h * 365; });
  const auto reply = read();
  const std::string year =
      std::string(json(reply).at("training_job").at("created_at").as_string()).substr(0, 4);
  EXPECT_NE(reply.header("Date").find(year), std::string::npos);
}

TEST_F(SimTest, A_server_that_does_not_listen_refuses_and_comes_back_on_the_same_port) {
  server.set_listening(false);
  EXPECT_THROW(test::RawHttp(server.port()), std::runtime_error);
  server.set_listening(true);
  EXPECT_EQ(read().status(), 200U);
}

TEST_F(SimTest, A_mute_server_accepts_and_says_nothing) {
  server.set_mute(true);
  test::RawHttp client(server.port());
  client.send(test::request_bytes("GET", kRead));
  EXPECT_EQ(client.receive(100ms).end, test::End::timeout);
  EXPECT_EQ(server.truth().request_count, 0U);
}

TEST_F(SimTest, Open_connections_can_be_reset) {
  test::RawHttp client(server.port());
  client.send(test::request_bytes("GET", kRead));
  EXPECT_EQ(client.receive(kLong).status(), 200U);
  server.reset_connections();
  EXPECT_EQ(client.receive(kLong).end, test::End::reset);
}

}  // namespace
}  // namespace trainstop::sim
