// Which rules, budgets and exemptions apply to a job.
#include <algorithm>

#include "core/machine.hpp"
#include "model/planted.hpp"

namespace trainstop::core {

policy::JobAttributes Core::Impl::attributes(const Account& account, const Job& job) const {
  policy::JobAttributes attributes = attributes_of(account, *job.snapshot);
  attributes.phase = job.life.phase();
  return attributes;
}

policy::JobAttributes Core::Impl::attributes_of(const Account& account,
                                                const JobSnapshot& seen) const {
  policy::JobAttributes attributes = policy::attributes_of(seen);
  attributes.account = config.accounts[account.index].name;
  attributes.team = team_of(account, seen.project_id);
  return attributes;
}

void Core::Impl::match_exemptions(Job& job, const policy::JobAttributes& attributes) {
  job.exempt_until = kLongAgo;
  job.exempt_reason.clear();
  job.exempt_unsure = false;
  for (const policy::Exemption& exemption : config.safety.exempt) {
    const Truth answer = policy::matches(exemption.selector, attributes);
    const Instant until = exemption.until.value_or(kNever);
    if (planted("unknown-is-not-exempt") && answer == Truth::unknown) continue;
    if (answer == Truth::no || until <= job.exempt_until) continue;
    job.exempt_until = until;
    job.exempt_reason = exemption.reason;
    job.exempt_unsure = answer == Truth::unknown;
    if (job.exempt_unsure) tell_unsure(accounts[job.account], job, kExemptions);
  }
}

Truth Core::Impl::applies(const policy::Rule& rule, const policy::JobAttributes& job) {
  const Truth wanted = rule.match ? policy::matches(*rule.match, job) : Truth::yes;
  const Truth spared =
      rule.exclude && !planted("exclude-ignored") ? policy::matches(*rule.exclude, job) : Truth::no;
  const Truth answer = wanted && !spared;
  return planted("unknown-fits") && answer == Truth::unknown ? Truth::yes : answer;
}

void Core::Impl::match_rules(Account& account, Job& job) {
  const policy::JobAttributes of_job = attributes(account, job);
  match_exemptions(job, of_job);
  join_pots(account, job, of_job);
  std::vector<Pair> pairs;
  auto before = job.pairs.begin();
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    const policy::Rule& rule = config.rules[i];
    const auto index = static_cast<std::uint16_t>(i);
    while (before != job.pairs.end() && before->rule < index) ++before;
    const bool had = before != job.pairs.end() && before->rule == index;
    Truth answer = applies(rule, of_job);
    const bool unknown_group =
        answer == Truth::yes && pot_of(job, index) != nullptr && pot_of(job, index)->unknown;
    // What could not be judged so far is now judged for the first time.
    const bool was_unsure =
        answer != Truth::unknown && !unknown_group && std::erase(job.unsure_rules, index) != 0;
    if (answer == Truth::unknown) tell_unsure(account, job, index);
    // Of a budget that only tells, and of no pot, nothing is to be said of one job.
    const Pot* const pot = pot_of(job, index);
    if (policy::budget_of(rule.when) != nullptr && (pot == nullptr || !stops(*pot)))
      answer = Truth::no;
    if (answer != Truth::yes) {
      if (had && before->tripped()) clear(account, job, *before);
      if (had) forget_pair(account, job, *before);
      continue;
    }
    Pair& pair = pairs.emplace_back();
    if (had) {
      pair = std::move(*before);
      continue;
    }
    pair.rule = index;
    const bool first_time = was_unsure || !account.judged.contains(judgement_of(rule));
    pair.expected = first_time && job.snapshot->created_at <= loaded;
  }
  pairs.shrink_to_fit();
  job.pairs = std::move(pairs);
  sum_up_pairs(job);
}

void Core::Impl::tell_unsure(Account& account, Job& job, std::uint16_t rule) {
  auto& told = job.unsure_rules;
  if (std::find(told.begin(), told.end(), rule) != told.end()) return;
  told.push_back(rule);
  const bool exemptions = rule == kExemptions;
  const std::string what = exemptions ? "an exemption" : "rule " + config.rules[rule].name;
  const std::string effect = exemptions ? "the job is protected" : "the rule does not apply";
  Event& event = tell_job("rule.unknown", Level::info, account, job,
                          "the job lacks an attribute that " + what + " asks for: " + effect);
  if (exemptions) return;
  const policy::Rule& lacking = config.rules[rule];
  event.with("rule", lacking.name).with("rule_hash", lacking.hash);
  event.with("mode", enforces(lacking) ? "enforce" : "observe");
  event.with("action", lacking.action == policy::Action::stop ? "stop" : "warn");
}

}  // namespace trainstop::core
