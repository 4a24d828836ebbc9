#include "service/notify_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace trainstop::service {

namespace {

/// The variable's value, removed from the environment so that no child answers in our name.
std::string take_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string result = value == nullptr ? "" : value;
  ::unsetenv(name);
  return result;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : 0;
}

}  // namespace

NotifySocket::NotifySocket() : address_(take_variable("NOTIFY_SOCKET")) {
  const std::int64_t watchdog = number_of(take_variable("WATCHDOG_USEC"));
  const std::string watched = take_variable("WATCHDOG_PID");
  if (address_.size() < 2 || address_.size() >= sizeof(sockaddr_un::sun_path)) return;
  if (address_[0] != '/' && address_[0] != '@') return;
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (watchdog > 0 && (watched.empty() || number_of(watched) == ::getpid())) {
    watchdog_ = Duration(watchdog) / 2;
  }
}

NotifySocket::~NotifySocket() {
  if (socket_ >= 0) ::close(socket_);
}

void NotifySocket::send(std::string_view state) const {
  if (socket_ < 0) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(static_cast<void*>(to.sun_path), address_.data(), address_.size());
  if (address_[0] == '@') to.sun_path[0] = '\0';  // the abstract name space
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  ::sendto(socket_, state.data(), state.size(), MSG_NOSIGNAL,
           static_cast<const sockaddr*>(static_cast<const void*>(&to)), length);
}

void NotifySocket::status(std::string_view words) const {
  send("STATUS=" + std::string(words));
}

}  // namespace trainstop::service
