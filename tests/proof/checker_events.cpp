// Each event against what can be known at its instant.
#include <fmt/format.h>

#include <algorithm>

#include "proof/checker.hpp"

namespace trainstop::proof {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool is_about_rule(const Event& event) {
  return event.name.starts_with("rule.") && event.name != "rule.unknown";
}

}  // namespace

void Checker::check(const Event& event, Instant now) {
  if (event.name == "breaker.opened") return check_breaker(event, now);
  const std::string id = text_of(event, "job");
  if (id.empty()) return;
  KnownJob* job = now_known_.find(id);
  if (job == nullptr)
    return breach("sight", event.name + " of " + id + ", which no reply has shown", now);
  check_job(event, *job, now);
  if (event.name == "stop.confirmed") return check_confirmed(event, *job, now);
  if (event.name == "operator.stop") {
    const bool forced = event.find("forced") != nullptr && *event.find("forced") == Value(true);
    const bool exempt = std::ranges::any_of(now_known_.hands, [&](const Hand& hand) {
      return hand.kind == Hand::Kind::exempt && hand.rule.empty() && hand.job == id &&
             now_known_.in_force(hand, now);
    });
    if (!forced && (exempt || now_known_.exempt(*job, now)))
      breach("exempt", id + ": an exempt job is stopped by an order without force", now);
  }
  if (event.name == "stop.intended" && event.find("rule") == nullptr)
    return check_ordered(event, *job, now);
  if (!is_about_rule(event) && event.name != "stop.intended") return;
  // The rule is gone, and with it its trip.
  if (event.name == "rule.cleared" && now_known_.dropped.contains({id, text_of(event, "rule")}))
    return;
  const RuleText* rule = rules_->find(text_of(event, "rule"));
  if (rule == nullptr)
    return breach("rules", event.name + " by a rule that there is not: " + text_of(event, "rule"),
                  now);
  if (event.name == "rule.tripped") check_tripped(event, *job, *rule, now);
  if (event.name == "rule.cleared") check_cleared(*job, *rule, now);
  if (event.name == "rule.warned") check_warned(event, *job, *rule, now);
  if (event.name == "stop.intended") check_intended(event, *job, *rule, now);
  if (event.name == "rule.would_stop" && now_known_.enforces(*rule, now))
    breach("observe", id + ": an enforcing rule says would_stop", now);
}

void Checker::check_job(const Event& event, const KnownJob& job, Instant now) {
  // One that was lost is told as it was, and what has changed after that.
  const bool returns = event.name == "job.seen" && job.stays.size() > 1;
  if (!returns && text_of(event, "phase") != to_string(job.where))
    breach("sight",
           fmt::format("{} of {} says phase {}, replies showed {}", event.name, job.id,
                       text_of(event, "phase"), to_string(job.where)),
           now);
  if (event.name == "job.ended" && !job.over())
    breach("sight", job.id + " is told to have ended; no reply showed it", now);
  if (event.name == "job.lost" && job.not_found < 2)
    breach("sight",
           fmt::format("{} is told to be lost after {} replies of 404", job.id, job.not_found),
           now);
  if (event.name == "job.ended" || event.name == "stop.confirmed" || event.name == "stop.intended")
    check_bill(event, job, now);
}

void Checker::check_bill(const Event& event, const KnownJob& job, Instant now) {
  const Value* cost = event.find("cost");
  const auto sum = now_known_.bill(job, now, false);
  const auto* told = cost == nullptr ? nullptr : std::get_if<Money>(&cost->data);
  if (!sum || told == nullptr || job.where == Where::unclear) return;
  if (*told != *sum)
    breach("bill",
           fmt::format("{} of {} says ${}, its minutes add up to ${}", event.name, job.id,
                       format_decimal(*told), format_decimal(*sum)),
           now);
}

void Checker::check_tripped(const Event& event, const KnownJob& job, const RuleText& rule,
                            Instant now) {
  const Truth value = now_known_.trip_value(rule, job, now);
  if (!now_known_.applies(rule, job))
    breach("selectors", fmt::format("{} trips {}, which it does not speak of", rule.name, job.id),
           now);
  if (value != Truth::yes)
    breach("unknown",
           fmt::format("{} trips {} while its condition is {}", rule.name, job.id,
                       value == Truth::no ? "false" : "unknown"),
           now);
  if (job.over() || job.lost)
    breach("ended", rule.name + " trips " + job.id + " after its end", now);
  const auto pair = job.pairs.find(rule.name);
  const bool again = pair != job.pairs.end() && pair->second.told != kNever;
  const bool careful = again && pair->second.careful;
  if (again && !careful)
    breach("told_once", fmt::format("{} tells its trip on {} again", rule.name, job.id), now);
  check_due(event, job, rule, now);
}

/// The due that is told, where it is plain what it must be.
void Checker::check_due(const Event& event, const KnownJob& job, const RuleText& rule,
                        Instant now) {
  const auto told = instant_of(event, "due_at");
  if (!told || !rule.stops) return;
  const Instant due = saturating_add(*told, -now_known_.shift);
  const auto pair = job.pairs.find(rule.name);
  const Instant notice = pair == job.pairs.end() ? kLongAgo : pair->second.notice_until;
  const Instant granted = pair == job.pairs.end() ? kLongAgo : pair->second.granted_until;
  if (due + kTick < notice)
    breach("first_notice",
           fmt::format("{}: due {} before its first notice ends", job.id,
                       format_duration(notice - due)),
           now);
  if (rule.when.has(Cond::Kind::cost)) {
    if (rule.when.kind != Cond::Kind::cost || std::max(notice, granted) > now) return;
    // Pure money: an end just after due + allowance would bill more than the limit, one there not.
    const Duration lead = rule.lands_at ? Duration{0} : now_known_.allowance();
    const auto at = now_known_.bill(job, due + lead, true);
    const auto after = now_known_.bill(job, due + lead + Duration{1}, true);
    const bool promoted = due >= now + rules_->first_notice;
    if (promoted || !at || !after) return;
    // One that is past already may lie anywhere after the last instant under the limit.
    if ((*at > rule.when.money && due > now) || *after <= rule.when.money)
      breach("due",
             fmt::format("{} on {}: the bill at due plus allowance is ${}, just after it ${}; the "
                         "limit is ${}",
                         rule.name, job.id, format_decimal(*at), format_decimal(*after),
                         format_decimal(rule.when.money)),
             now);
    return;
  }
  const Instant wanted = std::max(now + rule.grace, notice);
  const Instant promoted = std::max(now + rule.grace, now + rules_->first_notice);
  const bool stands = due <= granted + kTick && granted <= due + kTick;
  const bool right = due == wanted || due == promoted || stands;
  if (!right)
    breach("due",
           fmt::format("{} on {}: due in {}, not in {}", rule.name, job.id,
                       format_duration(due - now), format_duration(wanted - now)),
           now);
}

void Checker::check_cleared(const KnownJob& job, const RuleText& rule, Instant now) {
  if (!now_known_.applies(rule, job)) return;
  if (now_known_.trip_value(rule, job, now) == Truth::yes)
    breach("cleared",
           fmt::format("{} is told to hold no longer on {}, and holds", rule.name, job.id), now);
}

void Checker::check_warned(const Event& event, const KnownJob& job, const RuleText& rule,
                           Instant now) {
  const Value* before = event.find("warn_before");
  const auto due_utc = instant_of(event, "due_at");
  if (event.find("estimated") != nullptr && now_known_.trip_value(rule, job, now) != Truth::unknown)
    breach("warned", fmt::format("{} on {} is no estimate", rule.name, job.id), now);
  if (before == nullptr || !due_utc) return;
  const Instant due = saturating_add(*due_utc, -now_known_.shift);
  const Duration lead = std::get<Duration>(before->data);
  if (now + kTick < saturating_add(due, -lead))
    breach("warned", fmt::format("{} warns of {} too early", rule.name, job.id), now);
  const auto pair = job.pairs.find(rule.name);
  if (pair == job.pairs.end()) return;
  for (const auto& [warned_lead, warned_due] : pair->second.warned) {
    // Armed again only by a due that is later by more than the lead.
    if (warned_lead == lead && due <= warned_due + lead)
      breach(
          "told_once",
          fmt::format("{} warns of {} twice, {} before", rule.name, job.id, format_duration(lead)),
          now);
  }
  if (pair->second.told != kNever && !pair->second.careful)
    breach("warned", fmt::format("{} warns of {} after its trip", rule.name, job.id), now);
}

/// Whatever rules say.
void Checker::check_ordered(const Event& event, const KnownJob& job, Instant now) {
  ++intents_;
  if (job.ordered == kNever) breach("order", job.id + ": intended, and nobody ordered it", now);
  if (job.stop) breach("once", job.id + ": intended twice", now);
  if (job.over() || job.lost) breach("ended", job.id + ": intended after its end was shown", now);
  const Value* verified = event.find("verified");
  const bool claims = verified != nullptr && *verified == Value(true);
  if (claims && job.last_sent + seconds(5) <= now)
    breach("verify", job.id + ": last read too long before", now);
}

void Checker::check_intended(const Event& event, const KnownJob& job, const RuleText& rule,
                             Instant now) {
  ++intents_;
  const std::string who = fmt::format("{} by {}", job.id, rule.name);
  if (job.stop) breach("once", who + ": intended twice", now);
  if (job.over() || job.lost) breach("ended", who + ": intended after its end was shown", now);
  if (!rule.stops || !now_known_.enforces(rule, now))
    breach("observe", who + ": intended by a rule that stops nothing", now);
  if (now_known_.exempt(job, now)) breach("exempt", who + ": an exempt job is stopped", now);
  if (now_known_.spared(job, rule.name, now))
    breach("held", who + ": stopped while a person spares it", now);
  if (now_known_.frozen(rule, job, now)) breach("freeze", who + ": stopped in a freeze", now);
  if (!now_known_.applies(rule, job))
    breach("selectors", who + ": the rule does not speak of it", now);
  const Truth value = now_known_.due_value(rule, job, now);
  if (value != Truth::yes)
    breach("unknown",
           fmt::format("{}: stopped while the condition is {}", who,
                       value == Truth::no ? "false" : "unknown"),
           now);
  const auto pair = job.pairs.find(rule.name);
  if (pair == job.pairs.end() || pair->second.told == kNever)
    return breach("order", who + ": intended before its trip was told", now);
  if (!rule.when.has(Cond::Kind::cost) && now < pair->second.told + rule.grace)
    breach("grace",
           fmt::format("{}: {} after its trip was told, grace is {}", who,
                       format_duration(now - pair->second.told), format_duration(rule.grace)),
           now);
  if (!now_known_.breaker.empty() && !job.approved)
    breach("breaker", who + ": intended while the breaker is open", now);
  check_surprise(job, now);
  check_notice(job, rule, now);
  check_notice_of_hands(job, rule, now);
  check_verified(event, job, rule, now);
  check_punctual(event, job, rule, now);
  auto& intents = now_known_.intents;
  while (!intents.empty() && intents.front() <= now - rules_->max_stops_per) intents.pop_front();
  if (!job.approved && intents.size() + 1 > static_cast<std::size_t>(rules_->max_stops))
    breach("breaker",
           fmt::format("{}: the {}th stop within {}", who, intents.size() + 1,
                       format_duration(rules_->max_stops_per)),
           now);
}

}  // namespace trainstop::proof
