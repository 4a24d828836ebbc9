// Configurations at their edges: values that are missing, too many, or next to what is allowed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/describe.hpp"
#include "policy/keys.hpp"
#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kAnyRule = "rules: [{name: r, when: {age: 1d}}]\n";

/// The problems of a sound head and one rule with more text behind.
std::vector<std::string> with(const std::string& rest) {
  return problems_of(read_config({"F", kHead + kAnyRule + rest}));
}
std::vector<std::string> of_rule(const std::string& rule) {
  return problems_of(read_config({"F", kHead + "rules: [{" + rule + "}]\n"}));
}
std::vector<std::string> of_account(const std::string& account) {
  return problems_of(read_config({"F", "mode: enforce\naccounts: [" + account + "]\n" + kAnyRule}));
}

TEST(Reader, TellsOfKeysWithoutAValueAndReadsOn) {
  for (const char* rest : {"timezone:\n", "lists:\n", "state_dir:\n", "poll:\n", "safety:\n"}) {
    EXPECT_THAT(with(rest), ElementsAre(HasSubstr("has no value"))) << rest;
  }
  for (const char* key : {"warn_before", "warn_at", "grace", "enforce_from"}) {
    EXPECT_THAT(of_rule("name: r, when: {age: 1d}, " + std::string(key) + ": "),
                ElementsAre(HasSubstr("has no value")))
        << key;
  }
  EXPECT_THAT(of_rule("name: r, match: {priority: }, when: {age: 1d}"),
              Contains(HasSubstr("'priority' has no value")));
  EXPECT_THAT(of_rule("name: r, when: {schedule: {during: Sat, timezone: }}"),
              ElementsAre(HasSubstr("'timezone' has no value")));
  EXPECT_THAT(of_rule("name: r, when: {schedule: {during: }}"),
              ElementsAre(HasSubstr("'during' has no value")));
  EXPECT_THAT(problems_of(read_config({"F", kHead + "rules:\n"})),
              Contains(HasSubstr("'rules' has no value")));
}

TEST(Reader, TellsOfAliasesOnceWhereverTheyStand) {
  for (const char* rest : {"lists: {l: *x}\n", "prices: {H100x8: *x}\n", "timezone: *x\n"}) {
    EXPECT_THAT(with(rest), Contains(HasSubstr("aliases are not supported"))) << rest;
    for (const std::string& problem : with(rest))
      EXPECT_THAT(problem, testing::Not(HasSubstr("has no"))) << rest;
  }
  for (const char* rest : {"lists: {k: &x y, l: *x}\n", "prices: {A: &x $1/h, B: *x}\n"}) {
    EXPECT_THAT(with(rest), Contains(HasSubstr("aliases are not supported"))) << rest;
    for (const std::string& problem : with(rest)) {
      EXPECT_THAT(problem, testing::Not(HasSubstr("is empty"))) << rest;
      EXPECT_THAT(problem, testing::Not(HasSubstr("has no price"))) << rest;
    }
  }
}

TEST(Reader, TellsNothingMoreOfAnAliasThanThatItIsOne) {
  const auto alias = HasSubstr("error: '*' begins a YAML alias here");
  EXPECT_THAT(problems_of(read_config({"F", kHead + "rules: *keep\n"})), ElementsAre(alias));
  EXPECT_THAT(problems_of(read_config({"F", kHead + "rules:\n  - *keep\n"})), ElementsAre(alias));
  for (const char* rest : {"defaults: *x\n", "prices: *x\n", "lists: *x\n", "notify: *x\n",
                           "poll: {interval: *x}\n", "safety: {exempt: *x}\n"}) {
    EXPECT_THAT(with(rest), ElementsAre(alias)) << rest;
  }
  for (const char* rule :
       {"name: r, when: *x", "name: r, when: {age: *x}", "name: r, match: *x, when: {age: 1d}",
        "name: r, match: {account: *x}, when: {age: 1d}", "name: *x, when: {age: 1d}"}) {
    EXPECT_THAT(of_rule(rule), ElementsAre(alias)) << rule;
  }
  EXPECT_THAT(of_rule("name: r, when: {age: *x}, grace: soon"),
              ElementsAre(alias, HasSubstr("'grace' is 'soon'")))
      << "of the rest all is told";
}

TEST(Reader, TellsWhatStandsWhereASingleValueIsExpected) {
  EXPECT_THAT(of_rule("name: r, when: {age: {a: 1}}"),
              ElementsAre(HasSubstr("'age' must be a single value, but is a map")));
  EXPECT_THAT(with("state_dir: [x]\n"),
              ElementsAre(HasSubstr("'state_dir' must be a single value, but is a list")));
  EXPECT_THAT(of_rule("name: r, when: {in_status: {status: [[running]]}}"),
              ElementsAre(HasSubstr("'status' must be a single value, but is a list")));
  EXPECT_THAT(of_account("{name: a, api_key: {env: K}, base_url: [x]}"),
              ElementsAre(HasSubstr("'base_url' must be a single value, but is a list")));
  EXPECT_THAT(with("lists: {\"\": [x]}\n"), ElementsAre(HasSubstr("a list's name is empty")));
  EXPECT_THAT(of_account("x"), ElementsAre(HasSubstr("an account must be a map")));
}

TEST(Reader, ShowsLettersOfAnyLanguageAndNoControls) {
  EXPECT_THAT(of_rule("name: r, when: {age: 1d}, mode: \"é\\tü\""),
              ElementsAre(HasSubstr("'mode' is 'é ü'")));
}

TEST(Reader, TakesAWarningWithoutAList) {
  const Rule rule = read_sound_rule("{name: r, when: {age: 1d}, warn_before: 1h, warn_at: 80%}");
  EXPECT_THAT(rule.warn_before, SizeIs(1));
  EXPECT_THAT(rule.warn_at_percent, ElementsAre(80));
}

TEST(Reader, BoundsAndEmptiesListsOfWarningsOnly) {
  std::string many;
  for (int i = 1; i <= 21; ++i) many += std::to_string(i) + ",";
  EXPECT_THAT(of_rule("name: r, match: {priority: [" + many + "]}, when: {age: 1d}"), IsEmpty());
  EXPECT_THAT(of_rule("name: r, match: {priority: []}, when: {age: 1d}"),
              ElementsAre(HasSubstr("'priority' is an empty list")));
}

TEST(Reader, TakesAGraceOfNothingFromARuleThatWarns) {
  EXPECT_THAT(of_rule("name: r, when: {age: 1d}, action: warn, grace: 0s"), IsEmpty());
  EXPECT_THAT(of_rule("name: r, when: {age: 1d}, action: warn, grace: 1s"),
              ElementsAre(HasSubstr("'grace' is possible only with 'action: stop'")));
}

TEST(Reader, KnowsWhichSetsOfAGlobAreClosed) {
  for (const char* glob : {"a[b]", "a[!b]c[d]", "a[^b]", "[]]", "[!]]"}) {
    EXPECT_THAT(of_rule("name: r, match: {job: \"" + std::string(glob) + "\"}, when: {age: 1d}"),
                IsEmpty())
        << glob;
  }
  for (const char* glob : {"a[", "a[!", "a[^", "a[b", "[]", "[!]"}) {
    EXPECT_THAT(of_rule("name: r, match: {job: \"" + std::string(glob) + "\"}, when: {age: 1d}"),
                ElementsAre(HasSubstr("never closed")))
        << glob;
  }
}

TEST(Reader, KnowsNamesByTheirCharacters) {
  EXPECT_THAT(of_rule("name: aZ09-_., when: {age: 1d}"), IsEmpty());
  // The characters next to those that are allowed.
  for (const char* name : {"a{", "a`", "A[", "A@", "a/", "a:b", "é"}) {
    EXPECT_THAT(of_rule("name: \"" + std::string(name) + "\", when: {age: 1d}"),
                ElementsAre(HasSubstr("the name must be of letters")))
        << name;
  }
}

TEST(Reader, KnowsInstanceTypesByTheirCharacters) {
  EXPECT_THAT(with("prices: {spot/H100x8: $1/h, gpu-8_x.Z:a9: $1/h}\n"), IsEmpty());
  for (const char* type : {"a{", "a`", "A[", "A@", "a/", "a;", "", "spot/", "é"}) {
    EXPECT_THAT(with("prices: {\"" + std::string(type) + "\": $1/h}\n"),
                ElementsAre(HasSubstr("is no instance type")))
        << type;
  }
}

TEST(Reader, KnowsStatusesInAnyCaseAndByTheirWholeName) {
  EXPECT_THAT(of_rule("name: r, match: {status: TRAINING_JOB_RUN*}, when: {age: 1d}"), IsEmpty());
  EXPECT_THAT(of_rule("name: r, when: {in_status: {status: Training_Job_Running}}"), IsEmpty());
  EXPECT_THAT(of_rule("name: r, when: {in_status: {status: \"run{\"}}"),
              ElementsAre(HasSubstr("'run{' is no known status")));
}

TEST(Reader, TakesAsManyGpusAtLeastAsAtMost) {
  EXPECT_THAT(of_rule("name: r, match: {min_gpus: 8, max_gpus: 8}, when: {age: 1d}"), IsEmpty());
  EXPECT_THAT(of_rule("name: r, match: {min_gpus: 9, max_gpus: 8}, when: {age: 1d}"),
              ElementsAre(HasSubstr("at least 9 and at most 8 GPUs")));
}

TEST(Reader, KnowsPortsByTheirRange) {
  for (const char* port : {"1", "65535"}) {
    EXPECT_THAT(of_account("{name: a, api_key: {env: K}, base_url: \"https://h.example:" +
                           std::string(port) + "\"}"),
                IsEmpty())
        << port;
  }
  for (const char* port : {"0", "65536", "99999999999999999999", "080"}) {
    EXPECT_THAT(of_account("{name: a, api_key: {env: K}, base_url: \"https://h.example:" +
                           std::string(port) + "\"}"),
                ElementsAre(HasSubstr("its host or port is malformed")))
        << port;
  }
}

TEST(Reader, RefusesCredentialsThatAreNoNames) {
  for (const char* name : {"../key", "a/b", ".hidden"}) {
    EXPECT_THAT(of_account("{name: a, api_key: {credential: \"" + std::string(name) + "\"}}"),
                ElementsAre(HasSubstr("can't be the name of a credential")))
        << name;
  }
  EXPECT_THAT(of_account("{name: a, api_key: {env: [x]}}"),
              ElementsAre(HasSubstr("'env' must be a single value")));
  EXPECT_THAT(of_account("{name: a, api_key: {file: /run/.key}}"), IsEmpty());
}

TEST(Reader, HasABoundForEverythingThatIsCounted) {
  std::string rules = "rules:\n", accounts = "accounts:\n", parts, items;
  for (int i = 0; i < 1001; ++i)
    rules += "  - {name: r" + std::to_string(i) + ", when: {age: 1d}}\n";
  EXPECT_THAT(problems_of(read_config({"F", kHead + rules})),
              ElementsAre(HasSubstr("more than 1000 rules")));
  for (int i = 0; i < 101; ++i) {
    accounts += "  - {name: a" + std::to_string(i) + ", api_key: {env: K}}\n";
    parts += "{age: 1d},";
  }
  EXPECT_THAT(problems_of(read_config({"F", "mode: enforce\n" + accounts + kAnyRule})),
              ElementsAre(HasSubstr("more than 100 accounts")));
  EXPECT_THAT(of_rule("name: r, when: {any: [" + parts + "]}"),
              ElementsAre(HasSubstr("a condition of more than 100 parts")));
  for (int i = 0; i < 10'001; ++i) items += "x,";
  EXPECT_THAT(with("lists: {l: [" + items + "]}\n"),
              Contains(HasSubstr("the list 'l' has more than 10000 items")));
}

TEST(Reader, TellsNoMoreProblemsThanAnybodyReads) {
  std::string keys;
  for (int i = 0; i < 600; ++i) keys += "unknown" + std::to_string(i) + ": 1\n";
  EXPECT_THAT(with(keys), SizeIs(500));
}

TEST(Reader, GivesUpOnTooManyGlobsWithoutQuotes) {
  std::string items;
  for (int i = 0; i < 60; ++i) items += "*-x, ";
  const auto result = read_config({"F", kHead + "lists: {l: [" + items + "]}\n"});
  EXPECT_THAT(problems_of(result), Contains(HasSubstr("aliases are not supported")));
  EXPECT_FALSE(result.config);
}

TEST(Reader, TellsOnceThatAFileIsNestedTooDeep) {
  const std::string deep = std::string(45, '[') + std::string(45, ']');
  const auto problems = problems_of(read_config({"F", "- " + deep + "\n- " + deep + "\n"}));
  EXPECT_EQ(std::count_if(problems.begin(), problems.end(),
                          [](const std::string& problem) {
                            return problem.find("nested deeper") != std::string::npos;
                          }),
            1);
}

TEST(Reader, TakesAMergeKeyInQuotesForAWord) {
  EXPECT_THAT(with("\"<<\": 1\n"), ElementsAre(HasSubstr("unknown key '<<'")));
}

TEST(Reader, TellsOfAListThatIsThereTwiceOnce) {
  EXPECT_THAT(with("lists: {l: [x], l: [y]}\n"),
              ElementsAre(HasSubstr("is not used"), HasSubstr("duplicate key 'l'")));
}

TEST(Reader, NamesThePlaceOfAPollThatIsLongerThanTheApiMayBeSilent) {
  EXPECT_THAT(with("poll: {interval: 10m}\n"),
              ElementsAre(HasSubstr("'unreachable_after' (10m) must be longer")));
}

TEST(Reader, TakesConditionsThatAllMustHold) {
  EXPECT_EQ(read_sound_rule("{name: r, when: {all: [{age: 1d}, {cost: $5}]}}").when,
            read_sound_rule("{name: r, when: {age: 1d, cost: $5}}").when);
}

TEST(Canonical, QuotesWhatCouldEndAText) {
  const auto form = [](const std::string& job) {
    return read_sound_rule("{name: r, match: {job: '" + job + "'}, when: {age: 1d}}").canonical;
  };
  EXPECT_THAT(form("a\\b"), HasSubstr("\"a\\\\b\""));
  EXPECT_THAT(form("a\"b"), HasSubstr("\"a\\\"b\""));
}

TEST(Describe, SaysNumbersOfASelectorInWords) {
  const Rule rule = read_sound_rule(
      "{name: r, match: {priority: [1, 2], min_gpus: 8, max_gpus: 64, min_nodes: 2},"
      " when: {age: 1d}}");
  EXPECT_EQ(describe(*rule.match),
            "priority is 1 or 2 and GPUs are at least 8 and GPUs are at most 64 and nodes are at "
            "least 2");
}

TEST(Describe, SaysFractionsOfASecondAndWhatGraceMeansForMoney) {
  EXPECT_EQ(
      describe(read_sound_rule("{name: r, mode: observe, when: {deadline: 2026-12-01T18:00:00.5Z}}")
                   .when),
      "the time is past 2026-12-01T18:00:00.500Z");
  const Config config;
  EXPECT_THAT(describe(read_sound_rule("{name: r, when: {cost: $5}, grace: 1m}"), config),
              HasSubstr("at a cost limit it trips so much earlier"));
  EXPECT_THAT(describe(read_sound_rule("{name: r, when: {age: 1d}, action: warn}"), config),
              HasSubstr("It warns then, once"));
  EXPECT_EQ(describe(read_sound_rule("{name: r, when: {all: [{any: [{age: 1d}]}]}}").when),
            "created 1d ago");
}

TEST(Keys, OfNoSectionAreTheConfigurations) {
  EXPECT_EQ(name_of(Section::none), "the configuration");
}

}  // namespace
}  // namespace trainstop::policy
