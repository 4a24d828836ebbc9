// Disks and people that get in the way: what failed can be written again.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>

#include "journal/reader.hpp"
#include "journal/store.hpp"
#include "samples.hpp"

namespace trainstop::journal::test {
namespace {

using Kind = Image::Kind;

class FaultTest : public Journal {
 protected:
  void SetUp() override {
    open();
    write(batch(1, {plain_event("a")}, {put(Kind::job, key_of("j1"), {{"n", 1}})}));
  }

  /// In a child, because what it does to itself can't be undone; gives its exit code.
  static int in_child(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  static int kind_of(const Error& error) { return 10 + static_cast<int>(error.kind); }
  static constexpr int kUnwritable = 10 + static_cast<int>(Error::Kind::unwritable);
  static constexpr int kUnreadable = 10 + static_cast<int>(Error::Kind::unreadable);
  static constexpr int kSkipped = 100;

  /// A mount that only this process sees; false when it may not.
  static bool private_mount(const char* source, const std::filesystem::path& target,
                            const char* type, unsigned long flags, const char* data) {
    return ::unshare(CLONE_NEWNS) == 0 &&
           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount(source, target.c_str(), type, flags, data) == 0;
  }
};

TEST_F(FaultTest, LockedByAnotherIsBusyAndCanBeWrittenAgain) {
  const Batch more = batch(2, {event_of("j1", "b")}, {put(Kind::job, key_of("j1"), {{"n", 2}})});
  {
    SQLite::Database other(file().string(), SQLite::OPEN_READWRITE);
    SQLite::Transaction lock(other, SQLite::TransactionBehavior::IMMEDIATE);

    const auto written = store_->write({&more, 1});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, Error::Kind::busy);
    EXPECT_EQ(written.error().message, file().string() + ": database is locked");
    EXPECT_EQ(load().last_seq, 1u);
  }

  write(more);

  EXPECT_EQ(load().last_seq, 2u);
  EXPECT_EQ(number("SELECT count(*) FROM record"), 2);
}

TEST_F(FaultTest, AFileThatMayNotGrowIsUnwritableAndCanBeWrittenAgain) {
  const std::string text(1 << 20, 'x');
  const Batch more =
      batch(2, {event_of("j1", "new name").with("text", text)},
            {put(Kind::job, key_of("j1"), {{"n", 2}}), close(Kind::job, "none", {{"n", 1}})});
  struct rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit tight = {std::filesystem::file_size(file()) + 100'000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);

  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto written = store_->write({&more, 1});
    EXPECT_FALSE(written);
    EXPECT_EQ(written.error().kind, Error::Kind::unwritable) << written.error().message;
  }
  const Present meanwhile = load();

  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(meanwhile.last_seq, 1u);
  write(more);
  open();
  EXPECT_EQ(load().last_seq, 2u);
  EXPECT_EQ(number("SELECT count(*) FROM record"), 3);
}

TEST_F(FaultTest, AFullDiskIsUnwritableAndReadable) {
  close_store();
  const int code = in_child([&] {
    trainstop::test::TempDir small;
    if (!private_mount("none", small.path(), "tmpfs", 0, "size=512k")) return kSkipped;
    std::filesystem::copy_file(file(), small.path() / kFileName);
    std::ofstream filler(small.path() / "filler");
    while (filler << std::string(4096, '#') && filler.flush()) {
    }
    const auto opened = open_store(small.path());
    const auto read = load_read_only(small.path());
    auto reader = open_reader(small.path());
    if (!read || read->last_seq != 1 || !reader || (*reader)->events({})->size() != 1) return 1;
    return opened ? 2 : kind_of(opened.error());
  });

  if (code == kSkipped) GTEST_SKIP() << "may not mount";
  EXPECT_EQ(code, kUnwritable);
}

TEST_F(FaultTest, ADiskThatFillsKeepsWhatItHad) {
  close_store();
  const int code = in_child([&] {
    trainstop::test::TempDir small;
    if (!private_mount("none", small.path(), "tmpfs", 0, "size=1m")) return kSkipped;
    auto opened = open_store(small.path());
    if (!opened) return 1;
    std::uint64_t seq = 1;
    Outcome<void> written;
    const auto next = [&] {
      return batch(seq, {plain_event("a").with("text", std::string(3000, 'x'))},
                   {put(Kind::clock, "")});
    };
    for (; seq < 10'000; ++seq) {
      const Batch one = next();
      written = (*opened)->write({&one, 1});
      if (!written) break;
    }
    if (written) return 2;
    const auto still = (*opened)->load();
    if (!still || still->last_seq != seq - 1) return 3;
    ::mount("none", small.path().c_str(), "tmpfs", MS_REMOUNT, "size=8m");
    const Batch one = next();
    if (!(*opened)->write({&one, 1}) || (*opened)->load()->last_seq != seq) return 4;
    return kind_of(written.error());
  });

  if (code == kSkipped) GTEST_SKIP() << "may not mount";
  EXPECT_EQ(code, kUnwritable);
}

TEST_F(FaultTest, AReadOnlyFileSystemIsUnwritableAndReadable) {
  for (const bool with_log : {false, true}) {
    if (!with_log) close_store();
    if (with_log) open();
    const int code = in_child([&] {
      const std::string where = directory().string();
      if (!private_mount(where.c_str(), where, nullptr, MS_BIND, nullptr) ||
          ::mount("none", where.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0)
        return kSkipped;
      const auto read = load_read_only(directory());
      auto reader = open_reader(directory());
      if (!read || read->last_seq != 1 || !reader || (*reader)->events({})->size() != 1) return 1;
      const auto opened = open_store(directory());
      return opened ? 2 : kind_of(opened.error());
    });

    if (code == kSkipped) GTEST_SKIP() << "may not mount";
    EXPECT_EQ(code, kUnwritable);
  }
}

TEST_F(FaultTest, AnotherUserMayReadButNotWrite) {
  close_store();
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become another user";
  ASSERT_EQ(::chmod(directory().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(file().c_str(), 0644), 0);
  for (const bool daemon_runs : {false, true}) {
    if (daemon_runs) open();
    const int code = in_child([&] {
      if (::seteuid(65534) != 0) return kSkipped;
      auto reader = open_reader(directory());
      if (!reader || (*reader)->events({})->size() != 1) return 1;
      const auto opened = open_store(directory());
      return opened ? 2 : kind_of(opened.error());
    });

    EXPECT_EQ(code, kUnwritable);
  }
}

TEST_F(FaultTest, ACopyIsInMemoryAndLeavesNothingBehind) {
  close_store();
  const int code = in_child([&] {
    if (!private_mount("none", "/dev/shm", "tmpfs", 0, "size=4m")) return kSkipped;
    const auto before = std::filesystem::last_write_time("/dev/shm");
    const auto read = load_read_only(directory());
    if (!read || std::filesystem::last_write_time("/dev/shm") == before) return 1;
    return std::filesystem::is_empty("/dev/shm") ? 0 : 2;
  });

  if (code == kSkipped) GTEST_SKIP() << "may not mount";
  EXPECT_EQ(code, 0);
}

TEST_F(FaultTest, WithoutRoomInMemoryTheCopyIsElsewhere) {
  close_store();
  const int code = in_child([&] {
    if (!private_mount("none", "/dev/shm", "tmpfs", 0, "size=16k")) return kSkipped;
    const auto read = load_read_only(directory());
    if (!read || read->last_seq != 1) return 1;
    return std::filesystem::is_empty("/dev/shm") ? 0 : 2;
  });

  if (code == kSkipped) GTEST_SKIP() << "may not mount";
  EXPECT_EQ(code, 0);
}

TEST_F(FaultTest, WhatMayNotBeReadIsUnreadable) {
  close_store();
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become another user";
  ASSERT_EQ(::chmod(directory().c_str(), 0755), 0);
  const int code = in_child([&] {
    if (::seteuid(65534) != 0) return kSkipped;
    if (open_reader(directory()).error().kind != Error::Kind::unreadable) return 1;
    if (load_read_only(directory()).error().kind != Error::Kind::unreadable) return 2;
    const auto opened = open_store(directory());
    return opened ? 3 : kind_of(opened.error());
  });

  EXPECT_EQ(code, kUnreadable);
}

TEST_F(FaultTest, AProcessThatDiesLosesNothingThatWasWritten) {
  close_store();
  const int code = in_child([&]() -> int {
    auto opened = open_store(directory());
    const Batch more = batch(2, {plain_event("b")}, {put(Kind::job, key_of("j2"))});
    if (!opened || !(*opened)->write({&more, 1})) return 1;
    std::raise(SIGKILL);
    return 2;
  });

  EXPECT_EQ(code, -1);
  EXPECT_EQ(load_read_only(directory())->last_seq, 2u);
  open();
  EXPECT_EQ(load().last_seq, 2u);
}

}  // namespace
}  // namespace trainstop::journal::test
