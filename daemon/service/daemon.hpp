// The daemon: everything put together, from its start to its orderly end.
#pragma once

#include <string>
#include <vector>

#include "notify/notifier.hpp"
#include "policy/config.hpp"

namespace trainstop::service {

struct DaemonInput {
  DaemonInput() = default;
  policy::Config config;
  bool observe = false;               ///< whatever a configuration says, also a later one
  std::string config_file;            ///< for people
  std::vector<std::string> warnings;  ///< of the reader
  std::vector<std::string> api_keys;  ///< one for each account
  notify::Secrets notify_secrets;     ///< of the sinks and the heartbeat
};

/// Exit codes as in sysexits.h.
inline constexpr int kExitFailed = 1;
inline constexpr int kExitBug = 70;
inline constexpr int kExitConfiguration = 78;

/// Runs until SIGTERM or SIGINT; gives the exit code: 0, kExitBug, kExitConfiguration when
/// something that the configuration names can't be used, or kExitFailed when another daemon uses
/// its state directory; that is then said on stderr.
int run_daemon(DaemonInput input);

}  // namespace trainstop::service
