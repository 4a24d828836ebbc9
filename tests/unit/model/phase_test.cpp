// The class of every status that the API, its clients or nobody documents.
#include "model/phase.hpp"

#include <gtest/gtest.h>

namespace trainstop {
namespace {

struct Case {
  const char* status;
  Phase phase;
};

class PhaseOf : public testing::TestWithParam<Case> {};

TEST_P(PhaseOf, FollowsTheTable) {
  EXPECT_EQ(phase_of(GetParam().status), GetParam().phase) << GetParam().status;
}

INSTANTIATE_TEST_SUITE_P(Documented, PhaseOf,
                         testing::Values(Case{"TRAINING_JOB_PENDING", Phase::queued},
                                         Case{"TRAINING_JOB_CREATED", Phase::queued},
                                         Case{"TRAINING_JOB_QUEUED", Phase::queued},
                                         Case{"TRAINING_JOB_DEPLOYING", Phase::deploying},
                                         Case{"TRAINING_JOB_RUNNING", Phase::running},
                                         Case{"TRAINING_JOB_COMPLETED", Phase::ended},
                                         Case{"TRAINING_JOB_FAILED", Phase::ended},
                                         Case{"TRAINING_JOB_DEPLOY_FAILED", Phase::ended},
                                         Case{"TRAINING_JOB_STOPPED", Phase::ended},
                                         Case{"TRAINING_JOB_PREEMPTED", Phase::ended},
                                         Case{"TRAINING_JOB_EXPIRED", Phase::ended}));

INSTANTIATE_TEST_SUITE_P(EndingsOfUnknownNames, PhaseOf,
                         testing::Values(Case{"TRAINING_JOB_PARTLY_COMPLETED", Phase::ended},
                                         Case{"TRAINING_JOB_SYNC_FAILED", Phase::ended},
                                         Case{"TRAINING_JOB_USER_STOPPED", Phase::ended},
                                         Case{"TRAINING_JOB_SPOT_PREEMPTED", Phase::ended},
                                         Case{"TRAINING_JOB_LEASE_EXPIRED", Phase::ended},
                                         Case{"TRAINING_JOB_CANCELED", Phase::ended},
                                         Case{"TRAINING_JOB_CANCELLED", Phase::ended}));

INSTANTIATE_TEST_SUITE_P(WithoutThePrefix, PhaseOf,
                         testing::Values(Case{"RUNNING", Phase::running},
                                         Case{"DEPLOY_FAILED", Phase::ended}));

// Whoever guesses here ends the following of a job that still costs money, or stops one too early.
INSTANTIATE_TEST_SUITE_P(AliveThoughUnknown, PhaseOf,
                         testing::Values(Case{"", Phase::unknown},
                                         Case{"TRAINING_JOB_", Phase::unknown},
                                         Case{"TRAINING_JOB_STOPPING", Phase::unknown},
                                         Case{"TRAINING_JOB_PAUSED", Phase::unknown},
                                         Case{"TRAINING_JOB_FAILED_OVER", Phase::unknown},
                                         Case{"training_job_running", Phase::unknown},
                                         Case{"TRAINING_JOB_RUNNING ", Phase::unknown}));

TEST(PhaseName, IsOneWord) {
  EXPECT_EQ(to_string(Phase::queued), "queued");
  EXPECT_EQ(to_string(Phase::deploying), "deploying");
  EXPECT_EQ(to_string(Phase::running), "running");
  EXPECT_EQ(to_string(Phase::ended), "ended");
  EXPECT_EQ(to_string(Phase::unknown), "unknown");
}

}  // namespace
}  // namespace trainstop
