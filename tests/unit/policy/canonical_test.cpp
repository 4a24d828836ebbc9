// The normal form: what means the same is the same text, whatever the spelling.
#include "policy/canonical.hpp"

#include <gtest/gtest.h>

#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

std::string form(const std::string& rule) {
  return read_sound_rule(rule).canonical;
}

TEST(Canonical, SpellingAndOrderDoNotMatter) {
  EXPECT_EQ(
      form("{name: r, when: {running_for: 90m, cost: $5}}"),
      form("{when: {cost: 5.00 USD, running_for: 1h30m}, name: \"r\", grace: 0s, action: stop}"));
  EXPECT_EQ(form("{name: r, match: {job: [a, b]}, when: {age: 1d}}"),
            form("{name: r, match: [{job: [b, a]}], when: {age: 24h}}"));
  EXPECT_EQ(form("{name: r, when: {schedule: {during: [Sat, Sun]}}}"),
            form("{name: r, when: {schedule: {during: Sat 00:00 - Mon 00:00, timezone: UTC}}}"));
}

TEST(Canonical, EveryChangeOfMeaningShows) {
  const std::string base = "{name: r, when: {running_for: 1h}";
  std::set<std::string> forms;
  for (const char* rest :
       {"}", ", grace: 1s}", ", mode: observe}", ", action: warn}", ", warn_at: [80%]}",
        ", warn_before: [1m]}", ", match: {job: a}}", ", exclude: {job: a}}",
        ", match: {project: a}}", ", enforce_from: 2026-12-01}"}) {
    EXPECT_TRUE(forms.insert(form(base + rest)).second) << rest;
  }
  EXPECT_NE(form("{name: r, when: {any: [{age: 1d}, {cost: $5}]}}"),
            form("{name: r, when: {age: 1d, cost: $5}}"));
}

TEST(Canonical, NoTextCanLookLikeTwo) {
  EXPECT_NE(form(R"({name: r, match: {job: ["a\",\"b"]}, when: {age: 1d}})"),
            form("{name: r, match: {job: [a, b]}, when: {age: 1d}}"));
}

TEST(Canonical, HashesAreTwelveHexDigitsAndStable) {
  EXPECT_EQ(short_hash("trainstop").size(), 12U);
  EXPECT_EQ(short_hash("").substr(0, 12), "99aa06d30147");  // XXH3's own value for nothing
  const Rule rule = read_sound_rule("{name: r, when: {age: 1d}}");
  EXPECT_EQ(rule.hash, short_hash(rule.canonical));
}

TEST(Canonical, TheWholeConfigurationHasAHashOfItsMeaning) {
  const auto hash = [](const std::string& rest) {
    return read_sound(kHead + "rules: [{name: r, when: {age: 1d}}]\n" + rest).hash;
  };
  EXPECT_EQ(hash(""), hash("# a comment\npoll: {interval: 15s}\n"));
  EXPECT_NE(hash(""), hash("poll: {interval: 16s}\n"));
  EXPECT_NE(hash(""), hash("safety: {exempt: [{job: x}]}\n"));
  EXPECT_NE(hash(""), hash("prices: {A: $1/h}\n"));
}

}  // namespace
}  // namespace trainstop::policy
