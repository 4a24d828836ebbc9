#include "e2e/world.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <sstream>
#include <thread>

namespace trainstop::e2e {

namespace {

// Quick enough that a case takes seconds; a real configuration has ten times these.
constexpr const char* kConfig = R"(mode: MODE
accounts:
  - name: sim
    base_url: BASE_URL
    api_key: {env: E2E_KEY}
    ca_file: CA_FILE
poll: {interval: 1s, timeout: CALL_TIMEOUT}
stop: {confirm_every: 500ms, confirm_within: 2s, verify_timeout: 2s}
state_dir: STATE_DIR
control: {socket: SOCKET}
safety: {first_notice: FIRST_NOTICESAFETY}
log: LOG
TOP
rules:
RULES
)";

void replace(std::string& text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) text.replace(at, what.size(), with);
}

}  // namespace

std::string binary() {
  return TRAINSTOP_BINARY;
}

World::World(WorldOptions options) : options_(std::move(options)) {
  sim::ServerOptions server;
  server.settings = options_.settings;
  server.settings.key = kKey;
  server.tls = test::shared_pki().issue(options_.certificate);
  api_ = std::make_unique<sim::Server>(std::move(server));
  std::string text = kConfig;
  replace(text, "MODE", options_.mode);
  replace(text, "BASE_URL", api_->base_url());
  replace(text, "CA_FILE", directory_.write("ca.pem", test::shared_pki().ca()).string());
  replace(text, "STATE_DIR", state().string());
  replace(text, "SOCKET", socket().string());
  replace(text, "FIRST_NOTICE", options_.first_notice);
  replace(text, "CALL_TIMEOUT", options_.call_timeout);
  replace(text, "SAFETY", options_.safety.empty() ? "" : ", " + options_.safety);
  replace(text, "LOG", options_.log);
  replace(text, "TOP", options_.top);
  replace(text, "RULES", options_.rules);
  config_file_ = directory_.write("trainstop.yaml", text).string();
}

void World::add_running(const std::string& id) {
  sim::JobScript script;
  script.id = id;
  add_job(std::move(script));
}

void World::add_job(sim::JobScript script) {
  if (!script.name) script.name = script.id;
  api_->add_job(std::move(script));
}

void World::start(const std::map<std::string, std::string>& more) {
  test::ChildOptions child;
  child.command = options_.wrapper;
  for (const char* each : {TRAINSTOP_BINARY, "run", "--config"}) child.command.emplace_back(each);
  child.command.push_back(config_file_);
  child.command.insert(child.command.end(), options_.arguments.begin(), options_.arguments.end());
  child.environment = options_.environment;
  child.environment["E2E_KEY"] = kKey;
  for (const auto& [name, value] : more) child.environment[name] = value;
  child.read_err = options_.read_err;
  daemon_ = std::make_unique<test::Child>(child);
}

int World::end(std::chrono::milliseconds within) {
  daemon_->send_signal(SIGTERM);
  const auto ending = daemon_->wait(within);
  return ending && ending->exited ? ending->code : -1;
}

bool World::wait_until(const std::function<bool(const sim::Truth&)>& holds,
                       std::chrono::milliseconds within) {
  return api_->wait_until(holds, within);
}

bool World::wait_until_stopped(const std::string& job, std::chrono::milliseconds within) {
  return wait_until(
      [&](const sim::Truth& truth) {
        const auto found = truth.jobs.find(job);
        return found != truth.jobs.end() && found->second.ended_by_stop;
      },
      within);
}

bool World::wait_for_requests(sim::Endpoint endpoint, std::uint64_t more,
                              std::chrono::milliseconds within) {
  const std::uint64_t wanted = api_->truth().count(endpoint) + more;
  return wait_until([&](const sim::Truth& truth) { return truth.count(endpoint) >= wanted; },
                    within);
}

bool World::wait_for_event(const std::string& event, std::chrono::milliseconds within,
                           const std::string& job) {
  const std::string wanted_event = "\"event\":\"" + event + "\"";
  const std::string wanted_job = job.empty() ? "" : "\"job\":\"" + job + "\"";
  return daemon_->wait_for_err(
      [&](const std::string& text) {
        std::istringstream stream(text);
        for (std::string line; std::getline(stream, line);) {
          if (line.find(wanted_event) != std::string::npos &&
              line.find(wanted_job) != std::string::npos) {
            return true;
          }
        }
        return false;
      },
      within);
}

std::vector<Line> World::lines(Tail tail) const {
  std::vector<Line> lines;
  std::istringstream stream(daemon_->err());
  for (std::string text; std::getline(stream, text);) {
    boost::system::error_code error;
    const auto value = boost::json::parse(text, error);
    if (error || !value.is_object() || !value.as_object().contains("event")) {
      if (tail == Tail::may_be_cut && stream.eof()) continue;
      ADD_FAILURE() << "no line of the log: " << text;
      continue;
    }
    Line line;
    line.all = value.as_object();
    line.event = std::string(line.all.at("event").as_string());
    if (const auto* job = line.all.if_contains("job")) line.job = std::string(job->as_string());
    lines.push_back(std::move(line));
  }
  return lines;
}

std::size_t World::count(const std::string& event, const std::string& job) const {
  const auto all = lines();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Line& line) {
    return line.event == event && (job.empty() || line.job == job);
  }));
}

void World::expect_only_stopped(const std::string& job) const {
  for (const auto& [id, truth] : api_->truth().jobs) {
    if (id == job) continue;
    EXPECT_EQ(truth.stop_requests, 0) << id << " was asked to stop";
  }
  expect_key_hidden();
}

void World::expect_key_hidden() const {
  if (!daemon_) return;
  EXPECT_EQ(daemon_->err().find(kKey), std::string::npos) << "the key is in the log";
  EXPECT_EQ(daemon_->out().find(kKey), std::string::npos) << "the key was printed";
}

std::chrono::microseconds lateness(const sim::JobTruth& job, std::chrono::microseconds limit) {
  for (const sim::StatusChange& change : job.changes) {
    if (change.status == sim::kRunning) {
      return job.first_stop_received.value().boot - change.at.boot - limit;
    }
  }
  ADD_FAILURE() << "the job never ran";
  return {};
}

void run_together(const std::vector<std::function<void()>>& cases, std::size_t at_a_time) {
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < std::min(at_a_time, cases.size()); ++i) {
    workers.emplace_back([&] {
      for (std::size_t mine = next++; mine < cases.size(); mine = next++) cases[mine]();
    });
  }
  for (std::thread& worker : workers) worker.join();
}

}  // namespace trainstop::e2e
