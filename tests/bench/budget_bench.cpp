// How fast budgets follow 10,000 jobs in 500 pots: the start or the end of one job, and the reset
// of all. The limits that the project has set itself stand as a share of each: under 1 is kept.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>

#include "bench/core_driver.hpp"
#include "bench/fleet.hpp"

namespace trainstop::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPots = 500;
constexpr double kReplanLimit = 100e-6, kResetLimit = 50e-3;

/// The fleet, dealt out to the pots by its owners.
std::vector<JobRef> fleet_in_pots(std::size_t pots) {
  std::vector<JobRef> jobs = fleet(kManyJobs);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    auto job = std::make_shared<JobSnapshot>(*jobs[i]);
    job->user = fmt::format("user{}@corp.example", i % pots);
    jobs[i] = std::move(job);
  }
  return jobs;
}

policy::Config budget_of(policy::Per per, Money limit) {
  policy::Rule rule;
  rule.name = rule.canonical = rule.hash = "pot";
  policy::Budget budget;
  budget.limit = limit;
  budget.period = policy::Period(per, {}, policy::find_zone("UTC"));
  budget.group_by.keys = {policy::GroupKey::user};
  rule.when = {policy::Spent{budget}};
  rule.warn_at_percent = {50, 80, 95};
  policy::Config config = config_of({rule});
  config.safety.max_stops.count = 1'000'000;
  return config;
}

JobRef with_status(const JobRef& job, const char* status, Instant at) {
  auto changed = std::make_shared<JobSnapshot>(*job);
  changed->status = status;
  changed->updated_at = at;
  return changed;
}

/// A job that a list no longer shows is read by itself: only what that read costs is measured, to
/// the last call that it causes.
void replan(benchmark::State& state, const char* before, const char* after) {
  std::vector<JobRef> jobs = fleet_in_pots(static_cast<std::size_t>(state.range(0)));
  for (JobRef& job : jobs) job = with_status(job, before, job->updated_at);
  CoreDriver driver(budget_of(policy::Per::month, Money::from_dollars(1'000'000)), kStart);
  driver.run_to_list();
  driver.answer_list(jobs);
  double all = 0;
  for ([[maybe_unused]] auto _ : state) {
    const JobRef job = jobs.back();
    jobs.pop_back();
    driver.run_to_list();
    driver.answer_list(jobs);
    const double took = driver.answer_read(with_status(job, after, driver.now())).all.count();
    state.SetIterationTime(took);
    all += took;
  }
  state.counters["of_limit"] = all / static_cast<double>(state.iterations()) / kReplanLimit;
}
BENCHMARK_CAPTURE(replan, end, "TRAINING_JOB_RUNNING", "TRAINING_JOB_COMPLETED")
    ->Name("budgets/a_job_ends")
    ->Arg(kPots)
    ->Iterations(500)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(replan, start, "TRAINING_JOB_PENDING", "TRAINING_JOB_DEPLOYING")
    ->Name("budgets/a_job_starts")
    ->Arg(kPots)
    ->Iterations(500)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

/// All windows end at the same instant.
void reset(benchmark::State& state) {
  const std::vector<JobRef> jobs = fleet_in_pots(kPots);
  CoreDriver driver(budget_of(policy::Per::hour, Money::from_dollars(1'000'000)), kStart + 58min);
  driver.run_to_list();
  driver.answer_list(jobs);
  Instant next = kStart + 1h;
  double longest = 0, all = 0;
  for ([[maybe_unused]] auto _ : state) {
    CoreDriver::Took took;
    while (driver.now() < next) {
      took = driver.run_to_list();
      if (driver.now() < next) driver.answer_list(jobs);
    }
    state.SetIterationTime(took.all.count());
    longest = std::max(longest, took.longest.count());
    all += took.all.count();
    driver.answer_list(jobs);
    next += 1h;
  }
  state.counters["longest_call_ms"] = longest * 1000;
  state.counters["of_limit"] = all / static_cast<double>(state.iterations()) / kResetLimit;
}
BENCHMARK(reset)
    ->Name("budgets/all_pots_reset")
    ->Iterations(10)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trainstop::bench
