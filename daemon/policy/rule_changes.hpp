// What has become of rules from one configuration to another. A rule is known by its name; it is
// the same rule while its canonical text is.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "model/event.hpp"
#include "policy/config.hpp"

namespace trainstop::policy {

struct RuleChanges {
  std::set<std::string> added, changed, removed;  ///< names

  /// Whether the rule of that name, in the later configuration, is to be judged for the first time.
  bool is_new(const std::string& name) const {
    return added.contains(name) || changed.contains(name);
  }
};

RuleChanges rule_changes(const Config& from, const Config& to);

/// Whether the accounts have the same names, addresses and projects: no reload takes others.
bool same_accounts(const Config& from, const Config& to);
inline constexpr std::string_view kOtherAccounts =
    "the accounts have changed: restart the daemon for that";

/// `added`, `changed` and `removed`: lists of names, for answers.
Value::Object fields_of(const RuleChanges& changes);

}  // namespace trainstop::policy
