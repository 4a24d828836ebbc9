// What only the truth can judge: stops, ends, bills; and what should have happened by now.
#include <fmt/format.h>

#include <algorithm>

#include "proof/checker.hpp"

namespace trainstop::proof {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Timestamps are cut to seconds by some jobs, clocks may differ by five.
constexpr Duration kBlur = seconds(8);

}  // namespace

/// Whether the condition can have been true for any observer: the most that any gap between two
/// reads could hide.
bool Checker::could(const Cond& cond, const TrueJob& job, Instant now) const {
  using Kind = Cond::Kind;
  const Instant at = now + kBlur;
  const auto lasted = [&](Instant since) { return since != kNever && at - since >= *cond.limit; };
  const auto each = [&](const Cond& part) { return could(part, job, now); };
  switch (cond.kind) {
    case Kind::running_for:
      return lasted(job.first_in({"RUNNING"}));
    case Kind::deploying_for:
      return lasted(job.first_in({"DEPLOYING"}));
    case Kind::queued_for:
      return lasted(job.first_in({"PENDING", "CREATED", "QUEUED"}));
    case Kind::age:
      return lasted(job.now.created_at);
    case Kind::in_status: {
      const Instant first = job.first_in(cond.statuses);
      return first != kNever && at - first >= cond.limit.value_or(Duration{0});
    }
    case Kind::cost: {
      const std::vector<std::string> all{"DEPLOYING", "RUNNING"};
      const Instant begin =
          rules_->billing == "created" ? job.now.created_at : job.history.front().first;
      const auto began = job.first_in(all) != kNever || rules_->billing == "created";
      const Duration lasts = at + now_known_.allowance() - begin;
      Money dearest;
      const KnownJob* known =
          now_known_.jobs.contains(job.now.id) ? &now_known_.jobs.at(job.now.id) : nullptr;
      const Prices* prices = known == nullptr ? nullptr : now_known_.prices_of(*known);
      if (prices == nullptr) return false;
      for (const auto& [from, price] : *prices) dearest = std::max(dearest, price);
      const std::int64_t minutes_billed = lasts / minutes(1) + 1;
      return began && dearest.nano() * job.plan->nodes * minutes_billed >= cond.money.nano();
    }
    case Kind::deadline:
      return at >= cond.utc || plan_.date_error != Duration{0} || !plan_.wall_errors.empty();
    case Kind::all:
      return std::all_of(cond.parts.begin(), cond.parts.end(), each);
    case Kind::any:
      return std::any_of(cond.parts.begin(), cond.parts.end(), each);
    default:
      return true;
  }
}

void Checker::check_truth(const TrueJob& job, const RuleText& rule, Instant now) {
  const bool clocks =
      plan_.date_error == Duration{0} && plan_.wall_errors.empty() && plan_.drift_ppm == 0;
  // A twin of a record may show a status that the job never had.
  if (clocks && !plan_.has(Harm::duplicates) && !could(rule.when, job, now))
    breach("truth",
           fmt::format("{} by {}: the truth never satisfied the rule", job.now.id, rule.name), now);
  const KnownJob& known = now_known_.jobs.at(job.now.id);
  if (!known.stop->verified) return;
  // A verified stop: it was alive in truth when it was last read.
  const bool dead = job.ended && *job.ended < now - seconds(20);
  const bool first = known.stop->requested == known.stop->intended;
  if (first && dead)
    breach("truth",
           fmt::format("{} by {}: it had ended {} before", job.now.id, rule.name,
                       format_duration(now - *job.ended)),
           now);
}

/// P2: a stop that took no longer than the allowance ends under the limit.
void Checker::check_money(const TrueJob& job, Instant now) {
  const KnownJob& known = now_known_.jobs.at(job.now.id);
  const RuleText* rule = known.stop ? known.stop->by : nullptr;
  if (rule == nullptr || rule->when.kind != Cond::Kind::cost || rule->lands_at || !job.ended)
    return;
  const bool clocks =
      plan_.date_error == Duration{0} && plan_.wall_errors.empty() && plan_.drift_ppm == 0;
  const bool lies = plan_.has(Harm::stale_lists) || plan_.has(Harm::duplicates);
  const bool in_time = clocks && !lies && *job.ended <= known.stop->due + now_known_.allowance();
  if (!in_time || known.stop->noticed || !known.billed || now_known_.estimated(known) ||
      job.plan->bare)
    return;
  const std::vector<std::string> from = rules_->billing == "running"
                                            ? std::vector<std::string>{"RUNNING"}
                                            : std::vector<std::string>{"DEPLOYING", "RUNNING"};
  const Instant begin = rules_->billing == "created" ? job.now.created_at : job.first_in(from);
  const auto& true_prices = truth_.price_history(job.plan->type);
  const bool fixed =
      std::any_of(rules_->prices.begin(), rules_->prices.end(), [&](const auto&) { return true; });
  if (true_prices.size() > 1 || fixed || begin == kNever || job.now.instance_type.empty()) return;
  // A stay that began and ended between two sights is not known to anybody.
  if (begin < known.billed->first - seconds(1)) return;
  const auto price = parse_decimal_dollars(true_prices.front().text);
  std::int64_t sum = 0;
  const std::int64_t rate = price->nano() * job.plan->nodes;
  // The API cuts its timestamps: a created_at may lie up to a second before.
  for (Instant minute = begin; minute < *job.ended; minute += minutes(1)) sum += rate;
  const std::int64_t least =
      rate * ((now_known_.allowance() + minutes(2) - Duration{1}) / minutes(1));
  if (rule->when.money.nano() < least) return;
  if (sum > rule->when.money.nano())
    breach("money",
           fmt::format("{} by {}: the final bill is ${}, the limit ${}", job.now.id, rule->name,
                       format_decimal(Money::from_nano(sum)), format_decimal(rule->when.money)),
           now);
}

void Checker::check_confirmed(const Event& event, const KnownJob& job, Instant now) {
  if (!job.over()) breach("confirmed", job.id + ": confirmed, and no reply showed its end", now);
  if (!job.stop) return breach("order", job.id + ": confirmed without an intent", now);
  if (text_of(event, "stop") != job.stop->id)
    breach("order", job.id + ": confirmed under another id", now);
  const bool stopped = job.status.ends_with("STOPPED");
  if ((text_of(event, "outcome") == "stopped") != stopped)
    breach("confirmed", job.id + ": outcome " + text_of(event, "outcome") + " of " + job.status,
           now);
  if (const TrueJob* truly = truth_.find(job.id)) check_money(*truly, now);
}

/// When most of the jobs fall due by what nobody foresaw, the observer is suspect.
void Checker::check_surprise(const KnownJob& job, Instant now) {
  constexpr std::size_t kFewest = 4;
  if (job.approved) return;
  std::size_t live = 0, surprised = 0;
  const auto fell_due = [&](const PairMemory& pair) {
    return pair.told != kNever && pair.told >= pair.surprised && pair.due <= now;
  };
  // The interval that ends with the newest surprise: then they were counted.
  Instant newest = kLongAgo;
  for (const auto& [id, each] : now_known_.jobs) {
    newest = std::max(newest, each.surprised);
    for (const auto& [name, pair] : each.pairs)
      if (fell_due(pair)) newest = std::max(newest, pair.surprised);
  }
  if (newest <= std::max(now - rules_->poll, began_)) return;
  const Instant interval_ago = newest - rules_->poll;
  const Instant from = std::max(interval_ago, began_);
  for (const auto& [id, each] : now_known_.jobs) {
    // Seen to end within the interval: it lived, and its stop was due like the others'.
    const Instant gone = std::min(each.over_seen, each.lost ? each.lost_at : kNever);
    if (!each.alive() && gone <= interval_ago) continue;
    ++live;
    const auto surprises = [&](const auto& pair) {
      return pair.second.surprised > from && fell_due(pair.second);
    };
    surprised += each.alive() ? std::ranges::any_of(each.pairs, surprises) : each.surprised > from;
  }
  if (live >= kFewest && surprised * 2 > live)
    breach("surprise",
           fmt::format("{}: stopped although {} of {} jobs fell due unforeseen", job.id, surprised,
                       live),
           now);
}

void Checker::check_breaker(const Event& event, Instant now) {
  const std::string reason = text_of(event, "reason");
  if (reason != "max_stops" || !now_known_.breaker.empty()) return;
  auto& intents = now_known_.intents;
  while (!intents.empty() && intents.front() <= now - rules_->max_stops_per) intents.pop_front();
  std::size_t due = 0;
  for (const auto& [id, job] : now_known_.jobs) {
    if (!job.alive() || job.stop) continue;
    due += std::any_of(rules_->rules.begin(), rules_->rules.end(), [&](const RuleText& rule) {
      const bool stops =
          rule.stops && now_known_.enforces(rule, now) && job.pairs.contains(rule.name);
      return stops && now_known_.due_value(rule, job, now) != Truth::no;
    });
  }
  if (intents.size() + due <= static_cast<std::size_t>(rules_->max_stops))
    breach("breaker",
           fmt::format("opened with {} stops in the window and {} due", intents.size(), due), now);
}

/// What should have been told or done `slack` ago.
void Checker::look(Instant now, Duration slack) {
  if (!knows_ || frozen || now < began_ + slack + seconds(30) || now < thawed + slack + seconds(30))
    return;
  look_at_orders(now, slack);
  if (!now_known_.listed) return;
  for (auto& [id, job] : now_known_.jobs) {
    if (job.stop) look_at_stop(job, now, slack);
    if (job.alive()) look_at(job, now, slack);
  }
}

void Checker::look_at(KnownJob& job, Instant now, Duration slack) {
  const Instant then = now - slack;
  const Known& known = now_known_;
  const bool fixed = job.changed < then && known.hand_on(job) < then &&
                     known.prices_changed < then && known.shift_changed < then &&
                     known.teams_changed < then;
  const bool ordered = job.ordered < then - minutes(2) && !job.stop && job.not_found == 0;
  if (ordered && quiet_since(job.ordered - minutes(1)))
    breach("stopped",
           fmt::format("{}: its stop was ordered {} ago, and none is intended", job.id,
                       format_duration(now - job.ordered)),
           now);
  if (!fixed) return;
  for (const RuleText& rule : rules_->rules) {
    const auto pair = job.pairs.find(rule.name);
    if (pair == job.pairs.end()) continue;
    const bool trips = known.trip_value(rule, job, then) == Truth::yes &&
                       known.trip_value(rule, job, now) == Truth::yes;
    if (!trips) {
      const bool clear = known.trip_value(rule, job, then) == Truth::no &&
                         known.trip_value(rule, job, now) == Truth::no;
      const bool stands = pair->second.told < then && !pair->second.careful;
      if (clear && (stands || pair->second.owed_since < then))
        breach("cleared",
               fmt::format("{} holds no longer on {}, and nobody was told", rule.name, job.id),
               now);
      continue;
    }
    if (pair->second.told == kNever) {
      breach("tripped",
             fmt::format("{} is true of {} since {}, and nobody was told", rule.name, job.id,
                         format_duration(slack)),
             now);
      continue;
    }
    const bool stops = rule.stops && known.enforces(rule, then) && !known.exempt(job, then) &&
                       !known.exempt(job, now) && !known.spared(job, rule.name, then) &&
                       !known.spared(job, rule.name, now);
    const bool held = known.frozen(rule, job, then - slack) || known.frozen(rule, job, then) ||
                      known.frozen(rule, job, now);
    // New facts may have moved the due: at most to grace after them.
    const Instant since =
        std::max({pair->second.told, job.changed, known.hand_on(job), known.breaker_reset,
                  known.prices_changed, known.shift_changed, known.teams_changed});
    const bool due = stops && !held && known.due_value(rule, job, then) == Truth::yes &&
                     known.trip_value(rule, job, then - rule.grace) == Truth::yes &&
                     std::max(since + rule.grace, pair->second.notice_until) < then &&
                     pair->second.due < then;
    if (!due || job.stop || job.not_found > 0 || !known.breaker.empty() ||
        !quiet_since(then - minutes(1)))
      continue;
    breach("stopped",
           fmt::format("{} on {} is due since {}, and no stop is intended", rule.name, job.id,
                       format_duration(now - pair->second.due)),
           now);
  }
}

/// With every fact: such a hold may be over before `look` comes by.
void Checker::look_at_held(Instant now) {
  const Duration slack = seconds(12);
  if (!knows_ || frozen || now < thawed + slack + seconds(30)) return;
  for (const auto& [id, job] : now_known_.jobs) {
    if (job.stop && is_held(*job.stop)) look_at_stop(job, now, slack);
  }
}

/// Whether this life holds a stop that an earlier one intended, because it can't read the job.
bool Checker::is_held(const StopMemory& stop) const {
  return !stop.followed() && stop.held_unknown != kNever && stop.held_unknown >= began_;
}

void Checker::look_at_stop(const KnownJob& job, Instant now, Duration slack) {
  const StopMemory& stop = *job.stop;
  if (job.lost || stop.intended > now - slack) return;
  // One of an earlier life whose request may never have left is judged anew, and told when that
  // can't be done.
  const Instant first = stop.sent && stop.first_byte != kNever ? stop.first_byte : stop.requested;
  // Until the due that this life has told there is nothing to see.
  Instant due = kLongAgo;
  for (const auto& [name, pair] : job.pairs) {
    const bool told_now = pair.told != kNever && pair.told >= began_ && pair.due != kNever;
    if (told_now) due = std::max(due, pair.due);
  }
  const Instant judged = std::max(stop.held_unknown, due);
  const Instant since = std::max({stop.intended, began_, thawed, stop.followed() ? first : judged});
  // What is held is told no later than if the end were awaited.
  const Instant from = is_held(stop)
                           ? std::max(saturating_add(since, -rules_->confirm_within), stop.intended)
                           : saturating_add(since, seconds(40));
  const Duration late = rules_->confirm_within + seconds(20) + slack;
  if (stop.unconfirmed == kNever && now > saturating_add(from, late) && !job.over())
    breach("unconfirmed",
           fmt::format("{}: not seen ended for {}, and nobody was told", job.id,
                       format_duration(now - since)),
           now);
  const bool failed = stop.failed != kNever && !stop.under_way;
  // Over few connections requests and reads without a reply, ten seconds each, take turns.
  const auto open = std::count_if(now_known_.jobs.begin(), now_known_.jobs.end(),
                                  [](const auto& each) { return each.second.stop.has_value(); });
  const Duration turns =
      rules_->concurrency < 8 ? seconds(20) * open / rules_->concurrency : seconds(0);
  if (failed && now > std::max({stop.failed, began_, thawed}) + seconds(150) + turns)
    breach("retry",
           fmt::format("{}: the request failed {} ago and was not sent again", job.id,
                       format_duration(now - stop.failed)),
           now);
}

void Checker::look_at_end(Instant now) {
  if (!knows_ || violation_) return;
  look(now, minutes(3));
  for (const auto& [id, job] : now_known_.jobs) {
    const TrueJob* truly = truth_.find(id);
    if (truly == nullptr || !job.stop || job.lost) continue;
    if (job.stop->intended < now - minutes(25))
      breach("liveness",
             fmt::format("{}: its stop is open since {}; in truth it is {}", id,
                         format_duration(now - job.stop->intended), truly->now.status),
             now);
  }
}

}  // namespace trainstop::proof
