// What a sound configuration means, and the problems that no single YAML file of the corpus can
// show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/schedule.hpp"
#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kFull = R"(mode: enforce
timezone: Europe/Berlin
accounts:
  - name: default
    base_url: https://api.baseten.co/
    api_key: {credential: baseten-api-key}
    auth_scheme: Bearer
    ca_file: /etc/ssl/one.pem
    projects: ["llm-*", vision]
  - {name: local, base_url: "http://127.0.0.1:8080/v1", api_key: {file: /run/key}}
poll: {interval: 20s, timeout: 5s, connections: 2, rate_limit: 40}
stop: {confirm_every: 4s, confirm_within: 2m, concurrency: 3, verify_timeout: 10s}
billing: {from: running}
prices: {H100x8: $52.00/h, spot/H100x8: $0.5/min}
state_dir: /srv/trainstop
safety:
  max_stops: {count: 5, per: 2h}
  first_notice: 10m
  unreachable_after: 5m
  exempt: [{project: prod-*, reason: serving}, {job: p7qr9qv, until: 2026-12-01, reason: paper}]
log: {level: warning, format: json, file: /var/log/t.log}
lists: {interns: [ana@corp.example, bo@corp.example]}
defaults: {warn_before: [2h], grace: 10m, mode: observe}
rules:
  - name: two-days
    match: {project: ["llm-*"], gpu_type: H100}
    exclude: [{job: "*-keep"}, {user: {list: interns}}]
    when: {running_for: 48h}
    warn_before: [30m, 4h]
    warn_at: [80%, 50%]
    grace: 5m
    mode: enforce
    enforce_from: 2026-12-24T08:00:00Z
  - {name: cap, when: {cost: $400, running_for: 1h}, landing: at}
  - {name: told, when: {age: 7d}, action: warn, repeat: 1d, warn_at: [150%]}
)";

TEST(Reader, TakesTheSectionsAsWritten) {
  const Config config = read_sound(std::string(kFull));
  EXPECT_EQ(config.mode, Mode::enforce);
  EXPECT_EQ(config.timezone, "Europe/Berlin");
  EXPECT_EQ(config.poll.interval, 20s);
  EXPECT_EQ(config.poll.rate_limit, 40);
  EXPECT_EQ(config.stop.confirm_within, 2min);
  EXPECT_EQ(config.stop.concurrency, 3);
  EXPECT_EQ(config.billing_from, BillingFrom::running);
  EXPECT_EQ(config.prices_per_minute.at("H100x8"), Money::from_nano(866'666'667));
  EXPECT_EQ(config.prices_per_minute.at("spot/H100x8"), Money::from_nano(500'000'000));
  EXPECT_EQ(config.state_dir, "/srv/trainstop");
  EXPECT_EQ(config.log.level, "warning");
  EXPECT_EQ(config.log.format, LogFormat::json);
  EXPECT_EQ(config.log.file, "/var/log/t.log");
}

TEST(Reader, TakesAccountsAndSafetyAsWritten) {
  const Config config = read_sound(std::string(kFull));
  ASSERT_EQ(config.accounts.size(), 2U);
  EXPECT_EQ(config.accounts[0].base_url, "https://api.baseten.co");
  EXPECT_EQ(config.accounts[0].api_key.from, SecretSource::From::credential);
  EXPECT_EQ(config.accounts[0].api_key.name, "baseten-api-key");
  EXPECT_EQ(config.accounts[0].auth_scheme, AuthScheme::bearer);
  EXPECT_THAT(config.accounts[0].projects, ElementsAre("llm-*", "vision"));
  EXPECT_EQ(config.accounts[1].base_url, "http://127.0.0.1:8080/v1");
  EXPECT_EQ(config.safety.max_stops, (MaxStops{5, 2h}));
  ASSERT_EQ(config.safety.exempt.size(), 2U);
  EXPECT_EQ(config.safety.exempt[0].until, std::nullopt);
  // Midnight in Berlin.
  EXPECT_EQ(config.safety.exempt[1].until, parse_rfc3339("2026-11-30T23:00:00Z"));
  EXPECT_EQ(config.safety.exempt[1].reason, "paper");
}

TEST(Reader, CompletesRulesByTheDefaults) {
  const Config config = read_sound(std::string(kFull));
  ASSERT_EQ(config.rules.size(), 3U);
  const Rule& two_days = config.rules[0];
  EXPECT_EQ(two_days.when, Condition{RunningFor{48h}});
  EXPECT_THAT(two_days.warn_before, ElementsAre(4h, 30min));
  EXPECT_THAT(two_days.warn_at_percent, ElementsAre(50, 80));
  EXPECT_EQ(two_days.grace, 5min);
  EXPECT_EQ(two_days.mode, Mode::enforce);
  EXPECT_EQ(two_days.enforce_from, parse_rfc3339("2026-12-24T08:00:00Z"));
  EXPECT_THAT(two_days.exclude->any_of[1].user, ElementsAre("ana@corp.example", "bo@corp.example"));
  const Rule& cap = config.rules[1];
  EXPECT_EQ(cap.when, (Condition{All{{{Cost{Money::from_dollars(400)}}, {RunningFor{1h}}}}}));
  EXPECT_THAT(cap.warn_before, ElementsAre(2h));
  EXPECT_EQ(cap.grace, 10min);
  EXPECT_EQ(cap.mode, Mode::observe);
  EXPECT_EQ(cap.landing, Landing::at);
  const Rule& told = config.rules[2];
  EXPECT_EQ(told.action, Action::warn);
  EXPECT_EQ(told.grace, 0s);  // a rule that stops nothing has no use for the default
  EXPECT_EQ(told.repeat, 24h);
}

TEST(Reader, LeavesOutWhatHasADefault) {
  const Config config = read_sound(kHead + "rules: [{name: r, when: {age: 1d}}]\n");
  const Config plain;
  EXPECT_EQ(config.timezone, plain.timezone);
  EXPECT_EQ(config.poll.interval, plain.poll.interval);
  EXPECT_EQ(config.stop.verify_timeout, plain.stop.verify_timeout);
  EXPECT_EQ(config.safety.max_stops, plain.safety.max_stops);
  EXPECT_EQ(config.state_dir, plain.state_dir);
  EXPECT_EQ(config.accounts[0].base_url, "https://api.baseten.co");
  EXPECT_THAT(config.accounts[0].projects, ElementsAre("*"));
}

TEST(Reader, AnEmptyListTakesTheDefaultsWarningsAway) {
  const Config config = read_sound(
      kHead +
      "defaults: {warn_before: [1h]}\nrules: [{name: r, when: {age: 1d}, warn_before: []}]\n");
  EXPECT_THAT(config.rules[0].warn_before, IsEmpty());
}

TEST(Reader, AcceptsAByteOrderMarkAndCarriageReturns) {
  std::string text = "\xEF\xBB\xBF" + kHead + "rules: [{name: r, when: {age: 1d}}]\n";
  for (std::size_t i = 0; (i = text.find('\n', i)) != std::string::npos; i += 2)
    text.insert(i, "\r");
  EXPECT_EQ(read_sound(text).rules.size(), 1U);
}

TEST(Reader, RefusesWhatIsNoText) {
  const auto problems = [](const std::string& text) {
    return problems_of(read_config({"F", text}));
  };
  EXPECT_THAT(problems(std::string("mode: \0x", 8)),
              ElementsAre("F:1:7: error: not UTF-8 text, or a control character"));
  EXPECT_THAT(problems("mode: a\nb: \xC3("),
              ElementsAre("F:2:4: error: not UTF-8 text, or a control character"));
  EXPECT_THAT(problems("mode: \x1B[2J"),
              ElementsAre("F:1:7: error: not UTF-8 text, or a control character"));
  EXPECT_THAT(problems(std::string((4U << 20U) + 1, '#')),
              ElementsAre("F:1:1: error: larger than 4 MiB"));
}

// Found by fuzzing: a glob, a list's name and a key went into the message as they were.
TEST(Reader, SaysEveryProblemInOneLine) {
  const auto result =
      read_config({"m.yaml",
                   "\"mo\\x7fde\": enforce\n\"a\\nb\": 1\nlists: {\"l\\e[2J\": [x]}\n"
                   "rules: [{name: r, match: {gpu_type: \"H\\r\\nforged\", "
                   "status: \"a\\nb\", user: {list: \"x\\ny\"}}, when: {age: 1h}}]\n"});
  EXPECT_FALSE(result.problems.empty());
  for (const Problem& problem : result.problems) {
    for (const char c : format(problem)) {
      EXPECT_FALSE(static_cast<unsigned char>(c) < ' ' || c == 0x7f) << problem.message;
    }
  }
}

TEST(Reader, EndsSoonOnTextThatIsMadeToBeSlow) {
  std::string many = kHead + "lists: {a: [";
  for (int i = 0; i < 250'000; ++i) many += "x,";
  EXPECT_THAT(problems_of(read_config({"F", many + "x]}\n"})),
              testing::Contains(HasSubstr("more than 200000 values in one file")));
  const auto deep = problems_of(read_config({"F", std::string(100'000, '[')}));
  EXPECT_THAT(deep, testing::Contains(HasSubstr("nested deeper than 40 levels")));
}

TEST(Reader, ReadsRulesAndListsOfFurtherFiles) {
  const SourceText rules{
      "rules.d/a.yaml",
      "lists: {ops: [o@x]}\nrules: [{name: s, match: {user: {list: both}}, when: {age: 2d}}]\n"};
  const Config config =
      read_sound(kHead +
                     "lists: {both: [a@x]}\ndefaults: {grace: 1m}\nrules: [{name: r, exclude: "
                     "{user: {list: ops}}, when: {age: 1d}}]\n",
                 {rules, {"rules.d/empty.yaml", "# nothing yet\n"}});
  ASSERT_EQ(config.rules.size(), 2U);
  EXPECT_EQ(config.rules[1].grace, 1min);
  EXPECT_EQ(config.rules[1].place.file, "rules.d/a.yaml");
  EXPECT_THAT(config.rules[1].match->any_of[0].user, ElementsAre("a@x"));
}

TEST(Reader, RefusesInFurtherFilesWhatBelongsIntoTheMainOne) {
  const auto result =
      read_config({"m", kHead + "rules: [{name: r, when: {age: 1d}}]\nlists: {l: [x]}\n"},
                  {{"r", "mode: observe\nruls: []\nlists: {l: [y]}\n"},
                   {"s", "rules: [{name: r, when: {age: 1d}}]\n"},
                   {"t", "- name: x\n"}});
  EXPECT_THAT(
      problems_of(result),
      ElementsAre("m:6:9: warning: the list 'l' is not used",
                  "r:1:1: error: unknown key 'mode' in a rules file; a file of rules.d holds only "
                  "'rules' and 'lists', the rest is in the main file",
                  "r:2:1: error: unknown key 'ruls' in a rules file; did you mean 'rules'?",
                  "r:3:9: error: a second list 'l'; it is already in m:6",
                  "s:1:16: error: a second rule with the name 'r'; the first is at m:5",
                  "t:1:1: error: a rules file must be a map of keys and values, but is a list"));
  EXPECT_FALSE(result.config.has_value());
}

TEST(Reader, NamesTheTimezoneOfInstantsAndSchedules) {
  const std::string head = "timezone: America/New_York\n" + kHead;
  const auto when = [&](const std::string& condition) {
    return read_sound(head + "rules: [{name: r, mode: observe, when: {" + condition + "}}]\n")
        .rules.at(0)
        .when;
  };
  EXPECT_EQ(when("deadline: 2026-07-01 09:00"),
            Condition{Deadline{*parse_rfc3339("2026-07-01T13:00:00Z")}});
  // The second of the two 01:30 of that night: a deadline never comes early.
  EXPECT_EQ(when("deadline: 2026-11-01 01:30"),
            Condition{Deadline{*parse_rfc3339("2026-11-01T06:30:00Z")}});
  const auto saturday = std::get<During>(when("schedule: {during: Sat}").node);
  EXPECT_EQ(saturday.schedule.zone_name(), "America/New_York");
  const auto tokyo = std::get<During>(when("schedule: {outside: Sat, timezone: Asia/Tokyo}").node);
  EXPECT_EQ(tokyo.schedule.zone_name(), "Asia/Tokyo");
  EXPECT_TRUE(tokyo.outside);
}

TEST(Reader, KeepsSecretsOutOfEveryMessage) {
  const auto result =
      read_config({"m",
                   "mode: observe\naccounts:\n  - {name: a, api_key: hunter2}\n  - {name: b, "
                   "api_key: [hunter2]}\n"
                   "  - {name: c, base_url: \"https://u:hunter2@x.y\", api_key: {env: K}}\n"});
  EXPECT_FALSE(result.config.has_value());
  for (const std::string& problem : problems_of(result))
    EXPECT_THAT(problem, testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace trainstop::policy
