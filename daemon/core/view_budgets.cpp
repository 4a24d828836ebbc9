// The pots as they are now.
#include <algorithm>
#include <tuple>

#include "core/view.hpp"

namespace trainstop::core {

/// In the order of rule name and group.
std::vector<const Pot*> View::pots() const {
  std::vector<const Pot*> all;
  for (const auto& [key, pot] : machine_.pots) all.push_back(&pot);
  std::ranges::sort(all, {}, [&](const Pot* pot) {
    return std::tie(machine_.config.rules[pot->rule].name, pot->group);
  });
  return all;
}

Money View::spent(const Pot& of) const {
  return of.tally.at(machine_.now).value_or(Money{});
}

Value::Object View::pot(const Pot& of) const {
  const policy::Rule& rule = machine_.config.rules[of.rule];
  const Money now = spent(of);
  const Money estimated = subtract(now, of.invoiced).value_or(now);
  const auto jobs = std::ranges::count_if(of.members, [](const Job* job) { return job->alive(); });
  Value::Object pot;
  pot.emplace_back("rule", rule.name);
  pot.emplace_back("group", of.group);
  pot.emplace_back("action", machine_.stops(of) ? "stop" : "warn");
  pot.emplace_back("mode", mode_of(rule));
  pot.emplace_back("limit", machine_.limit_of(of));
  if (of.raised > Money{}) pot.emplace_back("raised", of.raised);
  pot.emplace_back("spent", now);
  pot.emplace_back("spent_at_most", std::max(of.tally.most(), now));
  pot.emplace_back("estimated", std::max(estimated, Money{}));
  pot.emplace_back("rate", dollars_per_hour(of.tally.rate()));
  pot.emplace_back("as_of", utc(machine_.now));
  add_instant(pot, "due_at", saturating_add(of.watch.due, machine_.shift));
  if (of.exhausted != kNever) add_instant(pot, "exhausted_at", utc(of.watch.told));
  add_instant(pot, "window_from", of.window.from);
  add_instant(pot, "resets_at", of.window.until);
  pot.emplace_back("jobs", of.members.size());
  pot.emplace_back("live", jobs);
  pot.emplace_back("partial", of.partial);
  return pot;
}

Value::Object View::budgets() const {
  Value::Array all;
  for (const Pot* each : pots()) all.emplace_back(pot(*each));
  Value::Object object = begin();
  object.emplace_back("budgets", std::move(all));
  return object;
}

std::pair<Value::Array, std::size_t> View::fullest_budgets(std::size_t most) const {
  std::vector<const Pot*> fullest = pots();
  const auto share = [&](const Pot* of) {
    const Money limit = machine_.limit_of(*of);
    return -static_cast<double>(spent(*of).nano()) /
           static_cast<double>(std::max<std::int64_t>(limit.nano(), 1));
  };
  std::ranges::stable_sort(fullest, {}, share);
  const std::size_t shown = std::min(most, fullest.size());
  Value::Array all;
  for (std::size_t i = 0; i < shown; ++i) all.emplace_back(pot(*fullest[i]));
  return {std::move(all), fullest.size() - shown};
}

}  // namespace trainstop::core
