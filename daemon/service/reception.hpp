// Keeps the control socket open: when it can't be had the daemon goes on, tells it, and tries
// again.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "control/server.hpp"
#include "model/event.hpp"
#include "service/desk.hpp"

namespace trainstop::service {

class Reception {
 public:
  struct Parts {
    control::Options options;
    Desk::Parts desk;
    std::function<void(Event)> tell;
    std::function<Instant()> utc_now;
  };
  Reception(boost::asio::any_io_executor executor, Parts parts);
  Reception(const Reception&) = delete;
  Reception& operator=(const Reception&) = delete;

  Desk& desk() { return desk_; }
  /// Opens the socket and looks after it until close().
  boost::asio::awaitable<void> keep_open();
  /// Opens it when it is not there, or not there any more.
  void look();
  void close();

  static constexpr Duration kTryAgain = std::chrono::seconds(10);
  static constexpr Duration kTellAgain = std::chrono::hours(1);

 private:
  Parts parts_;
  Desk desk_;
  std::unique_ptr<control::Server> server_;
  boost::asio::steady_timer timer_;
  bool closed_ = false;
  Instant unavailable_since_ = kNever;
  Instant told_ = kLongAgo;
};

}  // namespace trainstop::service
