// Which of the stops that are due may leave: the breakers, and the order when there are many.
#include <algorithm>
#include <set>

#include "core/machine.hpp"
#include "model/planted.hpp"

namespace trainstop::core {

std::size_t Core::Impl::live_jobs() const {
  std::size_t count = 0;
  for (const Account& account : accounts) count += account.live.size();
  return count;
}

Guard& Core::Impl::guard_of(const Stop& stop) {
  const auto own = own_guards.find(stop.rule);
  return own == own_guards.end() ? guard : own->second;
}

/// The open breaker that holds such a stop; nullptr when there is none.
const Guard* Core::Impl::open_guard(const Stop& stop) {
  if (guard.breaker.open()) return &guard;
  const Guard& own = guard_of(stop);
  return own.breaker.open() ? &own : nullptr;
}

void Core::Impl::dispatch() {
  admit(guard);
  for (auto& [rule, own] : own_guards) admit(own);
  for (Account& account : accounts) dispatch(account);
}

/// Opens the breaker when more stops of its rules are due together than it lets pass.
void Core::Impl::admit(Guard& of) {
  std::size_t together = 0;
  bool any_ready = false;
  std::set<const Pot*> foreseen;  // the foreseen exhaustion of one pot counts as one
  for (const Account& account : accounts) {
    for (const Job* job : account.stops) {
      const Stop& stop = *job->stop;
      if (stop.stage == Stop::Stage::requested || stop.due > now || stop.passed_breaker()) continue;
      if (&guard_of(stop) != &of || stop.hold == Hold::freeze) continue;
      const bool counts = stop.pot == nullptr || !stop.pot->foreseen ||
                          (!stop.pot->counted && foreseen.insert(stop.pot).second);
      if (counts && (stop.hold != Hold::unknown || stop.stage == Stop::Stage::ready)) ++together;
      any_ready = any_ready || stop.stage == Stop::Stage::ready;
    }
  }
  Breaker& breaker = of.breaker;
  const bool admitted = (!any_ready && !breaker.open()) || breaker.admit(together, now);
  if (!admitted && of.told == kLongAgo) {
    for (Account& account : accounts) {
      for (Job* job : account.stops) enqueue(*job);
    }
  }
  if (breaker.open()) tell_breaker(of, together);
}

/// Whether the breaker has counted the stop with another one of its pot.
bool Core::Impl::is_counted(const Stop& stop) {
  if (stop.pot == nullptr || !stop.pot->foreseen) return false;
  const bool counted = std::exchange(stop.pot->counted, true);
  remember_pot(*stop.pot);
  return counted;
}

void Core::Impl::tell_breaker(Guard& of, std::size_t together) {
  if (now < saturating_add(of.told, kTellAgain)) return;
  if (of.told == kLongAgo) of.since = now;
  of.told = now;
  Breaker& breaker = of.breaker;
  const bool own = !of.rule.empty();
  std::string why = "more stops " + (own ? "of rule " + of.rule + " " : std::string()) +
                    "are due together than max_stops allows";
  if (breaker.reason() == "surprise")
    why = "more than half of the live jobs fell due unforeseen: the observation is suspect";
  if (breaker.reason() == "journal_lost")
    why = "the journal could not be read: what was paused, exempt or being stopped is not known";
  why += own ? "; the rule stops nothing" : "; nothing is stopped";
  Event& event = tell("breaker.opened", Level::error, why + " until the breaker is reset");
  if (own) event.with("rule", of.rule);
  event.with("reason", breaker.reason())
      .with("due_together", together)
      .with("stops_in_window", breaker.stops_in_window(now))
      .with("max_stops", of.most.count)
      .with("per", of.most.per)
      .with("since", utc(of.since));
}

void Core::Impl::dispatch(Account& account) {
  // First requests leave before those that are sent again, the costliest first. Of the others whose
  // turn it has been for longest: none waits for ever behind one that fails again and again.
  struct Ready {
    bool again;
    Instant since;
    std::int64_t rate;
    Job* job;
  };
  std::vector<Ready> ready;
  for (Job* job : account.stops) {
    Stop& stop = *job->stop;
    const bool again = stop.stage == Stop::Stage::requested && stop.request == 0 &&
                       now >= stop.next_request && stop.confirm.request == 0;
    const bool first =
        stop.stage == Stop::Stage::ready &&
        (open_guard(stop) == nullptr || stop.passed_breaker() || planted("breaker-bypassed"));
    if (!first && !again) continue;
    if (first && stop.verified && !fresh(stop)) {
      enqueue(*job);  // it waited too long for its turn: verify anew
      continue;
    }
    const auto rate = bill_of(*job).rate_at(now);
    ready.push_back({again, again ? stop.next_request : now, rate ? rate->nano() : 0, job});
  }
  std::stable_sort(ready.begin(), ready.end(), [](const Ready& a, const Ready& b) {
    return std::tuple(a.again, a.since, -a.rate) < std::tuple(b.again, b.since, -b.rate);
  });
  for (const Ready& each : ready) {
    if (account.stops_in_flight >= config.stop.concurrency) return;
    send_stop(account, *each.job);
  }
}

}  // namespace trainstop::core
