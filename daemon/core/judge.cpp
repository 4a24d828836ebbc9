#include "core/judge.hpp"

#include <algorithm>

#include "model/planted.hpp"

namespace trainstop::core {

namespace {

// A condition that hangs on the calendar toggles for ever; a week and a day shows every edge of a
// weekly schedule, and further ahead is looked at when it comes nearer.
constexpr Duration kHorizon = std::chrono::hours(8 * 24);
// A lead so late that no cost limit is ever reached.
constexpr Duration kNoMoney = std::chrono::hours(24 * 365 * 100);

Instant horizon_of(const policy::Rule& rule, Instant now) {
  if (!policy::has_utc(rule.when)) return kNever;
  const Duration lead = rule.warn_before.empty() ? Duration{0} : rule.warn_before.front();
  return saturating_add(now, kHorizon + lead + rule.grace);
}

/// From when the job surely was. Clocks that are apart may put its creation after what was seen and
/// told of it, even after now: what is counted from there would move with every look.
Instant born(const policy::JobTimes& job, Instant told) {
  const Instant seen = job.phase == Phase::unknown ? kNever : job.phase_since;
  return std::min({job.created_at, seen, told});
}

/// When a condition that is true at `now` became so, by the facts of today; `now` when that is too
/// far back to find.
Instant true_since(const policy::Condition& condition, const policy::JobTimes& job, Instant now,
                   Instant told, const policy::Reading& reading) {
  Instant since = kNever;
  Instant at = std::min(born(job, told), now);
  for (int toggles = 0; toggles < policy::kMaxToggles; ++toggles) {
    const bool holds = policy::value_at(condition, job, at, reading) == Truth::yes;
    if (!holds) since = kNever;
    if (holds && since == kNever) since = at;
    const Instant next = policy::next_change(condition, job, at, reading);
    if (next > now) return std::min(since, now);
    at = next;
  }
  return now;
}

/// Whether the trip of a stop rule at `trip` would be the same if money counted a microsecond
/// later: then time alone decides it. One that is cut at the job's birth must do without money.
bool decided_by_time(const policy::Rule& rule, const policy::JobTimes& job, Instant trip,
                     Instant told, policy::Reading reading) {
  if (!policy::has_money(rule.when)) return true;
  *reading.money_lead -= trip > born(job, told) ? Duration{1} : kNoMoney;
  return policy::value_at(rule.when, job, trip, reading) == Truth::yes;
}

/// The due of a trip that money decides: `grace` after it. A trip that would lie before the job's
/// birth is cut there and leaves less of the grace, for grace never costs money.
Instant due_of_money(const policy::Rule& rule, const policy::JobTimes& job, Instant trip,
                     Instant told, const policy::Reading& reading) {
  if (trip > born(job, told) || planted("grace-before-birth"))
    return saturating_add(trip, rule.grace);
  Duration cut{0}, most = rule.grace;  // the longest by which the lead may shrink
  while (cut < most) {
    const Duration middle = cut + (most - cut + Duration{1}) / 2;
    policy::Reading less = reading;
    *less.money_lead -= middle;
    const bool same = policy::value_at(rule.when, job, trip, less) == Truth::yes;
    (same ? cut : most) = same ? middle : middle - Duration{1};
  }
  return saturating_add(trip, rule.grace - cut);
}

policy::Reading share_of(int percent) {
  policy::Reading reading;
  reading.share_numerator = percent;
  reading.share_denominator = 100;
  return reading;
}

constexpr std::uint32_t bit(std::size_t index) {
  return std::uint32_t{1} << index;
}

/// Which shares may still be told: after the trip only those above the whole.
bool share_is_open(const policy::Rule& rule, const Pair& pair, std::size_t index) {
  if ((pair.shares_told & bit(index)) != 0) return false;
  return !pair.tripped() || rule.warn_at_percent[index] > 100;
}

/// Whether the warning before the due was not told, or for a due so much earlier that it counts
/// anew.
bool is_armed(const policy::Rule& rule, const Pair& pair, std::size_t index) {
  if (!pair.more || index >= pair.more->warned_due.size() || planted("warns-again")) return true;
  const Instant told_for = pair.more->warned_due[index];
  return told_for == kLongAgo || pair.due > saturating_add(told_for, rule.warn_before[index]);
}

}  // namespace

bool moved(Instant a, Instant b, Duration by) {
  if (a == b) return false;
  if (a == kNever || b == kNever) return true;
  return (a > b ? a - b : b - a) > by;
}

policy::Reading reading_of(const policy::Rule& rule, Duration allowance) {
  policy::Reading reading;
  if (rule.action != policy::Action::stop) return reading;
  reading.money_lead =
      (planted("grace-costs-money") ? Duration{0} : rule.grace) +
      (rule.landing == policy::Landing::under && !planted("allowance-ignored") ? allowance
                                                                               : Duration{0});
  return reading;
}

Outlook look(const policy::Rule& rule, const policy::JobTimes& job, Instant now, Duration allowance,
             Instant told) {
  const policy::Reading reading = reading_of(rule, allowance);
  const Instant horizon = horizon_of(rule, now);
  Outlook outlook;
  outlook.value = policy::value_at(rule.when, job, now, reading);
  outlook.again = std::min(horizon, policy::next_change(rule.when, job, now, reading));
  if (outlook.value == Truth::yes) {
    outlook.trip = true_since(rule.when, job, now, told, reading);
  } else {
    outlook.trip = policy::first_true(rule.when, job, now, horizon, reading);
    outlook.again = std::min(outlook.again, outlook.trip);
  }
  if (outlook.trip == kNever) return outlook;
  if (rule.action == policy::Action::warn) {
    outlook.due = outlook.trip;
  } else if (decided_by_time(rule, job, outlook.trip, told, reading)) {
    const Instant known = told != kNever ? told : now;
    outlook.due = saturating_add(std::max(outlook.trip, outlook.trip <= now ? known : outlook.trip),
                                 planted("grace-ignored") ? Duration{0} : rule.grace);
  } else {
    outlook.due = due_of_money(rule, job, outlook.trip, told, reading);
  }
  return outlook;
}

std::optional<Warning> take_warning(const policy::Rule& rule, const policy::JobTimes& job,
                                    Instant now, Pair& pair) {
  std::optional<Warning> urgent;
  Instant urgent_at = kLongAgo;
  const auto consider = [&](Instant at, const Warning& warning) {
    if (urgent && at < urgent_at) return;
    urgent = warning;
    urgent_at = at;
  };
  for (std::size_t i = 0; i < rule.warn_at_percent.size(); ++i) {
    if (!share_is_open(rule, pair, i)) continue;
    const policy::Reading reading = share_of(rule.warn_at_percent[i]);
    if (policy::value_at(rule.when, job, now, reading) != Truth::yes) continue;
    pair.shares_told |= bit(i);
    consider(true_since(rule.when, job, now, pair.told, reading), {{}, rule.warn_at_percent[i]});
  }
  if (pair.tripped() || pair.due == kNever || rule.warn_before.empty()) return urgent;
  for (std::size_t i = 0; i < rule.warn_before.size(); ++i) {
    const Instant at = saturating_add(pair.due, -rule.warn_before[i]);
    if (at > now + (planted("warns-early") ? Duration{60'000'000} : Duration{0})) continue;
    if (!is_armed(rule, pair, i)) continue;
    auto& told_for = pair.keep().warned_due;
    told_for.resize(rule.warn_before.size(), kLongAgo);
    told_for[i] = pair.due;
    consider(at, {rule.warn_before[i], {}});
  }
  return urgent;
}

Instant next_warning(const policy::Rule& rule, const policy::JobTimes& job, Instant now,
                     const Pair& pair) {
  Instant next = kNever;
  for (std::size_t i = 0; i < rule.warn_at_percent.size(); ++i) {
    if (!share_is_open(rule, pair, i)) continue;
    const Instant until = horizon_of(rule, now);
    next = std::min(
        next, policy::first_true(rule.when, job, now, until, share_of(rule.warn_at_percent[i])));
  }
  if (pair.tripped() || pair.due == kNever) return next;
  for (std::size_t i = 0; i < rule.warn_before.size(); ++i) {
    if (!is_armed(rule, pair, i)) continue;
    next = std::min(next, saturating_add(pair.due, -rule.warn_before[i]));
  }
  return next;
}

std::optional<Money> smallest_limit(const policy::Condition& condition) {
  const policy::Budget* const budget = policy::budget_of(condition);
  return budget != nullptr ? std::optional(budget->limit) : smallest_cost_limit(condition);
}

std::optional<Money> smallest_cost_limit(const policy::Condition& condition) {
  return std::visit(
      [](const auto& node) -> std::optional<Money> {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, policy::Cost>) {
          return node.limit;
        } else if constexpr (std::is_same_v<Node, policy::All> ||
                             std::is_same_v<Node, policy::Any>) {
          std::optional<Money> least;
          for (const policy::Condition& part : node.parts) {
            const auto limit = smallest_cost_limit(part);
            if (limit && (!least || *limit < *least)) least = limit;
          }
          return least;
        } else {
          return {};
        }
      },
      condition.node);
}

}  // namespace trainstop::core
