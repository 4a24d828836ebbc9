// What waits, as the journal keeps it.
#include "notify/image.hpp"

#include <gtest/gtest.h>

#include "journal/encoding.hpp"
#include "unit/notify/events.hpp"

namespace trainstop::notify {
namespace {

Event rich() {
  Event told = job_event("rule.warned");
  told.with("cost", Money::from_dollars(3)).with("due_at", kThen + 4h).with("value", Duration(44h));
  told.with("held", Value::Object{{"s", Value(1)}, {"exempt", Value(2)}});
  told.with("evidence", Value::Array{Value(Value::Object{{"holds", Value("yes")}})});
  return told;
}

TEST(OutboxImage, ComesBackFromTheJournalsTextAsItWas) {
  Image image = image_of("on/call", 42, rich());
  EXPECT_EQ(image.key, "on/call/00000000000000000042");
  EXPECT_EQ(image.kind, Image::Kind::outbox);
  EXPECT_EQ(image.change, Image::Change::put);
  image.body = journal::decode(journal::encode(image.body)).value();
  const auto back = recall(image);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->sink, "on/call");
  EXPECT_EQ(back->seq, 42u);
  EXPECT_EQ(back->event->name, "rule.warned");
  EXPECT_EQ(back->event->level, Level::warning);
  EXPECT_EQ(back->event->at, kThen);
  EXPECT_EQ(back->event->message, "something happened");
  EXPECT_EQ(back->event->fields, rich().fields);
}

TEST(OutboxImage, WhatIsNoneIsRefused) {
  const Image good = image_of("oncall", 1, rich());
  ASSERT_TRUE(recall(good));
  for (std::size_t member = 0; member < good.body.size(); ++member) {
    Image lacks = good;
    lacks.body.erase(lacks.body.begin() + static_cast<std::ptrdiff_t>(member));
    EXPECT_FALSE(recall(lacks)) << member;
    Image wrong = good;
    wrong.body[member].second = Value(true);
    EXPECT_FALSE(recall(wrong)) << member;
  }
  for (const char* key : {"oncall", "oncall/", "oncall/1x", "oncall/-1"}) {
    Image image = good;
    image.key = key;
    EXPECT_FALSE(recall(image)) << key;
  }
  for (const int level : {-1, 4}) {
    Image image = good;
    image.body[1].second = Value(level);
    EXPECT_FALSE(recall(image)) << level;
  }
  Image other = good;
  other.kind = Image::Kind::job;
  EXPECT_FALSE(recall(other));
}

TEST(OutboxImage, ClosingTakesTheBodyFirst) {
  const auto both = closing("oncall/1");
  EXPECT_EQ(both[0].change, Image::Change::amend);
  EXPECT_EQ(both[1].change, Image::Change::close);
  for (const Image& image : both) {
    EXPECT_TRUE(image.body.empty());
    EXPECT_EQ(image.key, "oncall/1");
    EXPECT_EQ(image.kind, Image::Kind::outbox);
  }
}

}  // namespace
}  // namespace trainstop::notify
