// Who shares a pot with whom, and how rules with a budget are read and told.
#include "policy/budget.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/canonical.hpp"
#include "policy/describe.hpp"
#include "policy/schedule.hpp"
#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

using testing::HasSubstr;

JobAttributes job() {
  JobAttributes attributes;
  attributes.account = "main";
  attributes.project_id = "p1";
  attributes.project_name = "llm";
  attributes.job_id = "j1";
  attributes.job_name = "sweep-17-a";
  attributes.team = "ml";
  attributes.user = "ana@corp.example";
  return attributes;
}

NamePattern pattern(const std::string& text) {
  std::string error;
  const auto compiled = NamePattern::compile(text, error);
  EXPECT_TRUE(compiled.has_value()) << error;
  return *compiled;
}

std::string fault(const std::string& text) {
  std::string error;
  EXPECT_FALSE(NamePattern::compile(text, error).has_value());
  return error;
}

std::string name_of(const GroupBy& by, const JobAttributes& attributes) {
  const auto group = group_of(by, attributes);
  return group ? group->name : "none";
}

TEST(NamePattern, TakesTheFirstCaptureAnywhereInTheName) {
  EXPECT_EQ(pattern("^(sweep-[0-9]+)-").capture("sweep-17-a"), "sweep-17");
  EXPECT_EQ(pattern("run-([a-z]+)([0-9]+)").capture("my-run-ab12"), "ab");
  EXPECT_EQ(pattern("^(x*)").capture("abc"), "");
  EXPECT_EQ(pattern("^(sweep)").capture("a sweep"), std::nullopt);
  EXPECT_EQ(pattern("a(b)?c").capture("ac"), std::nullopt);  // took no part
  EXPECT_EQ(pattern("^(.*)$").capture("größe"), "größe");
}

TEST(NamePattern, IsRefusedWithWhy) {
  EXPECT_THAT(fault("(a"), HasSubstr("missing )"));
  EXPECT_THAT(fault("^a$"), HasSubstr("in parentheses"));
  EXPECT_THAT(fault("(?:a)"), HasSubstr("in parentheses"));
  EXPECT_THAT(fault("(a{1000}{1000})"), HasSubstr("expected a regular expression"));
  EXPECT_THAT(fault("(\\pL{1000})"), HasSubstr("too large"));
}

TEST(NamePattern, IsEqualByItsText) {
  EXPECT_EQ(pattern("^(a)"), pattern("^(a)"));
  EXPECT_FALSE(pattern("^(a)") == pattern("^(b)"));
  EXPECT_EQ(pattern("^(a)").text(), "^(a)");
}

TEST(GroupOf, NamesTheValuesInOrder) {
  EXPECT_EQ(name_of({}, job()), "all");
  EXPECT_EQ(name_of({{GroupKey::account}, {}}, job()), "main");
  EXPECT_EQ(name_of({{GroupKey::project}, {}}, job()), "p1");
  EXPECT_EQ(name_of({{GroupKey::job}, {}}, job()), "j1");
  EXPECT_EQ(name_of({{GroupKey::team, GroupKey::user}, {}}, job()), "ml/ana@corp.example");
  EXPECT_EQ(name_of({{GroupKey::user, GroupKey::team}, {}}, job()), "ana@corp.example/ml");
}

TEST(GroupOf, AnAbsentAttributeIsUnknown) {
  JobAttributes nobody = job();
  nobody.team.reset();
  const GroupBy by{{GroupKey::team, GroupKey::user}, {}};
  EXPECT_EQ(name_of(by, nobody), "(unknown)/ana@corp.example");
  EXPECT_TRUE(group_of(by, nobody)->unknown);
  EXPECT_FALSE(group_of(by, job())->unknown);
  nobody.user.reset();
  EXPECT_EQ(name_of({{GroupKey::user, GroupKey::project}, {}}, nobody), "(unknown)/p1");
  EXPECT_TRUE(group_of({{GroupKey::user, GroupKey::project}, {}}, nobody)->unknown);
  EXPECT_FALSE(group_of({}, nobody)->unknown);
}

TEST(GroupOf, NoTwoGroupsHaveOneName) {
  JobAttributes odd = job();
  odd.team = "(unknown)";
  EXPECT_EQ(name_of({{GroupKey::team}, {}}, odd), "\\(unknown)");
  EXPECT_FALSE(group_of({{GroupKey::team}, {}}, odd)->unknown);
  odd.team = "ml/vision";
  odd.user = "a\\b";
  EXPECT_EQ(name_of({{GroupKey::team}, {}}, odd), "ml/vision");
  EXPECT_EQ(name_of({{GroupKey::team, GroupKey::user}, {}}, odd), "ml\\/vision/a\\\\b");
  odd.team = "";
  EXPECT_EQ(name_of({{GroupKey::team, GroupKey::job}, {}}, odd), "/j1");
}

TEST(GroupOf, APatternGroupsWithinTheProject) {
  const GroupBy by{{}, pattern("^(sweep-[0-9]+)-")};
  EXPECT_EQ(name_of(by, job()), "p1/sweep-17");
  EXPECT_FALSE(group_of(by, job())->unknown);
  JobAttributes other = job();
  other.job_name = "eval";
  EXPECT_FALSE(group_of(by, other).has_value());
  other.job_name.reset();
  EXPECT_FALSE(group_of(by, other).has_value());
}

TEST(GroupBy, IsSaidInAFewWords) {
  EXPECT_EQ(to_string(GroupBy{}), "all");
  EXPECT_EQ(to_string(GroupBy{{GroupKey::account, GroupKey::project}, {}}), "account,project");
  EXPECT_EQ(to_string(GroupBy{{GroupKey::team, GroupKey::user, GroupKey::job}, {}}),
            "team,user,job");
  EXPECT_EQ(to_string(GroupBy{{}, pattern("^(a)")}), "job ~ ^(a)");
}

Rule rule_of(const std::string& rest) {
  return read_sound_rule("{name: r, budget: {" + rest + "}}");
}

TEST(Budget, IsReadAsWritten) {
  const Rule rule = rule_of(
      "limit: $2000, per: day, group_by: [team, user], timezone: America/New_York, resets_at: "
      "\"06:00\", queued: stop");
  const Budget* budget = budget_of(rule.when);
  ASSERT_NE(budget, nullptr);
  EXPECT_EQ(budget->limit, Money::from_dollars(2000));
  EXPECT_EQ(budget->period, Period(Per::day, {1, 0, 360}, find_zone("America/New_York")));
  EXPECT_EQ(budget->group_by.keys, (std::vector{GroupKey::team, GroupKey::user}));
  EXPECT_TRUE(budget->stops_queued);
}

TEST(Budget, HasDefaults) {
  const Config config = read_sound("timezone: Europe/Berlin\n" + kHead +
                                   "rules: [{name: r, budget: {limit: $5, per: week}}]\n");
  const Budget* budget = budget_of(config.rules.front().when);
  ASSERT_NE(budget, nullptr);
  EXPECT_EQ(budget->period, Period(Per::week, {1, 0, 0}, find_zone("Europe/Berlin")));
  EXPECT_EQ(budget->group_by, GroupBy{});
  EXPECT_FALSE(budget->stops_queued);
}

TEST(Budget, GroupsByOneWordOrAnExpression) {
  const auto by = [](const std::string& text) {
    return budget_of(rule_of("limit: 5, per: total, group_by: " + text).when)->group_by;
  };
  EXPECT_EQ(by("all"), GroupBy{});
  EXPECT_EQ(by("[all]"), GroupBy{});
  for (const auto& [word, key] :
       std::vector<std::pair<std::string, GroupKey>>{{"account", GroupKey::account},
                                                     {"project", GroupKey::project},
                                                     {"team", GroupKey::team},
                                                     {"user", GroupKey::user},
                                                     {"job", GroupKey::job}}) {
    EXPECT_EQ(by(word), (GroupBy{{key}, {}})) << word;
  }
  EXPECT_EQ(by("{job: \"^(sweep-[0-9]+)-\"}"), (GroupBy{{}, pattern("^(sweep-[0-9]+)-")}));
}

TEST(Budget, TellsOfValuesThatAreMissing) {
  const auto problems = [](const std::string& budget) {
    return problems_of(
        read_config({"F", kHead + "rules: [{name: r, budget: {limit: 5, " + budget + "}}]\n"}));
  };
  for (const char* key : {"group_by", "timezone", "resets_at", "queued"}) {
    EXPECT_THAT(problems("per: day, " + std::string(key) + ": "),
                testing::ElementsAre(HasSubstr("has no value")))
        << key;
  }
  EXPECT_THAT(problems("per: day, group_by: {job: }"),
              testing::ElementsAre(HasSubstr("'job' has no value")));
  EXPECT_THAT(problems("per: day, group_by: {job: [a]}"),
              testing::ElementsAre(HasSubstr("'job' must be a single value")));
}

TEST(Budget, TellsOfAnExclusionByStatusThatTheDefaultsMake) {
  const auto problems =
      problems_of(read_config({"F", kHead + "defaults: {exclude: {status: queued}}\nrules:\n"
                                            "  - {name: r, budget: {limit: 5, per: day}}\n"
                                            "  - {name: s, when: {age: 1d}}\n"
                                            "  - {name: t, budget: {limit: 5, per: day}, exclude: "
                                            "{status: ended}}\n"
                                            "  - {name: u, budget: {limit: 5, per: day}, exclude: "
                                            "{job: x}}\n"}));
  EXPECT_THAT(problems,
              testing::ElementsAre(
                  HasSubstr("F:5:12: warning: 'exclude' by status: the budget of rule 'r' forgets"),
                  HasSubstr("F:9:45: warning: 'exclude' by status: the budget forgets")));
}

TEST(Budget, LandsAsACostDoes) {
  EXPECT_EQ(read_sound_rule("{name: r, budget: {limit: 5, per: day}, landing: at}").landing,
            Landing::at);
}

TEST(Budget, HasACanonicalText) {
  const auto text = [](const std::string& rest) { return rule_of(rest).canonical; };
  const std::string plain = text("limit: 5, per: day");
  EXPECT_THAT(plain, HasSubstr("budget 5 per day by \"all\" at 00:00 UTC queued leave"));
  EXPECT_EQ(plain, text("limit: $5.00, per: day, group_by: all, resets_at: \"00:00\""));
  for (const char* other :
       {"limit: 6, per: day", "limit: 5, per: hour", "limit: 5, per: day, group_by: user",
        "limit: 5, per: day, queued: stop", "limit: 5, per: day, resets_at: \"01:00\"",
        "limit: 5, per: day, timezone: Europe/Berlin"}) {
    EXPECT_NE(plain, text(other)) << other;
  }
}

TEST(Budget, IsSaidInWords) {
  const auto words = [](const std::string& rest) { return describe(rule_of(rest).when); };
  EXPECT_EQ(words("limit: $2000, per: day, group_by: team, timezone: America/New_York, resets_at: "
                  "\"06:00\""),
            "all its jobs together cost $2000.00 in a day (from 06:00 America/New_York), counted "
            "for each team");
  EXPECT_EQ(words("limit: 5, per: hour, resets_at: \":30\""),
            "all its jobs together cost $5.00 in an hour (from :30 UTC)");
  EXPECT_EQ(words("limit: 5, per: week, group_by: [account, team, user]"),
            "all its jobs together cost $5.00 in a week (from Mon 00:00 UTC), counted for each "
            "account and team and user");
  EXPECT_EQ(words("limit: 5, per: month"),
            "all its jobs together cost $5.00 in a month (from day 1 00:00 UTC)");
  EXPECT_EQ(words("limit: 5, per: total, group_by: {job: \"^(s)\"}"),
            "all its jobs together cost $5.00 in total, counted for each '^(s)' of a job's name in "
            "a project");
}

TEST(Budget, SaysWhatItStops) {
  Config config;
  config.mode = Mode::enforce;
  const auto words = [&](const std::string& rest) {
    return describe(read_sound_rule("{name: r, " + rest + "}"), config);
  };
  EXPECT_THAT(words("budget: {limit: 5, per: day}"),
              HasSubstr("It stops those that cost money then. Until the next window it also stops "
                        "every other that begins to cost money. Cost limits are limits of"));
  EXPECT_THAT(words("budget: {limit: 5, per: total, queued: stop}, grace: 10m"),
              HasSubstr("It stops all of them 10m later, unless the condition no longer holds; at "
                        "a cost limit it trips so much earlier. From there on it also stops every "
                        "new one."));
  EXPECT_THAT(words("budget: {limit: 5, per: day}, action: warn"), HasSubstr("it stops nothing"));
}

}  // namespace
}  // namespace trainstop::policy
