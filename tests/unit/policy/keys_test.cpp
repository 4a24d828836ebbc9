// The table of keys is sound in itself: what documents the configuration can rely on it.
#include "policy/keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "policy/values.hpp"
#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

TEST(Keys, AreUniqueAndDescribed) {
  std::set<std::pair<Section, std::string_view>> seen;
  for (const KeySpec& key : all_keys()) {
    EXPECT_TRUE(seen.emplace(key.section, key.name).second) << key.name;
    EXPECT_FALSE(key.description.empty()) << key.name;
    EXPECT_EQ(find_key(key.section, key.name), &key);
  }
}

TEST(Keys, HaveRangesAndDefaultsOfTheirType) {
  std::string error;
  for (const KeySpec& key : all_keys()) {
    const auto parts = split_range(key.range);
    if (key.type == Type::duration || key.type == Type::durations) {
      ASSERT_EQ(parts.size(), 2U) << key.name;
      EXPECT_TRUE(parse_duration(parts[0], error) && parse_duration(parts[1], error)) << key.name;
      EXPECT_TRUE(key.fallback.empty() || parse_duration(key.fallback, error)) << key.name;
    }
    if (key.type == Type::integer || key.type == Type::integers) {
      ASSERT_EQ(parts.size(), 2U) << key.name;
      EXPECT_TRUE(parse_integer(parts[0], error) && parse_integer(parts[1], error)) << key.name;
    }
    if (key.type == Type::choice) {
      EXPECT_GE(parts.size(), 2U) << key.name;
      const bool known = std::find(parts.begin(), parts.end(), key.fallback) != parts.end();
      EXPECT_TRUE(known || key.fallback.empty()) << key.name;
    }
    const bool nested = key.type == Type::section || key.type == Type::sections ||
                        key.type == Type::selectors || key.type == Type::group_by;
    EXPECT_EQ(nested, key.child != Section::none) << key.name;
  }
}

TEST(Keys, AreAllInTheManual) {
  std::ifstream file(std::filesystem::path(TRAINSTOP_CONFIG_DIR) / "trainstop.yaml.5");
  std::stringstream manual;
  manual << file.rdbuf();
  for (const KeySpec& key : all_keys()) {
    EXPECT_NE(manual.str().find(key.name), std::string::npos) << key.name;
  }
}

std::string example() {
  std::ifstream file(std::filesystem::path(TRAINSTOP_CONFIG_DIR) / "trainstop.yaml");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Keys, AreAllInTheExampleButThoseNotSupportedYet) {
  const std::string text = example();
  for (const KeySpec& key : all_keys()) {
    const std::string word = "\\b" + std::string(key.name) + "\\b";
    EXPECT_EQ(std::regex_search(text, std::regex(word)), key.type != Type::unsupported) << key.name;
  }
}

/// The example with every key that stands behind a # in force: `# key: …` and the lines below it
/// that are indented further.
std::string example_without_comments(int& taken) {
  static const std::regex kKey("^( *)# ([a-z_]+):.*");
  std::istringstream lines(example());
  std::string text, below;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    const bool known = std::regex_match(line, match, kKey) &&
                       std::any_of(all_keys().begin(), all_keys().end(),
                                   [&](const KeySpec& key) { return key.name == match[2].str(); });
    if (known) below = match[1].str() + "#   ";
    const bool in_force = known || (!below.empty() && line.starts_with(below));
    if (!in_force) below.clear();
    if (in_force) line.erase(line.find('#'), 2);
    taken += in_force ? 1 : 0;
    text += line + '\n';
  }
  return text;
}

TEST(Keys, OfTheExampleBehindCommentsAreReadToo) {
  int taken = 0;
  const ReadResult result = read_config({"F", example_without_comments(taken)});
  for (const std::string& problem : problems_of(result)) {
    EXPECT_NE(problem.find("the list 'interns' is not used"), std::string::npos) << problem;
  }
  EXPECT_GE(taken, 30);
  ASSERT_TRUE(result.config.has_value());
  EXPECT_EQ(result.config->notify.size(), 3U);
  EXPECT_EQ(result.config->safety.freeze.size(), 1U);
  EXPECT_EQ(result.config->people.size(), 1U);
  EXPECT_TRUE(result.config->heartbeat.has_value());
  EXPECT_EQ(result.config->control.group, "trainstop");
}

TEST(Keys, OfAnExemptionAreThoseOfASelectorAsWell) {
  EXPECT_NE(find_key(Section::exemption, "project"), nullptr);
  EXPECT_NE(find_key(Section::exemption, "until"), nullptr);
  EXPECT_EQ(find_key(Section::selector, "until"), nullptr);
}

TEST(Keys, OfDefaultsAreThoseOfARuleButAFew) {
  const std::set<std::string_view> of_its_own{"name", "match", "when", "budget"};
  for (const KeySpec* key : keys_of(Section::rule)) {
    EXPECT_EQ(find_key(Section::defaults, key->name),
              of_its_own.contains(key->name) ? nullptr : key)
        << key->name;
  }
  EXPECT_NE(find_key(Section::defaults, "shed"), nullptr);
}

}  // namespace
}  // namespace trainstop::policy
