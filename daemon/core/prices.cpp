// What a node of an instance type costs: the API's prices with their history, overlaid by the
// configuration's.
#include <algorithm>

#include "core/machine.hpp"
#include "model/planted.hpp"
#include "policy/price_names.hpp"

namespace trainstop::core {

namespace {

constexpr Duration kPricesEvery = std::chrono::hours(24);
constexpr Duration kPricesLeast = std::chrono::minutes(10);
// Calls that fail one after another before what they were to bring counts as missing.
constexpr int kFailuresTold = 3;
// The largest change seen within a year was 35 %: beyond this factor an error is likelier than a
// change of price.
constexpr std::int64_t kMostFactor = 3;

bool is_jump(Money before, Money after) {
  const auto most = multiply(std::min(before, after), kMostFactor);
  return most && std::max(before, after) > *most && !planted("absurd-price-believed");
}

}  // namespace

void Core::Impl::init_prices(Account& account) {
  for (const auto& [name, per_minute] : config.prices_per_minute) {
    account.fixed_prices[name] = {{kLongAgo, per_minute}};
  }
}

void Core::Impl::poll_prices(Account& account) {
  const RequestId request =
      ask_again(account, account.price_list, Asked::For::prices, kPricesEvery);
  if (request != 0) act(FetchPrices{request, account.index});
}

const policy::PriceHistory* Core::Impl::find_prices(Account& account, const JobSnapshot& job) {
  for (const std::string& name : policy::price_names(job)) {
    const auto fixed = account.fixed_prices.find(name);
    if (fixed != account.fixed_prices.end() && !planted("fixed-prices-ignored"))
      return &fixed->second;
  }
  const auto found = account.prices.find(job.instance_type);
  if (found != account.prices.end()) return &found->second;
  account.price_list.next =
      std::min(account.price_list.next, saturating_add(account.price_list.asked_at, kPricesLeast));
  return nullptr;
}

void Core::Impl::tell_missing_prices(Account& account) {
  for (const auto& [id, job] : account.jobs) {  // budgets count what has ended as well
    if (!job->alive()) job->prices = find_prices(account, *job->snapshot);
  }
  for (Job* job : account.live) {
    job->prices = find_prices(account, *job->snapshot);
    tell_missing_price(account, *job);
  }
}

/// Told as soon as no answer that may bring it is to come soon.
void Core::Impl::tell_missing_price(Account& account, const Job& job) {
  if (job.prices != nullptr) return;
  const Recurring& list = account.price_list;
  const bool failing = list.failures >= kFailuresTold;
  const bool soon = list.failures != 0 || list.request != 0 || list.next <= now;
  if (soon && !failing) return;
  const std::string& type = job.snapshot->instance_type;
  if (!account.price_told.insert(type).second) return;
  tell_job("price.missing", Level::warning, account, job,
           "no price is known for instance type " + type +
               (failing ? " and the API gives no prices" : "") +
               ": the cost of its jobs is unknown; set it under prices:")
      .with("instance_type", type);
}

/// A price that the API no longer lists is kept; whether it still holds is for a person to say.
void Core::Impl::tell_vanished_prices(Account& account, const PricesRead& read) {
  std::set<std::string_view> listed;
  for (const auto& [type, per_minute] : read.per_minute) {
    listed.insert(type);
    account.price_told.erase(type);
  }
  // An empty list concludes nothing, and a record that made no sense may be the one that is missed.
  if (read.per_minute.empty() || read.unusable != 0) return;
  for (Job* job : account.live) {
    const std::string& type = job->snapshot->instance_type;
    const auto known = account.prices.find(type);
    if (known == account.prices.end() || job->prices != &known->second) continue;
    if (listed.contains(type) || !account.price_told.insert(type).second) continue;
    tell_job("price.missing", Level::warning, account, *job,
             "the API no longer lists a price for instance type " + type +
                 ": the old one is kept; set it under prices: if it is another one now")
        .with("instance_type", type)
        .with("kept_old", true)
        .with("rate", dollars_per_hour(*known->second.back().per_minute));
  }
}

void Core::Impl::take_price(Account& account, const std::string& type, Money per_minute) {
  policy::PriceHistory& history = account.prices[type];
  if (history.empty()) {
    history.push_back({kLongAgo, per_minute});
    remember_price(account, type, history.back());
    return;
  }
  const Money before = *history.back().per_minute;
  if (before == per_minute) return;
  const bool jump = is_jump(before, per_minute);
  tell("price.changed", Level::warning,
       "the price of " + type + " went from " + format_decimal(before) + " to " +
           format_decimal(per_minute) + " USD a minute" +
           (jump ? ": a jump that large is not believed and the old one is kept; set it under "
                   "prices: if it is right"
                 : ""))
      .with("account", config.accounts[account.index].name)
      .with("instance_type", type)
      .with("rate_before", dollars_per_hour(before))
      .with("rate", dollars_per_hour(per_minute))
      .with("kept_old", jump);
  if (jump) return;
  if (planted("price-changes-the-past")) history.clear();
  history.push_back({now, per_minute});
  remember_price(account, type, history.back());
}

void Core::Impl::take(const PricesRead& fact) {
  Account& account = accounts[answered(fact.request).account];
  account.price_list.request = 0;
  account.price_list.failures = 0;
  allow(account, Call::prices);
  for (const auto& [type, per_minute] : fact.per_minute) take_price(account, type, per_minute);
  if (fact.unusable != 0) {
    tell("price.unusable", Level::warning,
         "prices that make no sense are ignored, the first: " + fact.first_problem)
        .with("account", config.accounts[account.index].name)
        .with("unusable", fact.unusable);
  }
  tell_missing_prices(account);
  tell_vanished_prices(account, fact);
  touch_all(account);
  touch_all_pots();
}

}  // namespace trainstop::core
