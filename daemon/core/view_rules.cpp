// Each rule over all jobs.
#include <algorithm>

#include "core/view.hpp"
#include "policy/describe.hpp"

namespace trainstop::core {

namespace {

/// One rule over all live jobs.
struct Tallied {
  std::size_t matches = 0, unknown = 0, over = 0, would_stop = 0;
  Instant due = kNever;
  const Account* account = nullptr;
  const Job* job = nullptr;
};

}  // namespace

Value::Object View::rules() const {
  std::vector<Tallied> tallied(machine_.config.rules.size());
  for (const Account& account : machine_.accounts) {
    for (const Job* job : account.live) {
      for (const std::uint16_t rule : job->unsure_rules)
        if (rule < tallied.size()) ++tallied[rule].unknown;
      for (const Pot* pot : job->pots) ++tallied[pot->rule].matches;
      for (const Pair& pair : job->pairs) {
        Tallied& of = tallied[pair.rule];
        if (Core::Impl::pot_of(*job, pair.rule) == nullptr) ++of.matches;
        if (pair.value == Truth::yes) ++of.over;
        if (rule_of(pair).action != policy::Action::stop || pair.due == kNever) continue;
        const bool would = pair.standing == Standing::observed && pair.value == Truth::yes;
        if (would && pair.due <= machine_.now) ++of.would_stop;
        const bool requested = job->stop && job->stop->stage == Stop::Stage::requested;
        if (requested || pair.due >= of.due) continue;
        of.due = pair.due;
        of.account = &account;
        of.job = job;
      }
    }
  }
  const Openings openings = machine_.own_guards.empty() ? Openings{} : foresee();
  Value::Array all;
  for (std::size_t i = 0; i < tallied.size(); ++i) {
    const policy::Rule& rule = machine_.config.rules[i];
    const Tallied& of = tallied[i];
    Value::Object entry;
    entry.emplace_back("rule", rule.name);
    entry.emplace_back("action", rule.action == policy::Action::stop ? "stop" : "warn");
    entry.emplace_back("mode", mode_of(rule));
    if (rule.enforce_from) entry.emplace_back("enforce_from", *rule.enforce_from);
    add_instant(entry, "paused_until", paused_until(rule));
    entry.emplace_back("condition", policy::describe(rule.when));
    entry.emplace_back("matches", of.matches);
    entry.emplace_back("unknown", of.unknown);
    entry.emplace_back("over", of.over);
    entry.emplace_back("would_stop", of.would_stop);
    if (of.job != nullptr) {
      Value::Object next;
      next.emplace_back("at", utc(of.due));
      add_job(next, *of.account, *of.job);
      entry.emplace_back("next_due", std::move(next));
    }
    const auto own = machine_.own_guards.find(static_cast<std::uint16_t>(i));
    if (own != machine_.own_guards.end())
      entry.emplace_back("breaker", breaker_state(own->second, openings));
    all.emplace_back(std::move(entry));
  }
  Value::Object object = begin();
  object.emplace_back("mode",
                      machine_.config.mode == policy::Mode::enforce ? "enforce" : "observe");
  object.emplace_back("rules", std::move(all));
  return object;
}

}  // namespace trainstop::core
