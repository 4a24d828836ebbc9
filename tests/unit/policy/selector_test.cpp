// Selectors by example, with the unknown that absent attributes are.
#include "policy/selector.hpp"

#include <gtest/gtest.h>

namespace trainstop::policy {
namespace {

JobAttributes job() {
  JobAttributes job;
  job.account = "default";
  job.project_id = "prj1";
  job.project_name = "llm-big";
  job.job_id = "abc123";
  job.instance_type = "gpu-8xH100";
  job.status = "TRAINING_JOB_RUNNING";
  job.phase = Phase::running;
  job.gpus = 16;
  job.nodes = 2;
  return job;
}

SelectorMap with(std::vector<std::string> SelectorMap::*key, std::vector<std::string> globs) {
  SelectorMap map;
  map.*key = std::move(globs);
  return map;
}

TEST(Glob, KnowsStarsMarksAndSets) {
  EXPECT_TRUE(glob_matches("llm-*", "llm-", false));
  EXPECT_TRUE(glob_matches("*-keep", "a-keep-keep", false));
  EXPECT_FALSE(glob_matches("*-keep", "a-keeper", false));
  EXPECT_TRUE(glob_matches("run-?", "run-\xC3\xA9", false));  // one character of two bytes
  EXPECT_FALSE(glob_matches("run-?", "run-", false));
  EXPECT_TRUE(glob_matches("run-[0-9a]", "run-a", false));
  EXPECT_FALSE(glob_matches("run-[0-9a]", "run-b", false));
  EXPECT_TRUE(glob_matches("run-[!0-9]", "run-b", false));
  EXPECT_TRUE(glob_matches("[]x]", "]", false));
  EXPECT_TRUE(glob_matches("a[*]b", "a*b", false));
  EXPECT_TRUE(glob_matches("a[", "a[", false));
  EXPECT_FALSE(glob_matches("", "a", false));
  EXPECT_TRUE(glob_matches("", "", false));
}

TEST(Glob, FoldsCaseWhereAsked) {
  EXPECT_FALSE(glob_matches("h100", "H100", false));
  EXPECT_TRUE(glob_matches("h100", "H100", true));
  EXPECT_TRUE(glob_matches("[a-z]100", "H100", true));
  EXPECT_TRUE(glob_matches("[A-Z]100", "h100", true));
}

TEST(Glob, ManyStarsTakeNoTime) {
  const std::string text(5000, 'a');
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  EXPECT_FALSE(glob_matches(pattern + "b", text, false));
}

TEST(Selector, FitsNamesAndIdsWithCaseAndTheRestWithout) {
  const auto fits = [](const SelectorMap& map) { return matches({{map}}, job()); };
  EXPECT_EQ(fits(with(&SelectorMap::project, {"llm-*"})), Truth::yes);
  EXPECT_EQ(fits(with(&SelectorMap::project, {"prj1"})), Truth::yes);
  EXPECT_EQ(fits(with(&SelectorMap::project, {"LLM-*"})), Truth::no);
  EXPECT_EQ(fits(with(&SelectorMap::job, {"abc*"})), Truth::yes);
  EXPECT_EQ(fits(with(&SelectorMap::instance_type, {"GPU-8x*"})), Truth::yes);
  EXPECT_EQ(fits(with(&SelectorMap::availability, {"Dedicated"})), Truth::yes);
  EXPECT_EQ(fits(with(&SelectorMap::account, {"other", "default"})), Truth::yes);
}

TEST(Selector, KnowsAStatusByItsThreeNames) {
  for (const char* status : {"running", "RUNNING", "training_job_running", "run*"}) {
    EXPECT_EQ(matches({{with(&SelectorMap::status, {status})}}, job()), Truth::yes) << status;
  }
  EXPECT_EQ(matches({{with(&SelectorMap::status, {"queued"})}}, job()), Truth::no);
}

TEST(Selector, CountsGpusAndNodes) {
  SelectorMap map;
  map.min_gpus = 16;
  map.max_gpus = 16;
  map.min_nodes = 2;
  map.priority = {0, 5};
  EXPECT_EQ(matches({{map}}, job()), Truth::yes);
  map.min_gpus = 17;
  EXPECT_EQ(matches({{map}}, job()), Truth::no);
}

TEST(Selector, WhatIsAbsentIsUnknown) {
  EXPECT_EQ(matches({{with(&SelectorMap::user, {"*"})}}, job()), Truth::unknown);
  EXPECT_EQ(matches({{with(&SelectorMap::team, {"*"})}}, job()), Truth::unknown);
  EXPECT_EQ(matches({{with(&SelectorMap::gpu_type, {"*"})}}, job()), Truth::unknown);
  EXPECT_EQ(matches({{with(&SelectorMap::job, {"*-keep"})}}, job()), Truth::unknown);
  JobAttributes named = job();
  named.job_name = "run-keep";
  EXPECT_EQ(matches({{with(&SelectorMap::job, {"*-keep"})}}, named), Truth::yes);
}

TEST(Selector, AMissIsSurerThanTheUnknown) {
  SelectorMap map = with(&SelectorMap::user, {"ana@*"});
  map.project = {"other"};
  EXPECT_EQ(matches({{map}}, job()), Truth::no);
  EXPECT_EQ(matches({{map, with(&SelectorMap::project, {"llm-*"})}}, job()), Truth::yes);
  EXPECT_EQ(matches({{map, with(&SelectorMap::user, {"ana@*"})}}, job()), Truth::unknown);
  EXPECT_EQ(matches({}, job()), Truth::no);
}

TEST(Selector, SaysWhichKeyStoodInTheWay) {
  SelectorMap map = with(&SelectorMap::user, {"ana@*"});
  map.project = {"llm-*"};
  const auto unknown = first_mismatch({{map}}, job());
  ASSERT_TRUE(unknown.has_value());
  EXPECT_EQ(unknown->key, "user");
  EXPECT_EQ(unknown->answer, Truth::unknown);
  map.project = {"other"};
  EXPECT_EQ(first_mismatch({{map}}, job())->key, "project");
  EXPECT_FALSE(first_mismatch({{with(&SelectorMap::project, {"llm-*"})}}, job()).has_value());
}

}  // namespace
}  // namespace trainstop::policy
