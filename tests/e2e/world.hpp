// The world of one end-to-end case: a simulated API over TLS, a configuration, and the real daemon.
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/sim.hpp"
#include "support/child.hpp"
#include "support/pki.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::e2e {

using namespace std::chrono_literals;

/// The path of the binary under test.
std::string binary();

/// The key of every simulated API here; it must appear nowhere.
inline constexpr const char* kKey = "sk-e2e-0123456789abcdef";

/// How long a test waits for what has to happen: only a failing one needs it.
inline constexpr std::chrono::seconds kPatience = 60s;

struct WorldOptions {
  WorldOptions() = default;
  test::CertificateKind certificate = test::CertificateKind::good;
  sim::Settings settings;
  std::string mode = "enforce";
  std::string top;     ///< more of the configuration's top level, YAML
  std::string safety;  ///< below `safety:`, one line, beside first_notice
  std::string rules;   ///< the list below `rules:`; YAML, indented by two
  std::string first_notice = "0s";
  /// Of a read. Where nothing hangs it only has to be long enough for a busy machine: on one that
  /// needs longer for a handshake under sanitizers the daemon would see nothing at all.
  std::string call_timeout = "10s";
  std::string log = "{level: info, format: json}";
  bool read_err = true;
  std::vector<std::string> wrapper;                ///< before the daemon's command
  std::vector<std::string> arguments;              ///< after `run --config F`
  std::map<std::string, std::string> environment;  ///< of the daemon, beside the key
};

/// One line of the daemon's log.
struct Line {
  std::string event, job;
  boost::json::object all;
};

class World {
 public:
  explicit World(WorldOptions options);

  sim::Server& api() { return *api_; }
  const std::string& config_file() const { return config_file_; }
  const test::TempDir& directory() const { return directory_; }
  /// Where the daemon keeps its state.
  std::filesystem::path state() const { return directory_.path() / "state"; }
  /// Where it listens for commands.
  std::filesystem::path socket() const { return directory_.path() / "run" / "control.sock"; }

  /// Adds a job that runs from now on; its name is its id.
  void add_running(const std::string& id);
  void add_job(sim::JobScript script);

  /// Starts the daemon, with more in its environment.
  void start(const std::map<std::string, std::string>& more = {});
  test::Child& daemon() { return *daemon_; }
  /// Asks the daemon to end and waits; the exit code, -1 when it did not end by itself.
  int end(std::chrono::milliseconds within = kPatience);

  /// Waits for the truth; never for what the daemon says of itself.
  bool wait_until(const std::function<bool(const sim::Truth&)>& holds,
                  std::chrono::milliseconds within);
  bool wait_until_stopped(const std::string& job, std::chrono::milliseconds within);
  /// Waits until the API has answered so many more requests of a kind.
  bool wait_for_requests(sim::Endpoint endpoint, std::uint64_t more,
                         std::chrono::milliseconds within);
  /// Waits for a line of this event (and job) in the log.
  bool wait_for_event(const std::string& event, std::chrono::milliseconds within,
                      const std::string& job = {});

  /// The log so far; a line that is no JSON object of version 1 fails the test, save for the last
  /// one of a daemon that was killed.
  enum class Tail { whole, may_be_cut };
  std::vector<Line> lines(Tail tail = Tail::whole) const;
  /// How often the log has this event for this job (any job when empty).
  std::size_t count(const std::string& event, const std::string& job = {}) const;

  /// Fails the test if any job but `job` was asked to stop, or the key was shown.
  void expect_only_stopped(const std::string& job) const;
  void expect_key_hidden() const;

 private:
  WorldOptions options_;
  test::TempDir directory_;
  std::unique_ptr<sim::Server> api_;
  std::string config_file_;
  std::unique_ptr<test::Child> daemon_;
};

/// How long after `running + limit` the first byte of the job's first stop request came; negative:
/// too early. By the simulation's truth alone.
std::chrono::microseconds lateness(const sim::JobTruth& job, std::chrono::microseconds limit);

/// Runs `cases` at most so many at a time, each in a thread of its own.
void run_together(const std::vector<std::function<void()>>& cases, std::size_t at_a_time);

}  // namespace trainstop::e2e
