#include "baseten/packed_jobs.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace trainstop::baseten {
namespace {

std::vector<JobSnapshot> unpacked(const PackedJobs& packed) {
  std::vector<JobSnapshot> jobs;
  packed.unpack([&](JobSnapshot& job) { jobs.push_back(job); });
  return jobs;
}

/// From few words, so that jobs often share what the one before them has.
rc::Gen<std::string> word() {
  return rc::gen::elementOf(std::vector<std::string>{"", "a", "TRAINING_JOB_RUNNING",
                                                     std::string(1024, 'x'), "H100", "spot"});
}

/// Half of the time nothing.
template <class T>
std::optional<T> maybe(const rc::Gen<T>& value) {
  return *rc::gen::arbitrary<bool>() ? std::optional<T>(*value) : std::nullopt;
}

JobSnapshot any_job() {
  JobSnapshot job;
  job.id = "j" + std::to_string(*rc::gen::inRange(0, 1000));
  job.project_id = *word();
  job.project_name = *word();
  job.name = maybe(word());
  job.status = *word();
  job.created_at = Instant{Duration{*rc::gen::arbitrary<std::int64_t>()}};
  job.updated_at = Instant{Duration{*rc::gen::arbitrary<std::int64_t>()}};
  job.instance_type = *word();
  job.gpu_count = *rc::gen::arbitrary<std::int32_t>();
  job.gpu_type = maybe(word());
  job.node_count = maybe(rc::gen::arbitrary<std::int32_t>());
  job.priority = maybe(rc::gen::arbitrary<std::int32_t>());
  job.availability = maybe(word());
  job.user = maybe(word());
  return job;
}

RC_GTEST_PROP(PackedJobs, ComeOutAsTheyWentIn, ()) {
  PackedJobs packed(std::size_t{1} << 20);
  std::vector<JobSnapshot> jobs;
  const int count = *rc::gen::inRange(0, 20);
  for (int i = 0; i < count; ++i) {
    jobs.push_back(any_job());
    RC_ASSERT(packed.add(jobs.back()) == jobs.back().id);
  }
  RC_ASSERT(unpacked(packed) == jobs);
}

TEST(PackedJobs, FillManyBlocksAndThenRefuse) {
  PackedJobs packed(std::size_t{1} << 20);
  JobSnapshot job;
  std::vector<std::string_view> ids;
  for (int i = 0;; ++i) {
    ASSERT_LT(i, 1'000'000);
    job.id = "job" + std::to_string(i);
    job.name = "name" + std::to_string(i);
    const std::string_view id = packed.add(job);
    if (id.empty()) break;
    ids.push_back(id);
  }
  EXPECT_GT(ids.size(), 10'000U);
  const auto jobs = unpacked(packed);
  ASSERT_EQ(jobs.size(), ids.size());
  for (std::size_t i = 0; i < jobs.size(); i += 997) EXPECT_EQ(jobs[i].id, ids[i]);
  EXPECT_EQ(jobs.back().name, "name" + std::to_string(jobs.size() - 1));
}

}  // namespace
}  // namespace trainstop::baseten
