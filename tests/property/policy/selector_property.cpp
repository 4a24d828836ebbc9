// Globs against the plain recursive definition; selectors against the logic of their parts.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "policy/selector.hpp"

namespace trainstop::policy {
namespace {

/// The definition, for patterns of letters, `*`, `?` and well-formed sets.
bool slow_match(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return slow_match(pattern.substr(1), text) ||
           (!text.empty() && slow_match(pattern, text.substr(1)));
  }
  if (text.empty()) return false;
  if (pattern[0] == '[') {
    const std::size_t close = pattern.find(']');
    const char low = pattern[1];
    const char high = pattern[3];
    return text[0] >= low && text[0] <= high &&
           slow_match(pattern.substr(close + 1), text.substr(1));
  }
  return (pattern[0] == '?' || pattern[0] == text[0]) &&
         slow_match(pattern.substr(1), text.substr(1));
}

std::string any_pattern() {
  const auto parts = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "b", "c", "*", "?", "[a-b]", "[b-c]"));
  std::string pattern;
  for (const std::string& part : parts) pattern += part;
  return pattern.substr(0, 40);
}

RC_GTEST_PROP(SelectorProperty, GlobsMatchByTheirDefinition, ()) {
  std::string pattern = any_pattern();
  if (pattern.rfind('[') != std::string::npos &&
      pattern.find(']', pattern.rfind('[')) == std::string::npos) {
    pattern.resize(pattern.rfind('['));
  }
  const std::string text = *rc::gen::container<std::string>(rc::gen::element('a', 'b', 'c'));
  RC_ASSERT(glob_matches(pattern, text.substr(0, 20), false) ==
            slow_match(pattern, text.substr(0, 20)));
}

RC_GTEST_PROP(SelectorProperty, ATextWithoutWildcardsMatchesItselfOnly, ()) {
  const auto letters = rc::gen::container<std::string>(rc::gen::elementOf(std::string("abA-_9 .")));
  const std::string a = *letters;
  const std::string b = *letters;
  RC_ASSERT(glob_matches(a, a, false));
  RC_ASSERT(glob_matches(a, b, false) == (a == b));
  RC_ASSERT(glob_matches("*", a, false));
  RC_ASSERT(glob_matches(a + "*", a + b, false));
}

RC_GTEST_PROP(SelectorProperty, AnyBytesAreMatchedWithoutHarm,
              (const std::string& pattern, const std::string& text)) {
  glob_matches(pattern, text, false);
  glob_matches(pattern, text, true);
  const std::string_view range = reversed_range(pattern);
  RC_ASSERT(range.empty() || pattern.find(range) != std::string::npos);
}

RC_GTEST_PROP(SelectorProperty, ARangeRunsBackwardsExactlyWhenNothingIsInIt, ()) {
  const char low = *rc::gen::inRange('a', 'f');
  const char high = *rc::gen::inRange('a', 'f');
  const std::string set{'[', low, '-', high, ']'};
  bool any = false;
  for (char c = 'a'; c < 'f'; ++c) any = any || glob_matches(set, std::string(1, c), false);
  RC_ASSERT(reversed_range("x" + set + "*").empty() == any);
}

RC_GTEST_PROP(SelectorProperty, KeysOfAMapAreAndedAndMapsAreOred, ()) {
  SelectorMap team, name;
  team.team = {*rc::gen::element<std::string>("research", "ops")};
  name.job = {*rc::gen::element<std::string>("llm-*", "x-*")};
  SelectorMap both = team;
  both.job = name.job;
  JobAttributes job;
  job.job_id = "abc123";
  const auto some = [](std::string_view text) { return std::optional<std::string_view>(text); };
  job.team = *rc::gen::element(some("research"), some("OPS"), std::optional<std::string_view>());
  job.job_name = *rc::gen::element(some("llm-7b"), some("x-1"), std::optional<std::string_view>());
  const Truth of_team = matches({{team}}, job);
  const Truth of_name = matches({{name}}, job);
  RC_ASSERT(matches({{both}}, job) == (of_team && of_name));
  RC_ASSERT(matches({{team, name}}, job) == (of_team || of_name));
  const auto mismatch = first_mismatch({{both}}, job);
  RC_ASSERT(mismatch.has_value() == (matches({{both}}, job) != Truth::yes));
  if (mismatch) RC_ASSERT(mismatch->answer == matches({{both}}, job));
}

}  // namespace
}  // namespace trainstop::policy
