// Reading configurations from a few lines, for tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/reader.hpp"

namespace trainstop::policy {

/// A sound head of a configuration; four lines.
inline const std::string kHead = R"(mode: enforce
accounts:
  - name: a
    api_key: {env: KEY}
)";

/// All problems as the command prints them.
inline std::vector<std::string> problems_of(const ReadResult& result) {
  std::vector<std::string> lines;
  for (const Problem& problem : result.problems) lines.push_back(format(problem));
  return lines;
}

/// The configuration of a text that must be sound.
inline Config read_sound(const std::string& text, const std::vector<SourceText>& rules = {}) {
  const ReadResult result = read_config({"m.yaml", text}, rules);
  for (const std::string& problem : problems_of(result)) ADD_FAILURE() << problem;
  return result.config.value_or(Config{});
}

/// A sound rule; one line.
inline const std::string kOneRule = "rules: [{name: r, when: {age: 1d}}]\n";

/// The configuration of head and rule with more text behind, which must be sound.
inline Config read_sound_with(const std::string& rest) {
  return read_sound(kHead + kOneRule + rest);
}
/// The problems of one that need not be.
inline std::vector<std::string> problems_with(const std::string& rest) {
  return problems_of(read_config({"F", kHead + kOneRule + rest}));
}

/// The only rule of such a configuration, given in braces.
inline Rule read_sound_rule(const std::string& rule) {
  const Config config = read_sound(kHead + "rules: [" + rule + "]\n");
  EXPECT_EQ(config.rules.size(), 1U);
  return config.rules.empty() ? Rule{} : config.rules.front();
}

}  // namespace trainstop::policy
