// The composition root: every part of the daemon put together, from its start to its orderly end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "notify/notifier.hpp"
#include "service/account.hpp"
#include "service/core_loop.hpp"
#include "service/daemon.hpp"
#include "service/events.hpp"
#include "service/keeper.hpp"
#include "service/notify_socket.hpp"
#include "service/reception.hpp"
#include "service/reloader.hpp"

namespace trainstop::service {

class Root {
 public:
  Root(boost::asio::io_context& context, DaemonInput& input, log::Sink& sink, Memory& memory);
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;

  /// Connects every account; the failure is the configuration's.
  Result<void> connect_accounts();
  /// Takes the sinks and the heartbeat; likewise.
  Result<void> connect_sinks();
  /// Starts everything; done() once the end was orderly.
  void start();
  bool done() const { return done_; }
  /// The last words after a bug; true when the journal has them.
  bool tell_bug(std::string_view what, Duration within);
  /// Writes what the journal still waits for; false when the process must not wait for it.
  bool close_journal(Duration within) { return keeper_.close(within); }
  void note_handler(Duration took) { loop_lag_ = std::max(loop_lag_, took); }

 private:
  boost::asio::awaitable<void> live();
  boost::asio::awaitable<void> find_line();
  void begin();
  void recall();
  void keep_run(std::optional<Instant> ended);
  boost::asio::awaitable<std::string_view> wait_for_the_end();
  boost::asio::awaitable<void> drain();
  boost::asio::awaitable<void> pulse();
  template <class Condition>
  boost::asio::awaitable<void> wait_until(Condition condition, Duration longest);
  void spawn(boost::asio::awaitable<void> part);
  void complete_record(Event& record);
  void note_fact(const core::Fact& fact);
  void tell_ready();
  std::vector<std::string> account_names() const;
  Keeper::Parts keeper_parts();
  Reception::Parts reception_parts();
  Reloader::Parts reloader_parts();
  notify::Hooks notify_hooks();
  void tell_status();
  /// The service manager knows that a configuration is being taken, or no longer.
  void tell_reloading(bool busy);
  std::size_t open_stops() const;

  boost::asio::io_context& context_;
  DaemonInput& input_;
  BootClock clock_;
  Instant started_;
  ClockFeed feed_;
  log::Sink& sink_;
  Memory& memory_;
  Found found_;
  std::string boot_id_;
  Alarm alarm_;
  NotifySocket manager_;
  notify::Notifier notifier_;
  Keeper keeper_;
  std::optional<CoreLoop> loop_;  ///< from begin() on
  Reception reception_;
  Reloader reloader_;
  std::shared_ptr<net::Resolver> resolver_;
  std::vector<std::unique_ptr<Account>> accounts_;
  std::vector<bool> reached_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer pulse_timer_;
  Duration loop_lag_{0};
  std::string status_;     ///< as told to the service manager
  bool recalled_ = false;  ///< the core knows what the journal knows
  bool ready_ = false;
  bool ending_ = false;
  bool done_ = false;
};

}  // namespace trainstop::service
