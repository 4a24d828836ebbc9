// Names to addresses, with name servers that are good, mute or away.
#include "net/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <optional>
#include <thread>

namespace trainstop::net {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using std::chrono::steady_clock;
using Addresses = Result<std::vector<tcp::endpoint>>;

/// A name server on loopback that answers every A question with 127.0.0.7 and every other with
/// nothing, as long as it is not mute; from a thread of its own.
class NameServer {
 public:
  NameServer() : socket_(context_, udp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    receive();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~NameServer() {
    context_.stop();
    thread_.join();
  }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  std::string address() const {
    return "127.0.0.1:" + std::to_string(socket_.local_endpoint().port());
  }
  std::atomic<bool> is_mute{false};
  std::atomic<bool> knows_nothing{false};
  std::atomic<int> questions{0};

 private:
  void receive() {
    socket_.async_receive_from(asio::buffer(packet_), peer_,
                               [this](boost::system::error_code error, std::size_t size) {
                                 if (error) return;
                                 ++questions;
                                 if (!is_mute && size > 12) answer(size);
                                 receive();
                               });
  }

  /// RFC 1035 4.1: the question again, and an A record when one was asked for.
  void answer(std::size_t size) {
    std::size_t end = 12;
    while (end < size && packet_[end] != 0) end += 1U + static_cast<unsigned char>(packet_[end]);
    end += 5;
    const bool is_a = end <= size && packet_[end - 3] == 1;
    const bool has_answer = is_a && !knows_nothing;
    std::string reply(packet_.data(), end);
    reply[2] = '\x81';
    reply[3] = knows_nothing ? '\x83' : '\x80';
    reply[6] = 0;
    reply[7] = has_answer ? 1 : 0;
    reply[8] = reply[9] = reply[10] = reply[11] = 0;
    if (has_answer) reply += std::string("\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x7f\0\0\x07", 16);
    boost::system::error_code ignored;
    socket_.send_to(asio::buffer(reply), peer_, 0, ignored);
  }

  asio::io_context context_;
  udp::socket socket_;
  udp::endpoint peer_;
  std::array<char, 1500> packet_{};
  std::thread thread_;
};

class ResolverTest : public testing::Test {
 protected:
  void begin(const std::shared_ptr<Resolver>& resolver, const std::string& host, Duration timeout,
             std::optional<Addresses>* result) {
    asio::co_spawn(loop, ask(resolver, host, timeout, result), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
  }
  static asio::awaitable<void> ask(std::shared_ptr<Resolver> resolver, std::string host,
                                   Duration timeout, std::optional<Addresses>* result) {
    Addresses addresses = co_await resolver->resolve(host, 443, timeout);
    result->emplace(std::move(addresses));
  }
  Addresses resolve(const std::shared_ptr<Resolver>& resolver, const std::string& host,
                    Duration timeout) {
    std::optional<Addresses> result;
    begin(resolver, host, timeout, &result);
    loop.restart();
    loop.run_for(20s);
    if (!result) throw std::runtime_error("no answer");
    return *result;
  }

  asio::io_context loop;
  NameServer server;
};

TEST_F(ResolverTest, LiteralsAndLocalhostNeedNoNameServer) {
  server.is_mute = true;
  const auto resolver = make_resolver(loop.get_executor(), server.address());
  EXPECT_EQ(resolve(resolver, "10.1.2.3", 1s)->at(0).address().to_string(), "10.1.2.3");
  EXPECT_EQ(resolve(resolver, "::1", 1s)->at(0).port(), 443);
  EXPECT_EQ(resolve(resolver, "localhost", 1s)->at(0).address().to_string(), "127.0.0.1");
  EXPECT_EQ(server.questions, 0);
}

TEST_F(ResolverTest, ANameGetsTheAddressesThatTheServerSays) {
  const auto resolver = make_resolver(loop.get_executor(), server.address());
  const auto addresses = resolve(resolver, "api.example", 5s);
  ASSERT_TRUE(addresses) << addresses.error().message;
  EXPECT_EQ(addresses->at(0).address().to_string(), "127.0.0.7");
}

TEST_F(ResolverTest, ANameThatDoesNotExistIsSaidSo) {
  server.knows_nothing = true;
  const auto resolver = make_resolver(loop.get_executor(), server.address());
  const auto addresses = resolve(resolver, "nowhere.example", 5s);
  ASSERT_TRUE(addresses.has_error());
  EXPECT_EQ(addresses.error().message, "name not found: nowhere.example");
}

TEST_F(ResolverTest, AMuteNameServerIsBoundedByTheDeadlineAndDelaysNobody) {
  server.is_mute = true;
  const auto resolver = make_resolver(loop.get_executor(), server.address());
  std::optional<Addresses> slow;
  begin(resolver, "api.example", 300ms, &slow);
  const auto begun = steady_clock::now();
  std::optional<Addresses> quick;
  begin(resolver, "localhost", 300ms, &quick);
  while (!quick) loop.run_one();
  EXPECT_LT(steady_clock::now() - begun, 250ms);
  EXPECT_FALSE(slow);
  loop.run_for(10s);
  ASSERT_TRUE(slow);
  ASSERT_TRUE(slow->has_error());
  EXPECT_EQ(slow->error().kind, FailureKind::timeout);
  EXPECT_LT(steady_clock::now() - begun, 2s);
}

TEST_F(ResolverTest, TheLastGoodAddressesServeWhenTheServerFallsMute) {
  const auto resolver = make_resolver(loop.get_executor(), server.address());
  ASSERT_TRUE(resolve(resolver, "api.example", 5s));
  server.is_mute = true;
  const auto begun = steady_clock::now();
  const auto addresses = resolve(resolver, "api.example", 10s);
  ASSERT_TRUE(addresses);
  EXPECT_EQ(addresses->at(0).address().to_string(), "127.0.0.7");
  EXPECT_LT(steady_clock::now() - begun, 3s) << "not the whole deadline";
}

TEST_F(ResolverTest, ManyWhoWaitForOneNameAskOnce) {
  server.is_mute = true;
  const auto resolver = make_resolver(loop.get_executor(), server.address());
  std::array<std::optional<Addresses>, 8> results;
  for (auto& result : results) begin(resolver, "api.example", 200ms, &result);
  loop.run_for(5s);
  for (const auto& result : results) EXPECT_TRUE(result);
  EXPECT_LE(server.questions, 2) << "one question each for A and AAAA";
}

TEST_F(ResolverTest, CancellationEndsTheWait) {
  server.is_mute = true;
  const auto resolver = make_resolver(loop.get_executor(), server.address());
  asio::cancellation_signal signal;
  std::optional<Addresses> result;
  bool is_done = false;
  asio::co_spawn(
      loop, ask(resolver, "api.example", 60s, &result),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr) { is_done = true; }));
  loop.run_for(50ms);
  signal.emit(asio::cancellation_type::terminal);
  const auto begun = steady_clock::now();
  while (!is_done) loop.run_one_for(5s);
  EXPECT_LT(steady_clock::now() - begun, 2s);
}

TEST_F(ResolverTest, ItsEndDoesNotWaitForPendingQueries) {
  server.is_mute = true;
  auto resolver = make_resolver(loop.get_executor(), server.address());
  std::optional<Addresses> result;
  begin(resolver, "api.example", 50ms, &result);
  loop.run_for(5s);
  const auto begun = steady_clock::now();
  resolver.reset();
  EXPECT_LT(steady_clock::now() - begun, 1s);
}

}  // namespace
}  // namespace trainstop::net
