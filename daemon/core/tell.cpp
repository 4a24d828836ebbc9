// Events: their names, levels and fields.
#include <algorithm>

#include "core/machine.hpp"

namespace trainstop::core {

namespace {

constexpr std::int64_t kMinutesPerHour = 60;

Value to_value(const std::variant<Duration, Money, std::string>& measured) {
  return std::visit([](const auto& value) { return Value(value); }, measured);
}

const char* to_string(Truth value) {
  return value == Truth::yes ? "yes" : value == Truth::no ? "no" : "unknown";
}

/// How far the leaf is on its way, for choosing the one that speaks for its rule.
double share(const policy::Evidence& leaf) {
  if (!leaf.measured || !leaf.limit) return -1.0;
  const auto count = [](const std::variant<Duration, Money, std::string>& value) {
    if (const auto* duration = std::get_if<Duration>(&value))
      return static_cast<double>(duration->count());
    if (const auto* money = std::get_if<Money>(&value)) return static_cast<double>(money->nano());
    return -1.0;
  };
  const double limit = count(*leaf.limit);
  if (limit < 0) return -1.0;
  const double reached = limit == 0 ? 1.0 : count(*leaf.measured) / limit;
  return leaf.value == Truth::yes ? reached + 1e6 : reached;
}

}  // namespace

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::enforcing:
      return "enforce";
    case Standing::observed:
      return "observe";
    case Standing::exempt:
      return "exempt";
    case Standing::paused:
      return "pause";
  }
  return {};
}

std::string_view to_string(Hold hold) {
  switch (hold) {
    case Hold::none:
      return "none";
    case Hold::breaker:
      return "breaker";
    case Hold::unknown:
      return "unknown";
    case Hold::freeze:
      return "freeze";
  }
  return {};
}

Value dollars_per_hour(Money per_minute) {
  const auto per_hour = multiply(per_minute, kMinutesPerHour);
  if (per_hour) return *per_hour;
  return static_cast<double>(per_minute.nano()) * kMinutesPerHour / 1e9;
}

Event& Core::Impl::tell(const char* name, Level level, std::string message) {
  Event event;
  event.name = name;
  event.level = level;
  event.at = utc(now);
  event.message = std::move(message);
  return batch.records.emplace_back(std::move(event));
}

Event& Core::Impl::tell_job(const char* name, Level level, const Account& account, const Job& job,
                            std::string message) {
  Event& event = tell(name, level, std::move(message));
  const policy::JobAttributes of_job = attributes(account, job);
  event.with("account", of_job.account);
  if (!of_job.project_name.empty()) event.with("project", of_job.project_name);
  event.with("project_id", of_job.project_id).with("job", of_job.job_id);
  if (of_job.job_name) event.with("job_name", *of_job.job_name);
  if (of_job.user) event.with("user", *of_job.user);
  if (of_job.team) event.with("team", *of_job.team);
  event.with("phase", trainstop::to_string(job.life.phase())).with("status", of_job.status);
  event.with("url", job_url(job.project_id, job.job_id));
  event.subject = std::make_shared<const Subject>(Subject{std::string(of_job.account),
                                                          team_of(account, job.project_id),
                                                          job.life.phase(), job.snapshot});
  return event;
}

Event& Core::Impl::tell_rule(const char* name, Level level, const Account& account, const Job& job,
                             const Pair& pair, std::string message) {
  Event& event = tell_job(name, level, account, job, std::move(message));
  const policy::Rule& rule = config.rules[pair.rule];
  const bool stops = rule.action == policy::Action::stop;
  event.with("rule", rule.name).with("rule_hash", rule.hash);
  event.with("mode", pair.standing == Standing::observed ? "observe" : "enforce");
  event.with("action", stops ? "stop" : "warn");
  if (const Pot* pot = pot_of(job, pair.rule)) event.with("group", pot->group);
  if (pair.trip != kNever) event.with("trip_at", utc(pair.trip));
  if (stops && pair.due != kNever) event.with("due_at", utc(pair.due));
  return event;
}

Event& Core::Impl::tell_stop(const char* name, Level level, const Account& account, const Job& job,
                             std::string message) {
  Event& event = tell_job(name, level, account, job, std::move(message));
  const Stop& stop = *job.stop;
  if (stop.ordered()) {
    event.with("operator", stop.ordered_by);
  } else {
    event.with("rule", stop.cause.rule).with("rule_hash", stop.cause.hash);
  }
  event.with("mode", "enforce").with("action", "stop");
  if (stop.cause.group) event.with("group", *stop.cause.group);
  if (stop.cause.trip != kNever) event.with("trip_at", utc(stop.cause.trip));
  if (stop.due != kNever) event.with("due_at", utc(stop.due));
  event.with("stop", stop.id);
  if (stop.attempt > 0) event.with("attempt", stop.attempt);
  return event;
}

void Core::Impl::add_value(Event& event, const policy::Rule& rule,
                           const policy::JobTimes& facts) const {
  const auto leaves = policy::evidence_at(rule.when, facts, now);
  const auto chosen =
      std::max_element(leaves.begin(), leaves.end(),
                       [](const auto& a, const auto& b) { return share(a) < share(b); });
  if (chosen == leaves.end() || share(*chosen) < 0) return;
  event.with("value", to_value(*chosen->measured)).with("limit", to_value(*chosen->limit));
  event.with("unit", std::holds_alternative<Money>(*chosen->limit) ? "USD" : "s");
}

void Core::Impl::add_cost(Event& event, const policy::JobTimes& facts) const {
  if (const auto cost = facts.bill.upper_at(now)) event.with("cost", *cost);
  if (const auto rate = facts.bill.rate_at(now)) event.with("rate", dollars_per_hour(*rate));
}

void Core::Impl::add_evidence(Event& event, const Job& job, const std::vector<const Pair*>& pairs,
                              const policy::JobTimes& of_job) const {
  Value::Array all;
  for (const Pair* pair : pairs) {
    const policy::Rule& rule = config.rules[pair->rule];
    const policy::JobTimes facts = facts_of(job, pair->rule, of_job);
    for (const policy::Evidence& leaf : policy::evidence_at(rule.when, facts, now)) {
      Value::Object entry;
      entry.emplace_back("rule", rule.name);
      entry.emplace_back("condition", leaf.key);
      entry.emplace_back("holds", to_string(leaf.value));
      if (leaf.measured) entry.emplace_back("value", to_value(*leaf.measured));
      if (leaf.limit) entry.emplace_back("limit", to_value(*leaf.limit));
      if (leaf.since) entry.emplace_back("since", utc(*leaf.since));
      if (leaf.estimated) entry.emplace_back("estimated", true);
      all.emplace_back(std::move(entry));
    }
  }
  event.with("evidence", std::move(all));
}

}  // namespace trainstop::core
