#include "unit/sim/fixture.hpp"

namespace trainstop::sim {
namespace {

using test::End;

TEST_F(SimTest, A_fault_strikes_so_many_requests_of_its_endpoint_and_job_after_those_it_spares) {
  Fault fault;
  fault.endpoint = Endpoint::read;
  fault.job_id = "j1";
  fault.skip = 1;
  fault.count = 2;
  fault.status = 503;
  const auto number = server.add_fault(fault);
  EXPECT_EQ(search().status(), 200U);
  EXPECT_EQ(call("GET", "/v1/training_projects/proj1/jobs/j2").status(), 200U);
  EXPECT_EQ(read().status(), 200U);
  EXPECT_EQ(read().status(), 503U);
  EXPECT_EQ(read().status(), 503U);
  EXPECT_EQ(read().status(), 200U);
  EXPECT_EQ(server.truth().fault_strikes.at(number), 2U);
}

TEST_F(SimTest, Faults_strike_in_the_order_of_adding_and_can_be_taken_back) {
  fault(FaultKind::not_found, Endpoint::read, 1);
  fault(FaultKind::rate_limited_body, Endpoint::read);
  EXPECT_EQ(read().status(), 404U);
  EXPECT_EQ(read().status(), 429U);
  server.clear_faults();
  EXPECT_EQ(read().status(), 200U);
}

TEST_F(SimTest, A_status_fault_gives_a_page_or_the_body_and_headers_wanted) {
  fault(FaultKind::status, Endpoint::read, 1);
  Fault json_fault;
  json_fault.status = 422;
  json_fault.body = R"({"code":"X","message":"y"})";
  json_fault.headers = "Retry-After: 7\r\n";
  server.add_fault(json_fault);
  EXPECT_EQ(read().header("Content-Type"), "text/html");
  const auto reply = read();
  EXPECT_EQ(reply.status(), 422U);
  EXPECT_EQ(reply.header("Retry-After"), "7");
  EXPECT_EQ(json(reply).at("code").as_string(), "X");
}

TEST_F(SimTest, A_reset_comes_before_or_after_the_stop_was_applied) {
  fault(FaultKind::reset_before, Endpoint::stop, 1);
  fault(FaultKind::reset_after, Endpoint::stop, 1);
  const auto before = stop();
  EXPECT_EQ(before.end, End::reset);
  EXPECT_EQ(before.bytes, "");
  EXPECT_FALSE(server.job("j1").stop_applied);
  EXPECT_FALSE(server.truth().requests.back().applied);
  EXPECT_EQ(stop().end, End::reset);
  EXPECT_TRUE(server.job("j1").stop_applied);
  EXPECT_TRUE(server.truth().requests.back().applied);
  EXPECT_EQ(server.truth().requests.back().status, 0U);
  EXPECT_EQ(server.job("j1").stop_requests, 2);
}

TEST_F(SimTest, Whether_a_stop_takes_effect_can_be_chosen) {
  Fault late;
  late.applies = true;
  late.endpoint = Endpoint::stop;
  server.add_fault(late);
  EXPECT_EQ(stop().status(), 500U);
  EXPECT_TRUE(server.job("j1").stop_applied);
}

TEST_F(SimTest, An_ignored_stop_looks_like_any_other) {
  fault(FaultKind::ignored_stop);
  EXPECT_EQ(status_of(stop()), kRunning);
  EXPECT_FALSE(server.job("j1").stop_applied);
  EXPECT_FALSE(server.truth().requests.back().applied);
}

TEST_F(SimTest, A_hanging_reply_never_comes_and_the_server_ends_all_the_same) {
  fault(FaultKind::hang, Endpoint::read);
  fault(FaultKind::hang_midway, Endpoint::search);
  test::RawHttp client(server.port());
  client.send(test::request_bytes("GET", kRead));
  EXPECT_EQ(client.receive(100ms).bytes, "");
  test::RawHttp other(server.port());
  other.send(test::request_bytes("POST", kSearch, "{}"));
  const auto half = other.receive(100ms);
  EXPECT_EQ(half.end, End::timeout);
  EXPECT_EQ(half.status(), 200U);
  EXPECT_FALSE(half.body().empty());
}

TEST_F(SimTest, A_dripped_reply_is_whole_in_the_end) {
  Fault drip;
  drip.kind = FaultKind::drip;
  drip.duration = 1ms;
  drip.bytes = 40;
  server.add_fault(drip);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(status_of(read()), kRunning);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 15ms);
}

TEST_F(SimTest, A_cut_body_ends_with_a_clean_close_with_or_without_its_length) {
  const std::string whole = search().body();
  fault(FaultKind::truncate, Endpoint::search, 1);
  fault(FaultKind::truncate_unsized, Endpoint::search, 1);
  const auto sized = search();
  EXPECT_EQ(sized.end, End::closed);
  EXPECT_EQ(sized.header("Content-Length"), std::to_string(whole.size()));
  EXPECT_EQ(sized.body(), whole.substr(0, whole.size() / 2));
  const auto unsized = search();
  EXPECT_EQ(unsized.end, End::closed);
  EXPECT_EQ(unsized.header("Content-Length"), "");
  EXPECT_EQ(unsized.body(), whole.substr(0, whole.size() / 2));
}

TEST_F(SimTest, Garbage_is_not_HTTP_or_not_JSON) {
  fault(FaultKind::garbage, Endpoint::read, 1);
  fault(FaultKind::garbage_body, Endpoint::read, 1);
  fault(FaultKind::empty_body, Endpoint::read, 1);
  EXPECT_EQ(read().status(), 0U);
  const auto body = read();
  EXPECT_EQ(body.status(), 200U);
  EXPECT_THROW(json(body), boost::system::system_error);
  EXPECT_EQ(read().body(), "");
}

TEST_F(SimTest, Endless_replies_go_on_until_the_client_has_enough) {
  for (const auto kind :
       {FaultKind::oversize, FaultKind::endless_list, FaultKind::endless_header}) {
    server.clear_faults();
    fault(kind);
    test::RawHttp client(server.port());
    client.send(test::request_bytes("POST", kSearch, "{}"));
    EXPECT_GE(client.receive(kLong, 10 << 20).bytes.size(), std::size_t{10} << 20)
        << to_string(kind);
  }
}

TEST_F(SimTest, An_endless_list_is_made_of_records_with_ids_of_their_own) {
  fault(FaultKind::endless_list);
  test::RawHttp client(server.port());
  client.send(test::request_bytes("POST", kSearch, "{}"));
  std::string body = client.receive(kLong, 300'000).body();
  body.resize(body.rfind(R"(,{"id")"));
  const auto list = boost::json::parse(body + "]}").at("training_jobs").as_array();
  EXPECT_GT(list.size(), 300U);
  EXPECT_EQ(list.at(1).at("id").as_string(), "j1");
  EXPECT_NE(list.at(2).at("id"), list.at(3).at("id"));
}

TEST_F(SimTest, A_redirect_points_to_another_host) {
  fault(FaultKind::redirect);
  const auto reply = read();
  EXPECT_EQ(reply.status(), 302U);
  EXPECT_EQ(reply.header("Location"), "https://other.example/v1/users/me");
}

TEST_F(SimTest, The_wait_of_a_429_is_in_the_body_or_in_the_header) {
  Fault limit;
  limit.kind = FaultKind::rate_limited_body;
  limit.duration = 37s;
  server.add_fault(limit);
  limit.kind = FaultKind::rate_limited_header;
  server.add_fault(limit);
  const auto in_body = read();
  EXPECT_EQ(in_body.status(), 429U);
  EXPECT_EQ(json(in_body).at("retry_after").as_int64(), 37);
  EXPECT_EQ(in_body.header("Retry-After"), "");
  EXPECT_EQ(read().header("Retry-After"), "37");
}

TEST_F(SimTest, Dates_can_be_wrong_absent_or_aged) {
  fault(FaultKind::no_date, Endpoint::read, 1);
  EXPECT_EQ(read().header("Date"), "");
  fault(FaultKind::age, Endpoint::read, 1);
  EXPECT_EQ(read().header("Age"), "3600");
  Fault wrong;
  wrong.kind = FaultKind::date_offset;
  wrong.duration = 24h * 365 * 100;
  server.add_fault(wrong);
  EXPECT_NE(read().header("Date").find(" 21"), std::string::npos);
}

TEST_F(SimTest, A_100_Continue_may_come_first) {
  fault(FaultKind::continue_first);
  const auto reply = read();
  EXPECT_TRUE(reply.bytes.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"));
  EXPECT_EQ(status_of(reply), kRunning);
}

TEST_F(SimTest, Connections_close_with_and_without_telling_and_when_idle) {
  const auto next_end = [&](FaultKind kind) {
    server.clear_faults();
    Fault closing;
    closing.kind = kind;
    closing.duration = 1ms;
    server.add_fault(closing);
    test::RawHttp client(server.port());
    client.send(test::request_bytes("GET", kRead));
    const auto reply = client.receive(kLong);
    EXPECT_EQ(reply.status(), 200U);
    EXPECT_EQ(reply.header("Connection"), kind == FaultKind::close_announced ? "close" : "");
    return client.receive(kLong).end;
  };
  EXPECT_EQ(next_end(FaultKind::close_announced), End::closed);
  EXPECT_EQ(next_end(FaultKind::close_silent), End::closed);
  EXPECT_EQ(next_end(FaultKind::close_after_idle), End::closed);
}

TEST_F(SimTest, A_colouring_fault_joins_the_one_that_decides) {
  fault(FaultKind::continue_first);
  fault(FaultKind::not_found);
  fault(FaultKind::no_date);
  const auto reply = read();
  EXPECT_TRUE(reply.bytes.starts_with("HTTP/1.1 100"));
  EXPECT_EQ(reply.status(), 404U);
  EXPECT_EQ(reply.header("Date"), "");
}

TEST_F(SimTest, Every_fault_has_a_name_by_which_it_is_found) {
  for (int i = 0; i <= static_cast<int>(FaultKind::close_after_idle); ++i) {
    const auto kind = static_cast<FaultKind>(i);
    EXPECT_EQ(fault_kind_named(to_string(kind)), kind);
  }
  EXPECT_FALSE(fault_kind_named("nothing"));
}

}  // namespace
}  // namespace trainstop::sim
