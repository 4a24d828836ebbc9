// The order of work within one call: take the fact, look at what it or the time has changed, then
// act.
#include "core/core.hpp"

#include <algorithm>
#include <utility>

#include "core/machine.hpp"

namespace trainstop::core {

namespace {

// Jobs reviewed in one call: with ten rules, one of them on a calendar, five milliseconds at most,
// so that a burst never holds the loop.
constexpr std::size_t kReviewsPerCall = 48;
// A wake-up that has passed already must not turn into a spin.
constexpr Duration kLeastSleep = std::chrono::milliseconds(20);

}  // namespace

Core::Core(policy::Config config, Instant start, Duration utc_shift, std::uint64_t seed)
    : impl_(std::make_unique<Impl>(std::move(config), start, utc_shift, seed)) {}
Core::~Core() = default;
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;

Batch Core::handle(const Fact& fact, Instant now) {
  return impl_->handle(fact, now);
}

Core::Counts Core::counts() const {
  Counts counts;
  Burn burn;
  for (const Account& account : impl_->accounts) {
    counts.live_jobs += account.live.size();
    counts.open_stops += Impl::open_requests(account);
    counts.overdue += impl_->overdue(account);
    for (const Job* job : account.live) burn.add(impl_->bill_of(*job).rate_at(impl_->now));
  }
  counts.per_minute = burn.rate();
  return counts;
}

Core::Brief Core::brief() const {
  Brief brief;
  brief.live_jobs = impl_->live_jobs();
  brief.breaker_open = impl_->guard.breaker.open();
  Instant next = kNever;
  for (const Account& account : impl_->accounts) {
    brief.overdue += impl_->overdue(account);
    if (!account.dues.empty()) next = std::min(next, account.dues.begin()->first);
  }
  if (next != kNever) brief.next_due = impl_->utc(next);
  return brief;
}

Core::Impl::Impl(policy::Config configuration, Instant start, Duration utc_shift,
                 std::uint64_t seed)
    : Knowledge(std::move(configuration), start, utc_shift, seed) {
  freezes.resize(config.safety.freeze.size());
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    const policy::Rule& rule = config.rules[i];
    if (!rule.max_stops) continue;
    own_guards.try_emplace(static_cast<std::uint16_t>(i), *rule.max_stops, config.poll.interval,
                           rule.name);
  }
  for (std::size_t i = 0; i < config.accounts.size(); ++i) {
    Account& account = accounts.emplace_back(config.stop.confirm_within);
    account.index = static_cast<AccountIndex>(i);
    account.last_good = start;
    init_prices(account);
    init_usage(account);
  }
}

Batch Core::Impl::handle(const Fact& fact, Instant at) {
  now = std::max(now, at);
  batch = Batch{};
  batch.number = ++batches;
  bills_summed = 0;
  std::visit([this](const auto& value) { take(value); }, fact);
  if (closing) {
    batch.acts.clear();
  } else if (!recalling) {
    work();
    batch.wake = next_wake();
  }
  remember_changes();
  return std::exchange(batch, {});
}

void Core::Impl::work() {
  take_listings();
  while (!wakes.empty() && wakes.begin()->first <= now) {
    Job& job = *wakes.begin()->second;
    wake_at(job, kNever);
    enqueue(job);
  }
  tend_overrides();
  watch_freezes();
  go_on_reloading();
  if (listings.empty() && reloading.done()) review_pots();
  // Jobs are judged by pots that hold all of them.
  const std::size_t most =
      listings.empty() && reloading.done() && pot_queue.empty() ? kReviewsPerCall : 0;
  for (std::size_t reviews = 0; reviews < most && !queue.empty(); ++reviews) {
    Job& job = *queue.front();
    queue.pop_front();
    job.queued = false;
    review(job);
  }
  if (settled()) dispatch();
  for (Account& account : accounts) {
    poll(account);
    if (settled()) fetch_for_stops(account);
  }
  tell_skew();
  if (now >= summary_at && settled()) summarize();
}

Instant Core::Impl::next_wake() const {
  if (!settled()) return now;
  Instant next = std::min(summary_at, overrides_at);
  for (const Frozen& freeze : freezes) next = std::min(next, freeze.edge);
  if (!wakes.empty()) next = std::min(next, wakes.begin()->first);
  if (!pot_wakes.empty()) next = std::min(next, pot_wakes.begin()->first);
  for (const Account& account : accounts) {
    next = std::min(next, next_poll(account));
  }
  return std::max(next, saturating_add(now, Duration{1}));
}

RequestId Core::Impl::ask(const Asked& asked_for) {
  asked.emplace(++requests, asked_for);
  return requests;
}

Asked Core::Impl::answered(RequestId request) {
  const auto found = asked.find(request);
  if (found == asked.end())
    throw std::logic_error("an answer to what was not asked, or a second one");
  const Asked asked_for = found->second;
  asked.erase(found);
  return asked_for;
}

Job* Core::Impl::job_of(const Asked& asked_for) {
  const auto found = by_serial.find(asked_for.serial);
  return found == by_serial.end() ? nullptr : found->second;
}

void Core::Impl::enqueue(Job& job) {
  if (std::exchange(job.queued, true)) return;
  queue.push_back(&job);
}

void Core::Impl::touch(Job& job) {
  job.changed = true;
  enqueue(job);
}

void Core::Impl::wake_at(Job& job, Instant at) {
  if (at <= now) at = saturating_add(now, kLeastSleep);
  if (at == job.wake) return;
  if (job.wake != kNever) wakes.erase({job.wake, &job});
  job.wake = at;
  if (at != kNever) wakes.emplace(at, &job);
}

void Core::Impl::touch_all(Account& account) {
  for (Job* job : account.live) touch(*job);
}

void Core::Impl::take(const ClockRead& fact) {
  if (fact.utc_shift != shift || !clock_remembered) {
    clock_remembered = true;
    Value::Object body;
    body.emplace_back("utc_shift", fact.utc_shift);
    batch.images.push_back({Image::Kind::clock, Image::Change::put, {}, std::move(body)});
    shift = fact.utc_shift;
    for (Account& account : accounts) touch_all(account);
    touch_all_pots();
    // What ends at an instant of UTC ends at another one of the line.
    plan_overrides();
    for (Frozen& freeze : freezes) freeze.edge = kLongAgo;
  }
  if (std::exchange(clock_unproven, fact.unproven) && !clock_unproven) {
    for (Account& account : accounts) touch_all(account);
  }
  skew.since = fact.skewed ? std::min(skew.since, now) : kNever;
  if (fact.skewed) {
    skew_detail = fact.skew_detail;
  } else {
    skew.told = kLongAgo;
  }
}

}  // namespace trainstop::core
