// A journal that is not what was written is refused, and says what is wrong.
#include <fstream>

#include "journal/schema.hpp"
#include "journal/store.hpp"
#include "samples.hpp"

namespace trainstop::journal::test {
namespace {

using Kind = Image::Kind;

class DamageTest : public Journal {
 protected:
  void SetUp() override {
    open();
    std::vector<Image> images;
    for (int job = 0; job < 50; ++job)
      images.push_back(put(Kind::job, key_of("j" + std::to_string(job)), {{"status", "RUNNING"}}));
    write(batch(1, {plain_event("a"), plain_event("b")}, images));
    close_store();
  }

  /// By opening or by loading, and the same when it can only be read.
  void expect(Error::Kind kind) {
    auto opened = open_store(directory());
    const auto loaded = opened ? (*opened)->load() : Outcome<Present>(opened.error());
    opened = Error{};
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, kind) << loaded.error().message;
    EXPECT_EQ(loaded.error().message.find(file().string() + ": "), 0u) << loaded.error().message;
    const auto read = load_read_only(directory());
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, kind) << read.error().message;
  }

  void overwrite(std::streamoff at, const std::string& bytes) {
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(at);
    stream << bytes;
  }
};

TEST_F(DamageTest, AWholeOneIsLoaded) {
  EXPECT_EQ(load_read_only(directory())->images.size(), 50u);
}

TEST_F(DamageTest, CutShort) {
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) / 2);
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, CutToAFewBytes) {
  std::filesystem::resize_file(file(), 100);
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, Empty) {
  std::filesystem::resize_file(file(), 0);
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, Garbage) {
  directory_.write(kFileName, std::string(10'000, '#'));
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, Zeroes) {
  directory_.write(kFileName, std::string(65'536, '\0'));
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, AnotherProgramsDatabase) {
  sql("PRAGMA application_id = 5");
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, ItsTablesGone) {
  sql("DROP TABLE present");
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, OnlyItsLogLeft) {
  std::filesystem::rename(file(), file().string() + "-wal");
  expect(Error::Kind::corrupt);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(DamageTest, AByteOfAPresentBody) {
  const std::string all = trainstop::test::read_file(file());
  const auto at = all.find("RUNNING");
  ASSERT_NE(at, std::string::npos);
  overwrite(static_cast<std::streamoff>(at), "S");
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, APresentRowGone) {
  sql("DELETE FROM present WHERE key = '" + key_of("j7") + "'");
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, APresentRecordGone) {
  sql("DELETE FROM record WHERE id = 7");
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, APresentRowThatShowsAnOlderRecord) {
  open();
  write(batch(3, {}, {put(Kind::job, key_of("j1"), {{"status", "STOPPED"}})}));
  close_store();
  sql("UPDATE present SET record = 2 WHERE key = '" + key_of("j1") + "'");
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, AllOfThePresentAndItsTotalsGone) {
  sql("DELETE FROM present; DELETE FROM meta");
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, ATotalChanged) {
  sql("UPDATE meta SET last_utc = last_utc + 1");
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, TheLastEventGone) {
  sql("DELETE FROM event WHERE seq = 2");
  expect(Error::Kind::corrupt);
}

TEST_F(DamageTest, OfALaterVersion) {
  sql("PRAGMA user_version = 99");
  expect(Error::Kind::newer);

  const auto opened = open_store(directory());
  EXPECT_NE(opened.error().message.find("version 99"), std::string::npos);
  EXPECT_NE(opened.error().message.find("up to " + std::to_string(migrations().back().version)),
            std::string::npos);
}

}  // namespace
}  // namespace trainstop::journal::test
