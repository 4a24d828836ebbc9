// The leaves and the algebra. Nearly every leaf is one step in time; `all`, `any` and `not` only
// combine.
#include "policy/condition.hpp"

#include <algorithm>

#include "model/planted.hpp"

namespace trainstop::policy {

namespace {

/// A leaf under frozen facts: no until `unknown_from`, unknown until `yes_from`, then yes for ever.
struct Step {
  Instant unknown_from = kNever;
  Instant yes_from = kNever;

  Truth at(Instant t) const {
    if (planted("threshold-exclusive") && t == yes_from) return Truth::no;
    if (t >= yes_from && yes_from != kNever) return Truth::yes;
    return t >= unknown_from && unknown_from != kNever ? Truth::unknown : Truth::no;
  }
  Instant next_after(Instant t) const {
    if (unknown_from > t && unknown_from < yes_from) return unknown_from;
    return yes_from > t ? yes_from : kNever;
  }
};

constexpr Step kAlwaysUnknown{kLongAgo, kNever};
constexpr Step kNeverYes{kNever, kNever};
constexpr Step kAlwaysYes{kLongAgo, kLongAgo};

constexpr Step yes_from(Instant at) {
  return {at, at};
}

// What people add is summed up without a bound; a share of up to ten times it must not overflow.
constexpr Duration kLongestExtension = std::chrono::hours(24 * 36525);

/// A limit of time as it is for the job.
template <class Limit>
Limit extended(Limit limit, const JobTimes& job, const Reading& reading) {
  if (!reading.extended) return limit;
  const Duration extension = std::min(job.extension, kLongestExtension);
  if constexpr (std::is_same_v<Limit, Instant>) return saturating_add(limit, extension);
  return limit + extension;
}

Duration share_of(Duration limit, const Reading& reading) {
  const Duration::rep product = limit.count() * reading.share_numerator;
  const Duration::rep up = product > 0 ? reading.share_denominator - 1 : 0;
  return Duration{(product + up) / reading.share_denominator};
}

Step step(const RunningFor& leaf, const JobTimes& job, const Reading& reading) {
  if (job.phase == Phase::unknown) return kAlwaysUnknown;
  const Duration limit = extended(leaf.limit, job, reading);
  const Duration rest = share_of(limit, reading) - job.ran_before;
  if (rest <= Duration{0}) return kAlwaysYes;
  return job.phase == Phase::running ? yes_from(saturating_add(job.phase_since, rest)) : kNeverYes;
}

Step stay(Phase wanted, Duration limit, const JobTimes& job, const Reading& reading) {
  if (job.phase == Phase::unknown) return kAlwaysUnknown;
  if (job.phase != wanted && !planted("any-phase-stays")) return kNeverYes;
  const Duration whole = extended(limit, job, reading);
  return yes_from(saturating_add(job.phase_since, share_of(whole, reading)));
}

Step step(const DeployingFor& leaf, const JobTimes& job, const Reading& reading) {
  return stay(Phase::deploying, leaf.limit, job, reading);
}

Step step(const QueuedFor& leaf, const JobTimes& job, const Reading& reading) {
  return stay(Phase::queued, leaf.limit, job, reading);
}

Step step(const Age& leaf, const JobTimes& job, const Reading& reading) {
  const Duration limit = extended(leaf.limit, job, reading);
  return yes_from(saturating_add(job.created_at, share_of(limit, reading)));
}

Step step(const InStatus& leaf, const JobTimes& job, const Reading& reading) {
  if (job.phase == Phase::unknown || job.status_unknown) return kAlwaysUnknown;
  const auto& names = leaf.statuses;
  if (std::find(names.begin(), names.end(), job.status) == names.end()) return kNeverYes;
  if (!leaf.limit || planted("for-ignored")) return kAlwaysYes;
  const Duration limit = extended(*leaf.limit, job, reading);
  return yes_from(saturating_add(job.status_since, share_of(limit, reading)));
}

/// The instant at which a cost threshold is reached when counted from the upper or the lower bill.
std::optional<Instant> money_crossing(const Cost& leaf, const Bill& bill, bool upper,
                                      const Reading& reading) {
  if (reading.money_lead) {
    const auto last = bill.last_within(leaf.limit, upper);
    return last ? std::optional(saturating_add(*last, -*reading.money_lead)) : std::nullopt;
  }
  const auto limit =
      share_rounded_up(leaf.limit, reading.share_numerator, reading.share_denominator);
  if (!limit) return kNever;
  const auto last = bill.last_below(*limit, upper);
  return last ? std::optional(saturating_add(*last, Duration{1})) : std::nullopt;
}

Step step(const Cost& leaf, const JobTimes& job, const Reading& reading) {
  if (job.phase == Phase::unknown) return kAlwaysUnknown;
  const auto upper = money_crossing(leaf, job.bill, true, reading);
  const auto lower = money_crossing(leaf, job.bill, false, reading);
  if (!upper || !lower) return kAlwaysUnknown;
  return {std::min(*upper, *lower), *lower};
}

Step step(const Spent& leaf, const JobTimes& job, const Reading& reading) {
  const PotView& pot = job.pot;
  if (pot.tally == nullptr) return kNeverYes;
  if (reading.money_lead)
    return yes_from(saturating_add(std::min(pot.within, pot.exhausted), -*reading.money_lead));
  const auto limit = add(leaf.budget.limit, pot.raised);
  const auto amount =
      limit ? share_rounded_up(*limit, reading.share_numerator, reading.share_denominator)
            : std::nullopt;
  return amount ? yes_from(pot.tally->reached(*amount)) : kNeverYes;
}

Step step(const Deadline& leaf, const JobTimes& job, const Reading& reading) {
  const Instant utc = extended(leaf.utc, job, reading);
  const Instant deadline =
      planted("deadline-unshifted") ? utc : saturating_add(utc, -job.utc_shift);
  // A clock that is wrong may put the creation after now: even then not before the deadline.
  if (deadline <= job.created_at)
    return planted("deadline-before-birth") ? kAlwaysYes : yes_from(deadline);
  return yes_from(saturating_add(job.created_at, share_of(deadline - job.created_at, reading)));
}

/// Under `not` a threshold has its plain value: neither a share, a lead nor an extension makes
/// sense of it.
constexpr Reading kPlain{1, 1, {}, false};

}  // namespace

// Written out, because clang 14 crashes over the defaulted ones, which call each other.
bool Condition::operator==(const Condition& other) const {
  return node == other.node;
}
bool All::operator==(const All& other) const {
  return parts == other.parts;
}
bool Any::operator==(const Any& other) const {
  return parts == other.parts;
}
bool Not::operator==(const Not& other) const {
  return part == other.part;
}

Truth value_at(const Condition& condition, const JobTimes& job, Instant at,
               const Reading& reading) {
  return std::visit(
      [&](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, All>) {
          Truth value = Truth::yes;
          for (const Condition& part : node.parts)
            value = planted("all-is-any") ? value : value && value_at(part, job, at, reading);
          return value;
        } else if constexpr (std::is_same_v<Node, Any>) {
          Truth value = Truth::no;
          for (const Condition& part : node.parts)
            value = planted("any-is-none") ? value : value || value_at(part, job, at, reading);
          return value;
        } else if constexpr (std::is_same_v<Node, Not>) {
          if (planted("not-ignored")) return value_at(node.part.front(), job, at, kPlain);
          return !value_at(node.part.front(), job, at, kPlain);
        } else if constexpr (std::is_same_v<Node, During>) {
          return truth(node.schedule.contains(saturating_add(at, job.utc_shift)) != node.outside);
        } else {
          return step(node, job, reading).at(at);
        }
      },
      condition.node);
}

Instant next_change(const Condition& condition, const JobTimes& job, Instant at,
                    const Reading& reading) {
  const auto earliest = [&](const std::vector<Condition>& parts, const Reading& how) {
    Instant next = kNever;
    for (const Condition& part : parts) next = std::min(next, next_change(part, job, at, how));
    return next;
  };
  return std::visit(
      [&](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, All> || std::is_same_v<Node, Any>) {
          return earliest(node.parts, reading);
        } else if constexpr (std::is_same_v<Node, Not>) {
          return earliest(node.part, kPlain);
        } else if constexpr (std::is_same_v<Node, During>) {
          const Instant edge = node.schedule.next_edge(saturating_add(at, job.utc_shift));
          return saturating_add(edge, -job.utc_shift);
        } else {
          return step(node, job, reading).next_after(at);
        }
      },
      condition.node);
}

Instant first_true(const Condition& condition, const JobTimes& job, Instant from, Instant until,
                   const Reading& reading) {
  Instant at = from;
  for (int toggles = 0; toggles < kMaxToggles && at <= until && at != kNever; ++toggles) {
    if (value_at(condition, job, at, reading) == Truth::yes) return at;
    at = next_change(condition, job, at, reading);
  }
  return kNever;
}

const Budget* budget_of(const Condition& condition) {
  const auto* spent = std::get_if<Spent>(&condition.node);
  return spent == nullptr ? nullptr : &spent->budget;
}

bool can_extrapolate(const Condition& condition) {
  return std::visit(
      [](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, All> || std::is_same_v<Node, Any>) {
          return std::all_of(node.parts.begin(), node.parts.end(), can_extrapolate);
        } else {
          return std::is_same_v<Node, Age> || std::is_same_v<Node, Deadline> ||
                 std::is_same_v<Node, During> || std::is_same_v<Node, RunningFor> ||
                 std::is_same_v<Node, Cost> || std::is_same_v<Node, Spent>;
        }
      },
      condition.node);
}

bool has_money(const Condition& condition) {
  return std::visit(
      [](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, All> || std::is_same_v<Node, Any>) {
          return std::any_of(node.parts.begin(), node.parts.end(), has_money);
        } else {
          return std::is_same_v<Node, Cost> || std::is_same_v<Node, Spent>;
        }
      },
      condition.node);
}

bool has_utc(const Condition& condition) {
  return std::visit(
      [](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, All> || std::is_same_v<Node, Any>) {
          return std::any_of(node.parts.begin(), node.parts.end(), has_utc);
        } else if constexpr (std::is_same_v<Node, Not>) {
          return has_utc(node.part.front());
        } else {
          return std::is_same_v<Node, Deadline> || std::is_same_v<Node, During>;
        }
      },
      condition.node);
}

bool has_time_limit(const Condition& condition) {
  return std::visit(
      [](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, All> || std::is_same_v<Node, Any>) {
          return std::any_of(node.parts.begin(), node.parts.end(), has_time_limit);
        } else if constexpr (std::is_same_v<Node, InStatus>) {
          return node.limit.has_value();
        } else {
          return std::is_same_v<Node, RunningFor> || std::is_same_v<Node, DeployingFor> ||
                 std::is_same_v<Node, QueuedFor> || std::is_same_v<Node, Age> ||
                 std::is_same_v<Node, Deadline>;
        }
      },
      condition.node);
}

}  // namespace trainstop::policy
