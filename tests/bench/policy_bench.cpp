// How long one rule's condition takes to evaluate: its value now, and when it will first be true.
#include <benchmark/benchmark.h>

#include "bench/fleet.hpp"
#include "policy/condition.hpp"

namespace trainstop::bench {
namespace {

using namespace std::chrono_literals;

constexpr Duration kHorizon = 24h * 400;

const policy::PriceHistory& prices() {
  static const policy::PriceHistory kPrices{{kStart - 24h, Money::from_nano(866'670'000)},
                                            {kStart - 1h, Money::from_nano(900'000'000)}};
  return kPrices;
}

policy::JobTimes running_job() {
  policy::JobTimes job;
  job.phase = Phase::running;
  job.status = "RUNNING";
  job.created_at = kStart - 3h;
  job.phase_since = job.status_since = kStart - 2h;
  job.bill.earliest = job.bill.latest = kStart - 2h;
  job.bill.nodes = 2;
  job.bill.prices = &prices();
  return job;
}

void value_now(benchmark::State& state, std::size_t index) {
  const policy::Rule rule = ten_rules()[index];
  const policy::JobTimes job = running_job();
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(policy::value_at(rule.when, job, kStart));
  }
}

void first_true(benchmark::State& state, std::size_t index) {
  const policy::Rule rule = ten_rules()[index];
  const policy::JobTimes job = running_job();
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(policy::first_true(rule.when, job, kStart, kStart + kHorizon));
  }
}

const bool registered = [] {
  const std::vector<policy::Rule> rules = ten_rules();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    benchmark::RegisterBenchmark(("rule/value_now/" + rules[i].name).c_str(), value_now, i);
    benchmark::RegisterBenchmark(("rule/first_true/" + rules[i].name).c_str(), first_true, i);
  }
  return true;
}();

}  // namespace
}  // namespace trainstop::bench
