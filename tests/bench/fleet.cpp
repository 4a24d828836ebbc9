#include "bench/fleet.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

namespace trainstop::bench {

namespace {

using namespace std::chrono_literals;

policy::Rule rule(std::string name, policy::Condition when) {
  policy::Rule result;
  result.name = std::move(name);
  result.when = std::move(when);
  result.canonical = result.hash = result.name;
  return result;
}

policy::Selector project(std::string glob) {
  policy::SelectorMap map;
  map.project = {std::move(glob)};
  return {{map}};
}

policy::Schedule nights() {
  std::string error;
  auto spans = policy::parse_window("22:00-06:00", error);
  return policy::Schedule(std::move(*spans), policy::find_zone("America/New_York"));
}

}  // namespace

std::vector<policy::Rule> ten_rules() {
  std::vector<policy::Rule> rules;
  rules.push_back(rule("two-weeks", {policy::RunningFor{336h}}));
  rules.back().warn_before = {4h, 30min};
  rules.push_back(rule("stuck", {policy::DeployingFor{45min}}));
  rules.push_back(rule("queue", {policy::QueuedFor{24h}}));
  rules.push_back(rule("old", {policy::Age{1000h}}));
  rules.push_back(rule("cap", {policy::Cost{Money::from_dollars(1'000'000)}}));
  rules.back().warn_at_percent = {50, 80, 95};
  rules.push_back(rule("cap-of-one", {policy::Cost{Money::from_dollars(500'000)}}));
  rules.back().match = project("project-1*");
  rules.push_back(rule("year-end", {policy::Deadline{kStart + 24h * 300}}));
  rules.push_back(rule(
      "nights", {policy::All{{{policy::During{nights(), false}}, {policy::RunningFor{500h}}}}}));
  rules.push_back(rule("either", {policy::Any{{{policy::Cost{Money::from_dollars(900'000)}},
                                               {policy::Age{900h}}}}}));
  rules.back().match = project("project-*");
  rules.push_back(rule("pilot", {policy::RunningFor{400h}}));
  rules.back().mode = policy::Mode::observe;
  rules.back().exclude = project("project-7");
  return rules;
}

policy::Config config_of(std::vector<policy::Rule> rules) {
  policy::Config config;
  config.mode = policy::Mode::enforce;
  policy::Account account;
  account.name = "default";
  account.base_url = "https://api.example";
  config.accounts.push_back(account);
  config.poll.interval = 10s;
  config.prices_per_minute["H100x8"] = Money::from_nano(866'670'000);
  config.rules = std::move(rules);
  return config;
}

std::vector<JobRef> fleet(std::size_t jobs) {
  std::vector<JobRef> result;
  result.reserve(jobs);
  for (std::size_t i = 0; i < jobs; ++i) {
    auto job = std::make_shared<JobSnapshot>();
    job->id = fmt::format("j{:06}", i);
    job->project_id = fmt::format("p{}", i % 20);
    job->project_name = fmt::format("project-{}", i % 20);
    job->name = fmt::format("sweep-{}-run-{}", i / 50, i % 50);
    job->status = "TRAINING_JOB_RUNNING";
    job->created_at = job->updated_at = kStart - 1h - std::chrono::milliseconds(i);
    job->instance_type = "H100:8x80";
    job->gpu_count = 8;
    job->gpu_type = "H100";
    job->node_count = static_cast<std::int32_t>(1 + i % 2);
    job->user = fmt::format("user{}@corp.example", i % 100);
    result.push_back(std::move(job));
  }
  return result;
}

JobRef touched(const JobRef& job, Instant at) {
  auto changed = std::make_shared<JobSnapshot>(*job);
  changed->updated_at = at;
  return changed;
}

}  // namespace trainstop::bench
