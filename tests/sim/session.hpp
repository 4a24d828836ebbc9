// One connection: reads requests, asks for the plan of each reply, and carries it out.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/reply.hpp"
#include "sim/wire.hpp"

namespace trainstop::sim {

/// What a session needs of its server.
struct SessionHooks {
  std::function<Plan(const Received&)> answer;
  std::function<void()> handshake_failed;
};

class Session {
 public:
  Session(std::unique_ptr<Wire> wire, boost::asio::any_io_executor executor, std::uint64_t number,
          const SessionHooks& hooks);
  /// Until the connection ends; never throws.
  boost::asio::awaitable<void> run();
  /// Ends the connection: `hard` by a reset.
  void end(bool hard);

 private:
  class Requests;

  boost::asio::awaitable<bool> carry_out(Plan plan);
  boost::asio::awaitable<bool> drip(Plan plan);
  boost::asio::awaitable<bool> endless(Plan plan);
  boost::asio::awaitable<bool> send_whole(Plan plan);
  boost::asio::awaitable<bool> send_half(Plan plan);
  boost::asio::awaitable<void> wait_for_client_to_leave();
  boost::asio::awaitable<void> finish();
  boost::asio::awaitable<void> sleep(Duration duration);
  void arm(Duration limit);

  std::shared_ptr<Wire> wire_;
  boost::asio::steady_timer pause_;  ///< the session's own waits
  boost::asio::steady_timer limit_;  ///< shuts the wire off when it fires
  std::uint64_t number_;
  const SessionHooks& hooks_;
  bool ended_ = false;
};

}  // namespace trainstop::sim
