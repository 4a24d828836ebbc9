#include "log/descriptor_sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

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

}  // namespace

DescriptorSink::DescriptorSink(int descriptor)
    : descriptor_(descriptor), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

DescriptorSink::~DescriptorSink() {
  ::close(descriptor_);
  ::close(wake_);
}

void DescriptorSink::give_up() {
  const std::uint64_t one = 1;
  // An eventfd that is full is readable as well.
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
}

bool DescriptorSink::wait_until_writable() const {
  std::array<pollfd, 2> both{pollfd{descriptor_, POLLOUT, 0}, pollfd{wake_, POLLIN, 0}};
  while (::poll(both.data(), both.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  // What can be written at once still is, after giving up as well.
  return both[0].revents != 0;
}

bool DescriptorSink::write_all(std::string_view text) {
  while (!text.empty()) {
    if (!wait_until_writable()) return false;
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

void DescriptorSink::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  if (torn_) line.push_back('\n');
  formatter_->format(message, line);
  if (!write_all(std::string_view(line.data(), line.size()))) lost_.fetch_add(1);
}

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

}  // namespace trainstop::log
