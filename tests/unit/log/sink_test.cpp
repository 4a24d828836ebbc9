// The sink: all lines arrive in order; a reader that does not read stops nobody, and the loss is
// told.
#include "log/sink.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace trainstop::log {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

/// A directory of its own that ends with the test.
class SinkTest : public testing::Test {
 protected:
  SinkTest() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "trainstop-log-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~SinkTest() override { std::filesystem::remove_all(directory_); }

  static Event event(Level level, std::string message) {
    return {"test", level, Instant{}, std::move(message), {}};
  }
  static std::vector<std::string> lines_of(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  std::filesystem::path directory_;
};

TEST_F(SinkTest, WritesEveryLineInOrder) {
  const auto file = directory_ / "log";
  auto sink = make_sink({Format::logfmt, Level::info, file}).value();
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) sink->write(event(Level::info, "m"), seq);
  EXPECT_TRUE(sink->flush(seconds(10)));
  const auto lines = lines_of(file);
  ASSERT_EQ(lines.size(), 1000U);
  EXPECT_THAT(lines.front(), HasSubstr("seq=1 "));
  EXPECT_THAT(lines.back(), HasSubstr("seq=1000 "));
}

TEST_F(SinkTest, LeavesOutWhatIsBelowTheLevel) {
  const auto file = directory_ / "log";
  auto sink = make_sink({Format::logfmt, Level::warning, file}).value();
  sink->write(event(Level::info, "quiet"), 1);
  sink->write(event(Level::error, "loud"), 2);
  EXPECT_TRUE(sink->flush(seconds(10)));
  EXPECT_EQ(lines_of(file).size(), 1U);
}

TEST_F(SinkTest, TextWithBracesAndPercentSignsStaysAsItIs) {
  const auto file = directory_ / "log";
  auto sink = make_sink({Format::logfmt, Level::info, file}).value();
  sink->write(event(Level::info, "{} {0} %v %%"), 1);
  EXPECT_TRUE(sink->flush(seconds(10)));
  EXPECT_THAT(lines_of(file).at(0), HasSubstr("msg=\"{} {0} %v %%\""));
}

TEST_F(SinkTest, AFileThatWasMovedAwayIsOpenedAnew) {
  const auto file = directory_ / "log", old = directory_ / "log.1";
  auto sink = make_sink({Format::logfmt, Level::info, file}).value();
  sink->write(event(Level::info, "before"), 1);
  EXPECT_TRUE(sink->flush(seconds(10)));
  std::filesystem::rename(file, old);
  sink->write(event(Level::info, "between"), 2);
  EXPECT_TRUE(sink->flush(seconds(10)));
  sink->reopen();
  EXPECT_TRUE(sink->flush(seconds(10)));
  sink->write(event(Level::info, "after"), 3);
  EXPECT_TRUE(sink->flush(seconds(10)));
  EXPECT_EQ(lines_of(old).size(), 2U);
  ASSERT_EQ(lines_of(file).size(), 1U);
  EXPECT_THAT(lines_of(file).front(), HasSubstr("after"));
}

TEST_F(SinkTest, AFileThatCannotBeOpenedAnewIsToldAndTheOldOneIsWritten) {
  const auto folder = directory_ / "logs", file = folder / "log", old = directory_ / "old";
  std::filesystem::create_directory(folder);
  auto sink = make_sink({Format::logfmt, Level::info, file}).value();
  std::filesystem::rename(folder, old);
  sink->reopen();
  EXPECT_TRUE(sink->flush(seconds(10)));
  ASSERT_EQ(lines_of(old / "log").size(), 1U);
  EXPECT_THAT(lines_of(old / "log").front(), HasSubstr("level=error event=log.reopen_failed"));
}

TEST_F(SinkTest, AFileThatCannotBeOpenedIsNamed) {
  const auto sink = make_sink({Format::logfmt, Level::info, directory_ / "no" / "log"});
  ASSERT_TRUE(sink.has_error());
  EXPECT_THAT(sink.error().message, HasSubstr("/no/log: No such file or directory"));
}

/// Lets stderr be a pipe that nobody reads while it lives.
class MuteStderr {
 public:
  MuteStderr() : saved_(::dup(STDERR_FILENO)) {
    EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
    ::dup2(ends_[1], STDERR_FILENO);
  }
  ~MuteStderr() {
    ::dup2(saved_, STDERR_FILENO);
    for (const int end : {ends_[0], ends_[1], saved_}) ::close(end);
  }
  /// Reads until `until` has come, and gives all that came.
  std::string read_until(const std::string& until) const {
    std::string all;
    std::array<char, 65536> piece{};
    while (all.find(until) == std::string::npos) {
      const ssize_t count = ::read(ends_[0], piece.data(), piece.size());
      if (count <= 0) break;
      all.append(piece.data(), static_cast<std::size_t>(count));
    }
    return all;
  }

 private:
  std::array<int, 2> ends_{};
  int saved_;
};

TEST_F(SinkTest, AStderrThatNobodyReadsHoldsUpNeitherWriterNorExit) {
  const auto begin = steady_clock::now();
  {
    const MuteStderr mute;
    auto sink = make_sink({Format::logfmt, Level::info, {}}).value();
    for (std::uint64_t seq = 1; seq <= 40'000; ++seq) sink->write(event(Level::info, "m"), seq);
    EXPECT_FALSE(sink->flush(std::chrono::milliseconds(50)));
  }
  EXPECT_LT(steady_clock::now() - begin, seconds(5));
}

TEST_F(SinkTest, WarningsAreKeptLongerAndTheLossIsTold) {
  const MuteStderr mute;
  auto sink = make_sink({Format::logfmt, Level::info, {}}).value();
  for (std::uint64_t seq = 1; seq <= 40'000; ++seq) sink->write(event(Level::info, "m"), seq);
  sink->write(event(Level::warning, "kept"), 40'001);
  const std::string all = mute.read_until("event=log.dropped");
  EXPECT_THAT(all, HasSubstr("seq=40001 "));
  EXPECT_THAT(all, HasSubstr(" lost="));
  std::istringstream stream(all);
  for (std::string line; std::getline(stream, line);) EXPECT_TRUE(line.starts_with("v=1 seq="));
}

}  // namespace
}  // namespace trainstop::log
