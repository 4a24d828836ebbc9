// What a service manager hears.
#include "service/notify_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace trainstop::service {
namespace {

/// A manager's end: a datagram socket in a directory of its own.
class Manager : public testing::Test {
 protected:
  Manager() {
    std::string pattern = (std::filesystem::temp_directory_path() / "trainstop-sd-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    const std::string path = directory_ / "notify";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(static_cast<void*>(address.sun_path), path.c_str(), path.size() + 1);
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    EXPECT_EQ(::bind(socket_, static_cast<const sockaddr*>(static_cast<const void*>(&address)),
                     sizeof address),
              0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~Manager() override {
    ::close(socket_);
    std::filesystem::remove_all(directory_);
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
  std::string heard() const {
    std::array<char, 256> text{};
    const ssize_t count = ::recv(socket_, text.data(), text.size(), 0);
    return count < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(count));
  }

  std::filesystem::path directory_;
  int socket_ = -1;
};

TEST_F(Manager, HearsStateAndStatus) {
  const NotifySocket manager;
  manager.send("READY=1");
  EXPECT_EQ(heard(), "READY=1");
  manager.status("3 jobs");
  EXPECT_EQ(heard(), "STATUS=3 jobs");
  EXPECT_FALSE(manager.watchdog());
}

TEST_F(Manager, IsAnsweredTwiceWithinItsPatience) {
  ::setenv("WATCHDOG_USEC", "20000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(NotifySocket().watchdog(), Duration(std::chrono::seconds(10)));
}

TEST_F(Manager, AWatchdogForAnotherProcessIsNotOurs) {
  ::setenv("WATCHDOG_USEC", "20000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_FALSE(NotifySocket().watchdog());
}

TEST_F(Manager, IsNotInheritedByChildren) {
  const NotifySocket manager;
  EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
}

TEST_F(Manager, MayBeAway) {
  ::setenv("NOTIFY_SOCKET", (directory_ / "nobody").c_str(), 1);
  NotifySocket().send("READY=1");
  ::unsetenv("NOTIFY_SOCKET");
  NotifySocket().send("READY=1");
  EXPECT_EQ(heard(), "");
}

}  // namespace
}  // namespace trainstop::service
