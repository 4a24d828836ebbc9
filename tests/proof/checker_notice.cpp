// First notices, and the rest of what is checked of an event.
#include <fmt/format.h>

#include <algorithm>

#include "proof/checker.hpp"

namespace trainstop::proof {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

/// Over the rule when it was first judged, or began to enforce: told first.
void Checker::check_notice(const KnownJob& job, const RuleText& rule, Instant now) {
  const PairMemory& pair = job.pairs.at(rule.name);
  if (now < pair.notice_until)
    breach("first_notice",
           fmt::format("{} by {}: {} before its first notice ends", job.id, rule.name,
                       format_duration(pair.notice_until - now)),
           now);
  std::vector<Instant> begins;
  if (rule.enforce_from) begins.push_back(*rule.enforce_from);
  for (const ExemptText& exempt : rules_->exempt) {
    const bool about = fits(Selects{{exempt.who}}, now_known_.asked(job)) != Truth::no;
    if (exempt.until && about) begins.push_back(*exempt.until);
  }
  for (const Instant utc : begins) {
    const Instant from = saturating_add(utc, -now_known_.shift);
    const bool was_over = from < now && from > job.changed && from > now_known_.started &&
                          from > now_known_.prices_changed && from > now_known_.shift_changed &&
                          now_known_.trip_value(rule, job, from) == Truth::yes;
    if (was_over && now + kTick < from + rules_->first_notice)
      breach("first_notice",
             fmt::format("{} by {}: it began to be enforced {} ago", job.id, rule.name,
                         format_duration(now - from)),
             now);
  }
}

void Checker::check_notice_of_hands(const KnownJob& job, const RuleText& rule, Instant now) {
  const Known& known = now_known_;
  for (const Hand& hand : known.hands) {
    const Instant from = hand.ended;
    const bool ended = hand.kind != Hand::Kind::extend && hand.covers(job, rule.name) && from < now;
    const bool fixed = ended && from > std::max({job.changed, known.started, known.prices_changed,
                                                 known.shift_changed, known.teams_changed});
    const bool was_over = fixed && known.trip_value(rule, job, from) == Truth::yes;
    if (was_over && now + kTick < from + rules_->first_notice)
      breach("first_notice",
             fmt::format("{} by {}: a person spared it until {} ago", job.id, rule.name,
                         format_duration(now - from)),
             now);
  }
}

void Checker::check_verified(const Event& event, const KnownJob& job, const RuleText& rule,
                             Instant now) {
  const Value* verified = event.find("verified");
  const bool claims = verified != nullptr && *verified == Value(true);
  const bool fresh = job.last_sent + seconds(5) > now;
  const std::string who = fmt::format("{} by {}", job.id, rule.name);
  if (claims && !fresh)
    return breach("verify",
                  fmt::format("{}: last read {} before", who, format_duration(now - job.last_sent)),
                  now);
  if (claims) return;
  using Kind = Cond::Kind;
  for (const Kind kind : {Kind::deploying_for, Kind::queued_for, Kind::in_status, Kind::negation}) {
    if (rule.when.has(kind)) return breach("verify", who + ": needs a read and had none", now);
  }
  const bool by_calendar =
      rule.when.has(Kind::deadline) || rule.when.has(Kind::during) || rule.when.has(Kind::outside);
  if (by_calendar && dated_at_ == kNever)
    breach("clock", who + ": by a wall clock that no reply has confirmed", now);
  const auto due = instant_of(event, "due_at");
  const auto failure = verify_failure_.find(job.id);
  if (failure == verify_failure_.end())
    return breach("verify", who + ": without a failed read", now);
  const FailureKind kind = failure->second;
  const bool out_of_reach = kind == FailureKind::transport || kind == FailureKind::timeout ||
                            kind == FailureKind::rate_limited || kind == FailureKind::server_error;
  if (!out_of_reach) breach("verify", who + ": after a read that was answered", now);
  if (due && now < saturating_add(*due, -now_known_.shift) + rules_->verify_timeout)
    breach("verify", who + ": without a read before verify_timeout", now);
}

/// Under fixed facts and without trouble: at the due, to the millisecond.
void Checker::check_punctual(const Event& event, const KnownJob& job, const RuleText& rule,
                             Instant now) {
  const auto due_utc = instant_of(event, "due_at");
  if (!due_utc) return breach("due", "an intent without a due", now);
  const Instant due = saturating_add(*due_utc, -now_known_.shift);
  if (now < due)
    breach(
        "due",
        fmt::format("{} by {}: {} before its due", job.id, rule.name, format_duration(due - now)),
        now);
  // What is learned of stops moves the dues of money.
  const Instant learned = rule.when.has(Cond::Kind::cost) ? now_known_.allowance_changed : kLongAgo;
  const auto pair = job.pairs.find(rule.name);
  const Instant hand = now_known_.hand_on(job);
  const bool as_told = pair != job.pairs.end() && pair->second.due != kNever &&
                       std::max({job.changed, hand, now_known_.prices_changed,
                                 now_known_.shift_changed, learned, began_}) < pair->second.told;
  if (as_told && due > pair->second.due + kTick)
    breach("due",
           fmt::format("{} by {}: due {} later than told", job.id, rule.name,
                       format_duration(due - pair->second.due)),
           now);
  const Instant quiet = due - seconds(70);
  const bool fixed = job.changed < due - seconds(8) && hand < due - seconds(8) &&
                     now_known_.prices_changed < due - seconds(8) &&
                     now_known_.shift_changed < due - seconds(8) && learned < due - seconds(8) &&
                     began_ < due - seconds(70) && thawed < quiet && quiet_since(quiet) &&
                     !now_known_.frozen(rule, job, due) && due > now_known_.breaker_reset;
  // P1 is for as many dues in a second as may leave at once.
  while (!recent_.empty() && recent_.front() + seconds(1) < now) recent_.pop_front();
  const bool crowded =
      rules_->concurrency < 8 || recent_.size() >= static_cast<std::size_t>(rules_->concurrency);
  recent_.push_back(now);
  if (fixed && !crowded && now > due + milliseconds(1))
    breach("punctual",
           fmt::format("{} by {}: {} after its due", job.id, rule.name, format_duration(now - due)),
           now);
}

}  // namespace trainstop::proof
