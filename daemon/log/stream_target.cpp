#include "log/stream_target.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "log/sink.hpp"

namespace trainstop::log {

namespace {

/// Writes to a socket or, where it is none, to anything else; never waits on a socket.
ssize_t write_some(int descriptor, std::string_view text) {
  // After POLLOUT a pipe takes PIPE_BUF bytes at once, also where O_NONBLOCK could not be set.
  const std::size_t size = std::min<std::size_t>(text.size(), PIPE_BUF);
  const ssize_t sent = ::send(descriptor, text.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0 || errno != ENOTSOCK) return sent;
  return ::write(descriptor, text.data(), size);
}

/// A descriptor of our own for stderr that never blocks a write, so that a full pipe can be waited
/// for with a way out; the description that others share keeps its flags.
int duplicate_stderr() {
  // A pipe or a terminal is opened anew. A socket can't be and needs no flag; a file's description
  // also holds the place that others go on writing at.
  struct stat about {};
  if (::fstat(STDERR_FILENO, &about) == 0 && (S_ISFIFO(about.st_mode) || S_ISCHR(about.st_mode))) {
    const int own = ::open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (own >= 0) return own;
  }
  return ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
}

/// An errno becomes words.
Result<int> open_stream(const std::optional<std::filesystem::path>& file) {
  // Only owner and group may read: job names are not for everyone.
  const int descriptor =
      file ? ::open(file->c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640)
           : duplicate_stderr();
  if (descriptor >= 0) return descriptor;
  Failure failure;
  failure.message = (file ? file->string() : "stderr") + ": " + std::strerror(errno);
  return failure;
}

}  // namespace

Result<std::shared_ptr<Target>> StreamTarget::open(
    const std::optional<std::filesystem::path>& file) {
  const Result<int> opened = open_stream(file);
  if (opened.has_error()) return opened.error();
  return std::shared_ptr<Target>(std::make_shared<StreamTarget>(opened.value(), file));
}

StreamTarget::~StreamTarget() {
  ::close(descriptor_);
}

std::string StreamTarget::render(const Event& event, std::uint64_t seq, Format format) const {
  return format_line(event, seq, format);
}

Result<void> StreamTarget::reopen() {
  const Result<int> opened = open_stream(file_);
  if (opened.has_error()) return opened.error();
  ::close(std::exchange(descriptor_, opened.value()));
  torn_ = false;
  return {};
}

bool StreamTarget::write_all(std::string_view text) {
  while (!text.empty()) {
    if (!wait_until_writable(descriptor_)) return false;
    const ssize_t written = write_some(descriptor_, text);
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      torn_ = !text.empty();
    } else if (errno != EINTR && errno != EAGAIN) {
      return false;
    }
  }
  return true;
}

bool StreamTarget::write(std::string_view rendered) {
  std::string line;
  if (torn_) line += '\n';
  line += rendered;
  line += '\n';
  return write_all(line);
}

}  // namespace trainstop::log
