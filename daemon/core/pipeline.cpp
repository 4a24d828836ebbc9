// The stop of one job, up to its first request: verify ahead, judge at due, hold or send.
#include <algorithm>

#include "core/machine.hpp"
#include "model/planted.hpp"

namespace trainstop::core {

namespace {

// A verifying read counts for this long after it was sent.
constexpr Duration kFreshFor = std::chrono::seconds(5);
// More reads than this at once in an account, and one list answers them all.
constexpr std::size_t kReadsBeforeList = 20;

/// Whether a failed read leaves open that the API is merely out of reach.
bool may_extrapolate_past(FailureKind kind) {
  return kind == FailureKind::transport || kind == FailureKind::timeout ||
         kind == FailureKind::rate_limited || kind == FailureKind::server_error;
}

/// Whether the condition's truth rests on what UTC is now: its own, or that of a budget's window.
bool rests_on_utc(const policy::Condition& when) {
  const policy::Budget* const budget = policy::budget_of(when);
  return budget != nullptr ? budget->period.per() != policy::Per::total : policy::has_utc(when);
}

/// Why a stop that was announced is not needed any more.
std::string_view why_averted(const Job& job) {
  const auto spared = std::find_if(job.pairs.begin(), job.pairs.end(), [](const Pair& pair) {
    return pair.tripped() &&
           (pair.standing == Standing::exempt || pair.standing == Standing::paused);
  });
  if (spared == job.pairs.end()) return "cleared";
  return to_string(spared->standing);
}

}  // namespace

bool Core::Impl::fresh(const Stop& stop) const {
  return saturating_add(stop.verified_at,
                        planted("stale-read-verifies") ? 10 * kFreshFor : kFreshFor) > now;
}

void Core::Impl::open_stop(Account& account, Job& job) {
  job.stop = std::make_unique<Stop>();
  job.stop->id = "st-" + random.word(12);
  account.stops.insert(&job);
}

void Core::Impl::close_stop_quietly(Account& account, Job& job) {
  forget_stop(account, job, *job.stop);
  account.stops.erase(&job);
  job.stop.reset();
}

void Core::Impl::avert(Account& account, Job& job, std::string_view reason) {
  if (job.stop->tripped) {
    tell_stop("stop.averted", Level::info, account, job,
              "no stop is needed: " + std::string(reason))
        .with("reason", reason);
  }
  close_stop_quietly(account, job);
}

void Core::Impl::advance_stop(Account& account, Job& job) {
  if (job.stop && job.stop->stage == Stop::Stage::requested) return follow(account, job);
  if (job.stop && job.stop->tripped && !has_tripped(job)) {
    avert(account, job, why_averted(job));
  }
  if (job.due == kNever) {
    if (job.stop) close_stop_quietly(account, job);
    return;
  }
  if (!job.stop) {
    if (now < saturating_add(job.due, -account.latency.verify_lead())) return;
    open_stop(account, job);
  }
  prepare(account, job);
}

bool Core::Impl::may_stop(const Pair& pair) const {
  return pair.standing == Standing::enforcing && pair.due != kNever &&
         config.rules[pair.rule].action == policy::Action::stop;
}

bool Core::Impl::has_tripped(const Job& job) const {
  if (job.stop->ordered()) return true;
  return std::any_of(job.pairs.begin(), job.pairs.end(),
                     [&](const Pair& pair) { return may_stop(pair) && pair.tripped(); });
}

void Core::Impl::choose_rule(Job& job) {
  Stop& stop = *job.stop;
  if (stop.ordered()) {
    stop.rule = kNoRule;
    stop.pot = nullptr;
    stop.tripped = stop.sure = true;
    return;
  }
  const Account& account = accounts[job.account];
  const Duration lead = account.latency.verify_lead();
  // One that a freeze or the rule's own breaker holds gives way to one that is due as well and
  // free.
  const auto turn = [&](const Pair& p) {
    if (now < saturating_add(p.due, -lead)) return 2;
    const auto own = own_guards.find(p.rule);
    const bool held = own != own_guards.end() && own->second.breaker.open();
    return held || frozen_until(account, job, p.rule) > now ? 1 : 0;
  };
  const Pair* chosen = nullptr;
  for (const Pair& pair : job.pairs) {
    if (!may_stop(pair)) continue;
    // A rule that became unknown can't be judged; it gives way to one that can.
    const auto rank = [&](const Pair& p) {
      return std::tuple(p.value == Truth::unknown && p.tripped(), turn(p), p.due,
                        std::string_view(config.rules[p.rule].name));
    };
    if (chosen == nullptr || rank(pair) < rank(*chosen)) chosen = &pair;
  }
  stop.tripped = has_tripped(job);
  stop.due =
      planted("late-by-a-second") ? saturating_add(chosen->due, Duration{1'000'000}) : chosen->due;
  stop.rule = chosen->rule;
  const policy::Rule& rule = config.rules[chosen->rule];
  stop.pot = pot_of(job, chosen->rule);
  const auto group = stop.pot == nullptr ? std::nullopt : std::optional(stop.pot->group);
  const bool same = stop.cause.hash == rule.hash && stop.cause.rule == rule.name;
  if (!same || stop.cause.group != group)
    stop.cause = {rule.name, rule.hash, smallest_limit(rule.when), group, kNever};
  if (stop.pot != nullptr) stop.cause.limit = limit_of(*stop.pot);
  stop.cause.trip = chosen->trip;
  stop.sure = chosen->value == Truth::yes;
  stop.foreseen_since = chosen->foreseen_since;
}

void Core::Impl::prepare(Account& account, Job& job) {
  choose_rule(job);
  Stop& stop = *job.stop;
  stop.stage = Stop::Stage::waiting;
  stop.again = now < stop.due ? stop.due : kNever;
  if (now >= stop.due) note_surprise(job);
  // What holds one rule's stop may not hold that of another, whose due comes later.
  const auto await_others = [&] {
    for (const Pair& pair : job.pairs) {
      const Instant verify_at = saturating_add(pair.due, -account.latency.verify_lead());
      if (may_stop(pair) && verify_at > now) stop.again = std::min(stop.again, verify_at);
    }
  };
  const bool may_freeze = now >= stop.due && !stop.ordered() && !stop.intended;
  const Instant frozen = may_freeze ? frozen_until(account, job, stop.rule) : kLongAgo;
  if (frozen > now) {
    stop.again = frozen;
    hold(account, job, Hold::freeze);
    return await_others();
  }
  if (stop.hold == Hold::freeze) stop.hold = Hold::none;
  if (open_guard(stop) != nullptr && !stop.passed_breaker() && !planted("breaker-bypassed")) {
    if (now >= stop.due) hold(account, job, Hold::breaker);
    return await_others();
  }
  const Instant verify_from = saturating_add(stop.due, -account.latency.verify_lead());
  if (now < verify_from) {
    stop.again = verify_from;
    return;
  }
  const Instant stale_at = saturating_add(stop.verified_at, kFreshFor);
  if (fresh(stop) && stale_at <= stop.due) stop.again = std::min(stop.again, stale_at);
  if (!fresh(stop) && stop.verify.request == 0) {
    stop.again = std::min(stop.again, now < stop.verify.again ? stop.verify.again : kNever);
    stop.wants_read = now >= stop.verify.again;
  }
  if (now >= stop.due || planted("early-by-the-read")) judge_due(account, job);
}

/// Once for each stop, when it falls due: whatever holds it then, it says something of the
/// observer.
void Core::Impl::note_surprise(const Job& job) {
  Stop& stop = *job.stop;
  if (stop.ordered() || std::exchange(stop.surprise_seen, true)) return;
  const Instant before_due = saturating_add(stop.due, -config.poll.interval);
  if (stop.foreseen_since <= before_due) return;
  // One whose due had passed when it became known falls due then.
  const Instant before_fall =
      saturating_add(std::max(stop.due, stop.foreseen_since), -config.poll.interval);
  // A job that did not exist, nor was in view, could not be foreseen by anybody.
  const bool existed = job.snapshot->created_at <= before_due || job.seen_since <= before_fall;
  if (existed) guard.breaker.count_surprise(now, live_jobs());
}

void Core::Impl::judge_due(Account& account, Job& job) {
  Stop& stop = *job.stop;
  if (fresh(stop) || planted("verify-skipped")) {
    if (!stop.sure && !planted("unsure-stops")) return hold(account, job, Hold::unknown);
    stop.stage = Stop::Stage::ready;
    stop.verified = true;
    return;
  }
  const Instant give_up = saturating_add(
      stop.due, planted("extrapolates-at-once") ? Duration{0} : config.stop.verify_timeout);
  if (!stop.verify_failure) return;  // the read is under way
  if (now < give_up) {
    stop.again = std::min(stop.again, give_up);
    return;
  }
  const bool extrapolate =
      stop.sure &&
      (may_extrapolate_past(*stop.verify_failure) || planted("any-failure-extrapolates")) &&
      (stop.ordered() || may_extrapolate(config.rules[stop.rule].when));
  if (!extrapolate) return hold(account, job, Hold::unknown);
  stop.stage = Stop::Stage::ready;
  stop.verified = false;
}

/// Whether nothing unseen but the job's end can make the condition untrue.
bool Core::Impl::may_extrapolate(const policy::Condition& when) const {
  return (!clock_unproven || !rests_on_utc(when) || planted("unproven-clock-stops")) &&
         (policy::can_extrapolate(when) || planted("any-rule-extrapolates"));
}

void Core::Impl::hold(Account& account, Job& job, Hold reason) {
  Stop& stop = *job.stop;
  const bool changed = std::exchange(stop.hold, reason) != reason;
  if (changed) stop.held_since = now;
  if (changed || now >= saturating_add(stop.held_told, kTellAgain)) {
    stop.held_told = now;
    std::string message = "the stop is due and held: ";
    if (reason == Hold::breaker) {
      message += "the breaker is open (" + std::string(open_guard(stop)->breaker.reason()) + ")";
    } else if (reason == Hold::freeze) {
      message += "nothing is stopped in a freeze, until " + format_rfc3339(utc(stop.again));
    } else {
      message += "the job's state could not be read";
    }
    Event& event = tell_stop("stop.held", Level::warning, account, job, std::move(message));
    event.with("reason", to_string(reason)).with("since", utc(stop.held_since));
    if (const auto rate = bill_of(job).rate_at(now)) event.with("rate", dollars_per_hour(*rate));
  }
  stop.again = std::min(stop.again, saturating_add(stop.held_told, kTellAgain));
  // The daemon died with its request perhaps on the way: it counts as sent until it is read again.
  if (!stop.intended || planted("unsure-intent-untold")) return;
  tell_unconfirmed(account, job,
                   "the stop may have been sent before a restart, and the job can't be read");
  stop.again = std::min(stop.again, stop.next_deadline);
}

void Core::Impl::verified(Account&, Job& job, Instant sent) {
  Stop& stop = *job.stop;
  stop.verify = {};
  stop.verify_alone = false;
  stop.verify_failure.reset();
  if (stop.hold == Hold::unknown) stop.hold = Hold::none;
  stop.verified_at = std::max(stop.verified_at, sent);
}

void Core::Impl::verify_failed(Job& job, const Failure& failure) {
  Stop& stop = *job.stop;
  stop.verify.request = 0;
  ++stop.verify.failures;
  stop.verify.again =
      saturating_add(now, wait_after(stop.verify.failures, kRead, failure.retry_after, random));
  stop.verify_failure = failure.kind;
  enqueue(job);
}

std::size_t Core::Impl::open_requests(const Account& account) {
  return static_cast<std::size_t>(
      std::count_if(account.stops.begin(), account.stops.end(),
                    [](const Job* job) { return job->stop->stage == Stop::Stage::requested; }));
}

std::size_t Core::Impl::overdue(const Account& account) const {
  const auto after = std::find_if(account.dues.begin(), account.dues.end(),
                                  [&](const auto& due) { return due.first > now; });
  return static_cast<std::size_t>(std::distance(account.dues.begin(), after));
}

void Core::Impl::fetch_for_stops(Account& account) {
  std::vector<Job*> verify, alone, confirm;
  for (Job* job : account.stops) {
    Stop& stop = *job->stop;
    if (stop.stage == Stop::Stage::requested) {
      if (stop.confirm.request == 0 && now >= stop.confirm.again) confirm.push_back(job);
    } else if (std::exchange(stop.wants_read, false)) {
      (stop.verify_alone ? alone : verify).push_back(job);
    }
  }
  const auto read = [&](Job* job, PendingRead& pending, Asked::For purpose, Priority priority) {
    pending.request = ask({purpose, account.index, job->serial, false});
    act(FetchJob{pending.request, account.index, priority, job->project_id, job->job_id});
  };
  if (verify.size() > kReadsBeforeList) {
    if (account.verify_list.request == 0) {
      fetch_list(account, account.verify_list, Asked::For::verify_list, Priority::verify, true);
    }
    for (Job* job : verify) job->stop->verify.request = account.verify_list.request;
  } else {
    for (Job* job : verify) read(job, job->stop->verify, Asked::For::verify, Priority::verify);
  }
  if (alone.size() > kReadsBeforeList) {  // the rest in the next round
    for (std::size_t i = kReadsBeforeList; i < alone.size(); ++i) alone[i]->stop->wants_read = true;
    alone.resize(kReadsBeforeList);
  }
  for (Job* job : alone) read(job, job->stop->verify, Asked::For::verify, Priority::verify);
  if (confirm.empty()) return;
  if (open_requests(account) <= kReadsBeforeList) {
    for (Job* job : confirm) read(job, job->stop->confirm, Asked::For::confirm, Priority::confirm);
    return;
  }
  if (account.confirm_list.request == 0) {
    fetch_list(account, account.confirm_list, Asked::For::confirm_list, Priority::confirm, false);
  }
  for (Job* job : confirm) job->stop->confirm.request = account.confirm_list.request;
}

}  // namespace trainstop::core
