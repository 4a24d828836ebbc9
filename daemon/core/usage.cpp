// The invoice: when it is asked for, what is kept of it, and bills as it corrects them. Figures
// that can't be true are kept, told, and correct nothing (policy/invoice).
#include <algorithm>

#include "core/machine.hpp"

namespace trainstop::core {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;

namespace {

constexpr Duration kUsageEvery = 1h;
// After the first list and the first prices: what it is held against.
constexpr Duration kUsageFirst = 2min;
// A key that may not read it will hardly be allowed to soon.
constexpr Duration kUsageRefused = 24h;
// The API takes no longer a range, and none that begins earlier.
constexpr std::chrono::days kMostDays(31);
constexpr Ledger::Day kFirstDay = std::chrono::year(2026) / 1 / 1;
constexpr Duration kTellDaily = 24h;
constexpr int kLasting = 3;
constexpr std::int64_t kDriftPart = 50;  // a fiftieth: 2 %
constexpr Money kDriftLeast = Money::from_dollars(1);

/// The first day that is not final yet.
Ledger::Day open_day(Instant utc) {
  return std::chrono::ceil<std::chrono::days>(utc - policy::kInvoiceLag - policy::kInvoiceDay);
}

Money magnitude(Money amount) {
  return std::max(amount, multiply(amount, -1).value_or(amount));
}

bool is_budget(const policy::Rule& rule) {
  return policy::budget_of(rule.when) != nullptr;
}

}  // namespace

void Core::Impl::init_usage(Account& account) {
  const bool needed = std::any_of(config.rules.begin(), config.rules.end(), is_budget);
  account.usage.next = needed ? saturating_add(started, kUsageFirst) : kNever;
}

void Core::Impl::poll_usage(Account& account) {
  if (account.usage.request != 0 || now < account.usage.next) return;
  if (account.watched_since == kNever) {  // there is nothing to hold it against
    account.usage.next = saturating_add(now, kUsageFirst);
    return;
  }
  if (has_older_job(account)) account.ledger.open_from = {};
  account.ledger.asked_up_to = serials;
  const RequestId request = ask_again(account, account.usage, Asked::For::usage, kUsageEvery);
  const Ledger::Day until = std::chrono::floor<std::chrono::days>(utc(now)) + std::chrono::days(1);
  const Ledger::Day from = std::max({account.ledger.open_from, until - kMostDays, kFirstDay});
  act(FetchUsage{request, account.index, std::min(from, until - std::chrono::days(1)), until});
}

/// Whether a job has come that may have cost money on days that are not asked for any more.
bool Core::Impl::has_older_job(const Account& account) const {
  return std::any_of(account.live.begin(), account.live.end(), [&](const Job* job) {
    const auto& billed = job->life.billed_since();
    return job->serial > account.ledger.asked_up_to && billed &&
           utc(billed->earliest) < account.ledger.open_from;
  });
}

void Core::Impl::usage_failed(Account& account, const Failure& failure) {
  const bool refused = failure.kind == FailureKind::unauthorized ||
                       failure.kind == FailureKind::not_found ||
                       failure.kind == FailureKind::client_error;
  if (!refused) return side_call_failed(account.usage);
  account.usage.request = 0;
  account.usage.next = saturating_add(now, kUsageRefused);
  if (std::exchange(account.ledger.unavailable, true)) return;
  const std::string& name = config.accounts[account.index].name;
  tell("ledger.unavailable", Level::info,
       "account " + name +
           ": the invoice can't be read, budgets count by the estimate: " + failure.message)
      .with("account", name);
}

void Core::Impl::take(const UsageRead& fact) {
  Account& account = accounts[answered(fact.request).account];
  account.usage.request = 0;
  account.usage.failures = 0;
  account.ledger.unavailable = false;
  const auto bills = bills_of(account);
  const std::size_t changed = store(account, fact, bills);
  narrow_begins(account);
  doubt(account, fact, bills);
  watch_drift(account, fact, bills);
  account.ledger.open_from = open_day(utc(account.usage.asked_at));
  prune_invoices(account);
  remember_invoices(account, fact.from, fact.until);
  if (changed == 0) return;
  for (auto& [key, pot] : pots) pot.settled_for.reset();
  touch_all_pots();
}

/// The bills that pots may count, by job id.
std::map<std::string, policy::Bill> Core::Impl::bills_of(const Account& account) const {
  std::map<std::string, policy::Bill> bills;
  for (const auto& [id, job] : account.jobs) bills.emplace(job->job_id, bill_of(*job));
  for (const auto& [key, pot] : pots) {
    for (const ClosedBill& closed : pot.closed) {
      if (closed.account == account.index) bills.emplace(closed.job_id, closed.bill);
    }
  }
  return bills;
}

/// Keeps what is about these jobs; how many figures are not as before.
std::size_t Core::Impl::store(Account& account, const UsageRead& fact,
                              const std::map<std::string, policy::Bill>& bills) {
  std::size_t changed = 0;
  for (const UsageRead::Day& day : fact.days) {
    const bool asked_for = fact.from <= day.day && day.day < fact.until;
    if (!asked_for || day.billed < Money{} || !bills.contains(day.job_id)) continue;
    policy::InvoiceDay& kept = account.ledger.invoices[day.job_id][day.day];
    const policy::InvoiceDay said{day.minutes, day.billed, utc(account.usage.asked_at)};
    if (std::exchange(kept, said) != said) ++changed;
  }
  return changed;
}

/// Of jobs that already cost money when they were first seen.
void Core::Impl::narrow_begins(Account& account) {
  for (const auto& [id, job] : account.jobs) {
    const auto found = account.ledger.invoices.find(job->job_id);
    if (found == account.ledger.invoices.end()) continue;
    const auto begin = policy::begin_by(estimate(bill_of(*job)), found->second);
    if (!begin) continue;
    job->life.narrow_billed_since(*begin);
    mark(*job);
    touch(*job);
    for (Pot* pot : job->pots) pot->remembered = std::min<std::uint64_t>(pot->remembered, 1);
  }
}

void Core::Impl::doubt(Account& account, const UsageRead& fact,
                       const std::map<std::string, policy::Bill>& bills) {
  Ledger& ledger = account.ledger;
  std::size_t unusable = 0;
  std::string first;
  for (const UsageRead::Day& day : fact.days) {
    const auto bill = bills.find(day.job_id);
    if (bill == bills.end()) continue;
    const policy::InvoiceDay said{day.minutes, day.billed, utc(account.usage.asked_at)};
    const auto compared = policy::compare(estimate(bill->second), day.day, said);
    const bool doubted = day.billed < Money{} || (compared && !compared->believed);
    if (!doubted || !ledger.doubted.emplace(day.day, day.job_id).second) continue;
    if (++unusable > 1) continue;
    first = "job " + day.job_id + " on " + date_of(day.day) + ": " + format_dollars(day.billed);
    if (compared) first += " against an estimate of " + format_dollars(compared->most);
  }
  // Records are malformed again with each read: they are told daily.
  if (fact.unusable != 0 && now >= saturating_add(ledger.unusable_told, kTellDaily)) {
    ledger.unusable_told = now;
    unusable += fact.unusable;
    if (first.empty()) first = fact.first_problem;
  }
  if (unusable == 0) return;
  const std::string& name = config.accounts[account.index].name;
  tell("ledger.unusable", Level::warning,
       "account " + name +
           ": figures of the invoice make no sense and are not counted, the first: " + first)
      .with("account", name)
      .with("unusable", unusable);
}

void Core::Impl::watch_drift(Account& account, const UsageRead& fact,
                             const std::map<std::string, policy::Bill>& bills) {
  Ledger& ledger = account.ledger;
  Money billed, estimated;
  for (const UsageRead::Day& day : fact.days) {
    const auto bill = bills.find(day.job_id);
    if (bill == bills.end() || bill->second.estimated) continue;
    const policy::InvoiceDay said{day.minutes, day.billed, utc(account.usage.asked_at)};
    const auto compared = policy::compare(estimate(bill->second), day.day, said);
    if (!compared || !compared->believed) continue;
    billed = add(billed, compared->billed).value_or(billed);
    estimated = add(estimated, compared->least).value_or(estimated);
  }
  if (estimated <= Money{}) return;  // nothing was compared
  const Money apart = magnitude(subtract(billed, estimated).value_or(Money{}));
  if (apart < kDriftLeast || times_within(estimated, apart) >= kDriftPart) {
    ledger.drifting = 0;
    ledger.drift_since = kNever;
    ledger.drift_told = kLongAgo;
    return;
  }
  ledger.drift_since = std::min(ledger.drift_since, now);
  ledger.drifting = std::min(ledger.drifting + 1, kLasting);
  if (ledger.drifting < kLasting || now < saturating_add(ledger.drift_told, kTellDaily)) return;
  ledger.drift_told = now;
  const double factor = static_cast<double>(billed.nano()) / static_cast<double>(estimated.nano());
  const std::string& name = config.accounts[account.index].name;
  tell("ledger.drift", Level::warning,
       "account " + name + " is billed " + format_dollars(billed) + " where " +
           format_dollars(estimated) + " were estimated: prices: or billing: may be wrong")
      .with("account", name)
      .with("factor", factor)
      .with("billed", billed)
      .with("estimated", estimated)
      .with("since", utc(ledger.drift_since));
}

policy::Estimate Core::Impl::estimate(const policy::Bill& bill) const {
  return {bill, shift, now};
}

policy::Correction Core::Impl::correction(AccountIndex account, const std::string& job_id,
                                          const policy::Bill& bill,
                                          const policy::Window& on_line) const {
  const auto& invoices = accounts[account].ledger.invoices;
  const auto found = invoices.find(job_id);
  if (found == invoices.end()) return {};
  return policy::correct(estimate(bill), found->second, on_line);
}

}  // namespace trainstop::core
