// How fast the core takes lists of 10,000 jobs under ten rules.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>

#include "bench/core_driver.hpp"
#include "bench/fleet.hpp"

namespace trainstop::bench {
namespace {

/// One poll after the other, of which only the list is measured; every `every`-th job has changed
/// in each (0: none).
void lists(benchmark::State& state) {
  const auto every = static_cast<std::size_t>(state.range(0));
  std::vector<JobRef> jobs = fleet(kManyJobs);
  CoreDriver driver(config_of(ten_rules()), kStart);
  driver.run_to_list();
  driver.answer_list(jobs);
  std::size_t changed = 0;
  double longest = 0;
  for ([[maybe_unused]] auto _ : state) {
    driver.run_to_list();
    for (std::size_t i = changed++ % (every + 1); every != 0 && i < jobs.size(); i += every) {
      jobs[i] = touched(jobs[i], driver.now());
    }
    const CoreDriver::Took took = driver.answer_list(jobs);
    state.SetIterationTime(took.all.count());
    longest = std::max(longest, took.longest.count());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kManyJobs));
  state.counters["longest_call_ms"] = longest * 1000;
}
BENCHMARK(lists)
    ->Name("core/list_unchanged")
    ->Arg(0)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(lists)
    ->Name("core/list_one_in_a_hundred_changed")
    ->Arg(100)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(lists)
    ->Name("core/list_all_changed")
    ->Arg(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

/// The first list of a daemon: every job is new.
void first_list(benchmark::State& state) {
  const std::vector<JobRef> jobs = fleet(kManyJobs);
  for ([[maybe_unused]] auto _ : state) {
    CoreDriver driver(config_of(ten_rules()), kStart);
    driver.run_to_list();
    state.SetIterationTime(driver.answer_list(jobs).all.count());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kManyJobs));
}
BENCHMARK(first_list)->Name("core/first_list")->UseManualTime()->Unit(benchmark::kMillisecond);

/// Rules are loaded while all jobs live: the same, or others under the same names.
void reloads(benchmark::State& state) {
  const bool others = state.range(0) != 0;
  policy::Config config = config_of(ten_rules());
  CoreDriver driver(config, kStart);
  driver.run_to_list();
  driver.answer_list(fleet(kManyJobs));
  double longest = 0;
  for ([[maybe_unused]] auto _ : state) {
    if (others) {
      for (policy::Rule& rule : config.rules) rule.hash = rule.hash == "a" ? "b" : "a";
    }
    const CoreDriver::Took took = driver.reload(config);
    state.SetIterationTime(took.all.count());
    longest = std::max(longest, took.longest.count());
  }
  state.counters["longest_call_ms"] = longest * 1000;
}
BENCHMARK(reloads)
    ->Name("core/reload_same_rules")
    ->Arg(0)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(reloads)
    ->Name("core/reload_other_rules")
    ->Arg(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

/// What `status` and `explain` wait for.
void questions(benchmark::State& state, const std::function<void(const core::Core&)>& ask) {
  CoreDriver driver(config_of(ten_rules()), kStart);
  driver.run_to_list();
  driver.answer_list(fleet(kManyJobs));
  for ([[maybe_unused]] auto _ : state) ask(driver.core());
}
BENCHMARK_CAPTURE(questions, status,
                  [](const core::Core& core) { benchmark::DoNotOptimize(core.status(50, {})); })
    ->Name("core/status")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(questions, explain,
                  [](const core::Core& core) {
                    const auto keys = core.find("j000001");
                    benchmark::DoNotOptimize(core.explain(keys.at(0)));
                  })
    ->Name("core/explain")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(questions, rules,
                  [](const core::Core& core) { benchmark::DoNotOptimize(core.rules()); })
    ->Name("core/rules")
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trainstop::bench
