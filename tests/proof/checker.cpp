// What happens, in its order: facts in, events and acts out, durability and death.
#include "proof/checker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trainstop::proof {

namespace {

/// Whether a failed request is sent again before its wait is over.
bool failed_early(const StopMemory& stop, Instant now) {
  const bool failed = stop.failed != kNever && stop.failed >= stop.requested;
  return failed && now < stop.failed + stop.must_wait;
}

}  // namespace

void Checker::breach(std::string property, std::string what, Instant now) {
  if (!violation_) violation_ = Violation{std::move(property), std::move(what), now};
}

void Checker::begin(const RuleSet& rules, Instant now, bool fresh) {
  if (fresh) durable_known_ = Known{};
  rules_ = first_rules_ = &rules;
  orders_.clear();
  last_kept_ = 0;
  if (durable_known_.rules == nullptr) durable_known_.rules = &rules;
  now_known_ = durable_known_;
  now_known_.revive(rules, now);
  reviving_ = true;
  waiting_.clear();
  reads_.clear();
  stops_.clear();
  verify_failed_.clear();
  verify_failure_.clear();
  degraded_told_ = false;
  dated_at_ = kNever;
  durable_batch_ = 0;
  knows_ = true;
  began_ = now;
}

void Checker::set_clock(Duration shift, Instant now) {
  now_known_.shift = durable_known_.shift = shift;
  now_known_.shift_changed = durable_known_.shift_changed = now;
}

void Checker::die(Instant) {
  knows_ = false;
  waiting_.clear();
}

void Checker::reset_breaker() {
  durable_known_.breaker.clear();
  durable_known_.intents.clear();
  for (auto& [id, job] : durable_known_.jobs) job.approved = job.held;
}

void Checker::saw(const std::shared_ptr<const core::Fact>& fact, const core::Batch& batch,
                  Instant now) {
  const Duration before = now_known_.shift;
  if (!batch.records.empty() || !batch.images.empty()) last_kept_ = batch.number;
  if (const RuleSet* others = rules_of(*fact)) {
    rules_ = others;
    now_known_.reload(*others, now);
  }
  now_known_.take(*fact, now);
  if (const auto* order = std::get_if<core::Reload>(fact.get()))
    take_order(order->token, batch, now);
  if (const auto* order = std::get_if<core::Command>(fact.get()))
    take_order(order->token, batch, now);
  take_answer(*fact, now);
  if (std::holds_alternative<core::ListRead>(*fact)) check_created(now);
  if (std::holds_alternative<core::ClockRead>(*fact)) check_clock(before, now);
  for (const Event& event : batch.records) {
    check(event, now);
    now_known_.take(event, now);
  }
  if (!now_known_.dropped.empty())
    breach("cleared",
           fmt::format("{} is gone, and its trip on {} was not told as cleared",
                       now_known_.dropped.begin()->second, now_known_.dropped.begin()->first),
           now);
  for (const core::Act& act : batch.acts) {
    if (const auto* stop = std::get_if<core::SendStop>(&act)) check_act(*stop, batch.number, now);
    if (const auto* read = std::get_if<core::FetchJob>(&act))
      reads_[read->request] = {read->job_id, read->priority};
  }
  const bool matters =
      !batch.records.empty() || !batch.images.empty() || !std::holds_alternative<core::Tick>(*fact);
  if (matters) waiting_.push_back({batch.number, now, fact, batch.records});
  look_at_held(now);
}

const RuleSet* Checker::rules_of(const core::Fact& fact) const {
  const auto* reload = std::get_if<core::Reload>(&fact);
  return reload == nullptr ? nullptr : loads_.at(reload->token);
}

/// Each order is answered once, in the call that takes it.
void Checker::take_order(std::uint64_t token, const core::Batch& batch, Instant now) {
  const auto answers = std::ranges::count_if(batch.acts, [&](const core::Act& act) {
    const auto* answer = std::get_if<core::Answer>(&act);
    return answer != nullptr && answer->token == token;
  });
  if (answers != 1)
    breach("answer", fmt::format("order {} is answered {} times", token, answers), now);
  const bool loads = loads_.contains(token);
  for (const core::Act& act : batch.acts) {
    const auto* answer = std::get_if<core::Answer>(&act);
    if (answer != nullptr && loads && answer->outcome != core::Answer::Outcome::done)
      breach("answer", "other rules are refused: " + answer->message, now);
  }
  orders_[token] = {last_kept_, now};
}

/// An answer leaves with what it is about; a disk that fails is told, and keeps nothing back.
void Checker::look_at_orders(Instant now, Duration slack) {
  for (const auto& [token, order] : orders_) {
    if (order.second < now - slack - std::chrono::seconds(10) && quiet_since(order.second))
      breach("answer", fmt::format("order {} has no answer", token), now);
  }
}

void Checker::durable(std::uint64_t batch) {
  durable_batch_ = std::max(durable_batch_, batch);
  if (std::exchange(reviving_, false)) durable_known_.revive(*first_rules_, began_);
  while (!waiting_.empty() && waiting_.front().batch <= batch) {
    const Entry& entry = waiting_.front();
    if (const RuleSet* others = rules_of(*entry.fact)) durable_known_.reload(*others, entry.now);
    durable_known_.take(*entry.fact, entry.now);
    for (const Event& event : entry.events) durable_known_.take(event, entry.now);
    waiting_.pop_front();
  }
}

/// Answers to reads and stop requests that are about one job.
void Checker::take_answer(const core::Fact& fact, Instant now) {
  if (const auto* read = std::get_if<core::JobRead>(&fact)) {
    const auto found = reads_.find(read->request);
    if (found == reads_.end()) return;
    if (found->second.priority == core::Priority::verify) {
      verify_failed_.erase(found->second.job);
      verify_failure_.erase(found->second.job);
    }
    reads_.erase(found);
  } else if (const auto* failed = std::get_if<core::FetchFailed>(&fact)) {
    const auto found = reads_.find(failed->request);
    if (found == reads_.end()) return;
    const std::string& id = found->second.job;
    if (found->second.priority == core::Priority::verify) {
      verify_failed_.try_emplace(id, now);
      verify_failure_[id] = failed->failure.kind;
    }
    KnownJob* job = now_known_.find(id);
    if (job != nullptr && failed->failure.kind == FailureKind::not_found) ++job->not_found;
    if (job != nullptr && job->stop && found->second.priority != core::Priority::verify)
      now_known_.lossy->insert(job->stop->id);
    reads_.erase(found);
  } else if (const auto* reply = std::get_if<core::StopReplied>(&fact)) {
    const auto found = stops_.find(reply->request);
    if (found == stops_.end()) return;
    KnownJob* job = now_known_.find(found->second.first);
    stops_.erase(found);
    if (job == nullptr || !job->stop) return;
    StopMemory& stop = *job->stop;
    stop.under_way = false;
    if (!reply->failure) return;
    stop.failed = now;
    const Duration asked = reply->failure->retry_after.value_or(Duration{0});
    stop.must_wait = std::min(asked, Duration(std::chrono::minutes(1)));
    stop.must_wait = std::max(stop.must_wait, Duration(std::chrono::milliseconds(250)));
  }
}

void Checker::told(const Event& event, bool degraded) {
  if (event.name == "journal.degraded") degraded_told_ = true;
  // One that waited while the journal became degraded again is told after that (gate.cpp).
  if (event.name == "journal.recovered" && !degraded) degraded_told_ = false;
  const bool of_stop = event.name == "stop.intended" || event.name == "stop.sent";
  const Value* durable = event.find("durable");
  if (of_stop && degraded && durable == nullptr)
    breach("durable", event.name + " does not say that it is not durable", event.at);
}

void Checker::left(const core::Act& act, bool degraded, Instant now) {
  if (const auto* answer = std::get_if<core::Answer>(&act)) {
    const auto order = orders_.find(answer->token);
    if (order == orders_.end())
      return breach("answer", "an answer to no order, or a second one", now);
    if (order->second.first > durable_batch_ && !(degraded && degraded_told_))
      breach("durable", "an answer left before what it says was durable", now);
    orders_.erase(order);
    return;
  }
  const auto* stop = std::get_if<core::SendStop>(&act);
  if (stop == nullptr) return;
  const auto found = stops_.find(stop->request);
  if (found == stops_.end()) return breach("durable", "an act left that no batch bore", now);
  // A request that is sent again has nothing new to keep: its intent was.
  const KnownJob* kept = durable_known_.find(stop->job_id);
  const KnownJob* known = now_known_.find(stop->job_id);
  const bool again = kept != nullptr && kept->stop && known != nullptr && known->stop &&
                     kept->stop->id == known->stop->id;
  const bool is_durable = again || found->second.second <= durable_batch_;
  if (is_durable || (degraded && degraded_told_)) return;
  breach("durable",
         fmt::format("the request for {} left before its intent was durable (batch {}, durable {})",
                     stop->job_id, found->second.second, durable_batch_),
         now);
}

/// Each confirm_within a request may be sent once, whatever is waited for; it may have waited for a
/// read or for its turn.
bool Checker::may_be_early(const StopMemory& stop, Instant now) const {
  const Duration within = rules_->confirm_within;
  // A restart, a sleep or a sight after a loss begins another count, which nobody outside knows.
  if (stop.intended < std::max({began_, thawed, stop.returned}))
    return rules_->concurrency < 8 || now - std::max(stop.intended, stop.early_at) > within / 2;
  const auto which = [&](Instant at) { return (at - stop.intended) / within; };
  return which(now) > (stop.early_at == kLongAgo ? 0 : which(stop.early_at));
}

/// Every request: decided when the end was not known, after an intent, and not too soon.
void Checker::check_act(const core::SendStop& act, std::uint64_t batch, Instant now) {
  stops_[act.request] = {act.job_id, batch};
  KnownJob* job = now_known_.find(act.job_id);
  if (job == nullptr || !job->stop)
    return breach("order", act.job_id + ": a request without an intent", now);
  if (job->over()) return breach("ended", act.job_id + ": a request after its end was shown", now);
  if (job->lost) return breach("ended", act.job_id + ": a request after it was lost", now);
  StopMemory& stop = *job->stop;
  if (stop.under_way) breach("once", act.job_id + ": a request while another is under way", now);
  const bool begins = stop.requested == kNever || now < began_ + std::chrono::seconds(30);
  const bool early = failed_early(stop, now) || (stop.accepted && stop.failed == kNever);
  if (early && !begins) {
    if (!may_be_early(stop, now))
      breach(
          stop.accepted ? "once" : "retry",
          fmt::format("{}: sent again after {}", act.job_id, format_duration(now - stop.requested)),
          now);
    stop.early_at = now;
  }
  stop.requested = now;
  stop.under_way = true;
  stop.accepted = false;
  stop.failed = kNever;
}

void Checker::sent(const core::SendStop& act, Instant now) {
  const TrueJob* job = truth_.find(act.job_id);
  const KnownJob* known = now_known_.find(act.job_id);
  if (job == nullptr) return breach("safety", act.job_id + " does not exist", now);
  if (known == nullptr || !known->stop) return;
  if (known->stop->by != nullptr) check_truth(*job, *known->stop->by, now);
}

}  // namespace trainstop::proof
