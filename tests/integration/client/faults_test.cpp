// Every fault that a server can show, on every call: a failure of the right kind in words, and the
// next call works.
#include <gmock/gmock.h>

#include <chrono>
#include <ostream>

#include "integration/client/fixture.hpp"

namespace trainstop::test {
namespace {

using namespace std::chrono_literals;
using sim::Endpoint;
using sim::FaultKind;

struct Expected {
  FaultKind fault;
  FailureKind kind;
  const char* words;  ///< with which the message begins
};

std::ostream& operator<<(std::ostream& out, const Expected& expected) {
  return out << to_string(expected.fault);
}

// Long enough for a sanitizer's build, short enough for faults that only a deadline ends.
constexpr Duration kTimeout = 1s;

class Faults : public ClientTest, public testing::WithParamInterface<Expected> {
 protected:
  void SetUp() override {
    start();
    add_job("job1");
    api = make_api(kTimeout, client_options());
  }

  template <class T>
  void expect_failure(const baseten::Reply<T>& reply) {
    ASSERT_FALSE(reply.value);
    const Failure& failure = reply.value.error();
    EXPECT_EQ(failure.kind, GetParam().kind) << failure.message;
    EXPECT_THAT(failure.message, testing::StartsWith(GetParam().words));
    EXPECT_THAT(failure.message, testing::Not(testing::HasSubstr(kKey)));
    EXPECT_THAT(failure.message, testing::Not(testing::HasSubstr("boost/")));
    EXPECT_TRUE(reply.was_sent);
    EXPECT_LE(reply.timing.sent, reply.timing.received);
    EXPECT_LT(reply.timing.received - reply.timing.sent, kTimeout + 3s) << "not by a drip either";
  }
};

TEST_P(Faults, OfASearch) {
  add_fault_once(GetParam().fault, Endpoint::search);
  expect_failure(search());
  EXPECT_TRUE(search().value);
}

TEST_P(Faults, OfARead) {
  add_fault_once(GetParam().fault, Endpoint::read);
  expect_failure(read("job1"));
  EXPECT_TRUE(read("job1").value);
}

TEST_P(Faults, OfAStop) {
  add_fault_once(GetParam().fault, Endpoint::stop);
  expect_failure(stop("job1"));
  EXPECT_EQ(server->job("job1").stop_requests, 1) << "a stop is never repeated by itself";
}

TEST_P(Faults, OfThePrices) {
  add_fault_once(GetParam().fault, Endpoint::prices);
  expect_failure(run(api->prices()));
  EXPECT_TRUE(run(api->prices()).value);
}

INSTANTIATE_TEST_SUITE_P(
    Each, Faults,
    testing::Values(
        Expected{FaultKind::status, FailureKind::server_error, "server error (500)"},
        Expected{FaultKind::reset_before, FailureKind::transport, "connection reset"},
        Expected{FaultKind::reset_after, FailureKind::transport, "connection reset"},
        Expected{FaultKind::hang, FailureKind::timeout, "timed out after 1s while waiting for"},
        Expected{FaultKind::hang_midway, FailureKind::timeout, "timed out after 1s while reading"},
        Expected{FaultKind::drip, FailureKind::timeout, "timed out after 1s while reading"},
        Expected{FaultKind::truncate, FailureKind::transport, "reply was cut short"},
        Expected{FaultKind::truncate_unsized, FailureKind::unusable, "reply is not"},
        Expected{FaultKind::truncate_rude, FailureKind::unusable, "reply is not"},
        Expected{FaultKind::garbage, FailureKind::unusable, "reply is not HTTP"},
        Expected{FaultKind::garbage_body, FailureKind::unusable, "reply is not"},
        Expected{FaultKind::empty_body, FailureKind::unusable, "reply is not"},
        Expected{FaultKind::oversize, FailureKind::unusable, "reply is"},
        Expected{FaultKind::endless_header, FailureKind::unusable,
                 "reply header is larger than 32 KiB"},
        Expected{FaultKind::redirect, FailureKind::unusable, "unexpected redirect to "},
        Expected{FaultKind::not_found, FailureKind::not_found, "not found (404)"},
        Expected{FaultKind::bom, FailureKind::unusable, "reply is not"},
        Expected{FaultKind::trailing_data, FailureKind::unusable, "reply is not"},
        Expected{FaultKind::deep_nesting, FailureKind::unusable, "reply is"},
        Expected{FaultKind::bad_utf8, FailureKind::unusable, "reply is not"},
        Expected{FaultKind::rate_limited_body, FailureKind::rate_limited,
                 "rate limited (429), retry after "},
        Expected{FaultKind::rate_limited_header, FailureKind::rate_limited,
                 "rate limited (429), retry after "}),
    [](const auto& test) { return std::string(to_string(test.param.fault)); });

class Effects : public ClientTest {};

TEST_F(Effects, AResetAfterTheStopWasAppliedIsAFailureThoughTheJobEnds) {
  start();
  add_job("job1");
  add_fault(FaultKind::reset_after, Endpoint::stop);
  const auto reply = stop("job1");
  ASSERT_FALSE(reply.value);
  EXPECT_TRUE(reply.was_sent);
  EXPECT_TRUE(server->job("job1").stop_applied);
}

TEST_F(Effects, ARedirectIsNotFollowedAndGetsNoKey) {
  start();
  add_job("job1");
  sim::Fault fault;
  fault.kind = FaultKind::redirect;
  fault.endpoint = Endpoint::read;
  fault.body = server->base_url("localhost") + "/v1/users/me";
  server->add_fault(fault);
  const auto reply = read("job1");
  ASSERT_FALSE(reply.value);
  EXPECT_EQ(reply.value.error().message, "unexpected redirect to localhost");
  EXPECT_EQ(server->truth().request_count, 1U);
}

TEST_F(Effects, ARefusedKeySaysSo) {
  start();
  net::ClientOptions options = client_options();
  options.authorization = "Bearer wrong-key-0815";
  api = make_api(10s, options);
  const auto reply = run(api->whoami());
  ASSERT_FALSE(reply.value);
  EXPECT_EQ(reply.value.error().kind, FailureKind::unauthorized);
  EXPECT_EQ(reply.value.error().status, 401U);
  EXPECT_THAT(reply.value.error().message, testing::StartsWith("key refused (401)"));
}

TEST_F(Effects, AKeyThatTheServerEchoesIsBlottedOut) {
  start();
  sim::Fault fault;
  fault.kind = FaultKind::status;
  fault.status = 403;
  fault.body = R"({"code":"FORBIDDEN","message":"no access for sim-key\nforged"})";
  server->add_fault(fault);
  const auto reply = run(api->whoami());
  ASSERT_FALSE(reply.value);
  EXPECT_EQ(reply.value.error().message, "key refused (403): no access for ***\\nforged");
}

TEST_F(Effects, RetryAfterIsTakenFromHeaderAndBody) {
  start();
  for (const FaultKind kind : {FaultKind::rate_limited_body, FaultKind::rate_limited_header}) {
    sim::Fault fault;
    fault.kind = kind;
    fault.duration = 37s;
    server->add_fault(fault);
    const auto reply = run(api->whoami());
    ASSERT_FALSE(reply.value);
    EXPECT_EQ(reply.value.error().retry_after, Duration(37s));
    EXPECT_EQ(reply.value.error().status, 429U);
  }
}

TEST_F(Effects, AContinueBeforeTheReplyIsReadOver) {
  start();
  add_job("job1");
  add_fault(FaultKind::continue_first);
  EXPECT_TRUE(search().value);
  EXPECT_TRUE(stop("job1").value);
  EXPECT_EQ(server->truth().connections, 2U) << "each lane's connection stays usable";
}

TEST_F(Effects, ADateFromACacheIsNoDate) {
  start();
  add_fault_once(FaultKind::age);
  EXPECT_FALSE(search().timing.date);
  add_fault_once(FaultKind::no_date);
  EXPECT_FALSE(search().timing.date);
  EXPECT_TRUE(search().timing.date);
}

TEST_F(Effects, AReplyAboutAnotherJobIsUnusable) {
  start();
  add_job("job1");
  add_fault(FaultKind::other_job);
  const auto read_reply = read("job1");
  ASSERT_FALSE(read_reply.value);
  EXPECT_EQ(read_reply.value.error().kind, FailureKind::unusable);
  const auto stop_reply = stop("job1");
  ASSERT_FALSE(stop_reply.value);
  EXPECT_EQ(stop_reply.value.error().kind, FailureKind::unusable);
}

}  // namespace
}  // namespace trainstop::test
