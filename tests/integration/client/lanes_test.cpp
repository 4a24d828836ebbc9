// Pools, lanes and deadlines: what hangs delays nothing else, and what was closed is replaced.
#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
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

  /// Runs the loop until nothing has happened for a while: handshakes have ended.
  void settle() {
    while (loop.run_one_for(400ms) > 0) {
    }
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
  settle();
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
  settle();
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

TEST_F(Lanes, AMuteNameServerIsBoundedByTheDeadlineAndDelaysNobody) {
  namespace ip = boost::asio::ip;
  ip::udp::socket mute(loop, ip::udp::endpoint(ip::address_v4::loopback(), 0));
  const auto port = std::to_string(mute.local_endpoint().port());
  resolver = net::make_resolver(loop.get_executor(), "127.0.0.1:" + port);
  const auto stuck = make_api(500ms, client_options("api.example"));
  const auto healthy = make_api(10s, client_options());
  std::optional<baseten::Reply<JobRef>> late;
  const auto begin = steady_clock::now();
  boost::asio::co_spawn(loop, store(stuck->stop_job("proj1", "job1", nullptr), &late),
                        [](std::exception_ptr) {});

  const auto reply = run(healthy->stop_job("proj1", "job1", nullptr));

  EXPECT_TRUE(reply.value);
  EXPECT_LT(steady_clock::now() - begin, 450ms);
  while (!late && loop.run_one_for(10s) > 0) {
  }
  ASSERT_TRUE(late);
  ASSERT_FALSE(late->value);
  EXPECT_EQ(late->value.error().kind, FailureKind::timeout);
  EXPECT_EQ(late->value.error().message, "timed out after 500ms while looking up the name");
  EXPECT_FALSE(late->was_sent);
  EXPECT_LT(steady_clock::now() - begin, 2s);
}

using Sockets = std::vector<boost::asio::ip::tcp::socket>;

std::string numbered_reply(std::size_t number) {
  const std::string body = "{\"user_id\":\"" + std::to_string(number) + "\"}";
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Answers the first request on each connection with the connection's number.
boost::asio::awaitable<void> serve_once(boost::asio::ip::tcp::acceptor& acceptor, Sockets* served) {
  while (true) {
    auto socket = co_await acceptor.async_accept(boost::asio::use_awaitable);
    std::string request(4096, ' ');
    const auto room = boost::asio::buffer(request);
    co_await socket.async_read_some(room, boost::asio::use_awaitable);
    const std::string reply = numbered_reply(served->size() + 1);
    const auto bytes = boost::asio::buffer(reply);
    served->push_back(std::move(socket));
    co_await boost::asio::async_write(served->back(), bytes, boost::asio::use_awaitable);
  }
}

TEST_F(Lanes, AReplyThatNobodyAskedForIsNotTakenForTheNext) {
  namespace ip = boost::asio::ip;
  Sockets served;
  ip::tcp::acceptor acceptor(loop, ip::tcp::endpoint(ip::address_v4::loopback(), 0));
  boost::asio::co_spawn(loop, serve_once(acceptor, &served), [](std::exception_ptr) {});
  net::ClientOptions options = client_options("127.0.0.1");
  options.origin.tls = false;
  options.origin.port = acceptor.local_endpoint().port();
  api = make_api(10s, options);

  const auto first = run(api->whoami());
  boost::asio::write(served.at(0), boost::asio::buffer(numbered_reply(7)));
  const auto second = run(api->whoami());

  ASSERT_TRUE(first.value && second.value);
  EXPECT_EQ(*first.value, "1");
  EXPECT_EQ(*second.value, "2");
}

}  // namespace
}  // namespace trainstop::test
