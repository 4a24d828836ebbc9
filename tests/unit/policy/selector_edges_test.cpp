// Globs and selectors at their edges: text that is no UTF-8, sets that are none, and every key that
// may stand in the way.
#include <gtest/gtest.h>

#include <utility>

#include "policy/selector.hpp"

namespace trainstop::policy {
namespace {

TEST(Glob, TakesACharacterOfAnyLengthAsOne) {
  EXPECT_TRUE(glob_matches("a?b",
                           "a\xE2\x82\xAC"
                           "b",
                           false));  // €
  EXPECT_TRUE(glob_matches("a?b",
                           "a\xF0\x9F\x9A\x82"
                           "b",
                           false));  // a locomotive
  EXPECT_TRUE(glob_matches("[\xE2\x82\xAC]", "\xE2\x82\xAC", false));
  EXPECT_FALSE(glob_matches("[\xE2\x82\xAC]", "\xE2\x82\xAD", false));
}

TEST(Glob, TakesAByteThatBelongsToNoCharacterForItself) {
  EXPECT_TRUE(glob_matches("a?b",
                           "a\x82"
                           "b",
                           false));                    // a continuation without its lead
  EXPECT_TRUE(glob_matches("??", "\xE2\x82", false));  // cut off
  EXPECT_TRUE(glob_matches("?(", "\xC3(", false));     // a lead without its continuation
  EXPECT_FALSE(glob_matches("?", "\xE2(\xAC", false));
  EXPECT_TRUE(glob_matches("\xC3(", "\xC3(", false));
}

TEST(Glob, AByteThatBelongsToNoCharacterEqualsNone) {
  EXPECT_FALSE(glob_matches("\xC3\x99", "\xD9", false));  // U+00D9, and the byte D9
  EXPECT_FALSE(glob_matches("\xC3\x99\\", "\xD9\\", true));
  EXPECT_FALSE(glob_matches("A", "\xC1\x81", false));  // an overlong A
  EXPECT_TRUE(glob_matches("??", "\xC1\x81", false));
  EXPECT_FALSE(glob_matches("\xF4\x80\x80\x80", "\xFC\x80\x80\x80", false));
  EXPECT_FALSE(glob_matches("[\xC3\x80-\xC3\xBF]", "\xD9", false));
  EXPECT_TRUE(glob_matches("\xD9", "\xD9", false));
}

TEST(Glob, ASetMayBeTurnedRoundByEitherMark) {
  EXPECT_FALSE(glob_matches("[^a-c]", "b", false));
  EXPECT_TRUE(glob_matches("[^a-c]", "d", false));
  EXPECT_FALSE(glob_matches("[!a-c]", "b", false));
}

TEST(Glob, ADashAtTheEndOfASetIsADash) {
  EXPECT_TRUE(glob_matches("[a-]", "-", false));
  EXPECT_TRUE(glob_matches("[a-]", "a", false));
  EXPECT_FALSE(glob_matches("[a-]", "b", false));
}

TEST(Glob, ASetThatIsNeverClosedIsItsText) {
  for (const char* text : {"[a", "[a-", "[!", "[a-z"}) {
    EXPECT_TRUE(glob_matches(text, text, false)) << text;
    EXPECT_FALSE(glob_matches(text, "a", false)) << text;
  }
}

TEST(Glob, ASetWithoutCaseKnowsOnlyLettersByTheirOther) {
  EXPECT_TRUE(glob_matches("[0-9]", "7", true));
  EXPECT_FALSE(glob_matches("[0-9]", "x", true));
  EXPECT_FALSE(glob_matches("[0-9]", "{", true)) << "right behind z";
  EXPECT_FALSE(glob_matches("[a-c]", "D", true));
  EXPECT_FALSE(glob_matches("[B-C]", "a", true));
  EXPECT_FALSE(glob_matches("[x-z]", "a", true));
  EXPECT_TRUE(glob_matches("[B-C]", "b", true));
  EXPECT_FALSE(glob_matches("[a-c]", "B", false));
}

TEST(Glob, FoldsNothingButLetters) {
  EXPECT_FALSE(glob_matches("@", "`", true)) << "right before A and a";
  EXPECT_FALSE(glob_matches("[", "{", true)) << "right behind Z and z";
  EXPECT_TRUE(glob_matches("Z", "z", true));
}

TEST(Glob, StarsAtTheEndFitNothingMore) {
  EXPECT_TRUE(glob_matches("a**", "a", false));
  EXPECT_FALSE(glob_matches("a*b", "a", false));
  EXPECT_FALSE(glob_matches("ab", "a", false));
}

/// A job of which everything is known.
JobAttributes whole_job() {
  JobAttributes job;
  job.account = "default";
  job.project_id = "prj1";
  job.project_name = "llm";
  job.job_id = "abc123";
  job.job_name = "tune";
  job.team = "research";
  job.user = "ana@corp.example";
  job.instance_type = "gpu-8xH100";
  job.gpu_type = "H100";
  job.priority = 3;
  job.status = "TRAINING_JOB_RUNNING";
  job.phase = Phase::running;
  job.gpus = 16;
  job.nodes = 2;
  return job;
}

SelectorMap asking(std::vector<std::string> SelectorMap::*key, const std::string& glob) {
  SelectorMap map;
  map.*key = {glob};
  return map;
}

TEST(Selector, EveryTextKeyCanStandInTheWay) {
  const struct {
    const char* name;
    std::vector<std::string> SelectorMap::*key;
    const char* fitting;
  } keys[] = {{"account", &SelectorMap::account, "default"},
              {"project", &SelectorMap::project, "llm"},
              {"job", &SelectorMap::job, "tune"},
              {"team", &SelectorMap::team, "RESEARCH"},
              {"user", &SelectorMap::user, "ana@*"},
              {"instance_type", &SelectorMap::instance_type, "gpu-*"},
              {"gpu_type", &SelectorMap::gpu_type, "h100"},
              {"availability", &SelectorMap::availability, "dedicated"},
              {"status", &SelectorMap::status, "running"}};
  for (const auto& each : keys) {
    EXPECT_FALSE(first_mismatch({{asking(each.key, each.fitting)}}, whole_job())) << each.name;
    const auto mismatch = first_mismatch({{asking(each.key, "other")}}, whole_job());
    ASSERT_TRUE(mismatch) << each.name;
    EXPECT_EQ(mismatch->key, each.name);
    EXPECT_EQ(mismatch->answer, Truth::no) << each.name;
  }
}

TEST(Selector, EveryNumberCanStandInTheWay) {
  const auto in_the_way = [](const SelectorMap& map) {
    const auto mismatch = first_mismatch({{map}}, whole_job());
    return mismatch ? mismatch->key : std::string_view();
  };
  SelectorMap map;
  map.priority = {1, 3};
  map.min_gpus = map.max_gpus = 16;
  map.min_nodes = 2;
  EXPECT_EQ(in_the_way(map), "");
  map.min_nodes = 3;
  EXPECT_EQ(in_the_way(map), "min_nodes");
  map.max_gpus = 15;
  EXPECT_EQ(in_the_way(map), "max_gpus");
  map.min_gpus = 17;
  EXPECT_EQ(in_the_way(map), "min_gpus");
  map.priority = {1, 2};
  EXPECT_EQ(in_the_way(map), "priority");
}

TEST(Selector, KnowsAStatusWithoutThePrefixOfTheApi) {
  JobAttributes job = whole_job();
  job.status = "RUNNING";
  EXPECT_EQ(matches({{asking(&SelectorMap::status, "RUNN*")}}, job), Truth::yes);
  EXPECT_EQ(matches({{asking(&SelectorMap::status, "TRAINING_JOB_*")}}, job), Truth::no);
  job.status = "TRAINING_JOB_PENDING";
  job.phase = Phase::queued;
  EXPECT_EQ(matches({{asking(&SelectorMap::status, "pending")}}, job), Truth::yes);
}

TEST(Selector, OfSeveralMapsTheOneIsNamedThatDecided) {
  const SelectorMap miss = asking(&SelectorMap::project, "other");
  const SelectorMap unsure = asking(&SelectorMap::user, "ana@*");
  JobAttributes job = whole_job();
  job.user.reset();
  EXPECT_EQ(first_mismatch({{miss, unsure}}, job)->key, "user");
  EXPECT_EQ(first_mismatch({{miss, unsure}}, job)->answer, Truth::unknown);
}

TEST(Selector, WithoutAMapFitsNothingAndNamesNoKey) {
  const auto mismatch = first_mismatch({}, whole_job());
  ASSERT_TRUE(mismatch);
  EXPECT_EQ(mismatch->key, "");
  EXPECT_EQ(mismatch->answer, Truth::no);
}

TEST(Glob, NamesTheFirstRangeThatRunsBackwards) {
  const std::pair<const char*, const char*> globs[] = {
      {"a[z-a]b", "z-a"},  {"[!9-0]", "9-0"},      {"[^b-a]", "b-a"},
      {"[a-cz-x]", "z-x"}, {"x[a-b][d-c]", "d-c"}, {"[é-a]", "é-a"},
      {"[a-Z]", "a-Z"},    {"[]-A]", "]-A"},       {"[z-a", "z-a"},
  };
  for (const auto& [glob, range] : globs) EXPECT_EQ(reversed_range(glob), range) << glob;
}

TEST(Glob, KnowsRangesThatRunForwards) {
  for (const char* glob :
       {"", "abc", "z-a", "[a-z]", "[a-a]", "[A-z]", "[a-é]", "[abc]", "[a-]", "[-a]", "[]-a]",
        "[!]a]", "[a]z-a]", "[a-b-a]", "[a", "[", "[!", "[a-"}) {
    EXPECT_EQ(reversed_range(glob), "") << glob;
  }
}

}  // namespace
}  // namespace trainstop::policy
