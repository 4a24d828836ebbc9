// The journal's native protocol, read by a socket that stands for the journal.
#include "log/journal_target.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "log/sink.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::log {
namespace {

using testing::HasSubstr;
using testing::Not;

class JournalTargetTest : public testing::Test {
 protected:
  JournalTargetTest() { listen(); }
  ~JournalTargetTest() override { ::close(socket_); }

  std::string path() const { return (directory_.path() / "socket").string(); }
  void listen() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  void listen_anew() {
    ::close(socket_);
    std::filesystem::remove(path());
    listen();
  }
  /// The next entry, also when it came as a file.
  std::string receive() const {
    std::string entry(1U << 16U, '\0');
    iovec piece{entry.data(), entry.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(socket_, &message, MSG_CMSG_CLOEXEC);
    if (size < 0) return "nothing came";
    entry.resize(static_cast<std::size_t>(size));
    if (const cmsghdr* const header = CMSG_FIRSTHDR(&message)) {
      int file = -1;
      std::memcpy(&file, CMSG_DATA(header), sizeof file);
      struct stat about {};
      EXPECT_EQ(::fstat(file, &about), 0);
      EXPECT_NE(::fcntl(file, F_GET_SEALS) & F_SEAL_WRITE, 0);
      entry.resize(static_cast<std::size_t>(about.st_size));
      EXPECT_EQ(::pread(file, entry.data(), entry.size(), 0), about.st_size);
      ::close(file);
    }
    return entry;
  }
  /// As the sink does.
  static void send(const std::shared_ptr<JournalTarget>& target, const Event& event) {
    spdlog::logger logger("test", target);
    logger.log(spdlog::level::err, target->render(event, 7, Format::logfmt));
  }
  static Event tripped() {
    Event event;
    event.name = "rule.tripped";
    event.level = Level::warning;
    event.message = "over";
    event.with("job", "abc1234").with("rule", "idle").with("cost", Money::from_dollars(12));
    return event;
  }

  test::TempDir directory_;
  int socket_ = -1;
};

TEST_F(JournalTargetTest, TellsAnEventWithItsFields) {
  const auto target = std::make_shared<JournalTarget>(path());
  ASSERT_TRUE(target->is_connected());
  send(target, tripped());
  const std::string entry = receive();
  EXPECT_THAT(entry, HasSubstr("MESSAGE=v=1 seq=7 "));
  EXPECT_THAT(entry, HasSubstr("\nPRIORITY=4\nSYSLOG_IDENTIFIER=trainstop\n"));
  EXPECT_THAT(entry, HasSubstr("\nTRAINSTOP_EVENT=rule.tripped\nTRAINSTOP_SEQ=7\n"));
  EXPECT_THAT(entry,
              HasSubstr("\nTRAINSTOP_JOB=abc1234\nTRAINSTOP_RULE=idle\nTRAINSTOP_COST=12\n"));
}

TEST_F(JournalTargetTest, AnEndOfLineFromOutsideForgesNoField) {
  const auto target = std::make_shared<JournalTarget>(path());
  Event event = tripped();
  event.with("name", std::string("a\nTRAINSTOP_JOB=other")).with("odd key", 1);
  send(target, event);
  const std::string entry = receive();
  const std::string told =
      std::string("\nTRAINSTOP_NAME\n\x15\0\0\0\0\0\0\0", 24) + "a\nTRAINSTOP_JOB=other\n";
  EXPECT_THAT(entry, HasSubstr(told));
  EXPECT_THAT(entry, HasSubstr("\nTRAINSTOP_ODD_KEY=1\n"));
}

TEST_F(JournalTargetTest, ALongTextIsCutBetweenTwoCharacters) {
  const auto target = std::make_shared<JournalTarget>(path());
  Event event = tripped();
  std::string name(4095, 'x');
  event.with("name", name + "\xC3\xA4 and more");
  send(target, event);
  EXPECT_THAT(receive(), HasSubstr("\nTRAINSTOP_NAME=" + name + "\n"));
}

TEST_F(JournalTargetTest, WhatNoDatagramHoldsGoesAsASealedFile) {
  const auto target = std::make_shared<JournalTarget>(path());
  Event event = tripped();
  for (int i = 0; i < 200; ++i) event.with("field" + std::to_string(i), std::string(4000, 'x'));
  send(target, event);
  const std::string entry = receive();
  EXPECT_GT(entry.size(), 800'000U);
  EXPECT_THAT(entry, HasSubstr("\nTRAINSTOP_FIELD199="));
  EXPECT_EQ(target->take_lost(), 0U);
}

TEST_F(JournalTargetTest, AJournalThatStartsAnewIsFoundAgain) {
  const auto target = std::make_shared<JournalTarget>(path());
  listen_anew();
  send(target, tripped());
  EXPECT_THAT(receive(), HasSubstr("TRAINSTOP_JOB=abc1234"));
  EXPECT_EQ(target->take_lost(), 0U);
}

TEST_F(JournalTargetTest, WhatNobodyTakesIsCountedAsLost) {
  const auto target = std::make_shared<JournalTarget>(path());
  ::close(std::exchange(socket_, -1));
  std::filesystem::remove(path());
  send(target, tripped());
  EXPECT_EQ(target->take_lost(), 1U);
}

TEST_F(JournalTargetTest, AJournalThatDoesNotReadHoldsNobodyWhoGaveUp) {
  const auto target = std::make_shared<JournalTarget>(path());
  target->give_up();
  for (int i = 0; i < 2000; ++i) send(target, tripped());
  EXPECT_GT(target->take_lost(), 0U);
}

TEST(StderrIsTheJournal, WhereItsDeviceAndInodeAreNamed) {
  struct stat about {};
  ASSERT_EQ(::fstat(STDERR_FILENO, &about), 0);
  const std::string is = std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino);
  ::setenv("JOURNAL_STREAM", is.c_str(), 1);
  EXPECT_TRUE(stderr_is_the_journal());
  ::setenv("JOURNAL_STREAM", (is + "1").c_str(), 1);
  EXPECT_FALSE(stderr_is_the_journal());
  ::unsetenv("JOURNAL_STREAM");
  EXPECT_FALSE(stderr_is_the_journal());
}

}  // namespace
}  // namespace trainstop::log
