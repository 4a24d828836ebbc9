#include "policy/event_names.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "policy/selector.hpp"

namespace trainstop::policy {

namespace {

constexpr std::array<std::string_view, 17> kAreas{
    "daemon", "config",  "job",    "rule", "stop",  "budget", "ledger",   "breaker", "freeze",
    "api",    "journal", "notify", "log",  "price", "clock",  "operator", "control"};

constexpr std::array<std::string_view, 18> kDefaults{
    "rule.warned",      "rule.tripped",    "stop.confirmed", "stop.averted", "stop.held",
    "stop.unconfirmed", "stop.refused",    "budget.*",       "breaker.*",    "api.unreachable",
    "api.auth_failed",  "api.recovered",   "journal.*",      "clock.skewed", "config.rejected",
    "job.lost",         "ledger.unusable", "operator.*"};

}  // namespace

std::span<const std::string_view> event_areas() {
  return kAreas;
}

bool may_match_event(std::string_view glob) {
  return std::any_of(kAreas.begin(), kAreas.end(), [&](std::string_view area) {
    const std::string head = std::string(area) + '.';
    // What is left of the glob behind the name's only dot can be anything, but not nothing.
    for (std::size_t length = 1; length <= glob.size(); ++length) {
      const std::string_view rest = glob.substr(length);
      if (rest.find('.') != std::string_view::npos || (rest.empty() && glob.back() != '*'))
        continue;
      if (glob_matches(glob.substr(0, length), head, false)) return true;
    }
    return false;
  });
}

std::span<const std::string_view> default_events() {
  return kDefaults;
}

}  // namespace trainstop::policy
