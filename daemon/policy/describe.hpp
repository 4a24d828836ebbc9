// Rules in plain words, for `check --explain`.
#pragma once

#include <string>

#include "policy/config.hpp"

namespace trainstop::policy {

/// The jobs a selector speaks of: `project is llm-* and gpu_type is H100`.
std::string describe(const Selector& selector);

/// A few sentences: what the rule watches, when it trips, what it does then and before, in which
/// mode.
std::string describe(const Rule& rule, const Config& config);

}  // namespace trainstop::policy
