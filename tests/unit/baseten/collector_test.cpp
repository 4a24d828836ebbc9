#include "baseten/collector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/baseten/records.hpp"

namespace trainstop::baseten {
namespace {

constexpr std::uint64_t kSeed = 7;

class Collector : public testing::Test {
 protected:
  /// One list of these records; what it knew becomes the last list.
  JobList collect(const std::vector<std::string>& records) {
    JobCollector collector(known, kSeed);
    for (const std::string& record : records) EXPECT_TRUE(collector.add(record));
    JobList list = collector.finish([this](JobSnapshot&) { ++translated; });
    known = collector.known();
    return list;
  }

  std::shared_ptr<const KnownJobs> known = std::make_shared<KnownJobs>();
  int translated = 0;
};

TEST_F(Collector, GivesTheSameObjectForTheSameBytesOnly) {
  const JobList first = collect({full_record("a"), full_record("b")});
  const JobList second = collect({full_record("b"), full_record("a", "TRAINING_JOB_FAILED")});
  ASSERT_EQ(second.jobs.size(), 2U);
  EXPECT_EQ(second.jobs[0], first.jobs[1]);
  EXPECT_NE(second.jobs[1], first.jobs[0]);
  EXPECT_EQ(second.jobs[1]->status, "TRAINING_JOB_FAILED");
  EXPECT_EQ(translated, 3);
}

TEST_F(Collector, ForgetsWhatTheLastListDidNotHold) {
  const JobList first = collect({full_record("a")});
  collect({full_record("b")});
  const JobList third = collect({full_record("a")});
  EXPECT_NE(third.jobs[0], first.jobs[0]);
  EXPECT_EQ(known->size(), 1U);
}

TEST_F(Collector, TellsTheFirstProblemAndCountsThemAllEachTime) {
  const std::vector<std::string> records{
      full_record("a"), "{}", changed(full_record("c"), R"("node_count":2)", R"("node_count":-2)"),
      ""};
  for (int i = 0; i < 2; ++i) {
    const JobList list = collect(records);
    EXPECT_EQ(list.jobs.size(), 1U);
    EXPECT_EQ(list.unusable, 3U);
    EXPECT_EQ(list.first_problem, "record 2: id is missing");
  }
}

TEST_F(Collector, TakesTheFirstOfTwoThatDifferAndOneOfTwoThatAreEqual) {
  for (int i = 0; i < 2; ++i) {
    const JobList list =
        collect({full_record("a"), full_record("a"), full_record("a", "TRAINING_JOB_STOPPED")});
    ASSERT_EQ(list.jobs.size(), 1U);
    EXPECT_EQ(list.jobs[0]->status, "TRAINING_JOB_RUNNING");
    EXPECT_EQ(list.unusable, 1U);
    EXPECT_EQ(list.first_problem, "record 3: job a is listed twice and differs");
  }
}

TEST_F(Collector, EndsAListThatIsNotJsonOrHasNoEnd) {
  JobCollector broken(known, kSeed);
  EXPECT_FALSE(broken.add("{\"a\":}"));
  EXPECT_EQ(broken.problem(), "reply is not JSON");

  JobCollector many(known, kSeed);
  std::size_t taken = 0;
  while (many.add("7") && taken < 1'000'000) ++taken;
  EXPECT_EQ(taken, 200'000U);

  JobCollector large(known, kSeed);
  std::size_t jobs = 0;
  while (large.add(full_record("job" + std::to_string(jobs))) && jobs < 1'000'000) ++jobs;
  EXPECT_GT(jobs, 10'000U);
  EXPECT_LE(jobs, 50'000U);
  EXPECT_THAT(large.problem(), testing::StartsWith("reply lists more"));
}

}  // namespace
}  // namespace trainstop::baseten
