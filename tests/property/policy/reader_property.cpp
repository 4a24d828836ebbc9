// Whatever bytes a configuration holds, the reader ends, and every failure has a place and words.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "policy/describe.hpp"
#include "policy/reader.hpp"

namespace trainstop::policy {
namespace {

constexpr std::string_view kSound = R"(mode: enforce
timezone: Europe/Berlin
accounts:
  - {name: a, base_url: https://api.baseten.co, api_key: {env: KEY}, projects: ["llm-*"]}
poll: {interval: 15s, connections: 4}
prices: {H100x8: $52.00/h, spot/H100x8: $0.5/min}
safety: {max_stops: {count: 10, per: 1h}, exempt: [{job: x, until: 2026-12-01, reason: paper}], freeze: [{during: "Fri 18:00 - Mon 08:00", timezone: UTC, match: {team: x}}]}
control: {socket: /run/x.sock, group: ops, mode: 0660}
heartbeat: {url: {credential: beat}, every: 1m}
people: {ana@corp.example: U012ABCDE}
notify:
  - {name: oncall, format: slack, url: {env: HOOK}, events: [stop.*, "api.[ur]*"], match: {project: llm-*}}
  - {name: hook, url: {file: /x}, hmac: {env: K}}
  - {name: page, exec: [/bin/page, --json]}
lists: {interns: [ana@corp.example, bo@corp.example]}
defaults: {warn_before: [2h], grace: 10m, shed: {at: 90%, order: oldest}}
rules:
  - name: two-days
    match: {account: "[a-c]", project: ["llm-*"], gpu_type: H100}
    exclude: [{job: "*-keep"}, {user: {list: interns}}]
    when: {running_for: 48h, any: [{cost: $400}, {not: {in_status: {status: running, for: 1h}}}]}
    warn_at: [80%]
    extend: {max: 12h, times: 2}
    notify: [oncall, page]
    through_freeze: true
  - {name: pot, budget: {limit: $5, per: day}, extend: {max: $5}}
  - {name: nights, when: {schedule: {outside: ["Mon-Fri 09:00-18:00", "Sat"], timezone: UTC}}, action: warn, repeat: 1h}
)";

/// The promises of a result, whatever was read.
void check(const std::string& text) {
  const SourceText main{"m.yaml", text};
  const ReadResult result = read_config(main, {{"r.yaml", text}});
  bool error = false;
  for (const Problem& problem : result.problems) {
    error = error || problem.severity == Problem::Severity::error;
    RC_ASSERT(!problem.message.empty());
    RC_ASSERT(problem.message.find('\n') == std::string::npos);
    RC_ASSERT(problem.place.file == "m.yaml" || problem.place.file == "r.yaml");
    RC_ASSERT(problem.place.line >= 1);
    RC_ASSERT(problem.place.column >= 1);
    RC_ASSERT(problem.place.line <= std::count(text.begin(), text.end(), '\n') + 2);
  }
  RC_ASSERT(result.config.has_value() != error);
  RC_ASSERT(read_config(main).config.has_value() || !read_config(main).problems.empty());
  if (result.config) {
    for (const Rule& rule : result.config->rules)
      RC_ASSERT(!describe(rule, *result.config).empty());
  }
}

RC_GTEST_PROP(ReaderProperty, AnyBytesAreRefusedWithAPlace, (const std::string& bytes)) {
  check(bytes);
}

RC_GTEST_PROP(ReaderProperty, AnyYamlLikeTextIsReadOrRefused, ()) {
  check(*rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("ab01:::--  \n\n{}[],\"'*&!|>%#?<~$\t"))));
}

RC_GTEST_PROP(ReaderProperty, ADamagedConfigurationIsReadOrRefused, ()) {
  std::string text(kSound);
  const int edits = *rc::gen::inRange(1, 6);
  for (int edit = 0; edit < edits; ++edit) {
    const auto at = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(text.size())));
    const auto length =
        std::min(text.size() - at, static_cast<std::size_t>(*rc::gen::inRange(0, 30)));
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, text.substr(*rc::gen::inRange<std::size_t>(0, text.size()), length));
        break;
      case 2:
        text[at] = *rc::gen::arbitrary<char>();
        break;
      default:
        text.insert(at, 1, *rc::gen::elementOf(std::string("{}[]:,-*&!|>'\"\n #?%")));
    }
  }
  RC_LOG() << text << '\n';
  check(text);
}

RC_GTEST_PROP(ReaderProperty, EveryPrefixOfAConfigurationIsReadOrRefused, ()) {
  check(std::string(kSound.substr(0, *rc::gen::inRange<std::size_t>(0, kSound.size()))));
}

TEST(ReaderProperty, TheSoundConfigurationIsSound) {
  const auto result = read_config({"m.yaml", std::string(kSound)});
  for (const Problem& problem : result.problems) ADD_FAILURE() << format(problem);
  EXPECT_TRUE(result.config.has_value());
}

}  // namespace
}  // namespace trainstop::policy
