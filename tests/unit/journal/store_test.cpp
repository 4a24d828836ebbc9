// What is written is what is loaded.
#include "journal/store.hpp"

#include "journal/reader.hpp"
#include "samples.hpp"

namespace trainstop::journal::test {
namespace {

using namespace std::chrono_literals;
using Kind = Image::Kind;

class StoreTest : public Journal {
 protected:
  void SetUp() override { open(); }

  std::vector<Entry> entries() {
    auto reader = open_reader(directory());
    EXPECT_TRUE(reader) << reader.error().message;
    Query all;
    all.least = Level::debug;
    auto found = (*reader)->events(all);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : std::vector<Entry>{};
  }
};

TEST_F(StoreTest, BeginsEmpty) {
  const Present present = load();

  EXPECT_TRUE(present.images.empty());
  EXPECT_EQ(present.last_seq, 0u);
  EXPECT_EQ(present.last_utc, kLongAgo);
}

TEST_F(StoreTest, GivesBackTheSameEvents) {
  Event intended = event_of("j1", "stop.intended");
  intended.with("rule", "two-days").with("stop", "j1/1").with("cost", Money::from_dollars(3));
  Event bare = plain_event("daemon.started", kStart + 1us, Level::debug);
  bare.message = "bytes \xff and a\nline";
  Event late = plain_event("odd", kLongAgo, Level::error);
  late.with("late", 1).with("job", "j1");  // no leading run

  write(batch(1, {intended, bare, late}));
  open();

  const auto found = entries();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].event, intended);
  EXPECT_EQ(found[1].event, bare);
  EXPECT_EQ(found[2].event, late);
  EXPECT_EQ(found[2].seq, 3u);
}

TEST_F(StoreTest, KeepsASubjectOnce) {
  write(batch(1, {event_of("j1", "a"), event_of("j1", "b"), event_of("j2", "a")}));
  write(batch(4, {event_of("j1", "c")}));

  EXPECT_EQ(number("SELECT count(*) FROM subject"), 2);
}

TEST_F(StoreTest, TheLastImageOfAKeyIsPresent) {
  write(batch(1, {}, {put(Kind::job, "k", {{"n", 1}}), put(Kind::job, "l", {{"n", 1}})}));
  write(batch(1, {}, {put(Kind::job, "k", {{"n", 2}})}, kStart + 1s));
  open();

  const Present present = load();
  EXPECT_EQ(present.images,
            (std::vector{put(Kind::job, "l", {{"n", 1}}), put(Kind::job, "k", {{"n", 2}})}));
  EXPECT_EQ(present.last_utc, kStart + 1s);
  EXPECT_EQ(number("SELECT count(*) FROM record"), 3);
}

TEST_F(StoreTest, ImagesAreOrderedByKind) {
  write(
      batch(1, {},
            {put(Kind::stop, "b"), put(Kind::run, "z"), put(Kind::job, "b"), put(Kind::job, "a")}));

  EXPECT_EQ(keys_of(load()), (std::vector<std::string>{"1 z", "8 b", "8 a", "10 b"}));
}

TEST_F(StoreTest, AmendTakesThePlaceOfThePresentOne) {
  write(batch(1, {}, {amend(Kind::polls, "p", {{"n", 1}})}));
  write(batch(1, {}, {amend(Kind::polls, "p", {{"n", 2}}), amend(Kind::polls, "p", {{"n", 3}})}));
  open();

  EXPECT_EQ(load().images, std::vector{put(Kind::polls, "p", {{"n", 3}})});
  EXPECT_EQ(number("SELECT count(*) FROM record"), 1);
}

TEST_F(StoreTest, CloseEndsTheKeyAndKeepsWhatWasAppended) {
  write(batch(1, {}, {put(Kind::job, "k", {{"n", 1}}), put(Kind::job, "l")}));
  write(batch(1, {}, {close(Kind::job, "k", {{"n", 2}}), close(Kind::job, "l")}, kStart + 1s));
  open();

  EXPECT_TRUE(load().images.empty());
  EXPECT_EQ(number("SELECT count(*) FROM record"), 3);
}

TEST_F(StoreTest, CloseOfWhatIsNotPresentIsFine) {
  write(batch(1, {}, {close(Kind::job, "k"), close(Kind::job, "l", {{"n", 2}})}));

  EXPECT_TRUE(load().images.empty());
  EXPECT_EQ(number("SELECT count(*) FROM record"), 1);
}

TEST_F(StoreTest, AKeyMayComeBack) {
  write(batch(
      1, {},
      {put(Kind::breaker, ""), close(Kind::breaker, ""), put(Kind::breaker, "", {{"n", 2}})}));

  EXPECT_EQ(load().images, std::vector{put(Kind::breaker, "", {{"n", 2}})});
}

TEST_F(StoreTest, WritesSeveralBatchesAsOne) {
  const std::vector batches{batch(1, {plain_event("a")}, {put(Kind::job, "k")}),
                            batch(2, {plain_event("b")}, {close(Kind::job, "k")}, kStart + 1s)};

  ASSERT_TRUE(store_->write(batches));

  EXPECT_EQ(load().last_seq, 2u);
  EXPECT_TRUE(load().images.empty());
}

TEST_F(StoreTest, BatchesThatComeAgainAreWrittenOnce) {
  const std::vector batches{batch(1, {plain_event("a")}, {put(Kind::job, "k")}),
                            batch(2, {}, {put(Kind::job, "l"), close(Kind::job, "m", {{"n", 1}})})};
  ASSERT_TRUE(store_->write(batches));
  open();

  auto again = batches;
  again.push_back(batch(2, {plain_event("b")}));
  ASSERT_TRUE(store_->write(again));

  EXPECT_EQ(number("SELECT count(*) FROM record"), 3);
  EXPECT_EQ(load().last_seq, 2u);
  EXPECT_EQ(entries().size(), 2u);
}

TEST_F(StoreTest, AnotherEventOfTheSameNumberIsRefused) {
  write(batch(1, {plain_event("a"), plain_event("b")}));
  const Batch other = batch(2, {plain_event("c")}, {put(Kind::job, "k")});

  const auto written = store_->write({&other, 1});

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, Error::Kind::corrupt);
  EXPECT_TRUE(load().images.empty());
}

TEST_F(StoreTest, EventsThatWereLostLeaveAGap) {
  write(batch(1, {plain_event("a")}));
  write(batch(10, {plain_event("b")}));

  EXPECT_EQ(load().last_seq, 10u);
  EXPECT_EQ(number("SELECT to_seq FROM gap WHERE from_seq = 2"), 9);
}

TEST_F(StoreTest, AValueThatCannotBeWrittenIsABugAndLeavesTheStoreUsable) {
  Value deep(1);
  for (int level = 0; level < 50; ++level) deep = Value(Value::Array{std::move(deep)});
  const Batch wrong = batch(1, {plain_event("a new name").with("deep", deep)});

  EXPECT_THROW(static_cast<void>(store_->write({&wrong, 1})), std::logic_error);
  write(batch(1, {plain_event("a new name")}, {put(Kind::job, "k")}));

  EXPECT_EQ(load().last_seq, 1u);
  EXPECT_EQ(entries()[0].event.name, "a new name");
}

TEST_F(StoreTest, EventsAreNumberedFromOne) {
  const Batch wrong = batch(0, {plain_event("a")});

  EXPECT_THROW(static_cast<void>(store_->write({&wrong, 1})), std::logic_error);
}

TEST_F(StoreTest, TheLogStaysBounded) {
  const std::string text(500'000, 'x');
  for (std::uint64_t seq = 1; seq <= 100; ++seq)
    write(batch(seq, {plain_event("a")}, {amend(Kind::job, "k", {{"text", text}})}));

  EXPECT_LT(std::filesystem::file_size(file().string() + "-wal"), 8u << 20);
}

}  // namespace
}  // namespace trainstop::journal::test
