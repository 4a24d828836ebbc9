// Ids that may reach a URL, and keys that tell jobs apart.
#include "model/job.hpp"

#include <gtest/gtest.h>

#include <unordered_set>

namespace trainstop {
namespace {

TEST(ApiId, IsLettersDigitsUnderscoreAndHyphen) {
  EXPECT_TRUE(is_api_id("p7qr9qv"));
  EXPECT_TRUE(is_api_id("A_b-9"));
  EXPECT_TRUE(is_api_id("9"));
  EXPECT_TRUE(is_api_id(std::string(128, 'a')));
}

TEST(ApiId, RefusesWhatCouldChangeAUrl) {
  for (const char* text :
       {"", "-a", "_a", "..", "a/b", "a?b", "a#b", "a%2Fb", "a b", "a\n", "ä", "a:b", "a."}) {
    EXPECT_FALSE(is_api_id(text)) << text;
  }
  EXPECT_FALSE(is_api_id(std::string(129, 'a')));
  EXPECT_FALSE(is_api_id(std::string_view("a\0b", 3)));
}

TEST(JobUrl, IsThePageForPeople) {
  EXPECT_EQ(job_url("proj1", "job1"), "https://app.baseten.co/training/proj1/logs/job1");
}

TEST(JobKey, TellsAccountsProjectsAndJobsApart) {
  const std::unordered_set<JobKey> keys{
      {0, "p", "j"}, {1, "p", "j"}, {0, "q", "j"}, {0, "p", "k"}, {0, "p", "j"}};
  EXPECT_EQ(keys.size(), 4U);
}

}  // namespace
}  // namespace trainstop
