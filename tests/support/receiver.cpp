#include "support/receiver.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>
#include <thread>

namespace trainstop::test {

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// False when the peer has left.
bool write_all(int socket, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t count = ::send(socket, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (count <= 0) return false;
    at += static_cast<std::size_t>(count);
  }
  return true;
}

/// The next request of a connection; `rest` holds what was read beyond it.
std::optional<Received> read_request(int socket, std::string& rest) {
  const auto read_more = [&] {
    char buffer[4096];
    const ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
    if (count > 0) rest.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  };
  std::size_t end = 0;
  while ((end = rest.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return {};
  }
  Received request;
  std::istringstream head(rest.substr(0, end));
  rest.erase(0, end + 4);
  std::string line;
  head >> request.method >> request.target;
  std::getline(head, line);
  while (std::getline(head, line)) {
    if (line.ends_with('\r')) line.pop_back();
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) {
      request.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    }
  }
  const auto length = request.headers.find("content-length");
  const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
  while (rest.size() < size) {
    if (!read_more()) return {};
  }
  request.body = rest.substr(0, size);
  rest.erase(0, size);
  return request;
}

}  // namespace

Reply status(int code, const std::string& more_headers) {
  Reply reply;
  reply.bytes = "HTTP/1.1 " + std::to_string(code) + " As Told\r\nContent-Length: 0\r\n" +
                more_headers + "\r\n";
  return reply;
}

class Receiver::Impl {
 public:
  explicit Impl(Answer answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
      throw std::system_error(errno, std::generic_category(), "receiver");
    }
    port_ = ntohs(address.sin_port);
    threads_.emplace_back([this] { accept(); });
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      ::shutdown(listener_, SHUT_RDWR);
      for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
    }
    changed_.notify_all();
    threads_[0].join();
    for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
    ::close(listener_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::uint16_t port() const { return port_; }
  void set_answer(Answer answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  std::vector<Received> all() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  bool wait_for(std::size_t count, std::chrono::milliseconds within) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return received_.size() >= count; });
  }

 private:
  void accept() {
    while (true) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      const std::lock_guard lock(mutex_);
      if (ended_ || socket < 0) {
        if (socket >= 0) ::close(socket);
        return;
      }
      open_.insert(socket);
      threads_.emplace_back([this, socket] { serve(socket); });
    }
  }

  void serve(int socket) {
    std::string rest;
    while (const auto request = read_request(socket, rest)) {
      Reply reply;
      {
        const std::lock_guard lock(mutex_);
        received_.push_back(*request);
        reply = answer_(*request);
      }
      changed_.notify_all();
      if (!write_all(socket, reply.bytes)) break;
      while (!reply.forever.empty() && write_all(socket, reply.forever)) {
      }
      char byte = 0;
      if (reply.hang) ::recv(socket, &byte, 1, 0);
      if (reply.hang || !reply.forever.empty() || reply.bytes.empty()) break;
    }
    const std::lock_guard lock(mutex_);
    open_.erase(socket);
    ::close(socket);
  }

  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Answer answer_;
  std::vector<Received> received_;
  std::set<int> open_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

Receiver::Receiver(Answer answer) : impl_(std::make_unique<Impl>(std::move(answer))) {}
Receiver::~Receiver() = default;
std::uint16_t Receiver::port() const {
  return impl_->port();
}
std::string Receiver::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port()) + path;
}
void Receiver::set_answer(Answer answer) {
  impl_->set_answer(std::move(answer));
}
std::vector<Received> Receiver::all() const {
  return impl_->all();
}
bool Receiver::wait_for(std::size_t count, std::chrono::milliseconds within) const {
  return impl_->wait_for(count, within);
}

}  // namespace trainstop::test
