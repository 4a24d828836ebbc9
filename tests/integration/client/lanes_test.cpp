// Pools, lanes and deadlines: what hangs delays nothing else, and what was closed is replaced.
#include <gmock/gmock.h>

#include <boost/asio/detached.hpp>
#include <chrono>

#include "integration/client/fixture.hpp"

namespace trainstop::test {
namespace {

using namespace std::chrono_literals;
using sim::Endpoint;
using sim::FaultKind;
using std::chrono::steady_clock;

class Lanes : public ClientTest {
 protected:
  void SetUp() override {
    start();
    add_job("job1");
  }

  /// Begins a search whose end is counted.
  void begin_search() {
    const auto count = [this](std::exception_ptr) { ++ended; };
    boost::asio::co_spawn(loop, hold(), count);
  }
  boost::asio::awaitable<void> hold() {
    const auto reply = co_await api->search({}, net::Lane::normal);
    if (reply.value.has_error()) last_failure = reply.value.error();
  }
  /// Runs the loop until the server has seen so many requests.
  bool run_until_requests(std::uint64_t count) {
    const auto end = steady_clock::now() + 10s;
    while (server->truth().request_count < count && steady_clock::now() < end)
      loop.run_one_for(1ms);
    return server->truth().request_count >= count;
  }

  int ended = 0;
  Failure last_failure;
};

TEST_F(Lanes, HungPollsDelayNoStop) {
  add_fault(FaultKind::hang, Endpoint::search);
  for (int i = 0; i < 6; ++i) begin_search();
  ASSERT_TRUE(run_until_requests(4)) << "the normal lane is full, two wait";

  const auto reply = stop("job1");

  EXPECT_TRUE(reply.value);
  EXPECT_EQ(ended, 0);
  api->close();
}

TEST_F(Lanes, AWaitForAConnectionEndsWithTheDeadline) {
  api = make_api(300ms, client_options());
  add_fault(FaultKind::hang, Endpoint::search);
  for (int i = 0; i < 4; ++i) begin_search();
  ASSERT_TRUE(run_until_requests(4));
  add_fault(FaultKind::hang, Endpoint::read);
  const auto waits = run(api->read_job("proj1", "job1", net::Lane::normal));
  ASSERT_FALSE(waits.value);
  EXPECT_EQ(waits.value.error().kind, FailureKind::timeout);
}

TEST_F(Lanes, WhoWaitsIsServedWhenAConnectionIsFree) {
  server->set_latency(Endpoint::search, 20ms);
  for (int i = 0; i < 12; ++i) begin_search();
  const auto end = steady_clock::now() + 10s;
  while (ended < 12 && steady_clock::now() < end) loop.run_one_for(10ms);
  EXPECT_EQ(ended, 12);
  EXPECT_EQ(server->truth().connections, 4U);
}

TEST_F(Lanes, CloseEndsCallsAsCancelled) {
  add_fault(FaultKind::hang, Endpoint::search);
  for (int i = 0; i < 6; ++i) begin_search();
  ASSERT_TRUE(run_until_requests(4));
  api->close();
  while (ended < 6 && loop.run_one_for(5s) > 0) {
  }
  EXPECT_EQ(ended, 6);
  EXPECT_EQ(last_failure.kind, FailureKind::cancelled);
  const auto later = read("job1");
  ASSERT_FALSE(later.value);
  EXPECT_EQ(later.value.error().kind, FailureKind::cancelled);
}

TEST_F(Lanes, AConnectionThatTheServerClosedIsReplaced) {
  for (const FaultKind kind : {FaultKind::close_silent, FaultKind::close_announced}) {
    add_fault_once(kind, Endpoint::search);
    ASSERT_TRUE(search().value);
    ASSERT_TRUE(search().value) << to_string(kind);
  }
}

TEST_F(Lanes, AResetOfAKeptConnectionIsRepeatedForAReadOnly) {
  ASSERT_TRUE(read("job1").value);
  add_fault_once(FaultKind::reset_before, Endpoint::read);
  EXPECT_TRUE(read("job1").value) << "repeated on a new connection";
  add_fault_once(FaultKind::reset_before, Endpoint::stop);
  const auto reply = stop("job1");
  ASSERT_FALSE(reply.value);
  EXPECT_TRUE(reply.was_sent);
  EXPECT_EQ(server->job("job1").stop_requests, 1);
}

TEST_F(Lanes, WarmConnectionsAreOpenedAheadAndUsed) {
  api->keep_warm(2);
  const auto end = steady_clock::now() + 10s;
  while (server->truth().connections < 2 && steady_clock::now() < end) loop.run_one_for(1ms);
  ASSERT_EQ(server->truth().connections, 2U);
  // The handshakes' ends.
  ASSERT_TRUE(read("job1").value);
  ASSERT_TRUE(stop("job1").value);
  EXPECT_EQ(server->truth().connections, 2U);
}

TEST_F(Lanes, AWarmConnectionThatWasResetIsOpenedAgain) {
  api->keep_warm(1);
  const auto opened = [&](std::uint64_t count) {
    const auto end = steady_clock::now() + 10s;
    while (server->truth().connections < count && steady_clock::now() < end) {
      loop.run_one_for(1ms);
    }
    return server->truth().connections == count;
  };
  ASSERT_TRUE(opened(1));
  ASSERT_TRUE(read("job1").value);
  server->reset_connections();
  EXPECT_TRUE(opened(2));
}

TEST_F(Lanes, ARefusedConnectionSaysSo) {
  server->set_listening(false);
  const auto reply = read("job1");
  ASSERT_FALSE(reply.value);
  EXPECT_EQ(reply.value.error().message, "connection refused while connecting");
  EXPECT_FALSE(reply.was_sent);
}

TEST_F(Lanes, AMuteServerIsBoundedByTheDeadline) {
  server->set_mute(true);
  api = make_api(300ms, client_options());
  const auto begin = steady_clock::now();
  const auto reply = stop("job1");
  ASSERT_FALSE(reply.value);
  EXPECT_EQ(reply.value.error().message, "timed out after 300ms while agreeing on TLS");
  EXPECT_FALSE(reply.was_sent);
  EXPECT_LT(steady_clock::now() - begin, 2s);
}

}  // namespace
}  // namespace trainstop::test
