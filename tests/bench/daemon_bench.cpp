// trainstop-daemon-bench DAEMON [SCENARIO]...: the figures of the whole daemon over TLS on
// loopback, measured by the simulated API, the clients of its control socket and the kernel. All of
// them take about ten minutes; run nothing beside it.
//   lateness, drain, size, restart   stops, and a daemon with many jobs
//   control                          how long a question takes
//   alone, people, flood, sinks      lateness among many jobs beside nothing, ten clients that ask
//                                    without a pause, 1,000 questions a second, failing sinks
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/askers.hpp"
#include "bench/daemon_run.hpp"
#include "support/receiver.hpp"

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

/// So many jobs that fall due at random, so many a second, the first after `lead`; when the last
/// does.
std::chrono::seconds add_due_jobs(DaemonRun& run, std::size_t count, double per_second,
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

void show_late(const Lateness& of) {
  line("first byte received after due, p50", milliseconds(of.late[of.late.size() / 2]));
  line("p99", milliseconds(of.late[of.late.size() * 99 / 100]), "<= 100 ms");
  line("worst", milliseconds(of.late.back()));
}

/// Ends the measurement with what the daemon said last.
[[noreturn]] void give_up(const DaemonRun& run, const std::string& what) {
  constexpr std::size_t kTail = 2'000;
  const std::string log = run.log();
  throw std::runtime_error(what + "; its log ends:\n" +
                           log.substr(log.size() - std::min(log.size(), kTail)));
}

void wait_until_stopped(DaemonRun& run, std::chrono::seconds within) {
  const auto all_stopped = [](const sim::Truth& truth) {
    return std::all_of(truth.jobs.begin(), truth.jobs.end(), [](const auto& job) {
      return !job.first.starts_with("due") || job.second.stop_applied;
    });
  };
  if (!run.api().wait_until(all_stopped, within)) give_up(run, "not all were stopped in time");
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
  wait_until_stopped(run, within);
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
  const auto last = add_due_jobs(run, kStops, kPerSecond, kLead);
  const Lateness result = run_stops(run, last + 60s);
  show_late(result);
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

void show_lag(const DaemonRun& run) {
  line("longest hold of the loop, as the daemon tells",
       fmt::format("{:.1f} ms", run.loop_lag_seconds() * 1000), "< 10 ms");
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
  show_lag(run);
  if (!run.stop()) give_up(run, "the daemon did not end with 0");
}

void show_answers(const std::string& what, const Askers::Answers& answers,
                  const std::string& wanted = {}) {
  line(what + ", p50", milliseconds(answers.quantile(0.5)), wanted);
  line("p99", milliseconds(answers.quantile(0.99)), wanted);
  line("worst", milliseconds(answers.took.back()));
  if (answers.failed != 0) line("not answered: " + answers.failure, std::to_string(answers.failed));
}

/// Every hundredth job, explained.
std::vector<std::string> explain_targets() {
  std::vector<std::string> targets;
  for (std::size_t i = 0; i < kJobs; i += 100) targets.push_back(fmt::format("/v1/jobs/j{:06}", i));
  return targets;
}

void control(const std::string& daemon) {
  fmt::print("\nControl socket: {} running jobs, 10 rules; one client, a connection each time\n",
             kJobs);
  DaemonRun run({.daemon = daemon, .rules = kTenRules, .poll = "1s"}, sim::Settings{});
  add_fleet(run, kJobs);
  run.start();
  if (!has_polled(run, 4)) give_up(run, "the daemon does not poll");
  const auto asked = [&](std::vector<std::string> targets, std::size_t requests) {
    return Askers(run.control_socket(), {.targets = std::move(targets), .requests = requests})
        .end();
  };
  show_answers("status answered after", asked({"/v1/status"}, 500), "<= 50 ms");
  show_answers("a job explained after", asked(explain_targets(), 500), "<= 50 ms");
  show_lag(run);
  const auto whole = asked({"/v1/status?jobs=10000"}, 20);
  line("status with every job answered after, p50", milliseconds(whole.quantile(0.5)));
  line("longest hold of the loop after that",
       fmt::format("{:.1f} ms", run.loop_lag_seconds() * 1000));
  if (!run.stop()) give_up(run, "the daemon did not end with 0");
}

/// Lateness among many jobs, with something beside it.
void beside(const std::string& what, DaemonRun::Options options,
            const std::optional<Askers::Options>& asked) {
  constexpr std::size_t kCount = 500;
  constexpr double kEachSecond = 10;
  // Two lists of all jobs come before the first due.
  constexpr auto kLong = 25s;
  fmt::print("\nLateness of {} stops, {} a second, of {} jobs, 10 rules, beside {}\n", kCount,
             kEachSecond, kJobs, what);
  sim::Settings settings;
  settings.stop_latency = 1s;
  options.rules = std::string(kTenRules) + kRunsTooLong;
  DaemonRun run(options, settings);
  add_fleet(run, kJobs);
  const auto last = add_due_jobs(run, kCount, kEachSecond, kLong);
  run.start();
  if (!has_polled(run, 2)) give_up(run, "the daemon does not poll");
  std::optional<Askers> askers;
  if (asked) askers.emplace(run.control_socket(), *asked);
  wait_until_stopped(run, last + 60s);
  std::optional<Askers::Answers> answers;
  if (askers) answers = askers->end();
  show_lag(run);
  if (!run.stop()) give_up(run, "the daemon did not end with 0");
  const Lateness result = measure(run);
  show_late(result);
  line("jobs asked to stop twice", std::to_string(result.twice));
  line("stops of other jobs", std::to_string(result.wrong), "0");
  if (!answers) return;
  line("questions answered a second", fmt::format("{:.0f}", answers->per_second()),
       asked->per_second > 0 ? fmt::format("{:.0f} asked", asked->per_second) : "");
  show_answers("answered after", *answers);
}

void beside_people(const std::string& daemon) {
  Askers::Options people{.clients = 10};
  for (std::string& target : explain_targets()) {
    people.targets.push_back("/v1/status");
    people.targets.push_back(std::move(target));
  }
  beside("ten clients that ask status and explain without a pause", {.daemon = daemon}, people);
}

void beside_flood(const std::string& daemon) {
  beside("1,000 questions a second", {.daemon = daemon},
         Askers::Options{.clients = 10, .targets = {"/v1/overrides"}, .per_second = 1000});
}

void beside_sinks(const std::string& daemon) {
  test::Receiver deaf([](const test::Received&) {
    test::Reply reply;
    reply.hang = true;
    return reply;
  });
  const std::string refusing = test::Receiver().url();
  beside("one sink that hangs and one that refuses, both told everything",
         {.daemon = daemon,
          .top = "notify:\n"
                 "  - {name: deaf, url: {env: DEAF}, events: [\"*\"]}\n"
                 "  - {name: gone, url: {env: GONE}, events: [\"*\"]}\n",
          .environment = {{"DEAF", deaf.url()}, {"GONE", refusing}}},
         {});
  line("messages that the hanging sink took", std::to_string(deaf.all().size()), "> 0");
}

int run(const std::string& daemon, std::vector<std::string> scenarios) {
  if (scenarios.empty())
    scenarios = {"lateness", "drain",  "size",  "restart", "control",
                 "alone",    "people", "flood", "sinks"};
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
    } else if (scenario == "control") {
      control(daemon);
    } else if (scenario == "alone") {
      beside("nothing", {.daemon = daemon}, {});
    } else if (scenario == "people") {
      beside_people(daemon);
    } else if (scenario == "flood") {
      beside_flood(daemon);
    } else if (scenario == "sinks") {
      beside_sinks(daemon);
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
    fmt::print(stderr,
               "usage: trainstop-daemon-bench DAEMON "
               "[lateness|drain|size|restart|control|alone|people|flood|sinks]...\n");
    return 2;
  }
  try {
    return trainstop::bench::run(argv[1], std::vector<std::string>(argv + 2, argv + argc));
  } catch (const std::exception& error) {
    fmt::print(stderr, "trainstop-daemon-bench: {}\n", error.what());
    return 1;
  }
}
