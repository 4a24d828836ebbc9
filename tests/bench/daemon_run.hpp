// The real daemon against a simulated API over TLS on loopback, and what the kernel says of it.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "model/time.hpp"
#include "sim/sim.hpp"
#include "support/child.hpp"
#include "support/pki.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::bench {

/// Runs while it lives. The configuration polls every `poll`, gives no first notice, and has its
/// breaker out of the way.
class DaemonRun {
 public:
  struct Options {
    std::string daemon;      ///< path of the binary
    std::string rules = {};  ///< YAML, the list under `rules:`
    std::string poll = "10s";
    int rate_limit = 50;   ///< requests a second
    std::string top = {};  ///< YAML, more sections
    std::map<std::string, std::string> environment = {};
  };
  DaemonRun(const Options& options, const sim::Settings& settings);
  ~DaemonRun();

  sim::Server& api() { return *server_; }
  /// Starts the daemon; add the jobs before.
  void start();
  /// Ends it with SIGTERM; whether it ended with 0.
  bool stop();
  /// Ends it with SIGKILL.
  void kill();

  std::string log() const { return process_->err(); }
  /// By job id, the due that `stop.sent` told.
  std::map<std::string, Instant> dues_told() const;
  std::filesystem::path control_socket() const { return folder_.path() / "control.sock"; }
  /// The longest hold of the loop since the summary before, as `status` tells it.
  double loop_lag_seconds() const;

  std::chrono::milliseconds cpu() const;
  /// KiB: `VmRSS` (now) or `VmHWM` (the most so far) of /proc/PID/status.
  std::size_t memory(const std::string& what) const;

 private:
  Options options_;
  test::Pki pki_;
  test::TempDir folder_{test::TempDir::on_disk()};
  std::unique_ptr<sim::Server> server_;
  std::unique_ptr<test::Child> process_;
};

}  // namespace trainstop::bench
