// What waits for a sink: its order, its retries, its end and its bounds.
#include "notify/outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/notify/events.hpp"

namespace trainstop::notify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct OutboxTest : testing::Test {
  std::vector<Outbox::Seq> add(Outbox::Seq seq, const Event& told) {
    auto dropped = outbox.add(seq, std::make_shared<const Event>(told), now);
    outbox.release(seq, std::make_shared<const Event>(told));
    return dropped;
  }
  /// The number of the next message; 0 when none may leave.
  Outbox::Seq next() {
    const auto attempt = outbox.next(now);
    return attempt ? attempt->seq : 0;
  }
  std::vector<Outbox::Seq> done(Outbox::Seq seq, Sent::Outcome outcome) {
    Sent sent;
    sent.outcome = outcome;
    if (outcome != Sent::Outcome::delivered) sent.problem = "it answers with 500";
    return outbox.done(seq, sent, now);
  }
  std::vector<Outbox::Seq> delivered(Outbox::Seq seq) {
    return done(seq, Sent::Outcome::delivered);
  }
  std::vector<Outbox::Seq> failed(Outbox::Seq seq) { return done(seq, Sent::Outcome::failed); }
  std::vector<Outbox::Seq> refused(Outbox::Seq seq) { return done(seq, Sent::Outcome::refused); }
  /// Fails the message at each turn that comes, so many times.
  void fail_often(Outbox::Seq seq, int times) {
    for (int i = 0; i < times; ++i) {
      now = std::max(now, outbox.wake() == kNever ? now : outbox.wake());
      ASSERT_EQ(next(), seq);
      failed(seq);
    }
  }

  Instant now = kThen;
  double random = 0;
  Outbox outbox{"oncall", [this] { return random; }};
};

TEST_F(OutboxTest, NothingLeavesBeforeItIsReleased) {
  outbox.add(1, std::make_shared<const Event>(event("a")), now);
  EXPECT_EQ(next(), 0u);
  outbox.release(1, std::make_shared<const Event>(event("a").with("durable", false)));
  const auto attempt = outbox.next(now);
  ASSERT_TRUE(attempt);
  EXPECT_NE(attempt->event->find("durable"), nullptr) << "as it was told";
  EXPECT_EQ(next(), 0u) << "it is under way";
}

TEST_F(OutboxTest, WhatIsDeliveredNeedsNoPlaceAnyMore) {
  add(1, event("a"));
  ASSERT_EQ(next(), 1u);
  EXPECT_THAT(delivered(1), ElementsAre(1u));
  EXPECT_EQ(outbox.size(), 0u);
  EXPECT_EQ(next(), 0u);
}

TEST_F(OutboxTest, OneJobIsToldInOrderAndAtMostFourJobsAtOnce) {
  for (Outbox::Seq seq = 1; seq <= 6; ++seq) add(seq, job_event("e", "job" + std::to_string(seq)));
  add(7, job_event("e", "job1"));
  EXPECT_EQ(next(), 1u);
  EXPECT_EQ(next(), 2u);
  EXPECT_EQ(next(), 3u);
  EXPECT_EQ(next(), 4u);
  EXPECT_EQ(next(), 0u);
  delivered(2);
  EXPECT_EQ(next(), 5u);
  delivered(3);
  EXPECT_EQ(next(), 6u);
  delivered(4);
  EXPECT_EQ(next(), 0u) << "7 is of the job of 1, which is under way";
  delivered(1);
  EXPECT_EQ(next(), 7u);
}

TEST_F(OutboxTest, AnUnreleasedMessageHoldsItsOwnJobOnly) {
  outbox.add(1, std::make_shared<const Event>(job_event("e", "slow")), now);
  add(2, job_event("e", "slow"));
  add(3, job_event("e", "quick"));
  EXPECT_EQ(next(), 3u);
  EXPECT_EQ(next(), 0u);
}

TEST_F(OutboxTest, AFailureIsTriedAgainLaterAndLaterOneAtATime) {
  random = 0.999;
  add(1, job_event("e", "job1"));
  add(2, job_event("e", "job2"));
  ASSERT_EQ(next(), 1u);
  ASSERT_EQ(next(), 2u);
  EXPECT_EQ(outbox.wake(), kNever) << "only an answer changes anything";
  EXPECT_THAT(failed(1), IsEmpty());
  EXPECT_THAT(failed(2), IsEmpty());
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 10; ++i) {
    const Instant wake = outbox.wake();
    waits.push_back(std::chrono::ceil<std::chrono::seconds>(wake - now).count());
    now = wake - 1us;
    EXPECT_EQ(next(), 0u);
    now = wake;
    EXPECT_EQ(next(), 1u);
    EXPECT_EQ(next(), 0u) << "while it fails, one at a time";
    failed(1);
  }
  EXPECT_THAT(waits, ElementsAre(1, 2, 4, 8, 16, 32, 64, 128, 256, 300));
}

TEST_F(OutboxTest, TheWaitIsAtLeastHalfAndWhatTheSinkAskedFor) {
  add(1, event("a"));
  ASSERT_EQ(next(), 1u);
  failed(1);
  EXPECT_EQ(outbox.wake(), now + 500ms);
  now = outbox.wake();
  ASSERT_EQ(next(), 1u);
  Sent sent;
  sent.outcome = Sent::Outcome::failed;
  sent.retry_after = 30s;
  outbox.done(1, sent, now);
  EXPECT_EQ(outbox.wake(), now + 30s);
  now = outbox.wake();
  ASSERT_EQ(next(), 1u);
  sent.retry_after = 24h;
  outbox.done(1, sent, now);
  EXPECT_EQ(outbox.wake(), now + Outbox::kLongestWait);
}

TEST_F(OutboxTest, ADeliveryEndsTheWaiting) {
  add(1, job_event("e", "job1"));
  add(2, job_event("e", "job2"));
  fail_often(1, 5);
  now = outbox.wake();
  ASSERT_EQ(next(), 1u);
  delivered(1);
  EXPECT_EQ(next(), 2u);
}

TEST_F(OutboxTest, WhatIsRefusedThreeTimesIsGivenUpAndTheNextGoes) {
  add(1, event("a"));
  add(2, event("b"));
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(next(), 1u);
    EXPECT_THAT(refused(1), IsEmpty());
    now = outbox.wake();
  }
  ASSERT_EQ(next(), 1u);
  EXPECT_THAT(refused(1), ElementsAre(1u));
  now = outbox.wake();
  EXPECT_EQ(next(), 2u);
  const auto told = outbox.trouble().take(now, now, outbox.size());
  ASSERT_TRUE(told);
  EXPECT_EQ(*told->find("given_up"), Value(1));
}

TEST_F(OutboxTest, EverythingElseIsTriedForADay) {
  add(1, event("a"));
  const Instant begin = now;
  std::vector<Outbox::Seq> over;
  int attempts = 0;
  while (over.empty() && attempts < 10'000) {
    ASSERT_EQ(next(), 1u);
    ++attempts;
    over = failed(1);
    if (over.empty()) now = outbox.wake();
  }
  EXPECT_THAT(over, ElementsAre(1u));
  EXPECT_GE(now, begin + 24h);
  EXPECT_LE(now, begin + 24h + Outbox::kLongestWait);
  EXPECT_EQ(outbox.size(), 0u);
  EXPECT_EQ(outbox.wake(), kNever);
}

TEST_F(OutboxTest, WhatIsTooOldGoesTogetherAndWhatIsYoungStays) {
  add(1, event("a"));
  add(2, event("b"));
  fail_often(1, 1);
  now = kThen + 24h;
  add(3, event("c"));
  ASSERT_EQ(next(), 1u);
  EXPECT_THAT(failed(1), ElementsAre(1u, 2u));
  EXPECT_THAT(outbox.waiting(), ElementsAre(3u));
}

TEST_F(OutboxTest, WhatIsRecalledIsOnItsWayAtOnceAndKeepsItsAge) {
  const auto old = std::make_shared<const Event>(event("a"));
  outbox.recall(7, old, now - 25h);
  ASSERT_EQ(next(), 7u) << "at least one attempt";
  EXPECT_THAT(failed(7), ElementsAre(7u));
}

TEST_F(OutboxTest, WhenFullTheOldestInformationalOneGoes) {
  add(1, event("a", Level::warning));
  add(2, event("b"));
  for (Outbox::Seq seq = 3; seq <= Outbox::kMost; ++seq) add(seq, event("c", Level::error));
  EXPECT_THAT(add(20'000, event("d", Level::warning)), ElementsAre(2u));
  EXPECT_THAT(add(20'001, event("d", Level::warning)), ElementsAre(1u)) << "then the oldest";
  EXPECT_THAT(add(20'002, event("e")), ElementsAre(20'002u)) << "no warning goes for it";
  EXPECT_THAT(outbox.waiting(), SizeIs(Outbox::kMost));
  const auto told = outbox.trouble().take(now, now, outbox.size());
  ASSERT_TRUE(told);
  EXPECT_EQ(*told->find("dropped"), Value(3));
}

TEST_F(OutboxTest, WhatIsUnderWayNeverMakesRoom) {
  for (Outbox::Seq seq = 1; seq <= Outbox::kMost; ++seq) add(seq, event("a"));
  ASSERT_EQ(next(), 1u);
  EXPECT_THAT(add(20'000, event("b")), ElementsAre(2u));
  EXPECT_THAT(delivered(1), ElementsAre(1u));
}

}  // namespace
}  // namespace trainstop::notify
