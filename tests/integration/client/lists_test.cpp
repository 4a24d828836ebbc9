// Lists and prices that are well-formed but wrong: what can be used is, the rest is counted.
#include <gmock/gmock.h>
#include <malloc.h>

#include <fstream>

#include "integration/client/fixture.hpp"

namespace trainstop::test {
namespace {

using namespace std::chrono_literals;
using sim::Endpoint;
using sim::FaultKind;

class Lists : public ClientTest {
 protected:
  void SetUp() override {
    start();
    add_job("job1");
    add_job("job2");
  }
};

TEST_F(Lists, MalformedRecordsAreSkippedAndCounted) {
  add_fault(FaultKind::malformed_records);
  const auto reply = search();
  ASSERT_TRUE(reply.value) << reply.value.error().message;
  EXPECT_GT(reply.value->unusable, 0U);
  EXPECT_FALSE(reply.value->first_problem.empty());
  EXPECT_GE(reply.value->jobs.size(), 1U);
}

TEST_F(Lists, TheFirstOfTwoDifferingRecordsCounts) {
  sim::Fault fault;
  fault.kind = FaultKind::duplicate_records;
  fault.body = sim::kStopped;
  server->add_fault(fault);
  const auto reply = search();
  ASSERT_TRUE(reply.value);
  ASSERT_EQ(reply.value->jobs.size(), 2U);
  EXPECT_EQ(reply.value->jobs[0]->status, sim::kRunning);
  EXPECT_EQ(reply.value->unusable, 2U);
  EXPECT_THAT(reply.value->first_problem, testing::HasSubstr("is listed twice and differs"));
}

TEST_F(Lists, EqualRecordsAreOne) {
  add_fault(FaultKind::duplicate_records);
  const auto reply = search();
  ASSERT_TRUE(reply.value);
  EXPECT_EQ(reply.value->jobs.size(), 2U);
  EXPECT_EQ(reply.value->unusable, 0U);
}

TEST_F(Lists, RecordsWithADoubledKeyOrAHugeNumberAreUnusable) {
  for (const FaultKind kind : {FaultKind::duplicate_keys, FaultKind::huge_numbers}) {
    add_fault_once(kind);
    const auto reply = search();
    ASSERT_TRUE(reply.value) << reply.value.error().message;
    EXPECT_EQ(reply.value->jobs.size(), 0U) << to_string(kind);
    EXPECT_EQ(reply.value->unusable, 2U) << to_string(kind);
  }
}

TEST_F(Lists, AnEmptyListIsAListOfNothing) {
  add_fault_once(FaultKind::empty_list);
  const auto reply = search();
  ASSERT_TRUE(reply.value);
  EXPECT_TRUE(reply.value->jobs.empty());
}

TEST_F(Lists, AFailedListLeavesTheLastOnesRecordsKnown) {
  const auto first = search();
  add_fault_once(FaultKind::truncate_unsized);
  ASSERT_FALSE(search().value);
  const auto third = search();
  ASSERT_TRUE(first.value && third.value);
  EXPECT_EQ(first.value->jobs, third.value->jobs);
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

TEST_F(Lists, AListWithoutEndEndsSoonAndSmall) {
  ASSERT_TRUE(search().value);
  const std::size_t before = resident_bytes();
  add_fault_once(FaultKind::endless_list);
  const auto reply = search();
  ASSERT_FALSE(reply.value);
  EXPECT_EQ(reply.value.error().kind, FailureKind::unusable);
  EXPECT_THAT(reply.value.error().message, testing::StartsWith("reply lists more"));
#ifndef TRAINSTOP_SANITIZED
  EXPECT_LT(resident_bytes(), before + (std::size_t{12} << 20));
#else
  static_cast<void>(before);
#endif
}

TEST_F(Lists, UnusablePricesAreLeftOutAndTold) {
  for (const FaultKind kind :
       {FaultKind::prices_zero, FaultKind::prices_negative, FaultKind::prices_untyped,
        FaultKind::prices_missing, FaultKind::huge_numbers}) {
    add_fault_once(kind, Endpoint::prices);
    const auto reply = run(api->prices());
    ASSERT_TRUE(reply.value) << to_string(kind);
    for (const auto& [type, price] : reply.value->per_minute) EXPECT_GT(price, Money{});
    if (kind != FaultKind::prices_untyped) {
      EXPECT_EQ(reply.value->per_minute.size(), 0U) << to_string(kind);
      EXPECT_EQ(reply.value->unusable, 1U) << to_string(kind);
      EXPECT_FALSE(reply.value->first_problem.empty());
    }
  }
}

}  // namespace
}  // namespace trainstop::test
