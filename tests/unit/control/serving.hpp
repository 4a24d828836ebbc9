// A server on a socket of its own, with a loop in a thread, and raw connections to it.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstring>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "control/client.hpp"
#include "control/server.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::control {

using namespace std::chrono_literals;

inline Reply reply_of(unsigned status, std::string body) {
  return {status, [body = std::move(body)] { return body; }, ""};
}

/// Answers each request with what it was, unless told otherwise.
class Serving {
 public:
  explicit Serving(Limits limits = {}, Handler handler = nullptr) {
    Options options;
    options.path = path();
    options.limits = limits;
    if (!handler) {
      handler = [this](Request request, Respond respond) {
        ++handled;
        respond(reply_of(200, "\"" + request.method + " " + request.path + " " +
                                  std::to_string(request.body.size()) + " " + request.peer.user +
                                  "\""));
      };
    }
    server_ = make_server(loop_.get_executor(), options, std::move(handler));
    EXPECT_TRUE(server_->open().has_value());
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Serving() {
    close();
    thread_.join();
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  std::filesystem::path path() const { return directory_.path() / "control.sock"; }
  Client client() const { return Client(path()); }
  void on_loop(std::function<void()> what) {
    std::promise<void> done;
    boost::asio::post(loop_, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }
  void close() {
    if (closed_) return;
    closed_ = true;
    on_loop([&] { server_->close(); });
  }
  Server& server() { return *server_; }

  std::atomic<int> handled{0};

 private:
  test::TempDir directory_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<Server> server_;
  std::thread thread_;
  bool closed_ = false;
};

/// A connection on which a test says what it likes.
class Raw {
 public:
  explicit Raw(const std::filesystem::path& path) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    const std::string text = path.string();
    std::memcpy(static_cast<void*>(to.sun_path), text.data(), text.size());
    socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connected_ = ::connect(socket_, static_cast<const sockaddr*>(static_cast<const void*>(&to)),
                           sizeof(to)) == 0;
  }
  ~Raw() { close(); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  bool connected() const { return connected_; }
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// What comes until `mark` is there, the connection ends or the time is up.
  std::string receive(const std::string& mark, std::chrono::milliseconds within = 5s) {
    std::string text;
    const auto until = std::chrono::steady_clock::now() + within;
    while (text.find(mark) == std::string::npos || mark.empty()) {
      pollfd ready{socket_, POLLIN, 0};
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) break;
      char room[4096];
      const ssize_t count = ::recv(socket_, room, sizeof(room), 0);
      if (count <= 0) {
        ended_ = true;
        break;
      }
      text.append(room, static_cast<std::size_t>(count));
    }
    return text;
  }
  /// All until the other side ends.
  std::string receive_all(std::chrono::milliseconds within = 5s) { return receive("", within); }
  bool ended() const { return ended_; }
  void end_of_writing() { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  int socket_ = -1;
  bool connected_ = false;
  bool ended_ = false;
};

inline std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + what.size())) {
    ++count;
  }
  return count;
}

}  // namespace trainstop::control
