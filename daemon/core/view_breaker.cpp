// The breakers: what they have counted, what they hold, and when one would open.
#include <algorithm>
#include <map>
#include <set>

#include "core/view.hpp"

namespace trainstop::core {

const Guard& View::guard_of(std::uint16_t rule) const {
  const auto own = machine_.own_guards.find(rule);
  return own == machine_.own_guards.end() ? machine_.guard : own->second;
}

std::size_t View::stops_in_window(const Guard& of) const {
  const auto& counted = of.breaker.counted();
  const Instant from = saturating_add(machine_.now, -of.most.per);
  return static_cast<std::size_t>(
      std::ranges::count_if(counted, [&](Instant at) { return at > from; }));
}

/// The first instant from now on at which these stops, in order of time, are more than it allows.
std::optional<View::Opening> View::opening_of(const Guard& of,
                                              const std::vector<Instant>& stops) const {
  const auto most = static_cast<std::size_t>(of.most.count);
  for (std::size_t i = most; i < stops.size(); ++i) {
    const Instant end = saturating_add(stops[i - most], of.most.per);
    if (stops[i] >= end || stops[i] < machine_.now) continue;
    const auto after = std::ranges::lower_bound(stops, end);
    const auto first = stops.begin() + static_cast<std::ptrdiff_t>(i - most);
    return Opening{stops[i], static_cast<std::size_t>(after - first)};
  }
  return {};
}

/// The stops that each has counted and those it will have to count if nothing changes, on one line.
View::Openings View::foresee() const {
  std::map<const Guard*, std::vector<Instant>> stops;  // of those that are closed
  const auto begin_with = [&](const Guard& guard) {
    const auto& counted = guard.breaker.counted();
    if (!guard.breaker.open()) stops[&guard].assign(counted.begin(), counted.end());
  };
  begin_with(machine_.guard);
  for (const auto& [rule, guard] : machine_.own_guards) begin_with(guard);
  std::set<const Pot*> foreseen;  // the foreseen exhaustion of one pot counts as one
  for (const Account& account : machine_.accounts) {
    for (const auto& [due, job] : account.dues) {
      const auto pair = std::ranges::find_if(job->pairs, [&, at = due](const Pair& each) {
        return each.due == at && machine_.may_stop(each);
      });
      if (pair == job->pairs.end()) continue;
      const auto of = stops.find(&guard_of(pair->rule));
      if (of == stops.end() || (job->stop && job->stop->passed_breaker())) continue;
      const bool is_unknown =
          job->stop && job->stop->hold == Hold::unknown && job->stop->stage != Stop::Stage::ready;
      if (is_unknown) continue;  // not counted while it is
      const Pot* const pot = Core::Impl::pot_of(*job, pair->rule);
      const bool as_one = pot != nullptr && (pot->exhausted == kNever || pot->foreseen);
      if (as_one && (pot->counted || !foreseen.insert(pot).second)) continue;
      const Instant thaw = machine_.frozen_until(account, *job, pair->rule);
      of->second.push_back(std::max({due, machine_.now, thaw}));
    }
  }
  Openings openings;
  for (auto& [guard, at] : stops) {
    std::ranges::sort(at);
    if (const auto opening = opening_of(*guard, at)) openings.emplace(guard, *opening);
  }
  return openings;
}

Value::Object View::breaker_state(const Guard& of, const Openings& openings) const {
  Value::Object state;
  if (!of.rule.empty()) state.emplace_back("rule", of.rule);
  state.emplace_back("open", of.breaker.open());
  if (of.breaker.open()) {
    state.emplace_back("reason", of.breaker.reason());
    if (of.since != kNever) state.emplace_back("since", utc(of.since));
  }
  state.emplace_back("stops_in_window", stops_in_window(of));
  state.emplace_back("max_stops", of.most.count);
  state.emplace_back("per_s", of.most.per);
  if (const auto foreseen = openings.find(&of); foreseen != openings.end()) {
    Value::Object what;
    what.emplace_back("at", utc(foreseen->second.at));
    what.emplace_back("stops", foreseen->second.stops);
    state.emplace_back("foreseen", std::move(what));
  }
  return state;
}

/// The daemon's, with the rules' own as `rules`.
Value::Object View::all_breakers(Value::Array& impaired) const {
  const Openings openings = foresee();
  Value::Object state = breaker_state(machine_.guard, openings);
  if (machine_.guard.breaker.open())
    impaired.emplace_back("the breaker is open (" + std::string(machine_.guard.breaker.reason()) +
                          "): nothing is stopped");
  Value::Array own;
  for (const auto& [rule, guard] : machine_.own_guards) {
    own.emplace_back(breaker_state(guard, openings));
    if (guard.breaker.open())
      impaired.emplace_back("the breaker of rule " + guard.rule + " is open");
  }
  if (!own.empty()) state.emplace_back("rules", std::move(own));
  return state;
}

/// In the order of their dues.
Value::Array View::held_by(const Guard& of) const {
  std::vector<Found> held;
  for (const Account& account : machine_.accounts) {
    for (const Job* job : account.stops) {
      if (job->stop->hold == Hold::breaker && !job->stop->passed_breaker() &&
          (of.rule.empty() || &guard_of(job->stop->rule) == &of))
        held.emplace_back(&account, job);
    }
  }
  std::ranges::stable_sort(held, {}, [](const Found& each) { return each.second->stop->due; });
  Value::Array all;
  for (const auto& [account, job] : held) {
    Value::Object entry;
    entry.emplace_back("stop", job->stop->id);
    add_job(entry, *account, *job);
    entry.emplace_back("rule", job->stop->cause.rule);
    add_instant(entry, "due_at", utc(job->stop->due));
    add_instant(entry, "since", saturating_add(job->stop->held_since, machine_.shift));
    const auto rate = machine_.bill_of(*job).rate_at(machine_.now);
    if (rate) entry.emplace_back("rate", dollars_per_hour(*rate));
    all.emplace_back(std::move(entry));
  }
  return all;
}

Value::Object View::breaker() const {
  Value::Array open;
  const auto add = [&](const Guard& guard) {
    if (!guard.breaker.open()) return;
    Value::Object state = breaker_state(guard, {});
    state.emplace_back("held", held_by(guard));
    open.emplace_back(std::move(state));
  };
  add(machine_.guard);
  for (const auto& [rule, guard] : machine_.own_guards) add(guard);
  Value::Object object = begin();
  object.emplace_back("open", std::move(open));
  return object;
}

}  // namespace trainstop::core
