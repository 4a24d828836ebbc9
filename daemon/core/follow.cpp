// The stop of one job from its first request to its seen end: only seeing the job ended finishes
// it.
#include <algorithm>

#include "core/machine.hpp"
#include "model/planted.hpp"

namespace trainstop::core {

namespace {

// To tell what a pot has spent when a stop is confirmed, its bills are summed at once. No more than
// this in one call: about five milliseconds.
constexpr std::size_t kMostBillsToTell = 50'000;

/// Whether the server has answered and will answer the same until somebody mends something.
bool is_refusal(FailureKind kind) {
  return kind == FailureKind::unauthorized || kind == FailureKind::not_found ||
         kind == FailureKind::client_error;
}

}  // namespace

void Core::Impl::send_stop(Account& account, Job& job) {
  Stop& stop = *job.stop;
  ++stop.attempt;
  if (stop.stage == Stop::Stage::ready) {
    if (!std::exchange(stop.intended, true)) {
      tell_intent(account, job);
      if (!stop.approved && !stop.ordered() && !is_counted(stop) && !planted("stops-uncounted"))
        guard_of(stop).breaker.count_stop(now);
      stop.requested_at = now;
    }
    stop.stage = Stop::Stage::requested;
    stop.hold = Hold::none;
    stop.next_deadline = planted("confirm-within-ignored")
                             ? kNever
                             : saturating_add(now, config.stop.confirm_within);
    job.requested_before = true;
    index_due(account, job);
  }
  // One that waited for its turn is not reviewed in this call: its image goes with its intent.
  if (!planted("intent-without-image")) mark(job);
  stop.accepted = false;
  stop.next_request = kNever;
  stop.confirm.again = saturating_add(now, config.stop.confirm_every);
  stop.request = ask({Asked::For::stop, account.index, job.serial, false});
  ++account.stops_in_flight;
  act(SendStop{stop.request, account.index, job.project_id, job.job_id});
  enqueue(job);
}

void Core::Impl::tell_intent(Account& account, Job& job) {
  const Stop& stop = *job.stop;
  const policy::JobTimes facts = times(job);
  Event& event =
      tell_stop("stop.intended", Level::warning, account, job,
                "job " + job.snapshot->name.value_or(job.job_id) + " is to be stopped by " +
                    (stop.ordered() ? "order of " + stop.ordered_by : "rule " + stop.cause.rule));
  event.with("verified", stop.verified);
  if (stop.ordered()) {
    event.with("reason", stop.order_reason);
  } else {
    add_value(event, config.rules[stop.rule], facts_of(job, stop.rule, facts));
  }
  std::vector<const Pair*> due;
  for (const Pair& pair : job.pairs) {
    if (may_stop(pair) && pair.due <= now) due.push_back(&pair);
  }
  add_evidence(event, job, due, facts);
  if (const auto cost = facts.bill.upper_at(now)) event.with("cost", *cost);
}

void Core::Impl::take(const StopSent& fact) {
  const auto found = asked.find(fact.request);
  if (found == asked.end()) return;
  Job* job = job_of(found->second);
  if (job == nullptr || !job->stop) return;
  Stop& stop = *job->stop;
  if (stop.first_sent == kNever) stop.first_sent = fact.at;
  mark(*job);
  tell_stop("stop.sent", Level::info, accounts[job->account], *job,
            "stop request " + std::to_string(stop.attempt) + " is on its way")
      .with("late_s", std::max(fact.at - stop.due, Duration{0}));
}

void Core::Impl::take(const StopReplied& fact) {
  const Asked asked_for = answered(fact.request);
  Account& account = accounts[asked_for.account];
  --account.stops_in_flight;
  Job* job = job_of(asked_for);
  if (job == nullptr || !job->stop || job->stop->request != fact.request) return;
  Stop& stop = *job->stop;
  stop.request = 0;
  mark(*job);
  enqueue(*job);
  if (fact.failure) {
    fetch_failed(account, Call::stop, *fact.failure);
    return stop_failed(account, *job, *fact.failure);
  }
  allow(account, Call::stop);
  if (planted("accepted-is-confirmed")) return close_stop(account, *job);
  stop.failures = 0;
  stop.accepted = true;
  stop.confirm.again = saturating_add(now, config.stop.confirm_every);
  if (planted("sent-again-at-once")) stop.next_request = now;
  tell_stop("stop.accepted", Level::info, account, *job,
            "the API took the stop request; waiting to see the end")
      .with("took_s", fact.received - fact.sent);
}

void Core::Impl::stop_failed(Account& account, Job& job, const Failure& failure) {
  Stop& stop = *job.stop;
  ++stop.failures;
  const bool refused = is_refusal(failure.kind);
  const Duration wait =
      wait_after(stop.failures, refused ? kRefused : kLostReply,
                 planted("retry-after-ignored") ? std::nullopt : failure.retry_after, random);
  stop.next_request = planted("lost-reply-not-retried") ? kNever : saturating_add(now, wait);
  stop.confirm.again = now;  // it may have been applied: look before anything else
  if (refused && now < saturating_add(stop.complained_at, kTellAgain)) return;
  if (refused) stop.complained_at = now;
  Event& event = refused
                     ? tell_stop("stop.refused", Level::error, account, job,
                                 "the API refuses to stop the job: " + failure.message)
                     : tell_stop("stop.retrying", Level::warning, account, job,
                                 "the stop request brought no usable reply: " + failure.message);
  event.with("failure", to_string(failure.kind)).with("retry_s", wait);
  if (failure.status != 0) event.with("status_code", static_cast<std::int64_t>(failure.status));
  if (!refused) return;
  if (const auto rate = bill_of(job).rate_at(now)) event.with("rate", dollars_per_hour(*rate));
}

/// Each confirm_within that passes without a seen end; said at once, and then hourly.
void Core::Impl::tell_unconfirmed(Account& account, Job& job, const char* message) {
  Stop& stop = *job.stop;
  if (now < stop.next_deadline) return;
  stop.next_deadline = saturating_add(now, config.stop.confirm_within);
  if (stop.unconfirmed_since == kNever) stop.unconfirmed_since = now;
  if (now < saturating_add(stop.unconfirmed_told, kTellAgain)) return;
  stop.unconfirmed_told = now;
  const policy::JobTimes facts = times(job);
  Event& event = tell_stop("stop.unconfirmed", Level::error, account, job,
                           std::string(message) + ", look whether it still runs");
  event.with("since", utc(stop.requested_at));
  if (const auto rate = facts.bill.rate_at(now)) event.with("rate", dollars_per_hour(*rate));
  if (const auto cost = facts.bill.upper_at(now)) event.with("cost", *cost);
}

void Core::Impl::follow(Account& account, Job& job) {
  Stop& stop = *job.stop;
  if (now >= stop.next_deadline && stop.request == 0) stop.next_request = now;
  tell_unconfirmed(account, job, "the job has not been seen to end: the stop is sent again");
  stop.again = stop.next_deadline;
  if (stop.request == 0 && stop.next_request > now)
    stop.again = std::min(stop.again, stop.next_request);
  if (stop.confirm.request == 0 && stop.confirm.again > now)
    stop.again = std::min(stop.again, stop.confirm.again);
}

/// What the stop's pot has spent by the job's end; empty when its window is over, and when many
/// stops of a large pot end in one call.
std::optional<Money> Core::Impl::spent_for(const Job& job, const Cause& cause) {
  for (Pot* pot : job.pots) {
    const policy::Rule& rule = config.rules[pot->rule];
    if (rule.name != cause.rule || pot->group != *cause.group) continue;
    if (!pot->window.contains(utc(job.stop->requested_at))) return {};
    if (bills_summed >= kMostBillsToTell) return {};
    tally_up(*pot);
    return pot->tally.at(now);
  }
  return {};
}

void Core::Impl::learn_stop(Account& account, Duration took) {
  const Duration before = account.latency.allowance();
  account.latency.learn_stop(took);
  if (account.latency.allowance() == before) return;
  touch_all_pots();
  touch_all(account);
}

void Core::Impl::close_stop(Account& account, Job& job) {
  Stop& stop = *job.stop;
  if (!stop.intended) return avert(account, job, "ended");
  const policy::JobTimes facts = times(job);
  const bool by_itself = !was_stopped(job.life.status());
  Event& event = tell_stop(
      "stop.confirmed", Level::info, account, job,
      by_itself ? "the job ended by itself before the stop took hold" : "the job is stopped");
  event.with("outcome", by_itself ? "ended_itself" : "stopped");
  const auto cost = facts.bill.upper_at(now);
  const auto& limit = stop.cause.limit;
  if (cost) event.with("cost", *cost);
  if (limit) event.with("cost_limit", *limit);
  const auto bill = stop.cause.group ? spent_for(job, stop.cause) : cost;
  if (stop.cause.group && bill) event.with("spent", *bill);
  if (bill && limit) {
    if (const auto margin = subtract(*limit, *bill)) event.with("margin", *margin);
  }
  if (stop.first_sent != kNever)
    event.with("late_s", std::max(stop.first_sent - stop.due, Duration{0}));
  event.with("took_s", std::max(job.life.phase_since().latest - stop.requested_at, Duration{0}));
  if (stop.first_sent != kNever && !stop.reads_failed && !by_itself)
    learn_stop(account, now - stop.first_sent);
  close_stop_quietly(account, job);
}

}  // namespace trainstop::core
