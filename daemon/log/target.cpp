#include "log/target.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace trainstop::log {

Target::Target() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Target::~Target() {
  ::close(wake_);
}

void Target::give_up() {
  const std::uint64_t one = 1;
  // An eventfd that is full is readable as well.
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
}

bool Target::wait_until_writable(int descriptor) const {
  std::array<pollfd, 2> both{pollfd{descriptor, POLLOUT, 0}, pollfd{wake_, POLLIN, 0}};
  while (::poll(both.data(), both.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  // What can be written at once still is, after giving up as well.
  return both[0].revents != 0;
}

void Target::sink_it_(const spdlog::details::log_msg& message) {
  if (!write(std::string_view(message.payload.data(), message.payload.size()))) lost_.fetch_add(1);
}

}  // namespace trainstop::log
