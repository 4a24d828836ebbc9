#include "service/root.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <ctime>
#include <exception>
#include <random>
#include <utility>

#include "service/connect.hpp"
#include "service/lineage.hpp"

namespace trainstop::service {

namespace asio = boost::asio;

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A wall clock that was set is noticed within this.
constexpr Duration kPulse = seconds(1);
// An account that can't be reached keeps the service manager waiting no longer.
constexpr Duration kLongestStart = seconds(30);
// The core is called within this of when it wants to be, else it hangs and the watchdog is not fed.
constexpr Duration kLongestHang = seconds(20);
// What is under way when the daemon is asked to end gets this long; the service manager waits
// longer.
constexpr Duration kLongestDrain = seconds(10);
constexpr Duration kLongestClose = seconds(2);
constexpr Duration kLongestFlush = seconds(2);
constexpr Duration kDrainLook = milliseconds(20);

}  // namespace

Root::Root(asio::io_context& context, DaemonInput& input, log::Sink& sink, Memory& memory)
    : context_(context),
      input_(input),
      started_(clock_.now()),
      feed_(clock_, account_names()),
      sink_(sink),
      memory_(memory),
      boot_id_(read_boot_id()),
      alarm_(context.get_executor(), clock_),
      notifier_(context.get_executor(), notify_hooks()),
      keeper_(context.get_executor(), memory, sink, keeper_parts()),
      reception_(context.get_executor(), reception_parts()),
      reloader_(context.get_executor(), reloader_parts()),
      resolver_(net::make_resolver(context.get_executor())),
      reached_(input.config.accounts.size(), false),
      signals_(context, SIGTERM, SIGINT, SIGHUP),
      pulse_timer_(context) {
  signals_.add(SIGUSR1);
}

Keeper::Parts Root::keeper_parts() {
  Keeper::Parts parts;
  parts.directory = input_.config.state_dir;
  parts.keep.all = input_.config.journal.keep;
  parts.now = [this] { return Moment{clock_.now(), feed_.utc_now()}; };
  parts.leave = [this](core::Act act) {
    if (auto* const answer = std::get_if<core::Answer>(&act))
      return reception_.desk().answer(std::move(*answer));
    accounts_.at(core::account_of(act))->carry_out(std::move(act));
  };
  parts.complete = [this](Event& event) { complete_record(event); };
  parts.route = [this](const Event& event, std::uint64_t seq) {
    return notifier_.route(event, seq);
  };
  parts.told = [this](const Event& event, std::uint64_t seq) { notifier_.release(event, seq); };
  return parts;
}

std::vector<std::string> Root::account_names() const {
  std::vector<std::string> names;
  for (const policy::Account& account : input_.config.accounts) names.push_back(account.name);
  return names;
}

Result<void> Root::connect_accounts() {
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
    parts.post = [this](core::Fact fact) { loop_->post(std::move(fact)); };
    accounts_.push_back(
        std::make_unique<Account>(context_.get_executor(), input_.config, std::move(parts)));
  }
  return {};
}

Result<void> Root::connect_sinks() {
  return notifier_.configure(input_.config, input_.notify_secrets);
}

void Root::spawn(asio::awaitable<void> part) {
  asio::co_spawn(context_, std::move(part), [this](std::exception_ptr error) {
    // A wait that was cancelled at the end is no bug.
    if (error && !ending_) std::rethrow_exception(error);
  });
}

void Root::start() {
  spawn(pulse());
  spawn(find_line());
  spawn(reception_.keep_open());
  asio::co_spawn(context_, live(), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
}

/// The root: its end is the daemon's.
asio::awaitable<void> Root::live() {
  const std::string_view signal = co_await wait_for_the_end();
  keeper_.tell(daemon_stopping(feed_.utc_now(), signal, open_stops()));
  manager_.send("STOPPING=1");
  co_await drain();
  if (loop_) keep_run(clock_.now());
  const auto all_is_kept = [this] { return keeper_.settled(); };
  co_await wait_until(all_is_kept, kLongestFlush);
  reception_.close();
  reloader_.close();
  const auto all_is_sent = [this] { return notifier_.idle(); };
  co_await wait_until(all_is_sent, kLongestClose);
  notifier_.close();
  co_await wait_until(all_is_kept, kLongestFlush);
  done_ = true;
}

asio::awaitable<std::string_view> Root::wait_for_the_end() {
  while (true) {
    const int number = co_await signals_.async_wait(asio::use_awaitable);
    if (number == SIGTERM) co_return "SIGTERM";
    if (number == SIGINT) co_return "SIGINT";
    if (number == SIGUSR1) {
      sink_.reopen();
    } else if (recalled_) {
      reloader_.reload({}, "SIGHUP", [](const core::Answer&) {});
    } else {
      keeper_.tell(signal_ignored(feed_.utc_now(), "SIGHUP"));
    }
  }
}

asio::awaitable<void> Root::drain() {
  if (loop_) loop_->post(core::Shutdown{});
  for (const auto& account : accounts_) account->stop_polling();
  // Nor is the reply to one still to be handled.
  const auto no_stop_is_open = [this] { return open_stops() == 0 && (!loop_ || loop_->idle()); };
  co_await wait_until(no_stop_is_open, kLongestDrain);
  ending_ = true;
  if (loop_) loop_->end();
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
asio::awaitable<void> Root::wait_until(Condition condition, Duration longest) {
  asio::steady_timer timer(context_);
  const Instant end = clock_.now() + longest;
  while (!condition() && clock_.now() < end) {
    timer.expires_after(kDrainLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

/// Looks at the wall clock and answers the manager's watchdog, from the loop that does the work.
asio::awaitable<void> Root::pulse() {
  Duration every = kPulse;
  if (manager_.watchdog()) every = std::min(every, *manager_.watchdog());
  while (!ending_) {
    pulse_timer_.expires_after(every);
    co_await pulse_timer_.async_wait(asio::use_awaitable);
    if (loop_) {
      feed_.read_wall();
      if (auto change = feed_.take_change()) loop_->post(std::move(*change));
    }
    const bool hangs =
        loop_ && clock_.now() > saturating_add(loop_->wake(), kLongestHang) && !ending_;
    if (manager_.watchdog() && !hangs) manager_.send("WATCHDOG=1");
    if (!ready_ && clock_.now() >= started_ + kLongestStart) tell_ready();
  }
}

void Root::complete_record(Event& record) {
  const bool degraded = record.name == "journal.degraded";
  if (!loop_ || (!degraded && record.name != "daemon.summary")) return;
  const auto counts = loop_->core().counts();
  if (degraded) {
    if (counts.per_minute) record.with("rate", core::dollars_per_hour(*counts.per_minute));
    return;
  }
  record.with("journal", keeper_.degraded() ? "degraded" : "ok");
  record.with("loop_lag_s", std::exchange(loop_lag_, Duration{0}));
}

void Root::note_fact(const core::Fact& fact) {
  if (const auto* const piece = std::get_if<core::Recalled>(&fact)) recalled_ = piece->last;
  const auto* list = std::get_if<core::ListRead>(&fact);
  if (list == nullptr) return;
  notifier_.polled(list->account);
  tell_status();
  if (ready_) return;
  reached_.at(list->account) = true;
  if (std::find(reached_.begin(), reached_.end(), false) == reached_.end()) tell_ready();
}

void Root::tell_ready() {
  ready_ = true;
  const auto reached = static_cast<std::size_t>(std::count(reached_.begin(), reached_.end(), true));
  keeper_.tell(daemon_ready(feed_.utc_now(), clock_.now() - started_, reached, reached_.size(),
                            loop_ ? loop_->core().counts().live_jobs : 0));
  manager_.send("READY=1");
}

void Root::tell_reloading(bool busy) {
  if (!ready_ || ending_) return;
  if (!busy) return manager_.send("READY=1");
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  manager_.send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                            std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000));
}

/// One line for the service manager.
void Root::tell_status() {
  const core::Core::Brief brief = loop_->core().brief();
  std::string line = fmt::format(
      "{}: {} jobs, ", input_.config.mode == policy::Mode::enforce ? "enforce" : "observe",
      brief.live_jobs);
  line += brief.next_due ? "next due " + format_rfc3339(*brief.next_due) : "nothing due";
  line += brief.breaker_open ? ", breaker open" : ", breaker closed";
  if (brief.overdue > 0) line += fmt::format(", {} overdue", brief.overdue);
  if (line == std::exchange(status_, line)) return;
  manager_.status(line);
}

std::size_t Root::open_stops() const {
  std::size_t sum = 0;
  for (const auto& account : accounts_) sum += account->open_stops();
  return sum;
}

bool Root::tell_bug(std::string_view what, Duration within) {
  keeper_.tell(daemon_failed(feed_.utc_now(), what));
  const bool kept = keeper_.close(within);
  keeper_.abandon();
  return kept;
}

}  // namespace trainstop::service
