#include "policy/rule_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trainstop::policy {
namespace {

using testing::ElementsAre;

Config with_rules(const std::vector<std::pair<std::string, std::string>>& rules) {
  Config config;
  for (const auto& [name, hash] : rules) {
    Rule& rule = config.rules.emplace_back();
    rule.name = name;
    rule.hash = hash;
  }
  return config;
}

TEST(RuleChanges, ARuleIsKnownByItsNameAndIsTheSameWhileItsTextIs) {
  const Config from = with_rules({{"same", "1"}, {"other", "2"}, {"gone", "3"}});
  const Config to = with_rules({{"fresh", "3"}, {"other", "4"}, {"same", "1"}});
  const RuleChanges changes = rule_changes(from, to);
  EXPECT_THAT(changes.added, ElementsAre("fresh"));
  EXPECT_THAT(changes.changed, ElementsAre("other"));
  EXPECT_THAT(changes.removed, ElementsAre("gone"));
  EXPECT_TRUE(changes.is_new("fresh") && changes.is_new("other"));
  EXPECT_FALSE(changes.is_new("same") || changes.is_new("gone"));
}

}  // namespace
}  // namespace trainstop::policy
