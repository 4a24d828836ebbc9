// trainstop-daemon-bench DAEMON [lateness|drain|size|restart]...: the figures of the whole daemon
// over TLS on loopback, measured by the simulated API and the kernel. Takes about five minutes; run
// nothing beside it.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/daemon_run.hpp"

namespace trainstop::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kStops = 1'000;
constexpr std::size_t kSpared = 100;
constexpr double kPerSecond = 5;
constexpr auto kLimit = 600s;
// The daemon has started and read its first list long before the first due.
constexpr auto kLead = 15s;
constexpr const char* kRunsTooLong =
    R"(  - {name: too-long, match: {job: "due-*"}, when: {running_for: 10m}}
)";
constexpr const char* kTenRules =
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

void line(const std::string& what, const std::string& value, const std::string& wanted = {}) {
  fmt::print("  {:52} {:>14}   {}\n", what, value, wanted);
  std::fflush(stdout);
}

std::string milliseconds(std::chrono::microseconds time) {
  return fmt::format("{:.1f} ms", static_cast<double>(time.count()) / 1000);
}

/// A job that falls due `after` the adding of its script.
sim::JobScript due_job(std::size_t number, Duration after) {
  sim::JobScript script;
  script.id = fmt::format("due{:05}", number);
  script.name = fmt::format("due-{}", number);
  script.life = {{after - kLimit, sim::kRunning}};
  return script;
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

Lateness measure(DaemonRun& run) {
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

/// Ends the measurement with what the daemon said last.
[[noreturn]] void give_up(const DaemonRun& run, const std::string& what) {
  constexpr std::size_t kTail = 2'000;
  const std::string log = run.log();
  throw std::runtime_error(what + "; its log ends:\n" +
                           log.substr(log.size() - std::min(log.size(), kTail)));
}

/// Starts the daemon, waits until every job that is to be stopped has been, and measures.
Lateness run_stops(DaemonRun& run, std::chrono::seconds within) {
  for (std::size_t i = 0; i < kSpared; ++i) {
    sim::JobScript spared;
    spared.id = fmt::format("spared{}", i);
    spared.name = spared.id;
    spared.life = {{-2 * kLimit, sim::kRunning}};
    run.api().add_job(spared);
  }
  run.start();
  const auto all_stopped = [](const sim::Truth& truth) {
    return std::all_of(truth.jobs.begin(), truth.jobs.end(), [](const auto& job) {
      return !job.first.starts_with("due") || job.second.stop_applied;
    });
  };
  if (!run.api().wait_until(all_stopped, within)) give_up(run, "not all were stopped in time");
  // Its end brings the rest of its log.
  if (!run.stop()) give_up(run, "the daemon did not end with 0");
  return measure(run);
}

void lateness(const std::string& daemon) {
  fmt::print("\nLateness: {} jobs due at random, {} a second; poll interval 10 s\n", kStops,
             kPerSecond);
  sim::Settings settings;
  settings.stop_latency = 1s;
  DaemonRun run({.daemon = daemon, .rules = kRunsTooLong}, settings);
  std::mt19937_64 random(1);
  std::exponential_distribution<double> gap(kPerSecond);
  double at = 0;
  for (std::size_t i = 0; i < kStops; ++i, at += gap(random)) {
    run.api().add_job(
        due_job(i, kLead + std::chrono::microseconds(static_cast<std::int64_t>(at * 1e6))));
  }
  const Lateness result = run_stops(run, std::chrono::seconds(static_cast<std::int64_t>(at)) + 60s);
  line("first byte received after due, p50", milliseconds(result.late[kStops / 2]));
  line("p99", milliseconds(result.late[kStops * 99 / 100]), "<= 100 ms");
  line("worst", milliseconds(result.late.back()));
  line("earliest", milliseconds(result.late.front()), ">= 0 ms");
  line("told due against the true one, earliest", milliseconds(result.due_early));
  line("told due against the true one, latest", milliseconds(result.due_late));
  line("jobs asked to stop twice", std::to_string(result.twice));
  line("stops of other jobs", std::to_string(result.wrong), "0");
}

void drain(const std::string& daemon, int rate_limit) {
  fmt::print("\nDrain: {} jobs due at once; rate limit {} requests a second\n", kStops, rate_limit);
  sim::Settings settings;
  settings.stop_latency = 1s;
  DaemonRun run({.daemon = daemon, .rules = kRunsTooLong, .rate_limit = rate_limit}, settings);
  for (std::size_t i = 0; i < kStops; ++i) run.api().add_job(due_job(i, kLead));
  const Lateness result = run_stops(run, 300s);
  const double seconds = std::chrono::duration<double>(result.last - result.first).count();
  line("first request after due", milliseconds(result.late.front()));
  line("from first to last request", fmt::format("{:.1f} s", seconds),
       fmt::format("{:.1f} s if the limit went into stops alone",
                   static_cast<double>(kStops) / rate_limit));
  line("jobs asked to stop twice", std::to_string(result.twice));
  line("stops of other jobs", std::to_string(result.wrong), "0");
}

constexpr std::size_t kJobs = 10'000;

void add_fleet(DaemonRun& run, std::size_t jobs) {
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
bool has_polled(DaemonRun& run, std::uint64_t count) {
  return run.api().wait_until(
      [&](const sim::Truth& truth) { return truth.count(sim::Endpoint::search) >= count; }, 120s);
}

void restart(const std::string& daemon) {
  constexpr Duration kDue = 8s;
  fmt::print("\nRestart after kill -9: {} live jobs in the journal, one due meanwhile\n", kJobs);
  DaemonRun run({.daemon = daemon, .rules = std::string(kTenRules) + kRunsTooLong, .poll = "1s"},
                sim::Settings{});
  add_fleet(run, kJobs);
  run.start();
  if (!has_polled(run, 4)) give_up(run, "the daemon does not poll");
  run.api().add_job(due_job(0, kDue));
  const std::uint64_t polls = run.api().truth().count(sim::Endpoint::search);
  if (!has_polled(run, polls + 3)) give_up(run, "the daemon does not poll");
  run.kill();
  const auto nobody_asks = [](const sim::Truth&) { return false; };
  run.api().wait_until(nobody_asks, kDue);
  if (run.api().job("due00000").first_stop_received) give_up(run, "it was stopped before its due");
  const auto begin = std::chrono::system_clock::now();
  run.start();
  const auto asked = [](const sim::Truth& truth) {
    return truth.jobs.find("due00000")->second.first_stop_received.has_value();
  };
  if (!run.api().wait_until(asked, 60s)) give_up(run, "the overdue stop was not sent");
  const auto arrived = run.api().job("due00000").first_stop_received->wall;
  line("from the start of the process to the overdue stop's first byte",
       milliseconds(std::chrono::duration_cast<std::chrono::microseconds>(arrived - begin)),
       "< 1000 ms");
  if (!run.stop()) give_up(run, "the daemon did not end with 0");
}

void size(const std::string& daemon) {
  constexpr std::uint64_t kPolls = 30;
  fmt::print("\nSize: {} running jobs, 10 rules, unchanged lists\n", kJobs);
  DaemonRun run({.daemon = daemon, .rules = kTenRules, .poll = "1s"}, sim::Settings{});
  add_fleet(run, kJobs);
  run.start();
  const auto polled = [&](std::uint64_t count) { return has_polled(run, count); };
  // The first lists bring the jobs in, and the log their first sight; from the third on nothing is
  // new.
  if (!polled(4)) give_up(run, "the daemon does not poll");
  const std::uint64_t before = run.api().truth().count(sim::Endpoint::search);
  const auto cpu = run.cpu();
  if (!polled(before + kPolls)) give_up(run, "the daemon does not go on polling");
  const std::uint64_t polls = run.api().truth().count(sim::Endpoint::search) - before;
  const double each = static_cast<double>((run.cpu() - cpu).count()) / static_cast<double>(polls);
  line("CPU time of the process for one unchanged list", fmt::format("{:.1f} ms", each), "< 60 ms");
  line("resident memory",
       fmt::format("{:.1f} MiB", static_cast<double>(run.memory("VmRSS")) / 1024), "<= 40 MiB");
  line("resident memory at its peak",
       fmt::format("{:.1f} MiB", static_cast<double>(run.memory("VmHWM")) / 1024));
  if (!run.stop()) give_up(run, "the daemon did not end with 0");
  const auto lag = run.loop_lag_seconds();
  line("longest hold of the loop, as the daemon tells",
       lag ? fmt::format("{:.1f} ms", *lag * 1000) : "not told", "< 10 ms");
}

int run(const std::string& daemon, std::vector<std::string> scenarios) {
  if (scenarios.empty()) scenarios = {"lateness", "drain", "size", "restart"};
  for (const std::string& scenario : scenarios) {
    if (scenario == "lateness") {
      lateness(daemon);
    } else if (scenario == "drain") {
      drain(daemon, 50);
      drain(daemon, 100);
    } else if (scenario == "size") {
      size(daemon);
    } else if (scenario == "restart") {
      restart(daemon);
    } else {
      fmt::print(stderr, "no such scenario: {}\n", scenario);
      return 2;
    }
  }
  return 0;
}

}  // namespace
}  // namespace trainstop::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: trainstop-daemon-bench DAEMON [lateness|drain|size|restart]...\n");
    return 2;
  }
  try {
    return trainstop::bench::run(argv[1], std::vector<std::string>(argv + 2, argv + argc));
  } catch (const std::exception& error) {
    fmt::print(stderr, "trainstop-daemon-bench: {}\n", error.what());
    return 1;
  }
}
