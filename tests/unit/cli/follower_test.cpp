// A journal that grows, is set aside, and is made anew while somebody follows it.
#include "cli/follower.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace trainstop::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant kNoon{1796126400s};

class FollowerTest : public testing::Test {
 protected:
  void open() {
    auto opened = journal::open_store(directory_.path());
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  /// Writes one event that bears `text`, of a job.
  void write(std::uint64_t seq, const std::string& text, const std::string& job = "j1",
             Level level = Level::info) {
    journal::Batch batch;
    batch.first_seq = seq;
    Event event;
    event.name = "job.seen";
    event.level = level;
    event.at = kNoon;
    event.message = text;
    event.with("account", "main").with("job", job);
    batch.events = {event};
    batch.utc = kNoon;
    const auto written = store_->write({&batch, 1});
    ASSERT_TRUE(written) << written.error().message;
  }
  void set_aside() {
    store_.reset();
    ASSERT_TRUE(journal::set_aside(directory_.path(), kNoon));
  }
  static std::vector<std::string> texts(Follower& follower) {
    std::vector<std::string> texts;
    const auto entries = follower.next();
    if (!entries) return {entries.error().message};
    for (const auto& entry : *entries) texts.push_back(entry.event.message);
    return texts;
  }
  Follower follow(std::optional<std::size_t> last = {}, std::optional<std::string> job = {}) {
    journal::Query query;
    query.last = last;
    query.job = std::move(job);
    return Follower(directory_.path(), query);
  }

  test::TempDir directory_;
  std::unique_ptr<journal::Store> store_;
};

TEST_F(FollowerTest, BeginsWithTheLastAndGoesOnWithWhatComes) {
  open();
  for (std::uint64_t seq = 1; seq <= 3; ++seq) write(seq, "e" + std::to_string(seq));
  Follower follower = follow(2);
  EXPECT_THAT(texts(follower), ElementsAre("e2", "e3"));
  EXPECT_THAT(texts(follower), IsEmpty());
  write(4, "e4");
  write(5, "e5");
  EXPECT_THAT(texts(follower), ElementsAre("e4", "e5"));
  EXPECT_THAT(texts(follower), IsEmpty());
  EXPECT_THAT(texts(follower), IsEmpty());
  write(6, "e6");
  EXPECT_THAT(texts(follower), ElementsAre("e6"));
}

TEST_F(FollowerTest, ShowsNothingOldWhenNothingOldIsAskedFor) {
  open();
  write(1, "e1");
  Follower follower = follow(0);
  EXPECT_THAT(texts(follower), IsEmpty());
  write(2, "e2");
  EXPECT_THAT(texts(follower), ElementsAre("e2"));
}

TEST_F(FollowerTest, ShowsOnlyWhatIsAskedFor) {
  open();
  write(1, "a1", "a");
  write(2, "b1", "b");
  Follower follower = follow({}, "a");
  EXPECT_THAT(texts(follower), ElementsAre("a1"));
  write(3, "b2", "b");
  EXPECT_THAT(texts(follower), IsEmpty());
  write(4, "a2", "a");
  write(5, "b3", "b");
  EXPECT_THAT(texts(follower), ElementsAre("a2"));
  EXPECT_THAT(texts(follower), IsEmpty());
}

TEST_F(FollowerTest, LeavesOutDebugEvents) {
  open();
  write(1, "e1");
  Follower follower = follow(5);
  EXPECT_THAT(texts(follower), ElementsAre("e1"));
  write(2, "poll", "j1", Level::debug);
  EXPECT_THAT(texts(follower), IsEmpty());
  write(3, "e3");
  EXPECT_THAT(texts(follower), ElementsAre("e3"));
}

TEST_F(FollowerTest, ShowsAllOfAJournalThatTakesTheOldOnesPlace) {
  open();
  for (std::uint64_t seq = 1; seq <= 3; ++seq) write(seq, "old" + std::to_string(seq));
  Follower follower = follow(1);
  EXPECT_THAT(texts(follower), ElementsAre("old3"));
  set_aside();
  EXPECT_FALSE(follower.next());
  open();
  for (std::uint64_t seq = 1; seq <= 4; ++seq) write(seq, "new" + std::to_string(seq));
  EXPECT_THAT(texts(follower), ElementsAre("new1", "new2", "new3", "new4"));
  write(5, "new5");
  EXPECT_THAT(texts(follower), ElementsAre("new5"));
}

TEST_F(FollowerTest, RepeatsNothingWhenTheSameJournalComesBack) {
  open();
  write(1, "e1");
  Follower follower = follow(5);
  EXPECT_THAT(texts(follower), ElementsAre("e1"));
  store_.reset();
  const auto file = directory_.path() / journal::kFileName;
  std::filesystem::copy_file(file, directory_.path() / "copy");
  std::filesystem::rename(directory_.path() / "copy", file);
  open();
  write(2, "e2");
  EXPECT_THAT(texts(follower), ElementsAre("e2"));
}

TEST_F(FollowerTest, WaitsForAJournal) {
  Follower follower = follow(5);
  EXPECT_FALSE(follower.next());
  EXPECT_FALSE(follower.next());
  open();
  EXPECT_THAT(texts(follower), IsEmpty());
  write(1, "e1");
  EXPECT_THAT(texts(follower), ElementsAre("e1"));
}

}  // namespace
}  // namespace trainstop::cli
