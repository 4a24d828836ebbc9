// Runs a program as a child whose output is captured and which can't outlive the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trainstop::test {

struct ChildOptions {
  std::vector<std::string> command;  ///< the program (looked up in PATH) and its arguments
  std::map<std::string, std::string> environment;  ///< added to this process's
  std::vector<std::string> unset;                  ///< taken from it
  std::string working_directory;                   ///< empty: this process's
  std::string input;                               ///< at most 64 KiB, then end of file
  bool read_out = true;                            ///< false: a pipe that nobody reads
  bool read_err = true;
};

/// How a child ended.
struct Ending {
  bool exited = false;
  int code = 0;    ///< when it exited
  int signal = 0;  ///< when a signal ended it
};

/// The child is killed and reaped by the destructor when it still runs, and by the kernel when the
/// thread that made it ends. Its descriptors above 2 are closed.
class Child {
 public:
  /// Throws std::system_error when no process can be made; a program that can't be run exits with
  /// 127.
  explicit Child(const ChildOptions& options);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const;
  /// Does nothing once the child has been reaped.
  void send_signal(int signal);
  /// Waits for the end and for the rest of the output. Empty when the time passed first.
  std::optional<Ending> wait(std::chrono::milliseconds within);
  /// Waits until `holds` is true of what came so far (looked at after each piece); false when the
  /// time passed or the output ended first.
  bool wait_for_out(const std::function<bool(const std::string&)>& holds,
                    std::chrono::milliseconds within) const;
  bool wait_for_err(const std::function<bool(const std::string&)>& holds,
                    std::chrono::milliseconds within) const;
  /// What came so far; at most 64 MiB is kept of each.
  std::string out() const;
  std::string err() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Runs a program to its end; throws std::runtime_error (after killing it) when that takes longer.
struct Ran {
  Ending ending;
  std::string out, err;
};
Ran run(const ChildOptions& options, std::chrono::milliseconds within);

}  // namespace trainstop::test
