// Judges one rule on one job: when it trips, when its stop is due, what is to be warned of. Pure
// functions of facts and time.
#pragma once

#include <optional>

#include "core/state.hpp"
#include "policy/condition.hpp"
#include "policy/config.hpp"

namespace trainstop::core {

/// What a rule says of a job while no new fact comes.
struct Outlook {
  Truth value = Truth::no;  ///< of the condition now
  Instant trip = kNever;    ///< when it becomes, or became, true; kNever within the horizon
  Instant due = kNever;     ///< when the stop is to leave; a warn rule's is its trip
  Instant again = kNever;   ///< when the value may change next
};

/// Whether an instant has moved by more than that; kNever is far from everything.
bool moved(Instant a, Instant b, Duration by);

/// How a rule's condition is read: for a stop, money trips early by grace and, landing under the
/// limit, by `allowance`.
policy::Reading reading_of(const policy::Rule& rule, Duration allowance);

/// The outlook at `now`. `told` is when rule.tripped was told, kNever if it was not.
Outlook look(const policy::Rule& rule, const policy::JobTimes& job, Instant now, Duration allowance,
             Instant told);

/// A warning as the configuration names it.
struct Warning {
  std::optional<Duration> before;  ///< this long before the due
  std::optional<int> percent;      ///< this share of the limit
};

/// The most urgent warning that is overdue and was not told, if any; `pair` remembers that it and
/// those before it were told. Not for a pair that has tripped, save for shares above 100 % of a
/// warn rule.
std::optional<Warning> take_warning(const policy::Rule& rule, const policy::JobTimes& job,
                                    Instant now, Pair& pair);

/// The next instant at which take_warning may give one; kNever when none is left.
Instant next_warning(const policy::Rule& rule, const policy::JobTimes& job, Instant now,
                     const Pair& pair);

/// The smallest cost limit outside a `not`; empty without one.
std::optional<Money> smallest_cost_limit(const policy::Condition& condition);
/// The same, or a budget's limit.
std::optional<Money> smallest_limit(const policy::Condition& condition);

}  // namespace trainstop::core
