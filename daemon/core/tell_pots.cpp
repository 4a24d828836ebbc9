// What is told of a pot: warnings, its exhaustion, and what is spent above its limit.
#include <algorithm>

#include "core/machine.hpp"

namespace trainstop::core {

Event& Core::Impl::tell_pot(const char* name, Level level, const Pot& pot, std::string message) {
  const policy::Rule& rule = config.rules[pot.rule];
  Event& event = tell(name, level, "budget " + rule.name + " (" + pot.group + "): " + message);
  event.with("rule", rule.name).with("rule_hash", rule.hash);
  event.with("mode", enforces(rule) ? "enforce" : "observe");
  event.with("action", stops(pot) ? "stop" : "warn").with("group", pot.group);
  if (const auto spent = pot.tally.at(now)) event.with("value", *spent);
  event.with("limit", limit_of(pot)).with("unit", "USD");
  event.with("rate", dollars_per_hour(pot.tally.rate()));
  if (pot.watch.trip != kNever) event.with("trip_at", utc(pot.watch.trip));
  if (pot.watch.due != kNever) event.with("due_at", utc(pot.watch.due));
  if (pot.window.until != kNever) event.with("resets_at", pot.window.until);
  if (pot.partial) event.with("partial", true);
  return event;
}

void Core::Impl::exhaust(Pot& pot) {
  const policy::Rule& rule = config.rules[pot.rule];
  Pair& watch = pot.watch;
  if (pot.exhausted == kNever) {
    pot.exhausted = stops(pot) ? pot.within : now;
    pot.foreseen = watch.foreseen_since <= saturating_add(watch.due, -config.poll.interval);
    watch.told = now;
  }
  if (rule.repeat > Duration{0}) watch.keep().repeat_at = saturating_add(now, rule.repeat);
  const std::string limit = format_dollars(limit_of(pot));
  std::string message = limit + " are spent";
  if (stops(pot))
    message = "its jobs are to end so that the bill stays under " + limit +
              (enforces(rule) ? "" : "; the rule observes: none is stopped");
  if (pot.unknown) message += "; what lacks the attribute is not stopped";
  tell_pot("budget.exhausted", Level::warning, pot, std::move(message));
}

void Core::Impl::warn(Pot& pot) {
  const policy::Rule& rule = config.rules[pot.rule];
  const auto warning = take_warning(rule, times(pot), now, pot.watch);
  if (!warning) return;
  const Duration left = std::max(pot.watch.due - now, Duration{0});
  std::string message =
      warning->before
          ? "exhausted in " + format_duration(std::chrono::round<std::chrono::seconds>(left))
          : std::to_string(*warning->percent) + " % of " + format_dollars(limit_of(pot)) +
                " are spent";
  Event& event = tell_pot("budget.warned", Level::warning, pot, std::move(message));
  if (warning->before) event.with("warn_before", *warning->before);
  if (warning->percent) event.with("warn_at", *warning->percent / 100.0);
}

/// That the limit could not be kept, when it is passed and hourly while it gets worse.
void Core::Impl::tell_overspent(Pot& pot) {
  const policy::Rule& rule = config.rules[pot.rule];
  const auto spent = pot.tally.at(now);
  const Money limit = limit_of(pot);
  if (!spent || *spent <= limit || !stops(pot) || !enforces(rule)) return;
  const Money over = subtract(*spent, limit).value_or(Money{});
  if (over <= pot.overspent || now < saturating_add(pot.overspent_told, kTellAgain)) return;
  pot.overspent = over;
  pot.overspent_told = now;
  tell_pot("budget.overspent", Level::error, pot,
           format_dollars(over) + " more than " + format_dollars(limit) + " are spent")
      .with("over", over);
}

}  // namespace trainstop::core
