// A fleet of many jobs and a policy of ten rules, as values: what the benchmarks of the core judge.
#pragma once

#include <vector>

#include "model/job.hpp"
#include "model/time.hpp"
#include "policy/config.hpp"

namespace trainstop::bench {

inline constexpr std::size_t kManyJobs = 10'000;

/// When the daemons of the benchmarks start: Monday, 2 March 2026, noon.
inline constexpr Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} +
                                std::chrono::hours(12)};

/// Ten rules of every kind, with limits so far away that none trips while it is measured.
std::vector<policy::Rule> ten_rules();

policy::Config config_of(std::vector<policy::Rule> rules);

/// Running jobs of several projects, owners and sizes, an hour old at `kStart`.
std::vector<JobRef> fleet(std::size_t jobs);

/// The same job, changed at `at`.
JobRef touched(const JobRef& job, Instant at);

}  // namespace trainstop::bench
