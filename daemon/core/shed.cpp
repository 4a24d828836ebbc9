// Shedding: single members of a pot end before its limit, so that the others last until its reset.
#include <algorithm>

#include "core/machine.hpp"

namespace trainstop::core {

/// From when on members are shed.
Instant Core::Impl::shed_from(const Pot& pot) const {
  const policy::Rule& rule = config.rules[pot.rule];
  if (!rule.shed || !stops(pot)) return kNever;
  const Money limit = limit_of(pot);
  const auto amount = share_rounded_up(limit, rule.shed->at_percent, 100);
  return pot.tally.reached(amount.value_or(limit));
}

bool Core::Impl::may_be_shed(const Pot& pot, const Job& job) const {
  Instant changes = kNever;
  return job.alive() && bill_of(job).earliest &&
         standing(config.rules[pot.rule], job, changes) == Standing::enforcing;
}

bool Core::Impl::is_shed(const Pot& pot, const Job& job) const {
  return !pot.shed.empty() && pot.shed == key_of(accounts[job.account], job);
}

/// By the rule's order.
Job* Core::Impl::choose_to_shed(const Pot& pot) const {
  using Order = policy::Shed::Order;
  const Order order = config.rules[pot.rule].shed->order;
  // The smallest goes; of equals the newest.
  const auto rank = [&](const Job& job) {
    const JobSnapshot& seen = *job.snapshot;
    const policy::Bill bill = bill_of(job);
    std::int64_t first = 0;
    switch (order) {
      case Order::newest:
        first = -seen.created_at.time_since_epoch().count();
        break;
      case Order::oldest:
        first = seen.created_at.time_since_epoch().count();
        break;
      case Order::highest_rate:
        first = -bill.rate_at(now).value_or(Money{}).nano();
        break;
      case Order::least_spent:
        first = bill.lower_at(now).value_or(Money{}).nano();
        break;
      case Order::lowest_priority:
        first = seen.priority.value_or(0);
        break;
    }
    return std::pair(first, -static_cast<std::int64_t>(job.serial));
  };
  Job* chosen = nullptr;
  for (Job* job : pot.members) {
    if (may_be_shed(pot, *job) && (chosen == nullptr || rank(*job) < rank(*chosen))) chosen = job;
  }
  return chosen;
}

/// Chooses one member after another, as long as all would not last until the reset; the effect of
/// each is waited for, and the last one is left to the limit. Whether the choice is another one.
bool Core::Impl::shed(Pot& pot) {
  if (!config.rules[pot.rule].shed) return false;
  std::size_t candidates = 0;
  bool under_way = false;
  for (const Job* job : pot.members) {
    if (!may_be_shed(pot, *job)) continue;
    ++candidates;
    under_way = under_way || is_shed(pot, *job);
  }
  const bool needed =
      shed_from(pot) <= now && pot.within != kNever && pot.exhausted == kNever && candidates > 1;
  if (needed && under_way) return false;
  Job* const chosen = needed ? choose_to_shed(pot) : nullptr;
  const std::string key =
      chosen == nullptr ? std::string() : key_of(accounts[chosen->account], *chosen);
  if (std::exchange(pot.shed, key) == key) return false;
  pot.shed_at = chosen == nullptr ? kNever : now;
  return true;
}

}  // namespace trainstop::core
