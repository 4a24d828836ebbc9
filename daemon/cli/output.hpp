// What commands print, where it may not be possible: to a full disk, a closed descriptor, a reader
// that goes away.
#pragma once

#include <cstdio>
#include <string_view>
#include <system_error>

namespace trainstop::cli {

/// Writes all of it, waiting for the reader. EPIPE: nobody reads any more (SIGPIPE must be
/// ignored); EINTR: a signal came whose handler lets a write be interrupted.
std::error_code write_all(int descriptor, std::string_view text);

/// Waits for so long; true when meanwhile nobody reads what is written any more.
bool wait_for_reader_to_leave(int descriptor, int milliseconds);

/// From here on printing to stdout and stderr always works: an exception in the midst of a command
/// would hide what came of it. What stderr does not take is lost; that of stdout finish() knows of.
void guard_streams();

/// Writes what is still to be written to stdout. The exit code: where some of it was lost, and not
/// because its reader has read enough, kFailed in place of kDone, after saying why on stderr.
int finish(int code);

/// While it lives, what is printed to stdout goes to stderr.
class OnStderr {
 public:
  OnStderr();
  ~OnStderr();
  OnStderr(const OnStderr&) = delete;
  OnStderr& operator=(const OnStderr&) = delete;

 private:
  std::FILE* out_;
};

}  // namespace trainstop::cli
