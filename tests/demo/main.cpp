// trainstop-demo DAEMON CONFIG: shows the real daemon at work against a simulated Baseten API on
// loopback, for about half a minute, and proves at the end what happened.
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "demo/log_lines.hpp"
#include "demo/scenario.hpp"
#include "demo/verdict.hpp"
#include "sim/sim.hpp"
#include "support/child.hpp"
#include "support/pki.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::demo {
namespace {

using namespace std::chrono_literals;

// The last stop is due after 26 s; the rest is room for a slow machine.
constexpr auto kLongest = 75s;
constexpr auto kLongestGoodbye = 20s;
constexpr auto kLook = 200ms;
constexpr const char* kKey = "demo-key-that-appears-nowhere";

std::string replace_all(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

/// Shows the daemon's log as it comes and remembers what it says of each job.
class Watcher {
 public:
  /// Takes what the daemon has written so far.
  void take(const std::string& written) {
    for (std::size_t end = written.find('\n', taken_); end != std::string::npos;
         end = written.find('\n', taken_)) {
      show(written.substr(taken_, end - taken_));
      taken_ = end + 1;
    }
    std::fflush(stdout);
  }
  std::size_t taken() const { return taken_; }
  const Said& said(const std::string& job) { return said_[job]; }
  bool key_seen() const { return key_seen_; }

 private:
  void show(const std::string& text) {
    key_seen_ = key_seen_ || text.find(kKey) != std::string::npos;
    const auto line = parse_line(text);
    if (!line) {
      std::printf("  %s\n", text.c_str());
      return;
    }
    take_note(*line, said_);
    const std::string job = line->field("job_name");
    const bool named = job.empty() || line->sentence.find(job) != std::string::npos;
    std::printf("  %s%s\n", line->sentence.c_str(), named ? "" : (" [" + job + "]").c_str());
  }

  std::size_t taken_ = 0;
  std::map<std::string, Said> said_;
  bool key_seen_ = false;
};

bool all_over(const sim::Server& server, Watcher& watcher) {
  const sim::WallTime now = sim::read_clocks().wall;
  for (const Role& role : cast()) {
    if (!is_over(role, server.job(role.id), watcher.said(role.id), now)) return false;
  }
  return true;
}

void introduce() {
  std::printf(
      "Eight training jobs on a simulated Baseten API, watched by the real daemon over TLS for "
      "half "
      "a\n"
      "minute. Its log, with the job's name in place of the fields that follow each sentence:\n\n");
}

/// Prints the table; the exit code.
int conclude(const sim::Server& server, Watcher& watcher, bool ended_well) {
  const sim::WallTime now = sim::read_clocks().wall;
  std::vector<Row> rows;
  bool right = ended_well && !watcher.key_seen();
  for (const Role& role : cast()) {
    rows.push_back(judge(role, server.job(role.id), watcher.said(role.id), now));
    right = right && rows.back().wrong.empty();
  }
  rows.push_back(judge_together(sweep(), rows));
  right = right && rows.back().wrong.empty();
  std::printf("\n%s", table(rows).c_str());
  if (!ended_well) std::printf("The daemon did not end with 0 when asked to.\n");
  if (watcher.key_seen()) std::printf("The API key stands in the log.\n");
  return right ? 0 : 1;
}

int run(const std::string& daemon, const std::string& config_template) {
  const test::Pki pki;
  const test::TempDir folder;
  sim::ServerOptions options;
  options.settings = settings(kKey);
  options.tls = pki.issue(test::CertificateKind::good);
  sim::Server server(std::move(options));

  std::string config =
      replace_all(test::read_file(config_template), "DEMO_BASE_URL", server.base_url());
  config = replace_all(config, "DEMO_CA_FILE", folder.write("ca.pem", pki.ca()).string());
  config = replace_all(config, "DEMO_STATE_DIR", folder.path().string());
  config = replace_all(config, "DEMO_SOCKET", (folder.path() / "control.sock").string());
  const std::string file = folder.write("demo.yaml", config).string();

  introduce();
  for (const Role& role : cast()) server.add_job(script(role));
  test::ChildOptions child;
  child.command = {daemon, "run", "--config", file};
  child.environment["BASETEN_API_KEY"] = kKey;
  test::Child process(child);

  Watcher watcher;
  const auto until = std::chrono::steady_clock::now() + kLongest;
  bool running = true;
  while (running && std::chrono::steady_clock::now() < until && !all_over(server, watcher)) {
    process.wait_for_err([&](const std::string& text) { return text.size() > watcher.taken(); },
                         kLook);
    watcher.take(process.err());
    running = !process.wait(0ms);
  }
  process.send_signal(SIGTERM);
  const auto ending = process.wait(kLongestGoodbye);
  watcher.take(process.err());
  return conclude(server, watcher, running && ending && ending->exited && ending->code == 0);
}

}  // namespace
}  // namespace trainstop::demo

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: trainstop-demo DAEMON CONFIG\n");
    return 2;
  }
  try {
    return trainstop::demo::run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "trainstop-demo: %s\n", error.what());
    return 1;
  }
}
