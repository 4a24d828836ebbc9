#include "cli/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace trainstop::cli {

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

}  // namespace trainstop::cli
