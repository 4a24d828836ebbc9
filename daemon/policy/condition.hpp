// The timeline algebra: under frozen facts a condition is a function of time with three values. A
// condition is asked for its value at an instant and for the next instant at which that value may
// change; from these two come the trip, the due, the warnings and the progress. Pure: no clock, no
// I/O, no allocation on the way.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/money.hpp"
#include "model/phase.hpp"
#include "model/time.hpp"
#include "model/truth.hpp"
#include "policy/bill.hpp"
#include "policy/budget.hpp"
#include "policy/schedule.hpp"
#include "policy/tally.hpp"

namespace trainstop::policy {

struct RunningFor {
  Duration limit;
  bool operator==(const RunningFor&) const = default;
};
struct DeployingFor {
  Duration limit;
  bool operator==(const DeployingFor&) const = default;
};
struct QueuedFor {
  Duration limit;
  bool operator==(const QueuedFor&) const = default;
};
struct Age {
  Duration limit;
  bool operator==(const Age&) const = default;
};
/// `in_status`: the present unbroken stay in one of the named statuses lasts at least `limit`;
/// without `for` the limit is zero and the condition is true as soon as the status is seen.
struct InStatus {
  std::vector<std::string> statuses;  ///< upper case, without the prefix TRAINING_JOB_
  std::optional<Duration> limit;
  bool operator==(const InStatus&) const = default;
};
struct Cost {
  Money limit;
  bool operator==(const Cost&) const = default;
};
struct Deadline {
  Instant utc;
  bool operator==(const Deadline&) const = default;
};
struct During {
  Schedule schedule;
  bool outside = false;
  bool operator==(const During&) const = default;
};

/// The budget of the job's group is exhausted. Stands alone: it is a rule's whole condition.
struct Spent {
  Budget budget;
  bool operator==(const Spent&) const = default;
};

struct Condition;
struct All {
  std::vector<Condition> parts;
  bool operator==(const All&) const;
};
struct Any {
  std::vector<Condition> parts;
  bool operator==(const Any&) const;
};
struct Not {
  std::vector<Condition> part;  ///< exactly one
  bool operator==(const Not&) const;
};

struct Condition {
  std::variant<RunningFor, DeployingFor, QueuedFor, Age, InStatus, Cost, Deadline, During, Spent,
               All, Any, Not>
      node;
  bool operator==(const Condition&) const;
};

/// The pot that a budget asks for, as it concerns one job.
struct PotView {
  const Tally* tally =
      nullptr;                 ///< nullptr: the job is in no pot, or the pot is far from its limit
  Instant within = kNever;     ///< the tally's last_within of the budget's limit
  Instant exhausted = kNever;  ///< the same at the moment at which the pot was exhausted
  Money raised;                ///< what persons have added to the budget's limit
};

/// The frozen facts about one job, as far as conditions ask for them. All instants on the daemon's
/// line.
struct JobTimes {
  /// The phase whose clocks run; for an unknown status after a known phase that phase. `unknown`
  /// only when no known phase was ever seen: then only age, deadline and schedule are known.
  Phase phase = Phase::unknown;
  /// The status as sent, upper case, without TRAINING_JOB_; views the owner's string.
  std::string_view status;
  /// Whether `status` is a name nobody documented.
  bool status_unknown = false;
  Instant created_at;
  Instant phase_since;     ///< latest begin of the present stay in `phase`
  Instant status_since;    ///< latest begin of the present stay in `status`
  Duration ran_before{0};  ///< sum of earlier, closed stays in running
  Bill bill;               ///< what the job costs, at any instant
  PotView pot;             ///< of the budget in question
  Duration extension{0};   ///< what a person has added to the rule's time limits, outside a `not`
  Duration utc_shift{0};   ///< UTC minus the daemon's line
};

/// How a condition is read. The defaults give its plain value.
struct Reading {
  /// Every threshold is taken times numerator/denominator: progress has reached that share exactly
  /// when the condition so read is true.
  int share_numerator = 1;
  int share_denominator = 1;
  /// With a value, a cost threshold stands for the last instant at which an end still bills at or
  /// under the limit, less this lead; without, for `bill >= limit`. Under `not` always the latter.
  std::optional<Duration> money_lead;
  /// Whether time limits are longer by the job's extension. Never under `not`.
  bool extended = true;
};

/// The condition's value at `at`.
Truth value_at(const Condition& condition, const JobTimes& job, Instant at,
               const Reading& reading = {});

/// The first instant after `at` at which the value may change, if nothing else does; kNever when it
/// stays.
Instant next_change(const Condition& condition, const JobTimes& job, Instant at,
                    const Reading& reading = {});

/// The first instant in [from, until] at which the condition is true; kNever when there is none.
/// Looks at no more than kMaxToggles changes, so that a condition with many windows costs a bounded
/// time; `until` bounds it as well.
Instant first_true(const Condition& condition, const JobTimes& job, Instant from, Instant until,
                   const Reading& reading = {});
inline constexpr int kMaxToggles =
    4096;  // 11 years of two window edges a day; one evaluation stays below a millisecond

/// Value/limit of a threshold; `all` the smallest, `any` the largest of the known parts; 0 or 1
/// where there is no threshold. Empty when unknown.
std::optional<double> progress_at(const Condition& condition, const JobTimes& job, Instant at);

/// One leaf with its value and limit at an instant: the evidence of a trip, and what `explain`
/// prints.
struct Evidence {
  std::string_view key;  ///< the configuration's word: running_for, cost, …
  Truth value = Truth::unknown;
  std::optional<std::variant<Duration, Money, std::string>> measured, limit;
  std::optional<Instant> since;
  bool estimated = false;  ///< rests on a begin that is not known closely
};
std::vector<Evidence> evidence_at(const Condition& condition, const JobTimes& job, Instant at);

/// Whether nothing unseen but the job's end can undo the condition once it is true (D:
/// extrapolation): `age`, `deadline`, `schedule`, `running_for`, `cost`, a budget and `all`/`any`
/// of these.
bool can_extrapolate(const Condition& condition);

/// The budget that the condition is; nullptr when it is none.
const Budget* budget_of(const Condition& condition);

/// Whether any leaf is of a kind: cost or a budget anywhere outside a `not`; anything that moves
/// with the UTC shift.
bool has_money(const Condition& condition);
bool has_utc(const Condition& condition);

/// Whether any limit is one of time that a person may extend: outside a `not`, and not a schedule.
bool has_time_limit(const Condition& condition);

/// The condition in plain words: `running for 48h and cost at least $400.00`.
std::string describe(const Condition& condition);

}  // namespace trainstop::policy
