// What the client makes of a daemon that is not there, or not a daemon.
#include "control/client.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "control/socket_file.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::control {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Listens, takes one connection, answers it with `text` once something has come, and ends it.
class OneAnswer {
 public:
  explicit OneAnswer(std::string text, bool hangs = false)
      : file_(SocketFile::make(path(), {}, 0600).value()), socket_(file_.release()) {
    thread_ = std::thread([this, text = std::move(text), hangs] {
      int connection = -1;
      while (connection < 0) connection = ::accept(socket_, nullptr, nullptr);
      char room[1024];
      EXPECT_GT(::recv(connection, room, sizeof(room), 0), 0);
      EXPECT_GE(::send(connection, text.data(), text.size(), MSG_NOSIGNAL), 0);
      if (hangs) {
        EXPECT_EQ(::recv(connection, room, sizeof(room), 0), 0);
      }
      ::close(connection);
    });
  }
  ~OneAnswer() {
    thread_.join();
    ::close(socket_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  std::filesystem::path path() const { return directory_.path() / "c.sock"; }
  auto call(Duration timeout = 5s) const { return Client(path()).call("GET", "/", "", timeout); }

 private:
  test::TempDir directory_;
  SocketFile file_;
  int socket_;
  std::thread thread_;
};

TEST(Client, SaysThatNobodyIsThere) {
  const test::TempDir directory;
  const auto path = directory.path() / "c.sock";
  const auto none = Client(path).call("GET", "/", "", 1s);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ENOENT);
  EXPECT_FALSE(none.error().was_sent);
  EXPECT_THAT(none.error().message, HasSubstr(path.string() + ": No such file"));
  auto file = SocketFile::make(path, {}, 0600).value();
  ::close(file.release());
  EXPECT_EQ(Client(path).call("GET", "/", "", 1s).error().code, ECONNREFUSED);
  const auto too_long = Client(directory.path() / std::string(200, 'x')).call("GET", "/", "", 1s);
  EXPECT_EQ(too_long.error().code, ENAMETOOLONG);
}

TEST(Client, ReadsAReply) {
  const OneAnswer daemon("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}");
  const auto reply = daemon.call();
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  EXPECT_EQ(reply->status, 404U);
  EXPECT_EQ(reply->body, "{}");
}

TEST(Client, DoesNotTakeHalfAReplyForOne) {
  for (const char* text : {"", "HTTP/1.1 200 OK\r\nContent-Le",
                           "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":"}) {
    const OneAnswer daemon(text);
    const auto reply = daemon.call();
    ASSERT_FALSE(reply.has_value()) << text;
    EXPECT_EQ(reply.error().code, EPROTO);
    EXPECT_TRUE(reply.error().was_sent);
  }
}

TEST(Client, DoesNotTakeSomethingElseForTheDaemon) {
  const OneAnswer daemon("220 mail.example ESMTP\r\n\r\n");
  EXPECT_THAT(daemon.call().error().message, HasSubstr("not the daemon"));
}

TEST(Client, DoesNotWaitForEver) {
  const OneAnswer daemon("HTTP/1.1 200 OK\r\n", true);
  const auto begin = std::chrono::steady_clock::now();
  const auto reply = daemon.call(200ms);
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ETIMEDOUT);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

}  // namespace
}  // namespace trainstop::control
