// Writing to a reader that may go away.
#include "cli/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

namespace trainstop::cli {
namespace {

class OutputTest : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
  }
  void TearDown() override {
    for (const int end : ends_) {
      if (end >= 0) ::close(end);
    }
  }
  void close_reader() { ::close(std::exchange(ends_[0], -1)); }

  std::array<int, 2> ends_{-1, -1};
};

TEST_F(OutputTest, WritesAll) {
  EXPECT_FALSE(write_all(ends_[1], "one\n"));
  std::array<char, 16> read{};
  EXPECT_EQ(::read(ends_[0], read.data(), read.size()), 4);
  EXPECT_EQ(std::string(read.data()), "one\n");
}

TEST_F(OutputTest, FindsThatTheReaderLeft) {
  EXPECT_FALSE(wait_for_reader_to_leave(ends_[1], 0));
  close_reader();
  EXPECT_EQ(write_all(ends_[1], "one\n"), std::errc::broken_pipe);
  EXPECT_TRUE(wait_for_reader_to_leave(ends_[1], 0));
}

TEST_F(OutputTest, SaysWhyItCanNotWrite) {
  EXPECT_EQ(write_all(ends_[0], "one\n"), std::errc::bad_file_descriptor);
}

TEST(OnStderr, IsWhereStdoutsTextGoesWhileItLives) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  {
    const OnStderr redirected;
    fmt::print("shown\n");
  }
  fmt::print("answered\n");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "answered\n");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "shown\n");
}

/// In a process of its own: what stdout loses is remembered.
[[noreturn]] void print_with(int descriptor, int code) {
  guard_streams();
  ::dup2(descriptor, STDOUT_FILENO);
  fmt::print("answered\n");
  ::_exit(finish(code));
}

TEST_F(OutputTest, IsAFailureWhereItIsLostUnlessItsReaderLeft) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  EXPECT_EXIT(print_with(full, 0), testing::ExitedWithCode(1), "No space left");
  EXPECT_EXIT(print_with(full, 78), testing::ExitedWithCode(78), "No space left");
  EXPECT_EXIT(print_with(ends_[0], 0), testing::ExitedWithCode(1), "can't be written");
  EXPECT_EXIT(print_with(ends_[1], 0), testing::ExitedWithCode(0), "");
  close_reader();
  EXPECT_EXIT(print_with(ends_[1], 0), testing::ExitedWithCode(0), "");
  ::close(full);
}

}  // namespace
}  // namespace trainstop::cli
