// What the daemon's benchmarks have in common: fleets, rules, and lateness by the simulated API.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/daemon_run.hpp"

namespace trainstop::bench {

using namespace std::chrono_literals;

inline constexpr std::size_t kStops = 1'000;
inline constexpr std::size_t kSpared = 100;
inline constexpr double kPerSecond = 5;
inline constexpr auto kLimit = 600s;
// The daemon has started and read its first list long before the first due.
inline constexpr auto kLead = 15s;
inline constexpr const char* kRunsTooLong =
    R"(  - {name: too-long, match: {job: "due-*"}, when: {running_for: 10m}}
)";
inline constexpr const char* kTenRules =
    R"(  - {name: two-weeks, when: {running_for: 2w}, warn_before: [4h, 30m]}
  - {name: stuck, when: {deploying_for: 45m}}
  - {name: queue, when: {queued_for: 1d}}
  - {name: old, when: {age: 40d}}
  - {name: cap, when: {cost: $1000000}, warn_at: [50%, 80%, 95%]}
  - {name: cap-of-one, match: {project: "p1*"}, when: {cost: $500000}}
  - {name: last-day, when: {deadline: 2100-01-01T00:00:00Z}}
  - {name: nights, when: {schedule: {during: "22:00-06:00", timezone: America/New_York}, running_for: 3w}}
  - {name: either, match: {project: "p*"}, when: {any: [{cost: $900000}, {age: 35d}]}}
  - {name: pilot, mode: observe, exclude: [{project: p7}], when: {running_for: 16d}}
)";

inline void line(const std::string& what, const std::string& value,
                 const std::string& wanted = {}) {
  fmt::print("  {:52} {:>14}   {}\n", what, value, wanted);
  std::fflush(stdout);
}

inline std::string milliseconds(std::chrono::microseconds time) {
  return fmt::format("{:.1f} ms", static_cast<double>(time.count()) / 1000);
}

/// A job that falls due `after` the adding of its script.
inline sim::JobScript due_job(std::size_t number, Duration after) {
  sim::JobScript script;
  script.id = fmt::format("due{:05}", number);
  script.name = fmt::format("due-{}", number);
  script.life = {{after - kLimit, sim::kRunning}};
  return script;
}

/// So many jobs that fall due at random, so many a second, the first after `lead`; when the last
/// does.
inline std::chrono::seconds add_due_jobs(DaemonRun& run, std::size_t count, double per_second,
                                         Duration lead) {
  std::mt19937_64 random(1);
  std::exponential_distribution<double> gap(per_second);
  double at = 0;
  for (std::size_t i = 0; i < count; ++i, at += gap(random)) {
    const std::chrono::microseconds after(static_cast<std::int64_t>(at * 1e6));
    run.api().add_job(due_job(i, lead + after));
  }
  return std::chrono::ceil<std::chrono::seconds>(lead) +
         std::chrono::seconds(static_cast<std::int64_t>(at));
}

/// What became of the jobs that were to be stopped: how late each request arrived, in order.
struct Lateness {
  std::vector<std::chrono::microseconds> late;
  sim::WallTime first{sim::WallTime::max()}, last{sim::WallTime::min()};  ///< arrivals
  /// How far told dues lay from the true ones: the earliest (negative: told too early) and the
  /// latest.
  std::chrono::microseconds due_early{0}, due_late{0};
  std::size_t twice = 0, wrong = 0;
};

inline Lateness measure(DaemonRun& run) {
  Lateness result;
  const auto dues = run.dues_told();
  for (const auto& [id, job] : run.api().truth().jobs) {
    if (!id.starts_with("due")) {
      result.wrong += static_cast<std::size_t>(job.stop_requests);
      continue;
    }
    if (job.stop_requests > 1) ++result.twice;
    const auto told = dues.find(id);
    if (!job.first_stop_received || told == dues.end())
      throw std::runtime_error("no stop of " + id);
    const sim::WallTime arrived = job.first_stop_received->wall;
    result.late.push_back(arrived - told->second);
    result.first = std::min(result.first, arrived);
    result.last = std::max(result.last, arrived);
    const auto off = told->second - (job.changes.front().at.wall + kLimit);
    result.due_early = std::min(result.due_early, off);
    result.due_late = std::max(result.due_late, off);
  }
  std::sort(result.late.begin(), result.late.end());
  return result;
}

inline void show_late(const Lateness& of) {
  line("first byte received after due, p50", milliseconds(of.late[of.late.size() / 2]));
  line("p99", milliseconds(of.late[of.late.size() * 99 / 100]), "<= 100 ms");
  line("worst", milliseconds(of.late.back()));
}

/// Ends the measurement with what the daemon said last.
[[noreturn]] inline void give_up(const DaemonRun& run, const std::string& what) {
  constexpr std::size_t kTail = 2'000;
  const std::string log = run.log();
  throw std::runtime_error(what + "; its log ends:\n" +
                           log.substr(log.size() - std::min(log.size(), kTail)));
}

inline void wait_until_stopped(DaemonRun& run, std::chrono::seconds within) {
  const auto all_stopped = [](const sim::Truth& truth) {
    return std::all_of(truth.jobs.begin(), truth.jobs.end(), [](const auto& job) {
      return !job.first.starts_with("due") || job.second.stop_applied;
    });
  };
  if (!run.api().wait_until(all_stopped, within)) give_up(run, "not all were stopped in time");
}

/// Starts the daemon, waits until every job that is to be stopped has been, and measures.
inline Lateness run_stops(DaemonRun& run, std::chrono::seconds within) {
  for (std::size_t i = 0; i < kSpared; ++i) {
    sim::JobScript spared;
    spared.id = fmt::format("spared{}", i);
    spared.name = spared.id;
    spared.life = {{-2 * kLimit, sim::kRunning}};
    run.api().add_job(spared);
  }
  run.start();
  wait_until_stopped(run, within);
  // Its end brings the rest of its log.
  if (!run.stop()) give_up(run, "the daemon did not end with 0");
  return measure(run);
}

inline constexpr std::size_t kJobs = 10'000;

inline void add_fleet(DaemonRun& run, std::size_t jobs) {
  for (std::size_t i = 0; i < jobs; ++i) {
    sim::JobScript script;
    script.id = fmt::format("j{:06}", i);
    script.project_id = fmt::format("p{}", i % 20);
    script.name = fmt::format("sweep-{}-run-{}", i / 50, i % 50);
    script.life = {{-1h, sim::kRunning}};
    script.user = fmt::format("user{}@corp.example", i % 100);
    run.api().add_job(script);
  }
}

/// Waits until the daemon has asked for so many lists.
inline bool has_polled(DaemonRun& run, std::uint64_t count) {
  return run.api().wait_until(
      [&](const sim::Truth& truth) { return truth.count(sim::Endpoint::search) >= count; }, 120s);
}

inline void show_lag(const DaemonRun& run) {
  line("longest hold of the loop, as the daemon tells",
       fmt::format("{:.1f} ms", run.loop_lag_seconds() * 1000), "< 10 ms");
}

}  // namespace trainstop::bench
