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
  EXPECT_EQ(form("{name: r, mode: observe, when: {schedule: {during: [Sat, Sun]}}}"),
            form("{name: r, mode: observe, when: {schedule: {during: Sat 00:00 - Mon 00:00, "
                 "timezone: UTC}}}"));
}

TEST(Canonical, EveryChangeOfMeaningShows) {
  const std::string base = "{name: r, when: {running_for: 1h}";
  std::set<std::string> forms;
  for (const char* rest :
       {"}", ", grace: 1s}", ", mode: observe}", ", action: warn}", ", warn_at: [80%]}",
        ", warn_before: [1m]}", ", match: {job: a}}", ", exclude: {job: a}}",
        ", match: {project: a}}", ", enforce_from: 2026-12-01}", ", extend: {max: 1h}}",
        ", extend: {max: 2h}}", ", extend: {times: 2}}", ", extend: {max: 1h, times: 2}}",
        ", through_freeze: true}"}) {
    EXPECT_TRUE(forms.insert(form(base + rest)).second) << rest;
  }
  EXPECT_NE(form("{name: r, when: {any: [{age: 1d}, {cost: $5}]}}"),
            form("{name: r, when: {age: 1d, cost: $5}}"));
}

TEST(Canonical, AnExtensionByTimeIsNoneByMoney) {
  const std::string base = "{name: r, budget: {limit: $5, per: day}, extend: ";
  EXPECT_NE(form(base + "{max: $1}}"), form(base + "{max: $2}}"));
  EXPECT_NE(form(base + "{max: $1}}"), form(base + "{times: 1}}"));
  EXPECT_EQ(form("{name: r, when: {age: 1d}, through_freeze: false}"),
            form("{name: r, when: {age: 1d}}"));
}

TEST(Canonical, WhoIsToldMakesNoOtherRuleButAnotherConfiguration) {
  const auto read = [](const std::string& notify) {
    return read_sound(kHead + "notify: [{name: s, exec: [/bin/s]}, {name: t, exec: [/bin/t]}]\n" +
                      "rules: [{name: r, when: {age: 1d}, notify: " + notify + "}]\n");
  };
  const Config none = read("[]");
  const Config one = read("[s]");
  EXPECT_EQ(one.rules.at(0).hash, none.rules.at(0).hash);
  EXPECT_NE(one.hash, none.hash);
  EXPECT_NE(one.hash, read("[t]").hash);
  EXPECT_EQ(read("[s, t]").hash, read("[t, s]").hash);
}

TEST(Canonical, HoldsWhereASecretIsAndNoArgumentOfAProgram) {
  const Config config = read_sound(
      kHead +
      "notify: [{name: s, exec: [/bin/s, --token, hunter2]}, {name: t, url: {env: THERE}, hmac: "
      "{credential: key-of-it}}]\nheartbeat: {url: {file: /there/too}}\n"
      "rules: [{name: r, when: {age: 1d}}]\n");
  const std::string text = canonical(config);
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
  for (const char* place : {"THERE", "key-of-it", "/there/too"})
    EXPECT_NE(text.find(place), std::string::npos) << place;
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
  EXPECT_EQ(hash(""), hash("control: {socket: /run/trainstop/control.sock, mode: 0660}\n"));
  std::set<std::string> hashes{hash("")};
  for (const char* rest : {"control: {socket: /run/x}\n",
                           "control: {group: ops}\n",
                           "control: {mode: 0600}\n",
                           "people: {a@b: U1}\n",
                           "people: {a@b: U2}\n",
                           "heartbeat: {url: {env: A}}\n",
                           "heartbeat: {url: {file: A}}\n",
                           "heartbeat: {url: {env: A}, every: 2m}\n",
                           "notify: [{name: s, url: {env: A}}]\n",
                           "notify: [{name: s, url: {env: B}}]\n",
                           "notify: [{name: s, url: {env: A}, format: slack}]\n",
                           "notify: [{name: s, url: {env: A}, hmac: {env: A}}]\n",
                           "notify: [{name: s, url: {env: A}, events: [stop.*]}]\n",
                           "notify: [{name: s, url: {env: A}, match: {job: x}}]\n",
                           "notify: [{name: s, exec: [/a]}]\n",
                           "notify: [{name: s, exec: [/a, b]}]\n",
                           "safety: {freeze: [{during: Sat}]}\n",
                           "safety: {freeze: [{during: Sun}]}\n",
                           "safety: {freeze: [{during: Sat, timezone: Europe/Berlin}]}\n",
                           "safety: {freeze: [{during: Sat, match: {job: x}}]}\n"}) {
    EXPECT_TRUE(hashes.insert(hash(rest)).second) << rest;
  }
}

}  // namespace
}  // namespace trainstop::policy
