#include "bench/daemon_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "bench/askers.hpp"
#include "demo/log_lines.hpp"

namespace trainstop::bench {

namespace {

using namespace std::chrono_literals;

constexpr const char* kConfig = R"(mode: enforce
accounts:
  - {{name: bench, base_url: "{url}", api_key: {{env: BASETEN_API_KEY}}, ca_file: "{ca}"}}
poll: {{interval: {poll}, rate_limit: {rate}}}
state_dir: "{state}"
control: {{socket: "{state}/control.sock"}}
safety: {{max_stops: {{count: 10000, per: 1h}}, first_notice: 0s}}
log: {{format: text}}
{top}rules:
{rules})";

template <class Visit>
void for_each_line(const std::string& text, Visit visit) {
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (const auto parsed = demo::parse_line(line)) visit(*parsed);
  }
}

}  // namespace

DaemonRun::DaemonRun(const Options& options, const sim::Settings& settings) : options_(options) {
  sim::ServerOptions server;
  server.settings = settings;
  server.tls = pki_.issue(test::CertificateKind::good);
  server_ = std::make_unique<sim::Server>(std::move(server));
}

DaemonRun::~DaemonRun() = default;

void DaemonRun::start() {
  using fmt::arg;
  const std::string ca = folder_.write("ca.pem", pki_.ca()).string();
  const std::string config = fmt::format(
      kConfig, arg("url", server_->base_url()), arg("ca", ca), arg("poll", options_.poll),
      arg("rate", options_.rate_limit), arg("state", folder_.path().string()),
      arg("top", options_.top), arg("rules", options_.rules));
  test::ChildOptions child;
  child.command = {options_.daemon, "run", "--config",
                   folder_.write("bench.yaml", config).string()};
  child.environment = options_.environment;
  child.environment["BASETEN_API_KEY"] = sim::Settings{}.key;
  process_ = std::make_unique<test::Child>(child);
}

bool DaemonRun::stop() {
  process_->send_signal(SIGTERM);
  const auto ending = process_->wait(30s);
  return ending && ending->exited && ending->code == 0;
}

void DaemonRun::kill() {
  process_->send_signal(SIGKILL);
  if (!process_->wait(30s)) throw std::runtime_error("the daemon can't be killed");
}

std::map<std::string, Instant> DaemonRun::dues_told() const {
  std::map<std::string, Instant> dues;
  for_each_line(process_->err(), [&](const demo::LogLine& line) {
    const auto due = line.instant("due_at");
    if (line.event == "stop.sent" && due) dues.emplace(line.field("job"), *due);
  });
  return dues;
}

double DaemonRun::loop_lag_seconds() const {
  const auto status = boost::json::parse(ask(control_socket(), "/v1/status?jobs=0"));
  return status.at("loop_lag_s").to_number<double>();
}

std::chrono::milliseconds DaemonRun::cpu() const {
  std::ifstream file(fmt::format("/proc/{}/stat", process_->pid()));
  std::string text((std::istreambuf_iterator<char>(file)), {});
  // proc(5): the name in brackets may hold spaces; utime and stime are the 12th and 13th after it.
  std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 1)));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  long user = 0;
  long system = 0;
  if (!(fields >> user >> system))
    throw std::runtime_error("no CPU time of the daemon: has it ended?");
  return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

std::size_t DaemonRun::memory(const std::string& what) const {
  std::ifstream file(fmt::format("/proc/{}/status", process_->pid()));
  for (std::string key; file >> key;) {
    std::size_t kib = 0;
    if (key == what + ":" && file >> kib) return kib;
    std::getline(file, key);
  }
  throw std::runtime_error("no " + what + " of the daemon: has it ended?");
}

}  // namespace trainstop::bench
