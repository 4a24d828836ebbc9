// The socket's file: never another's, never open to more than it should be, and gone at the end.
#include "control/socket_file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>

#include "serving.hpp"

namespace trainstop::control {
namespace {

using testing::HasSubstr;

class SocketFileTest : public testing::Test {
 protected:
  std::filesystem::path path() const { return directory_.path() / "run" / "deep" / "c.sock"; }
  Result<SocketFile> make(mode_t mode = 0660) const { return SocketFile::make(path(), {}, mode); }
  static unsigned mode_of(const std::filesystem::path& path) {
    struct stat about {};
    EXPECT_EQ(::lstat(path.c_str(), &about), 0) << path;
    return about.st_mode & 07777U;
  }
  std::size_t files() const {
    const std::filesystem::directory_iterator all(path().parent_path());
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  test::TempDir directory_;
};

TEST_F(SocketFileTest, HasItsModeWhateverTheUmaskAndLeavesNothingBehind) {
  for (const mode_t mask : {mode_t{0}, mode_t{0077}}) {
    const mode_t before = ::umask(mask);
    {
      const auto made = make(0620);
      ::umask(before);
      ASSERT_TRUE(made.has_value()) << made.error().message;
      EXPECT_EQ(mode_of(path()), 0620U);
      EXPECT_EQ(mode_of(path().parent_path()), 0755U);
      EXPECT_EQ(mode_of(path().parent_path().parent_path()), 0755U);
      EXPECT_EQ(files(), 1U);
    }
    EXPECT_EQ(files(), 0U);
  }
}

TEST_F(SocketFileTest, BelongsToTheGroupThatIsNamed) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to any group";
  const group* const nogroup = ::getgrnam("nogroup");
  ASSERT_NE(nogroup, nullptr);
  const auto made = SocketFile::make(path(), "nogroup", 0660);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  struct stat about {};
  ASSERT_EQ(::lstat(path().c_str(), &about), 0);
  EXPECT_EQ(about.st_gid, nogroup->gr_gid);
  const auto unknown = SocketFile::make(directory_.path() / "b.sock", "no such group", 0660);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_THAT(unknown.error().message, HasSubstr("group 'no such group'"));
}

TEST_F(SocketFileTest, ALivingOneIsNeverTaken) {
  auto first = make();
  ASSERT_TRUE(first.has_value());
  const auto second = make();
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, HasSubstr("another process listens there"));
  EXPECT_TRUE(first->is_in_place());
  EXPECT_EQ(files(), 1U);
}

TEST_F(SocketFileTest, AStaleOneIsReplaced) {
  auto first = make();
  ASSERT_TRUE(first.has_value());
  ::close(first->release());  // as after kill -9: the file stays
  const auto second = make();
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_TRUE(second->is_in_place());
  EXPECT_FALSE(first->is_in_place());
  EXPECT_EQ(files(), 1U);
  first = SocketFile(std::move(*first));
  EXPECT_EQ(files(), 1U) << "the one that was replaced removes nothing";
}

TEST_F(SocketFileTest, WhatIsNoSocketIsLeftAlone) {
  const auto file = directory_.write("run/deep/c.sock", "precious");
  const auto made = make();
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().message, HasSubstr("no socket"));
  EXPECT_EQ(test::read_file(file), "precious");
  std::filesystem::remove(file);
  std::filesystem::create_symlink(directory_.path() / "elsewhere", file);
  EXPECT_FALSE(make().has_value());
  EXPECT_TRUE(std::filesystem::is_symlink(file));
}

TEST_F(SocketFileTest, SaysWhyThereIsNone) {
  const auto too_long = SocketFile::make(directory_.path() / std::string(120, 'x'), {}, 0660);
  ASSERT_FALSE(too_long.has_value());
  EXPECT_THAT(too_long.error().message, HasSubstr("too long"));
  const auto file = directory_.write("file", "");
  const auto below = SocketFile::make(file / "c.sock", {}, 0660);
  ASSERT_FALSE(below.has_value());
  EXPECT_THAT(below.error().message, HasSubstr("Not a directory"));
}

TEST_F(SocketFileTest, OneThatWasRemovedByHandIsNotInPlace) {
  const auto made = make();
  ASSERT_TRUE(made.has_value());
  std::filesystem::remove(path());
  EXPECT_FALSE(made->is_in_place());
  const auto other = make();
  ASSERT_TRUE(other.has_value());
  EXPECT_TRUE(other->is_in_place());
}

TEST_F(SocketFileTest, AServerCanTakeItsPlaceAnew) {
  Serving serving;
  std::filesystem::remove(serving.path());
  bool opened = false;
  serving.on_loop([&] {
    EXPECT_FALSE(serving.server().is_reachable());
    opened = serving.server().open().has_value();
    EXPECT_TRUE(serving.server().is_reachable());
  });
  EXPECT_TRUE(opened);
  EXPECT_EQ(serving.client().call("GET", "/", "", 5s)->status, 200U);
}

}  // namespace
}  // namespace trainstop::control
