// What persons order. Each command is carried out whole or refused, and answered once; what it
// changes is an override with an id and an end, a stop, or a breaker that is closed.
#include <algorithm>

#include "core/machine.hpp"

namespace trainstop::core {

namespace {

using Outcome = Answer::Outcome;

constexpr Duration kLongestOverride = std::chrono::hours(7 * 24);
// More at once are no longer anybody's intention.
constexpr std::size_t kMostOverrides = 1000;

Answer refused(std::string why) {
  return {0, Outcome::refused, std::move(why), {}};
}

Answer no_such(std::string what) {
  return {0, Outcome::no_such, std::move(what), {}};
}

bool is_requested(const Job& job) {
  return job.stop && (job.stop->intended || job.stop->stage == Stop::Stage::requested);
}

Answer already_sent() {
  return refused("already sent: the stop request of the job has left");
}

Answer ended(const Job& job) {
  return refused(job.lost ? "the job is lost: nothing shows whether it lives"
                          : "the job has ended");
}

/// What every order that makes an override is answered with.
Answer with_override(Answer answer, const Override& made) {
  answer.fields.emplace_back("id", made.id);
  answer.fields.emplace_back("until", made.until);
  return answer;
}

bool lasts_too_long(Duration lasts) {
  return lasts <= Duration{0} || lasts > kLongestOverride;
}

Answer wrong_length() {
  return refused("an override lasts longer than 0 and at most 7 days");
}

}  // namespace

void Core::Impl::take(const Command& fact) {
  const bool overrides_something = std::holds_alternative<Command::Exempt>(fact.what) ||
                                   std::holds_alternative<Command::Extend>(fact.what) ||
                                   std::holds_alternative<Command::Pause>(fact.what) ||
                                   std::holds_alternative<Command::Raise>(fact.what);
  const bool is_too_much = overrides_something && overrides.size() >= kMostOverrides;
  Answer answer = is_too_much
                      ? refused("there are 1000 overrides already: revoke some")
                      : std::visit([&](const auto& what) { return obey(fact, what); }, fact.what);
  answer.token = fact.token;
  act(std::move(answer));
}

Job* Core::Impl::find_job(std::string_view key) const {
  for (const Account& account : accounts) {
    const std::string& name = config.accounts[account.index].name;
    const bool here = key.starts_with(name) && key.size() > name.size() && key[name.size()] == '/';
    if (!here) continue;
    Job* const job = job_of_key(account, key);
    if (job != nullptr && key_of(account, *job) == key) return job;
  }
  return nullptr;
}

/// The answer to a command about one job names what is due next.
Answer Core::Impl::next_due_of(Job& job, std::string message) const {
  Answer answer{0, Outcome::done, std::move(message), {}};
  const Pair* next = nullptr;
  for (const Pair& pair : job.pairs) {
    if (may_stop(pair) && (next == nullptr || pair.due < next->due)) next = &pair;
  }
  if (next == nullptr) return answer;
  answer.fields.emplace_back("due_at", utc(next->due));
  answer.fields.emplace_back("rule", config.rules[next->rule].name);
  return answer;
}

/// Why nothing can be ordered about the job, or that rule on it.
std::optional<Answer> Core::Impl::why_not(const Job* job, const std::optional<std::string>& rule) {
  if (job == nullptr) return no_such("no such job");
  if (!job->alive()) return ended(*job);
  if (rule && !index_of_rule(*rule)) return no_such("no rule is named " + *rule);
  if (is_requested(*job)) return already_sent();
  return {};
}

Answer Core::Impl::obey(const Command& command, const Command::Exempt& what) {
  Job* const job = find_job(what.job);
  if (auto answer = why_not(job, what.rule)) return std::move(*answer);
  if (lasts_too_long(what.lasts)) return wrong_length();
  Override& made = make_override(command, Override::Kind::exempt, what.lasts);
  made.job = what.job;
  made.rule = what.rule.value_or("");
  remember(made);
  tell_override("operator.exempt", made, "the job is exempt by hand")
      .with("operator", command.user)
      .with("reason", command.reason);
  take_effect(made);
  review(*job);
  return with_override(next_due_of(*job, "the job is exempt until " + format_rfc3339(made.until)),
                       made);
}

Answer Core::Impl::obey(const Command& command, const Command::Extend& what) {
  Job* const job = find_job(what.job);
  if (auto answer = why_not(job, what.rule)) return std::move(*answer);
  const Duration lasts = what.lasts == Duration{0} ? kLongestOverride : what.lasts;
  if (lasts_too_long(lasts) || lasts_too_long(what.by)) return wrong_length();
  std::vector<Pair*> extended;
  for (Pair& pair : job->pairs) {
    const policy::Rule& rule = config.rules[pair.rule];
    if ((what.rule && rule.name != *what.rule) || !policy::has_time_limit(rule.when)) continue;
    if (rule.extend && rule.extend->max && what.by > *rule.extend->max)
      return refused("rule " + rule.name + " may be extended by at most " +
                     format_duration(*rule.extend->max) + " at a time");
    if (rule.extend && rule.extend->times && pair.keep().extended >= *rule.extend->times)
      return refused("rule " + rule.name +
                     " has been extended for this job as often as it allows (" +
                     std::to_string(*rule.extend->times) + ")");
    extended.push_back(&pair);
  }
  if (extended.empty())
    return refused(what.rule ? "rule " + *what.rule + " has no time limit for this job"
                             : "no rule has a time limit for this job");
  for (Pair* pair : extended) ++pair->keep().extended;
  Override& made = make_override(command, Override::Kind::extend, lasts);
  made.job = what.job;
  made.rule = what.rule.value_or("");
  made.by = what.by;
  remember(made);
  tell_override("operator.extend", made,
                "the job's time limits are longer by " + format_duration(what.by))
      .with("operator", command.user)
      .with("reason", command.reason);
  take_effect(made);
  review(*job);
  return with_override(next_due_of(*job, "the job may run longer by " + format_duration(what.by)),
                       made);
}

Answer Core::Impl::obey(const Command& command, const Command::StopJob& what) {
  Job* const job = find_job(what.job);
  if (auto answer = why_not(job, {})) return std::move(*answer);
  Account& account = accounts[job->account];
  const bool by_hand =
      std::any_of(job->overrides.begin(), job->overrides.end(), [&](const Override* made) {
        return made->kind == Override::Kind::exempt && made->rule.empty() && in_force(*made);
      });
  if ((by_hand || job->exempt_until > utc(now)) && !what.force)
    return refused("the job is exempt: only --force stops it");
  if (!job->stop) open_stop(account, *job);
  Stop& stop = *job->stop;
  stop.ordered_by = command.user.empty() ? "unknown" : command.user;
  stop.order_reason = command.reason;
  stop.cause = {};
  stop.due = now;
  tell_job("operator.stop", Level::warning, account, *job, "the job is to be stopped by hand")
      .with("stop", stop.id)
      .with("forced", what.force)
      .with("operator", command.user)
      .with("reason", command.reason);
  touch(*job);
  review(*job);
  Answer answer{0, Outcome::done, "the stop is under way", {}};
  answer.fields.emplace_back("stop", job->stop->id);
  return answer;
}

Answer Core::Impl::obey(const Command& command, const Command::Pause& what) {
  if (what.rule && !index_of_rule(*what.rule)) return no_such("no rule is named " + *what.rule);
  if (lasts_too_long(what.lasts)) return wrong_length();
  Override& made = make_override(command, Override::Kind::pause, what.lasts);
  made.rule = what.rule.value_or("");
  remember(made);
  tell_override("operator.pause", made, "stops are paused")
      .with("operator", command.user)
      .with("reason", command.reason);
  take_effect(made);
  return with_override({0, Outcome::done, "paused until " + format_rfc3339(made.until), {}}, made);
}

Answer Core::Impl::obey(const Command& command, const Command::Resume& what) {
  if (what.rule && !index_of_rule(*what.rule)) return no_such("no rule is named " + *what.rule);
  std::vector<std::string> ids;
  for (const Override* made : pauses) {
    if (!what.rule || made->rule == *what.rule) ids.push_back(made->id);
  }
  if (ids.empty()) return refused("nothing is paused");
  for (const std::string& id : ids)
    end_override(id, "operator.resume", command.user, command.reason);
  return {0,
          Outcome::done,
          "resumed; what is over a rule already is stopped no earlier than " +
              format_duration(config.safety.first_notice) + " from now",
          {}};
}

Answer Core::Impl::obey(const Command& command, const Command::Revoke& what) {
  const auto found = overrides.find(what.id);
  if (found == overrides.end()) return no_such("no override has the id " + what.id);
  Job* const job = found->second.job.empty() ? nullptr : find_job(found->second.job);
  end_override(what.id, "operator.revoke", command.user, command.reason);
  if (job == nullptr || !job->alive()) return {0, Outcome::done, "revoked", {}};
  review(*job);
  return next_due_of(*job, "revoked");
}

Answer Core::Impl::obey(const Command& command, const Command::Raise& what) {
  const auto index = index_of_rule(what.rule);
  const policy::Budget* budget = index && *index < config.rules.size()
                                     ? policy::budget_of(config.rules[*index].when)
                                     : nullptr;
  if (budget == nullptr) return no_such("no budget is named " + what.rule);
  const policy::Rule& rule = config.rules[*index];
  std::vector<Pot*> raised;
  for (auto& [key, pot] : pots) {
    if (pot.rule == *index && (!what.group || pot.group == *what.group)) raised.push_back(&pot);
  }
  if (what.group && raised.empty())
    return no_such("budget " + what.rule + " has no group " + *what.group);
  const Duration lasts = what.lasts == Duration{0} ? kLongestOverride : what.lasts;
  if (lasts_too_long(lasts)) return wrong_length();
  if (what.by <= Money{}) return refused("expected an amount above $0");
  if (!add(budget->limit, what.by)) return refused("the amount is too large");
  if (rule.extend && rule.extend->max_money && what.by > *rule.extend->max_money)
    return refused("budget " + rule.name + " may be raised by at most " +
                   format_dollars(*rule.extend->max_money) + " at a time");
  const std::optional<int> times = rule.extend ? rule.extend->times : std::nullopt;
  const auto too_often = [&](const std::string& whose) {
    return refused("budget " + rule.name + whose +
                   " has been raised as often as it allows in one window (" +
                   std::to_string(*times) + ")");
  };
  // Groups that come later in the window have these raises too.
  if (times && !what.group && raises_of_all(rule.name) >= *times) return too_often("");
  for (Pot* pot : raised) {
    if (!pot->window.contains(utc(now))) review(*pot);  // its next one has begun
    if (times && pot->raises >= *times) return too_often(" (" + pot->group + ")");
  }
  Override& made = make_override(command, Override::Kind::raise, lasts);
  made.rule = what.rule;
  made.group = what.group;
  made.money = what.by;
  made.until = std::min(made.until, budget->period.window_at(utc(now)).until);
  remember(made);
  take_effect(made);
  for (Pot* pot : raised) {
    ++pot->raises;
    tell_pot("budget.raised", Level::warning, *pot,
             "its limit is raised by hand by " + format_dollars(what.by))
        .with("override", made.id)
        .with("by", what.by)
        .with("until", made.until)
        .with("operator", command.user)
        .with("reason", command.reason);
  }
  if (raised.empty())
    tell_override("budget.raised", made, "its limit is raised by hand before its first job")
        .with("operator", command.user)
        .with("reason", command.reason);
  return with_override({0, Outcome::done, "raised by " + format_dollars(what.by), {}}, made);
}

Answer Core::Impl::obey(const Command& command, const Command::ResetBreaker& what) {
  std::vector<Guard*> open;
  if (guard.breaker.open()) open.push_back(&guard);
  for (auto& [rule, own] : own_guards) {
    if (own.breaker.open()) open.push_back(&own);
  }
  if (open.empty()) return refused("the breaker is not open: there is nothing to reset");
  Value::Array jobs;
  for (Account& account : accounts) {
    for (Job* job : account.stops) {
      Stop& stop = *job->stop;
      const bool shown = std::ranges::find(what.shown, stop.id) != what.shown.end();
      if (shown && stop.hold == Hold::breaker) {
        stop.approved = true;
        jobs.emplace_back(key_of(account, *job));
      }
      touch(*job);
    }
  }
  const std::size_t held = jobs.size();
  Event& event = tell("breaker.reset", Level::info,
                      "the breaker was reset by hand; the stops that it held leave if they are "
                      "still due");
  event.with("reason_opened", open.front()->breaker.reason())
      .with("reason", command.reason)
      .with("operator", command.user)
      .with("held", held)
      .with("jobs", std::move(jobs));
  if (open.front()->since != kNever) event.with("since", utc(open.front()->since));
  for (Guard* of : open) {
    of->breaker.reset();
    of->since = kNever;
    of->told = kLongAgo;
  }
  unread = false;
  Answer answer{0, Outcome::done, "the breaker is closed", {}};
  answer.fields.emplace_back("approved", held);
  return answer;
}

}  // namespace trainstop::core
