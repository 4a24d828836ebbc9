// The normal form of a rule and of the whole configuration: equal text means equal behaviour,
// whatever the order, spelling or comments of the file.
#pragma once

#include <string>
#include <string_view>

#include "policy/config.hpp"

namespace trainstop::policy {

/// One line a setting; does not hold the place, nor who is told: to tell somebody else is no new
/// rule.
std::string canonical(const Rule& rule);
std::string canonical(const Selector& selector);
std::string canonical(const Condition& condition);

/// Everything but hashes and places. Holds no secret.
std::string canonical(const Config& config);

/// 12 hex digits of the text's XXH128.
std::string short_hash(std::string_view text);

}  // namespace trainstop::policy
