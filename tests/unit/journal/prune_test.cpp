// What is old goes, and only that.
#include "journal/reader.hpp"
#include "journal/store.hpp"
#include "samples.hpp"

namespace trainstop::journal::test {
namespace {

using namespace std::chrono_literals;
using Kind = Image::Kind;

constexpr Duration kDay = 24h;

class PruneTest : public Journal {
 protected:
  void SetUp() override { open(); }

  std::vector<std::uint64_t> kept() {
    std::vector<std::uint64_t> seqs;
    Query all;
    all.least = Level::debug;
    auto reader = open_reader(directory());
    for (const Entry& entry : *(*reader)->events(all)) seqs.push_back(entry.seq);
    return seqs;
  }
  void expect_sound() {
    auto reader = open_reader(directory());
    EXPECT_EQ(*(*reader)->check(), std::vector<std::string>{});
    load();
  }
};

using Seqs = std::vector<std::uint64_t>;

TEST_F(PruneTest, NothingOldIsDoneAtOnce) {
  write(batch(1, {plain_event("a"), plain_event("poll", kStart, Level::debug)}));

  EXPECT_FALSE(*store_->prune({}, kStart + 23h));
  EXPECT_EQ(kept(), (Seqs{1, 2}));
}

TEST_F(PruneTest, DebugEventsGoAfterADay) {
  write(batch(1, {plain_event("a"), plain_event("poll", kStart, Level::debug),
                  plain_event("poll", kStart + 2h, Level::debug), plain_event("b")}));

  prune(kStart + 25h);

  EXPECT_EQ(kept(), (Seqs{1, 3, 4}));
  expect_sound();
}

TEST_F(PruneTest, EverythingGoesAfterItsTime) {
  write(batch(
      1, {event_of("j1", "a"), plain_event("b"), plain_event("c", kStart + 300 * kDay)},
      {put(Kind::job, key_of("j1"), {{"n", 1}}), close(Kind::job, key_of("j1"), {{"n", 2}})}));
  write(batch(4, {}, {put(Kind::price, "new"), close(Kind::price, "new")}, kStart + 300 * kDay));

  prune(kStart + 401 * kDay);

  EXPECT_EQ(kept(), Seqs{3});
  EXPECT_EQ(number("SELECT count(*) FROM subject"), 0);
  EXPECT_EQ(number("SELECT group_concat(key) = 'new' FROM record"), 1);
  expect_sound();
}

TEST_F(PruneTest, WhatIsPresentStays) {
  write(batch(1, {plain_event("a")},
              {put(Kind::config, "c"), put(Kind::price, "p"), put(Kind::price, "p", {{"n", 2}})}));

  prune(kStart + 1000 * kDay);

  EXPECT_EQ(keys_of(load()), (std::vector<std::string>{"2 c", "6 p"}));
  EXPECT_EQ(number("SELECT count(*) FROM record"), 2);
}

TEST_F(PruneTest, EventsAndImagesOfAPresentJobStay) {
  Event poll = event_of("j1", "poll");
  poll.level = Level::debug;
  write(batch(1,
              {event_of("j1", "a"), event_of("j2", "b"), poll, plain_event("c"), plain_event("d")},
              {put(Kind::job, key_of("j1")), put(Kind::job, key_of("j1"), {{"n", 2}}),
               put(Kind::job, key_of("j2")), close(Kind::job, key_of("j2")),
               put(Kind::stop, key_of("j1")), close(Kind::stop, key_of("j1"), {{"n", 1}}),
               put(Kind::rule, key_of("j1") + "/a/b"), close(Kind::rule, key_of("j1") + "/a/b"),
               put(Kind::rule, key_of("j12") + "/a"), close(Kind::rule, key_of("j12") + "/a")}));

  prune(kStart + 1000 * kDay);

  EXPECT_EQ(kept(), (Seqs{1, 3, 5}));
  EXPECT_EQ(number("SELECT count(*) FROM record"), 5);
  EXPECT_EQ(number("SELECT count(*) FROM record WHERE key LIKE '%/j2' OR key LIKE '%/j12%'"), 0);
  expect_sound();
}

TEST_F(PruneTest, TheLastEventStays) {
  write(batch(1, {plain_event("a", kStart, Level::debug)}));

  prune(kStart + 1000 * kDay);

  EXPECT_EQ(load().last_seq, 1u);
  write(batch(2, {plain_event("b", kStart, Level::debug)}));
  prune(kStart + 1000 * kDay);
  EXPECT_EQ(kept(), Seqs{2});
}

TEST_F(PruneTest, TakesBoundedPieces) {
  const std::vector<Event> polls(1200, plain_event("poll", kStart, Level::debug));
  write(batch(1, polls));
  write(batch(1201, {plain_event("a")}));

  EXPECT_TRUE(*store_->prune({}, kStart + 2 * kDay));
  EXPECT_EQ(number("SELECT count(*) FROM event"), 701);
  EXPECT_TRUE(*store_->prune({}, kStart + 2 * kDay));
  EXPECT_FALSE(*store_->prune({}, kStart + 2 * kDay));

  EXPECT_EQ(kept(), Seqs{1201});
  expect_sound();
}

TEST_F(PruneTest, ManyPresentOnesDoNotHideWhatIsOld) {
  std::vector<Event> events(1200, event_of("j1", "a"));
  events.push_back(plain_event("old"));
  events.push_back(plain_event("last"));
  write(batch(1, events, {put(Kind::job, key_of("j1"))}));

  prune(kStart + 1000 * kDay);

  EXPECT_EQ(number("SELECT count(*) FROM event"), 1201);
}

TEST_F(PruneTest, AClockAtItsEndsIsHarmless) {
  write(batch(1, {plain_event("a", kNever), plain_event("b", kLongAgo), plain_event("c")}));

  prune(kLongAgo);
  EXPECT_EQ(kept(), (Seqs{1, 2, 3}));
  prune(kStart);
  EXPECT_EQ(kept(), (Seqs{1, 3}));
}

}  // namespace
}  // namespace trainstop::journal::test
