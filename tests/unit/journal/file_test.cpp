// The files: how they are made, brought up to date and set aside.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include <array>

#include "journal/schema.hpp"
#include "journal/store.hpp"
#include "samples.hpp"

namespace trainstop::journal::test {
namespace {

using Kind = Image::Kind;

class FileTest : public Journal {
 protected:
  static mode_t mode_of(const std::filesystem::path& file) {
    struct stat found = {};
    EXPECT_EQ(::stat(file.c_str(), &found), 0) << file;
    return found.st_mode & 07777U;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory()))
      found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
};

TEST_F(FileTest, IsForItsOwnerAlone) {
  for (const mode_t mask : {mode_t{0}, mode_t{0277}}) {
    const mode_t before = ::umask(mask);
    open();
    write(batch(1, {plain_event("a")}));
    ::umask(before);

    EXPECT_EQ(mode_of(file()), 0600U);
    EXPECT_EQ(mode_of(file().string() + "-wal"), 0600U);
    EXPECT_EQ(mode_of(file().string() + "-shm"), 0600U);
    close_store();
    std::filesystem::remove(file());
  }
}

TEST_F(FileTest, AnAbandonedDraftIsInNobodysWay) {
  directory_.write(std::string(kFileName) + ".new", "half");

  open();

  EXPECT_EQ(load().last_seq, 0u);
  close_store();
  EXPECT_EQ(names(), std::vector<std::string>{kFileName});
}

TEST_F(FileTest, NoDirectoryIsUnwritable) {
  const auto opened = open_store(directory() / "none");

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Error::Kind::unwritable);
}

TEST_F(FileTest, ADirectoryInItsPlaceIsUnreadable) {
  std::filesystem::create_directory(file());

  const auto opened = open_store(directory());

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Error::Kind::unreadable);
}

TEST_F(FileTest, NoneIsUnreadableReadOnly) {
  const auto read = load_read_only(directory());

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, Error::Kind::unreadable);
}

TEST_F(FileTest, AnOlderSchemaIsBroughtUpToDate) {
  constexpr std::array kSteps{Migration{1, "CREATE TABLE a(x INTEGER) STRICT"},
                              Migration{2, "ALTER TABLE a ADD COLUMN y INTEGER"},
                              Migration{3, "INSERT INTO a(x, y) VALUES (5, 6)"}};
  const auto all = std::span<const Migration>(kSteps);
  SQLite::Database database(file().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));

  ASSERT_TRUE(migrate(database, "x", all.first(1)));
  EXPECT_EQ(*version_of(database, "x", all), 1);
  ASSERT_TRUE(migrate(database, "x", all));
  ASSERT_TRUE(migrate(database, "x", all));

  EXPECT_EQ(*version_of(database, "x", all), 3);
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM a WHERE y = 6").getInt(), 1);
  EXPECT_EQ(migrate(database, "x", all.first(2)).error().kind, Error::Kind::newer);
}

TEST_F(FileTest, AMigrationThatFailsLeavesTheOldSchema) {
  constexpr std::array kSteps{Migration{1, "CREATE TABLE a(x INTEGER) STRICT"},
                              Migration{2, "CREATE TABLE b(x INTEGER) STRICT; no such thing"}};
  const auto all = std::span<const Migration>(kSteps);
  SQLite::Database database(file().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  ASSERT_TRUE(migrate(database, "x", all.first(1)));

  EXPECT_THROW(static_cast<void>(migrate(database, "x", all)), SQLite::Exception);

  EXPECT_EQ(*version_of(database, "x", all), 1);
  EXPECT_FALSE(database.tableExists("b"));
}

TEST_F(FileTest, MigrationsAreNumberedWithoutAHole) {
  int expected = 1;
  for (const Migration& step : migrations()) EXPECT_EQ(step.version, expected++);
}

TEST_F(FileTest, SetsAsideEveryFileUnderANewName) {
  open();
  write(batch(1, {plain_event("a")}));

  const auto name = set_aside(directory(), kStart);

  ASSERT_TRUE(name) << name.error().message;
  const std::string expected = std::string(kFileName) + ".corrupt-20261124T050000Z";
  EXPECT_EQ(*name, (directory() / expected).string());
  EXPECT_EQ(names(), (std::vector<std::string>{expected, expected + "-shm", expected + "-wal"}));
}

TEST_F(FileTest, SettingAsideOverwritesNothing) {
  const std::string expected = std::string(kFileName) + ".corrupt-20261124T050000Z";
  directory_.write(expected, "first");
  directory_.write(expected + "-2-wal", "second");
  directory_.write(kFileName, "third");

  const auto name = set_aside(directory(), kStart);

  ASSERT_TRUE(name) << name.error().message;
  EXPECT_EQ(*name, (directory() / (expected + "-3")).string());
  EXPECT_EQ(trainstop::test::read_file(directory() / expected), "first");
  EXPECT_EQ(trainstop::test::read_file(*name), "third");
}

TEST_F(FileTest, SettingAsideALogAlone) {
  directory_.write(std::string(kFileName) + "-wal", "x");

  ASSERT_TRUE(set_aside(directory(), kStart));

  open();
  EXPECT_EQ(load().last_seq, 0u);
}

TEST_F(FileTest, NothingToSetAsideIsUnreadable) {
  const auto name = set_aside(directory(), kStart);

  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().kind, Error::Kind::unreadable);
}

}  // namespace
}  // namespace trainstop::journal::test
