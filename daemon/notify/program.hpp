// One run of a program, started off the loop. Knows nothing of messages.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/time.hpp"

namespace trainstop::notify {

/// How a program came to its end.
struct ProgramEnd {
  bool ran = false;      ///< it could be started
  int code = -1;         ///< of its exit; -1 when it did not exit
  bool overdue = false;  ///< it was killed at its time limit; without `ran`: its start hangs
  std::string words;     ///< why it could not be started, or how it ended, and its first complaint
};

class Program {
 public:
  virtual ~Program() = default;
  /// Kills its process group; what it was to call is not called.
  virtual void kill() = 0;
};

/// Runs `command` (the program with its path, and its arguments) with `input` as standard input,
/// standard output thrown away, and PATH alone in the environment, in a process group of its own
/// that is killed after `time_limit`. Calls `done` once, from the executor, in time also when the
/// start itself hangs, as it does on a file system that does not answer.
std::shared_ptr<Program> run_program(boost::asio::any_io_executor executor,
                                     std::vector<std::string> command, const std::string& input,
                                     Duration time_limit, std::function<void(ProgramEnd)> done);

}  // namespace trainstop::notify
