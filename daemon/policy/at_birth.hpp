// Limits of money that no stop can respect: a job is over them before one that was asked for when
// it was born could have ended it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "policy/config.hpp"

namespace trainstop::policy {

/// A limit that one instance type is too dear for.
struct LimitAtBirth {
  Place place;          ///< of the rule
  std::string message;  ///< names the rule, the limit, the type, and what it needs
};

/// All such limits of the rules that stop, against these prices (USD a minute for one node, by the
/// names of `prices:`). Prices of types that a rule's selectors leave out are passed over; what a
/// name does not tell of its jobs is taken to fit.
std::vector<LimitAtBirth> limits_at_birth(const std::vector<Rule>& rules,
                                          const std::map<std::string, Money>& per_minute);

}  // namespace trainstop::policy
