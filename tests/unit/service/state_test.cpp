// The state directory at the start: missing, taken, damaged, from a later version, not to be
// written.
#include "service/state.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.hpp"

namespace trainstop::service {
namespace {

constexpr Instant kNow{std::chrono::seconds(1767571200)};

struct StateTest : testing::Test {
  std::filesystem::path path(const std::string& name) const { return directory.path() / name; }
  /// A journal that holds one image.
  void write_journal() const {
    auto store = journal::open_store(directory.path());
    ASSERT_TRUE(store.has_value()) << store.error().message;
    journal::Batch batch;
    batch.images.push_back(
        {Image::Kind::breaker, Image::Change::put, "", {{"reason", "max_stops"}}});
    batch.utc = kNow;
    ASSERT_TRUE((*store)->write({&batch, 1}).has_value());
  }
  Memory open() const { return open_memory(directory.path(), kNow); }
  test::TempDir directory;
};

TEST_F(StateTest, AMissingDirectoryIsMadeForItsOwnerAlone) {
  std::string held_by;
  const auto taken = take_directory(path("a/b"), held_by);
  ASSERT_TRUE(taken.has_value()) << taken.error().message;
  struct stat info {};
  ASSERT_EQ(::stat(path("a/b").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST_F(StateTest, ADirectoryThatCantBeMadeIsNamedWithTheMend) {
  std::ofstream(path("file")) << "x";
  std::string held_by;
  const auto taken = take_directory(path("file/state"), held_by);
  ASSERT_TRUE(taken.has_error());
  EXPECT_NE(taken.error().message.find(path("file/state").string()), std::string::npos);
  EXPECT_NE(taken.error().message.find("state_dir"), std::string::npos);
  EXPECT_EQ(held_by, "");
}

TEST_F(StateTest, ASecondDaemonIsRefusedAndToldOfTheFirst) {
  std::string held_by;
  {
    const auto first = take_directory(directory.path(), held_by);
    ASSERT_TRUE(first.has_value());
    const auto second = take_directory(directory.path(), held_by);
    ASSERT_TRUE(second.has_error());
    EXPECT_EQ(held_by, std::to_string(::getpid()));
    EXPECT_NE(second.error().message.find(held_by), std::string::npos);
  }
  EXPECT_TRUE(take_directory(directory.path(), held_by).has_value());
}

TEST_F(StateTest, WithoutAJournalNothingIsLost) {
  const Memory memory = open();
  EXPECT_NE(memory.store, nullptr);
  EXPECT_FALSE(memory.lost.has_value());
  EXPECT_TRUE(memory.present.images.empty());
}

TEST_F(StateTest, AJournalIsRead) {
  write_journal();
  const Memory memory = open();
  EXPECT_FALSE(memory.lost.has_value());
  EXPECT_EQ(memory.present.images.size(), 1u);
  EXPECT_EQ(memory.present.last_utc, kNow);
}

TEST_F(StateTest, ADamagedJournalIsSetAsideAndLost) {
  std::ofstream(path("journal.db")) << "this is no journal";
  const Memory memory = open();
  EXPECT_TRUE(memory.lost.has_value());
  EXPECT_NE(memory.store, nullptr) << "there is a new one";
  ASSERT_FALSE(memory.set_aside.empty());
  EXPECT_TRUE(std::filesystem::exists(memory.set_aside));
  EXPECT_NE(memory.set_aside.find("20260105"), std::string::npos) << memory.set_aside;
}

TEST_F(StateTest, AnEmptyFileIsADamagedJournal) {
  std::ofstream(path("journal.db")).flush();
  EXPECT_TRUE(open().lost.has_value());
}

TEST_F(StateTest, AJournalOnAReadOnlyDiskIsReadAndNotLost) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to mount";
  write_journal();
  const std::string where = directory.path().string();
  ASSERT_EQ(::mount(where.c_str(), where.c_str(), nullptr, MS_BIND, nullptr), 0);
  ASSERT_EQ(::mount(nullptr, where.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr), 0);
  const Memory memory = open();
  ::umount2(where.c_str(), MNT_DETACH);
  EXPECT_TRUE(memory.trouble.has_value());
  EXPECT_EQ(memory.store, nullptr);
  EXPECT_FALSE(memory.lost.has_value()) << *memory.lost;
  EXPECT_EQ(memory.present.images.size(), 1u);
}

TEST_F(StateTest, AJournalThatMayNotBeReadIsLostAndStaysWhereItIs) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become another user";
  write_journal();
  std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
  ASSERT_EQ(::seteuid(65534), 0);
  const Memory memory = open();
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_TRUE(memory.lost.has_value());
  EXPECT_TRUE(memory.trouble.has_value());
  EXPECT_EQ(memory.set_aside, "");
  EXPECT_TRUE(std::filesystem::exists(path("journal.db")));
}

TEST_F(StateTest, WhatWasNeverReadIsNeverWritten) {
  write_journal();
  EXPECT_TRUE(reopen(directory.path(), false).has_error());
  EXPECT_TRUE(reopen(directory.path(), true).has_value());
}

}  // namespace
}  // namespace trainstop::service
