// What waits for a disk is bounded: images of one thing replace each other, the oldest events are
// lost and counted.
#include "journal/backlog.hpp"

#include <gtest/gtest.h>

namespace trainstop::journal {
namespace {

Batch batch(std::uint64_t first_seq, std::size_t events, std::vector<Image> images = {}) {
  Batch batch;
  batch.first_seq = first_seq;
  batch.events.resize(events);
  batch.images = std::move(images);
  batch.utc = Instant{} + std::chrono::seconds(first_seq);
  return batch;
}

Image image(const std::string& key, int value, Image::Change change = Image::Change::put) {
  return {Image::Kind::job, change, key, {{"value", Value(value)}}};
}

TEST(Backlog, GivesBackWhatWasAddedInItsOrder) {
  Backlog backlog;
  EXPECT_TRUE(backlog.empty());
  backlog.add(batch(1, 2));
  backlog.add(batch(3, 1, {image("a", 1)}));
  const auto taken = backlog.take();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].first_seq, 1u);
  EXPECT_EQ(taken[1].images.size(), 1u);
  EXPECT_TRUE(backlog.empty());
  EXPECT_EQ(backlog.lost(), 0u);
}

TEST(Backlog, WhatCouldNotBeWrittenGoesFirst) {
  Backlog backlog;
  backlog.add(batch(1, 1));
  auto taken = backlog.take();
  backlog.add(batch(2, 1));
  backlog.put_back(std::move(taken));
  const auto again = backlog.take();
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0].first_seq, 1u);
  EXPECT_EQ(again[1].first_seq, 2u);
}

TEST(Backlog, LosesTheOldestEventsAndCountsThem) {
  Backlog backlog(3, 100);
  backlog.add(batch(1, 2));
  backlog.add(batch(3, 2));
  backlog.add(batch(5, 1));
  EXPECT_EQ(backlog.lost(), 2u);
  const auto taken = backlog.take();
  EXPECT_TRUE(taken[0].events.empty());
  EXPECT_EQ(taken[1].first_seq, 3u);
  EXPECT_EQ(taken[1].events.size(), 2u);
}

TEST(Backlog, CutsABatchThatIsTooLarge) {
  Backlog backlog(3, 100);
  backlog.add(batch(1, 5));
  const auto taken = backlog.take();
  EXPECT_EQ(taken[0].first_seq, 3u);
  EXPECT_EQ(taken[0].events.size(), 3u);
  EXPECT_EQ(backlog.lost(), 2u);
}

TEST(Backlog, OfManyImagesOfOneThingTheLastRemains) {
  Backlog backlog(100, 3);
  backlog.add(batch(1, 1, {image("a", 1), image("b", 1)}));
  backlog.add(batch(2, 2, {image("a", 2), image("c", 1)}));
  const auto taken = backlog.take();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].first_seq, 1u);
  EXPECT_EQ(taken[0].events.size(), 3u);
  EXPECT_EQ(taken[0].utc, Instant{} + std::chrono::seconds(2));
  EXPECT_EQ(taken[0].images, (std::vector{image("b", 1), image("a", 2), image("c", 1)}));
}

TEST(Backlog, ACloseKeepsTheLastBody) {
  Backlog backlog(100, 2);
  Image end = image("a", 0, Image::Change::close);
  end.body.clear();
  backlog.add(batch(1, 0, {image("a", 1), image("a", 2), end}));
  const auto taken = backlog.take();
  EXPECT_EQ(taken[0].images, (std::vector{image("a", 2, Image::Change::close)}));
}

TEST(Backlog, StaysBoundedHoweverLongADiskRefuses) {
  Backlog backlog(50, 20);
  for (std::uint64_t i = 0; i < 10'000; ++i)
    backlog.add(batch(i + 1, 1, {image(std::to_string(i % 30), static_cast<int>(i))}));
  std::size_t events = 0, images = 0;
  for (const Batch& each : backlog.take()) {
    events += each.events.size();
    images += each.images.size();
  }
  EXPECT_EQ(events, 50u);
  EXPECT_LE(images, 61u);
  EXPECT_EQ(backlog.lost(), 9'950u);
}

}  // namespace
}  // namespace trainstop::journal
