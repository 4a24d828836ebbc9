// One account's requests: takes the core's acts, sends each when the dispatcher says so, and
// answers each with exactly one fact.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "baseten/api.hpp"
#include "core/effects.hpp"
#include "core/facts.hpp"
#include "policy/config.hpp"
#include "service/clock_feed.hpp"
#include "service/dispatcher.hpp"

namespace trainstop::service {

struct AccountParts {
  AccountParts() = default;
  AccountIndex index = 0;
  std::unique_ptr<baseten::Api> api;
  std::string key;  ///< taken out of whatever a reply says
  ClockFeed* clock = nullptr;
  std::function<void(core::Fact)> post;
};

class Account {
 public:
  Account(boost::asio::any_io_executor executor, const policy::Config& config, AccountParts parts);
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;

  /// What the API's clock says, asked for with the least request; empty without an answer.
  boost::asio::awaitable<std::optional<Instant>> read_api_date();

  /// Queues or carries out one act of this account.
  void carry_out(core::Act act);
  /// From here on only stop requests leave.
  void stop_polling();
  /// Ends every connection and call.
  void close();
  std::size_t open_stops() const { return dispatcher_.open_stops(); }
  std::size_t under_way() const { return dispatcher_.under_way(); }

 private:
  // An API that answers lists but not this is watched all the same, only a little later.
  static constexpr int kDateAsks = 3;

  void send_what_may_leave();
  void start(core::Act act);
  boost::asio::awaitable<void> serve(core::Act act);
  /// Learns what the API's clock says, if no reply has told it yet.
  boost::asio::awaitable<void> ask_date();
  boost::asio::awaitable<void> fetch_list(core::FetchList act);
  boost::asio::awaitable<void> fetch_job(core::FetchJob act);
  boost::asio::awaitable<void> fetch_prices(core::FetchPrices act);
  boost::asio::awaitable<void> fetch_projects(core::FetchProjects act);
  boost::asio::awaitable<void> fetch_usage(core::FetchUsage act);
  boost::asio::awaitable<void> send_stop(core::SendStop act);
  /// Posts what the reply says of the clock, if it says anything new.
  void read_date(const baseten::Timing& timing);
  /// The same, then the fact.
  void answer(const baseten::Timing& timing, core::Fact fact);
  core::Fact failed(core::RequestId request, const baseten::Timing& timing, Failure failure) const;
  Failure without_key(Failure failure) const;

  boost::asio::any_io_executor executor_;
  AccountParts parts_;
  Dispatcher dispatcher_;
  boost::asio::steady_timer next_;
  int date_asks_left_ = kDateAsks;  ///< 0 once a reply has come that could have told the date
  bool polling_ = true;
  bool closed_ = false;
};

}  // namespace trainstop::service
