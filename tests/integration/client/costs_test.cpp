// What a large list costs the loop: processor time of its thread, which other load does not change.
#include <gtest/gtest.h>
#include <time.h>

#include <chrono>

#include "integration/client/fixture.hpp"

namespace trainstop::test {
namespace {

using namespace std::chrono_literals;

constexpr int kJobs = 10'000;

std::chrono::nanoseconds thread_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

struct Cost {
  std::chrono::nanoseconds whole{}, longest{};
};

class Costs : public ClientTest {
 protected:
  void SetUp() override {
    start();
    for (int i = 0; i < kJobs; ++i) {
      sim::JobScript script;
      script.id = "job" + std::to_string(i);
      script.name = "llm-run-" + std::to_string(i);
      script.user = "ana@corp.example";
      server->add_job(script);
    }
  }

  /// One search, handler by handler.
  Cost measure() {
    Cost cost;
    bool is_done = false;
    boost::asio::co_spawn(loop, list(), [&](std::exception_ptr) { is_done = true; });
    loop.restart();
    while (!is_done) {
      const auto before = thread_time();
      loop.run_one_for(10s);
      const auto took = thread_time() - before;
      cost.whole += took;
      cost.longest = std::max(cost.longest, took);
    }
    return cost;
  }

  std::size_t listed = 0;

 private:
  boost::asio::awaitable<void> list() {
    const auto reply = co_await api->search({}, net::Lane::normal);
    listed = reply.value ? reply.value->jobs.size() : 0;
  }
};

TEST_F(Costs, TenThousandUnchangedJobsAreCheapAndHoldTheLoopShortly) {
  const Cost first = measure();
  ASSERT_EQ(listed, std::size_t{kJobs});

  const Cost second = measure();

  ASSERT_EQ(listed, std::size_t{kJobs});
  RecordProperty("first_us", std::to_string(first.whole / 1us));
  RecordProperty("second_us", std::to_string(second.whole / 1us));
  RecordProperty("longest_us", std::to_string(std::max(first.longest, second.longest) / 1us));
#ifndef TRAINSTOP_SANITIZED
  EXPECT_LT(second.whole, 60ms);
  EXPECT_LT(first.longest, 10ms);
  EXPECT_LT(second.longest, 10ms);
#endif
}

}  // namespace
}  // namespace trainstop::test
