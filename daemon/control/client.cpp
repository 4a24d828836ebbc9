#include "control/client.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>
#include <thread>
#include <utility>

namespace trainstop::control {

namespace {

namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;

// The fleet of a very large account, with every rule of every job.
constexpr std::uint64_t kMostBody = 64U << 20U;
constexpr std::size_t kRead = 65536;
// A daemon that has more connections waiting than the kernel queues is asked again.
constexpr auto kFullQueuePause = std::chrono::milliseconds(20);

class Call {
 public:
  Call(const std::string& path, Duration timeout) : path_(path), until_(Clock::now() + timeout) {}
  ~Call() {
    if (socket_ >= 0) ::close(socket_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  std::optional<CallError> connect();
  /// A daemon that turns a request down early has answered: what it said is read all the same.
  std::optional<CallError> write(std::string_view text);
  boost::system::result<ClientReply, CallError> read();

 private:
  CallError error(int code, std::string_view what) const {
    return {code, was_sent_, fmt::format("{}: {}", path_, what)};
  }
  CallError error(int code) const { return error(code, std::strerror(code)); }
  /// False when the time is up.
  bool wait(short events) const;

  std::string path_;
  Clock::time_point until_;
  int socket_ = -1;
  bool was_sent_ = false;
};

bool Call::wait(short events) const {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - Clock::now()).count();
    if (left <= 0) return false;
    pollfd ready{socket_, events, 0};
    const int most = std::numeric_limits<int>::max();
    if (::poll(&ready, 1, static_cast<int>(std::min<decltype(left)>(left, most))) > 0) return true;
  }
}

std::optional<CallError> Call::connect() {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path_.size() >= sizeof(to.sun_path)) return error(ENAMETOOLONG);
  std::memcpy(static_cast<void*>(to.sun_path), path_.data(), path_.size());
  socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0) return error(errno);
  const auto* const address = static_cast<const sockaddr*>(static_cast<const void*>(&to));
  while (::connect(socket_, address, sizeof(to)) != 0) {
    if (errno != EAGAIN && errno != EINTR) return error(errno);
    if (Clock::now() >= until_) return error(ETIMEDOUT, "the daemon takes no connection");
    std::this_thread::sleep_for(kFullQueuePause);
  }
  return {};
}

std::optional<CallError> Call::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (written > 0) {
      was_sent_ = true;
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return {};
    } else if (errno == EAGAIN) {
      if (!wait(POLLOUT)) return error(ETIMEDOUT, "the daemon does not take the request");
    } else if (errno != EINTR) {
      return error(errno);
    }
  }
  return {};
}

boost::system::result<ClientReply, CallError> Call::read() {
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  parser.body_limit(kMostBody);
  boost::beast::flat_buffer buffer;
  while (!parser.is_done()) {
    const auto room = buffer.prepare(kRead);
    const ssize_t count = ::recv(socket_, room.data(), room.size(), 0);
    if (count < 0 && errno == EAGAIN) {
      if (!wait(POLLIN)) return error(ETIMEDOUT, "the daemon does not answer");
      continue;
    }
    if (count < 0 && errno == EINTR) continue;
    boost::system::error_code failed;
    if (count <= 0) {
      if (!parser.got_some()) return error(EPROTO, "the daemon closed the connection");
      parser.put_eof(failed);
      if (failed) return error(EPROTO, "the daemon's reply was cut off");
      break;
    }
    buffer.commit(static_cast<std::size_t>(count));
    buffer.consume(parser.put(buffer.data(), failed));
    if (failed && failed != http::error::need_more)
      return error(EPROTO, "what answers there is not the daemon: " + failed.message());
  }
  auto message = parser.release();
  return ClientReply{message.result_int(), std::move(message.body())};
}

}  // namespace

boost::system::result<ClientReply, CallError> Client::call(std::string_view method,
                                                           std::string_view target,
                                                           std::string_view body,
                                                           Duration timeout) const {
  std::string request =
      fmt::format("{} {} HTTP/1.1\r\nHost: trainstop\r\nConnection: close\r\n", method, target);
  if (!body.empty()) {
    request += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  }
  request += "\r\n";
  request += body;
  Call call(socket_.string(), timeout);
  if (auto failed = call.connect()) return std::move(*failed);
  if (auto failed = call.write(request)) return std::move(*failed);
  return call.read();
}

}  // namespace trainstop::control
