// Starts a process with little: its standard streams and PATH.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace trainstop::notify {

/// A started process; whoever holds it closes and reaps.
struct Spawned {
  pid_t pid = -1;
  int handle = -1;      ///< readable when it has ended (pidfd_open(2))
  int complaints = -1;  ///< what it writes on standard error; does not block
  std::string problem;  ///< why there is none
};

/// Blocks while the program is looked up and loaded; `path` is its PATH.
Spawned spawn(const std::vector<std::string>& command, const std::string& input,
              const std::string& path);

}  // namespace trainstop::notify
