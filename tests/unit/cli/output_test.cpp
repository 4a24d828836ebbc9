// Writing to a reader that may go away.
#include "cli/output.hpp"

#include <fcntl.h>
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

}  // namespace
}  // namespace trainstop::cli
