#include "policy/rule_changes.hpp"

#include <algorithm>

namespace trainstop::policy {

namespace {

const Rule* find_rule(const Config& config, const std::string& name) {
  const auto found = std::ranges::find(config.rules, name, &Rule::name);
  return found == config.rules.end() ? nullptr : &*found;
}

}  // namespace

RuleChanges rule_changes(const Config& from, const Config& to) {
  RuleChanges changes;
  for (const Rule& rule : to.rules) {
    const Rule* const before = find_rule(from, rule.name);
    if (before == nullptr) changes.added.insert(rule.name);
    if (before != nullptr && before->hash != rule.hash) changes.changed.insert(rule.name);
  }
  for (const Rule& rule : from.rules) {
    if (find_rule(to, rule.name) == nullptr) changes.removed.insert(rule.name);
  }
  return changes;
}

bool same_accounts(const Config& from, const Config& to) {
  return std::ranges::equal(from.accounts, to.accounts, [](const Account& a, const Account& b) {
    return a.name == b.name && a.base_url == b.base_url && a.projects == b.projects;
  });
}

Value::Object fields_of(const RuleChanges& changes) {
  const auto listed = [](const std::set<std::string>& names) {
    return Value::Array(names.begin(), names.end());
  };
  return {{"added", listed(changes.added)},
          {"changed", listed(changes.changed)},
          {"removed", listed(changes.removed)}};
}

}  // namespace trainstop::policy
