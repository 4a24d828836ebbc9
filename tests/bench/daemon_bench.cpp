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
#include "bench/daemon_measures.hpp"
#include "bench/daemon_run.hpp"
#include "support/receiver.hpp"

namespace trainstop::bench {
namespace {

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
  const auto whole = asked({"/v1/status?jobs=1000"}, 20);
  line("status with 1,000 jobs answered after, p50", milliseconds(whole.quantile(0.5)));
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
