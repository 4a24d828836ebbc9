#include "service/daemon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <random>
#include <utility>

#include "service/account.hpp"
#include "service/connect.hpp"
#include "service/core_loop.hpp"
#include "service/events.hpp"
#include "service/notify_socket.hpp"

namespace trainstop::service {

namespace asio = boost::asio;

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A wall clock that was set is noticed within this.
constexpr Duration kPulse = seconds(1);
// An account that can't be reached keeps the service manager waiting no longer.
constexpr Duration kLongestStart = seconds(30);
// What is under way when the daemon is asked to end gets this long; the service manager waits
// longer.
constexpr Duration kLongestDrain = seconds(10);
constexpr Duration kLongestClose = seconds(2);
constexpr Duration kLongestFlush = seconds(2);
constexpr Duration kDrainLook = milliseconds(20);

/// Reads the seed of all jitter; the core itself has no source of chance.
std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

class Daemon {
 public:
  Daemon(asio::io_context& context, DaemonInput& input, log::Sink& sink);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Connects every account; the failure is the configuration's.
  Result<void> connect_accounts();
  /// Starts everything; done() once the end was orderly.
  void start();
  bool done() const { return done_; }
  void tell_bug(std::string_view what) { gate_.tell(daemon_failed(feed_.utc_now(), what)); }
  void note_handler(Duration took) { loop_lag_ = std::max(loop_lag_, took); }

 private:
  asio::awaitable<void> live();
  asio::awaitable<std::string_view> wait_for_the_end();
  asio::awaitable<void> drain();
  asio::awaitable<void> pulse();
  template <class Condition>
  asio::awaitable<void> wait_until(Condition condition, Duration longest);
  void spawn(asio::awaitable<void> part);
  void complete_record(Event& record);
  void note_fact(const core::Fact& fact);
  void tell_ready();
  std::vector<std::string> account_names() const;
  std::size_t open_stops() const;

  asio::io_context& context_;
  DaemonInput& input_;
  BootClock clock_;
  Instant started_;
  ClockFeed feed_;
  std::unique_ptr<Journal> journal_;
  Gate gate_;
  Alarm alarm_;
  NotifySocket manager_;
  CoreLoop loop_;
  std::shared_ptr<net::Resolver> resolver_;
  std::vector<std::unique_ptr<Account>> accounts_;
  std::vector<bool> reached_;
  asio::signal_set signals_;
  asio::steady_timer pulse_timer_;
  Duration loop_lag_{0};
  bool ready_ = false;
  bool ending_ = false;
  bool done_ = false;
};

Daemon::Daemon(asio::io_context& context, DaemonInput& input, log::Sink& sink)
    : context_(context),
      input_(input),
      started_(clock_.now()),
      feed_(clock_, account_names()),
      journal_(make_memory_journal()),
      gate_(*journal_, sink,
            [this](core::Act act) {
              const AccountIndex index = std::visit([](const auto& a) { return a.account; }, act);
              accounts_.at(index)->carry_out(std::move(act));
            }),
      alarm_(context.get_executor(), clock_),
      loop_(context.get_executor(),
            core::Core(input.config, clock_.now(), feed_.utc_shift(), random_seed()), feed_, gate_,
            alarm_,
            {[this](Event& record) { complete_record(record); },
             [this](const core::Fact& fact) { note_fact(fact); }}),
      resolver_(net::make_resolver(context.get_executor())),
      reached_(input.config.accounts.size(), false),
      signals_(context, SIGTERM, SIGINT, SIGHUP),
      pulse_timer_(context) {}

std::vector<std::string> Daemon::account_names() const {
  std::vector<std::string> names;
  for (const policy::Account& account : input_.config.accounts) names.push_back(account.name);
  return names;
}

Result<void> Daemon::connect_accounts() {
  for (std::size_t i = 0; i < input_.config.accounts.size(); ++i) {
    const auto index = static_cast<AccountIndex>(i);
    Surroundings surroundings;
    surroundings.executor = context_.get_executor();
    surroundings.resolver = resolver_;
    surroundings.now = [this] { return clock_.now(); };
    surroundings.translate = [this, index](JobSnapshot& job, Instant received) {
      feed_.translate(index, job, received);
    };
    auto api = connect(input_.config, input_.config.accounts[i], input_.api_keys.at(i),
                       std::move(surroundings));
    if (api.has_error()) return api.error();
    AccountParts parts;
    parts.index = index;
    parts.api = std::move(api).value();
    parts.key = input_.api_keys.at(i);
    parts.clock = &feed_;
    parts.post = [this](core::Fact fact) { loop_.post(std::move(fact)); };
    accounts_.push_back(
        std::make_unique<Account>(context_.get_executor(), input_.config, std::move(parts)));
  }
  return {};
}

void Daemon::spawn(asio::awaitable<void> part) {
  asio::co_spawn(context_, std::move(part), [this](std::exception_ptr error) {
    // A wait that was cancelled at the end is no bug.
    if (error && !ending_) std::rethrow_exception(error);
  });
}

void Daemon::start() {
  gate_.tell(daemon_started(feed_.utc_now(), input_.config, input_.config_file));
  gate_.tell(config_loaded(feed_.utc_now(), input_.config, input_.warnings));
  if (auto change = feed_.take_change()) loop_.post(std::move(*change));
  loop_.post(core::Tick{});
  spawn(loop_.follow_alarm());
  spawn(pulse());
  asio::co_spawn(context_, live(), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
}

/// The root: its end is the daemon's.
asio::awaitable<void> Daemon::live() {
  const std::string_view signal = co_await wait_for_the_end();
  gate_.tell(daemon_stopping(feed_.utc_now(), signal, open_stops()));
  manager_.send("STOPPING=1");
  co_await drain();
  done_ = true;
}

asio::awaitable<std::string_view> Daemon::wait_for_the_end() {
  while (true) {
    const int number = co_await signals_.async_wait(asio::use_awaitable);
    if (number == SIGTERM) co_return "SIGTERM";
    if (number == SIGINT) co_return "SIGINT";
    gate_.tell(signal_ignored(feed_.utc_now(), "SIGHUP"));
  }
}

asio::awaitable<void> Daemon::drain() {
  loop_.post(core::Shutdown{});
  for (const auto& account : accounts_) account->stop_polling();
  const auto no_stop_is_open = [this] { return open_stops() == 0; };
  co_await wait_until(no_stop_is_open, kLongestDrain);
  ending_ = true;
  loop_.end();
  for (const auto& account : accounts_) account->close();
  alarm_.cancel();
  pulse_timer_.cancel();
  const auto all_are_idle = [this] {
    return std::all_of(accounts_.begin(), accounts_.end(),
                       [](const auto& account) { return account->under_way() == 0; });
  };
  co_await wait_until(all_are_idle, kLongestClose);
}

template <class Condition>
asio::awaitable<void> Daemon::wait_until(Condition condition, Duration longest) {
  asio::steady_timer timer(context_);
  const Instant end = clock_.now() + longest;
  while (!condition() && clock_.now() < end) {
    timer.expires_after(kDrainLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

/// Looks at the wall clock and answers the manager's watchdog, from the loop that does the work.
asio::awaitable<void> Daemon::pulse() {
  Duration every = kPulse;
  if (manager_.watchdog()) every = std::min(every, *manager_.watchdog());
  while (!ending_) {
    pulse_timer_.expires_after(every);
    co_await pulse_timer_.async_wait(asio::use_awaitable);
    feed_.read_wall();
    if (auto change = feed_.take_change()) loop_.post(std::move(*change));
    if (manager_.watchdog()) manager_.send("WATCHDOG=1");
    if (!ready_ && clock_.now() >= started_ + kLongestStart) tell_ready();
  }
}

void Daemon::complete_record(Event& record) {
  if (record.name != "daemon.summary") return;
  record.with("loop_lag_s", std::exchange(loop_lag_, Duration{0}));
  const auto counts = loop_.counts();
  manager_.status(fmt::format("{} jobs, {} open stops, {} overdue", counts.live_jobs,
                              counts.open_stops, counts.overdue));
}

void Daemon::note_fact(const core::Fact& fact) {
  const auto* list = std::get_if<core::ListRead>(&fact);
  if (list == nullptr || ready_) return;
  reached_.at(list->account) = true;
  if (std::find(reached_.begin(), reached_.end(), false) == reached_.end()) tell_ready();
}

void Daemon::tell_ready() {
  ready_ = true;
  const auto reached = static_cast<std::size_t>(std::count(reached_.begin(), reached_.end(), true));
  gate_.tell(daemon_ready(feed_.utc_now(), clock_.now() - started_, reached, reached_.size(),
                          loop_.counts().live_jobs));
  manager_.send("READY=1");
}

std::size_t Daemon::open_stops() const {
  std::size_t sum = 0;
  for (const auto& account : accounts_) sum += account->open_stops();
  return sum;
}

/// Serves the loop until the orderly end; each handler's processor time is what it held the loop.
void serve(asio::io_context& context, Daemon& daemon) {
  while (!daemon.done()) {
    const Duration begin = thread_time();
    if (context.run_one() == 0) return;
    daemon.note_handler(thread_time() - begin);
  }
  context.run_for(kLongestClose);
}

}  // namespace

int run_daemon(DaemonInput input) {
  std::signal(SIGPIPE, SIG_IGN);
  auto sink = log::make_sink(log_options(input.config));
  if (sink.has_error()) {
    fmt::print(stderr, "trainstop: error: log.file: {}\n", sink.error().message);
    return kExitConfiguration;
  }
  asio::io_context context(1);
  Daemon daemon(context, input, **sink);
  if (const auto connected = daemon.connect_accounts(); connected.has_error()) {
    fmt::print(stderr, "trainstop: error: {}\n", connected.error().message);
    return kExitConfiguration;
  }
  int code = 0;
  try {
    daemon.start();
    serve(context, daemon);
  } catch (const std::exception& bug) {
    daemon.tell_bug(bug.what());
    code = kExitBug;
  }
  (*sink)->flush(kLongestFlush);
  // Frames that still wait hold references: nothing may be destroyed under them.
  if (!context.stopped() || code != 0) std::_Exit(code);
  return code;
}

}  // namespace trainstop::service
