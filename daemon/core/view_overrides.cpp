// What persons have changed and until when, and what the configuration exempts.
#include <algorithm>

#include "core/view.hpp"
#include "policy/describe.hpp"

namespace trainstop::core {

Value::Object View::override_of(const Override& made) const {
  Value::Object entry;
  entry.emplace_back("id", made.id);
  entry.emplace_back("kind", to_string(made.kind));
  if (const auto job = job_of_key(made.job)) {
    add_job(entry, *job->first, *job->second);
  } else if (!made.job.empty()) {
    entry.emplace_back("job", made.job);
  }
  if (!made.rule.empty()) entry.emplace_back("rule", made.rule);
  if (made.group) entry.emplace_back("group", *made.group);
  if (made.by > Duration{0}) entry.emplace_back("by_s", made.by);
  if (made.money > Money{}) entry.emplace_back("by", made.money);
  add_instant(entry, "since", made.at);
  add_instant(entry, "until", made.until);
  entry.emplace_back("operator", made.user);
  entry.emplace_back("reason", made.reason);
  return entry;
}

/// By when they end.
Value::Array View::overrides_in_force() const {
  std::vector<const Override*> all;
  for (const auto& [id, made] : machine_.overrides) {
    if (machine_.in_force(made)) all.push_back(&made);
  }
  std::ranges::stable_sort(all, {}, &Override::until);
  Value::Array entries;
  for (const Override* made : all) entries.emplace_back(override_of(*made));
  return entries;
}

Value::Array View::paused(Value::Array& impaired) const {
  Value::Array all;
  for (const Override* pause : machine_.pauses) {
    if (!machine_.in_force(*pause)) continue;
    all.emplace_back(override_of(*pause));
    impaired.emplace_back((pause->rule.empty() ? "all rules are" : "rule " + pause->rule + " is") +
                          " paused by " + pause->user + " until " + format_rfc3339(pause->until) +
                          ": " + pause->reason);
  }
  return all;
}

/// kLongAgo when it is not.
Instant View::paused_until(const policy::Rule& rule) const {
  Instant until = kLongAgo;
  for (const Override* pause : machine_.pauses) {
    if (pause->covers(rule.name) && machine_.in_force(*pause))
      until = std::max(until, pause->until);
  }
  return until;
}

Value::Object View::overrides() const {
  Value::Array exemptions;
  for (const policy::Exemption& exemption : machine_.config.safety.exempt) {
    std::size_t jobs = 0;
    for (const Account& account : machine_.accounts) {
      for (const Job* job : account.live)
        jobs +=
            policy::matches(exemption.selector, machine_.attributes(account, *job)) != Truth::no;
    }
    Value::Object entry;
    entry.emplace_back("what", policy::describe(exemption.selector));
    if (exemption.until) entry.emplace_back("until", *exemption.until);
    entry.emplace_back("reason", exemption.reason);
    entry.emplace_back("jobs", jobs);
    exemptions.emplace_back(std::move(entry));
  }
  Value::Object object = begin();
  object.emplace_back("overrides", overrides_in_force());
  object.emplace_back("configured", std::move(exemptions));
  return object;
}

}  // namespace trainstop::core
