// `explain`: every rule against one job, and one sentence with the upshot.
#include <algorithm>

#include "core/view.hpp"
#include "policy/describe.hpp"

namespace trainstop::core {

namespace {

const char* to_words(Truth value) {
  return value == Truth::yes ? "yes" : value == Truth::no ? "no" : "unknown";
}

Value to_value(const std::variant<Duration, Money, std::string>& measured) {
  return std::visit([](const auto& value) { return Value(value); }, measured);
}

/// Of a leaf with a threshold.
std::optional<double> progress_of(const policy::Evidence& leaf) {
  if (!leaf.measured || !leaf.limit) return {};
  const auto count = [](const auto& value) -> std::optional<double> {
    if (const auto* duration = std::get_if<Duration>(&value))
      return static_cast<double>(duration->count());
    if (const auto* money = std::get_if<Money>(&value)) return static_cast<double>(money->nano());
    return {};
  };
  const auto limit = count(*leaf.limit), measured = count(*leaf.measured);
  if (!limit || !measured) return {};
  return *limit <= 0 ? 1.0 : *measured / *limit;
}

std::string name_of(const Job& job) {
  return job.snapshot->name.value_or(job.job_id);
}

constexpr const char* kProtected = "what it asks for is not known, so the job is protected";

/// `3h12m`, to the minute; seconds below one.
std::string spell(Duration duration) {
  const Duration whole = std::max(duration, Duration{0});
  if (whole < std::chrono::minutes(2))
    return format_duration(std::chrono::floor<std::chrono::seconds>(whole));
  return format_duration(std::chrono::floor<std::chrono::minutes>(whole));
}

}  // namespace

/// Whether the rule speaks of the job, and what speaks against it.
bool View::add_match(Value::Object& object, const policy::Rule& rule, const Job& job,
                     const policy::JobAttributes& of_job) const {
  const Truth answer = Core::Impl::applies(rule, of_job);
  std::string because;
  const auto mismatch = rule.match ? policy::first_mismatch(*rule.match, of_job) : std::nullopt;
  const Truth spared = rule.exclude ? policy::matches(*rule.exclude, of_job) : Truth::no;
  if (mismatch) {
    because = "match: its " + std::string(mismatch->key) +
              (mismatch->answer == Truth::no ? " does not fit" : " is not known");
  } else if (spared != Truth::no) {
    because = spared == Truth::yes ? "exclude: " + policy::describe(*rule.exclude)
                                   : std::string("exclude: ") + kProtected;
  } else if (policy::budget_of(rule.when) != nullptr) {
    const auto pot = std::ranges::find_if(job.pots, [&](const Pot* each) {
      return machine_.config.rules[each->rule].name == rule.name;
    });
    if (pot == job.pots.end()) because = "group_by: the job is in no group";
    if (pot != job.pots.end() && (*pot)->unknown)
      because = "group_by: its group is not known, so the job is counted and not stopped";
  }
  object.emplace_back("applies", to_words(answer));
  if (!because.empty()) object.emplace_back("because", because);
  return answer == Truth::yes;
}

std::string View::why_unknown(std::string_view leaf, const Job& job,
                              const policy::JobTimes& facts) const {
  if (facts.phase == Phase::unknown)
    return "no status that is known was seen: the last one is " + job.life.status();
  if (leaf != "cost") return "the status is not known";
  if (facts.bill.prices == nullptr)
    return "no price is known for instance type " + job.snapshot->instance_type;
  if (facts.bill.estimated)
    return "the cost counts from between " + format_rfc3339(utc(*facts.bill.earliest)) + " and " +
           format_rfc3339(utc(*facts.bill.latest)) + ": nothing is stopped on an estimate";
  return "the cost is too large to be counted";
}

Value::Array View::conditions(const policy::Rule& rule, const Job& job,
                              const policy::JobTimes& facts, Instant at) const {
  Value::Array all;
  for (const policy::Evidence& leaf : policy::evidence_at(rule.when, facts, at)) {
    Value::Object entry;
    entry.emplace_back("condition", leaf.key);
    entry.emplace_back("holds", to_words(leaf.value));
    if (leaf.measured) entry.emplace_back("value", to_value(*leaf.measured));
    if (leaf.limit) entry.emplace_back("limit", to_value(*leaf.limit));
    const bool money = leaf.limit && std::holds_alternative<Money>(*leaf.limit);
    const bool time = leaf.limit && std::holds_alternative<Duration>(*leaf.limit);
    if (money || time) entry.emplace_back("unit", money ? "USD" : "s");
    if (const auto progress = progress_of(leaf)) entry.emplace_back("progress", *progress);
    if (leaf.since) add_instant(entry, "since", utc(*leaf.since));
    entry.emplace_back("source", leaf.estimated ? "estimated" : "observed");
    if (leaf.value == Truth::unknown)
      entry.emplace_back("reason", why_unknown(leaf.key, job, facts));
    all.emplace_back(std::move(entry));
  }
  return all;
}

Value::Object View::rule(const Account& account, const Job& job, std::uint16_t index) const {
  const policy::Rule& rule = machine_.config.rules[index];
  Value::Object entry;
  entry.emplace_back("rule", rule.name);
  entry.emplace_back("action", rule.action == policy::Action::stop ? "stop" : "warn");
  entry.emplace_back("mode", mode_of(rule));
  entry.emplace_back("says", policy::describe(rule.when));
  if (!add_match(entry, rule, job, machine_.attributes(account, job))) return entry;
  const policy::JobTimes facts = machine_.facts_of(job, index, machine_.times(job));
  const Instant at = job.alive() ? machine_.now : facts.bill.end.value_or(machine_.now);
  if (const Pot* const pot = Core::Impl::pot_of(job, index))
    entry.emplace_back("group", pot->group);
  const auto pair =
      std::ranges::find_if(job.pairs, [&](const Pair& each) { return each.rule == index; });
  const bool judged = pair != job.pairs.end();
  entry.emplace_back("holds",
                     to_words(judged ? pair->value : policy::value_at(rule.when, facts, at)));
  if (const auto progress = policy::progress_at(rule.when, facts, at))
    entry.emplace_back("progress", *progress);
  if (judged) {
    add_instant(entry, "trip_at", utc(pair->trip));
    if (rule.action == policy::Action::stop) add_instant(entry, "due_at", utc(pair->due));
    add_instant(entry, "tripped_at", utc(pair->told));
    if (facts.extension > Duration{0}) entry.emplace_back("extended_s", facts.extension);
    if (pair->not_before() > machine_.now)
      add_instant(entry, "not_before", utc(pair->not_before()));
    const std::string_view hold = hold_of(job, *pair);
    if (!hold.empty() && rule.action == policy::Action::stop) entry.emplace_back("hold", hold);
  }
  entry.emplace_back("conditions", conditions(rule, job, facts, at));
  return entry;
}

std::string View::upshot_of_end(const Job& job) const {
  const std::string at = format_rfc3339(utc(machine_.bill_of(job).end.value_or(machine_.now)));
  if (job.lost)
    return "The API knows job " + name_of(job) + " no more; it was last seen at " + at + ".";
  const bool stopped = was_stopped(job.life.status());
  const char* by = !stopped               ? "by itself"
                   : job.requested_before ? "stopped by trainstop"
                                          : "stopped by somebody else";
  return "Job " + name_of(job) + " ended at " + at + " as " + job.life.status() + ", " + by + ".";
}

std::string View::hold_words(std::string_view hold, const Job& job,
                             const policy::Rule& rule) const {
  const std::string reason = machine_.why_spared(job, rule);
  const std::string why = reason.empty() ? "" : " (" + reason + ")";
  if (hold == "observe") return "it only observes";
  if (hold == "exempt") return "the job is exempt" + why;
  if (hold == "pause") return "it is paused" + why;
  if (hold == "freeze") return "stops are frozen";
  if (hold == "breaker") return "the breaker is open";
  if (hold == "notice") return "the first notice is not over";
  return "the job's state can't be read";
}

std::string View::upshot(const Account& account, const Job& job) const {
  if (!job.alive()) return upshot_of_end(job);
  const std::string name = name_of(job);
  const bool requested = job.stop && job.stop->stage == Stop::Stage::requested;
  if (job.stop && job.stop->ordered() && !requested)
    return "Job " + name + " is about to be stopped by order of " + job.stop->ordered_by + ".";
  if (requested) {
    const Stop& stop = *job.stop;
    const std::string by =
        stop.ordered() ? "order of " + stop.ordered_by : "rule " + stop.cause.rule;
    return "Job " + name + " is being stopped by " + by + ": request " +
           std::to_string(stop.attempt) + (stop.accepted ? " was taken" : " is under way") +
           ", its end " + (stop.unconfirmed_since == kNever ? "is awaited." : "is overdue.");
  }
  const Pair* const pair = machine_.next_of(job);
  if (pair == nullptr) {
    const policy::JobAttributes of_job = machine_.attributes(account, job);
    const auto count = std::ranges::count_if(machine_.config.rules, [&](const policy::Rule& rule) {
      return Core::Impl::applies(rule, of_job) == Truth::yes;
    });
    if (count == 0) return "No rule applies to job " + name + ".";
    return "Job " + name + " is not going to be stopped if nothing changes: " +
           (count == 1 ? "the one rule that applies does not come due."
                       : "none of the " + std::to_string(count) + " rules that apply comes due.");
  }
  const std::string& rule = rule_of(*pair).name;
  const std::string_view hold = hold_of(job, *pair);
  const std::string at = format_rfc3339(utc(pair->due));
  const std::string why = hold.empty() ? std::string() : hold_words(hold, job, rule_of(*pair));
  if (pair->due > machine_.now) {
    const std::string in = " in " + spell(pair->due - machine_.now) + ", at " + at;
    if (hold == "notice")
      return "Job " + name + " is over rule " + rule + " and is stopped" + in +
             ", when its first notice is over.";
    if (!hold.empty())
      return "Job " + name + " is due by rule " + rule + in + ", but is not stopped: " + why + ".";
    return "Job " + name + " is stopped" + in + ", by rule " + rule + " if nothing changes.";
  }
  const std::string since = " for " + spell(machine_.now - pair->due) + ", since " + at;
  if (!hold.empty())
    return "Job " + name + " has been due by rule " + rule + since +
           ", and is not stopped: " + why + ".";
  return "Job " + name + " is about to be stopped by rule " + rule + ".";
}

std::optional<Value::Object> View::explain(std::string_view key) const {
  const auto found = job_of_key(key);
  if (!found) return {};
  const Account& account = *found->first;
  const Job& job = *found->second;
  const policy::JobTimes facts = machine_.times(job);
  const Instant at = job.alive() ? machine_.now : facts.bill.end.value_or(machine_.now);
  Value::Object object = begin();
  add_job(object, account, job);
  if (const auto& team = Core::Impl::team_of(account, job.project_id))
    object.emplace_back("team", *team);
  object.emplace_back("url", job_url(job.project_id, job.job_id));
  object.emplace_back("live", job.alive());
  object.emplace_back("phase", trainstop::to_string(job.life.phase()));
  object.emplace_back("status", job.life.status());
  if (facts.phase != Phase::unknown) add_instant(object, "phase_since", utc(facts.phase_since));
  add_instant(object, "created_at", utc(facts.created_at));
  if (!job.alive()) add_instant(object, "ended_at", utc(at));
  object.emplace_back("age_s", std::max(at - facts.created_at, Duration{0}));
  object.emplace_back("facts_age_s", std::max(machine_.now - job.life.last_sent(), Duration{0}));
  if (const auto cost = facts.bill.lower_at(machine_.now)) object.emplace_back("cost", *cost);
  if (facts.bill.estimated) {
    if (const auto most = facts.bill.upper_at(machine_.now))
      object.emplace_back("cost_at_most", *most);
  }
  if (const auto rate = facts.bill.rate_at(machine_.now); rate && job.alive())
    object.emplace_back("rate", dollars_per_hour(*rate));
  object.emplace_back("upshot", upshot(account, job));
  if (job.exempt_until > utc(machine_.now)) {
    Value::Object exempt;
    add_instant(exempt, "until", job.exempt_until);
    exempt.emplace_back("reason", job.exempt_reason);
    if (job.exempt_unsure) exempt.emplace_back("because", kProtected);
    object.emplace_back("exempt", std::move(exempt));
  }
  Value::Array overrides;
  for (const Override* made : job.overrides) {
    if (machine_.in_force(*made)) overrides.emplace_back(override_of(*made));
  }
  if (!overrides.empty()) object.emplace_back("overrides", std::move(overrides));
  if (job.stop) object.emplace_back("stop", stop(*job.stop));
  Value::Array rules;
  for (std::size_t i = 0; i < machine_.config.rules.size(); ++i)
    rules.emplace_back(rule(account, job, static_cast<std::uint16_t>(i)));
  object.emplace_back("rules", std::move(rules));
  return object;
}

}  // namespace trainstop::core
