#include "cli/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "cli/commands.hpp"

namespace trainstop::cli {

namespace {

/// Why something that was printed to stdout is lost; none while nothing is.
std::error_code stdout_error;

/// A file that is opened must not get the number of a stream that is closed, and with it all that
/// is printed. Like this one, O_PATH can't be written to either.
void occupy(int descriptor) {
  if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) return;
  static_cast<void>(::open("/", O_PATH));
}

ssize_t print_out(void* /*cookie*/, const char* text, std::size_t size) {
  const std::error_code error = write_all(STDOUT_FILENO, {text, size});
  if (error && error != std::errc::broken_pipe && !stdout_error) stdout_error = error;
  return static_cast<ssize_t>(size);
}

ssize_t print_err(void* /*cookie*/, const char* text, std::size_t size) {
  static_cast<void>(write_all(STDERR_FILENO, {text, size}));
  return static_cast<ssize_t>(size);
}

/// nullptr when there is no memory for one.
std::FILE* open_stream(cookie_write_function_t* write, int buffering) {
  cookie_io_functions_t functions{};
  functions.write = write;
  std::FILE* const stream = ::fopencookie(nullptr, "w", functions);
  if (stream != nullptr) static_cast<void>(std::setvbuf(stream, nullptr, buffering, BUFSIZ));
  return stream;
}

}  // namespace

std::error_code write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // whoever shares it has made it non-blocking
      pollfd ready{descriptor, POLLOUT, 0};
      if (::poll(&ready, 1, -1) < 0) return {errno, std::generic_category()};
    } else {
      return {errno, std::generic_category()};
    }
  }
  return {};
}

bool wait_for_reader_to_leave(int descriptor, int milliseconds) {
  // A closed one (POLLNVAL) can't be waited for either.
  pollfd left{descriptor, 0, 0};
  return ::poll(&left, 1, milliseconds) > 0;
}

void guard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) occupy(descriptor);
  // glibc lets a program set its streams.
  const bool terminal = ::isatty(STDOUT_FILENO) != 0;
  if (std::FILE* out = open_stream(print_out, terminal ? _IOLBF : _IOFBF)) stdout = out;
  if (std::FILE* err = open_stream(print_err, _IONBF)) stderr = err;
}

int finish(int code) {
  std::fflush(stdout);
  if (!stdout_error) return code;
  fmt::print(stderr, "standard output can't be written: {}\n", stdout_error.message());
  return code == kDone ? kFailed : code;
}

OnStderr::OnStderr() : out_(stdout) {
  std::fflush(stdout);
  stdout = stderr;
}

OnStderr::~OnStderr() {
  stdout = out_;
}

}  // namespace trainstop::cli
