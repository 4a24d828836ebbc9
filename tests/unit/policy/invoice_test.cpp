// What an invoice corrects, by example, and against a bill that is shared minute by minute.
#include "policy/invoice.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "unit/policy/dollars.hpp"
#include "unit/policy/times.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;

// kStart is the midnight with which it begins.
const sys_days kDay = std::chrono::floor<days>(kStart);
const Window kAll;

/// A dollar a minute from minute 10 of the day on.
struct Job {
  PriceHistory prices{{kLongAgo, dollars(1)}};
  Estimate estimate;

  explicit Job(Instant now) {
    estimate.bill.earliest = estimate.bill.latest = minute(10);
    estimate.bill.prices = &prices;
    estimate.now = now;
  }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  /// As the lower and the upper bill agree on it.
  Money corrected(const Invoice& invoice, const Window& window = kAll) const {
    const Correction correction = correct(estimate, invoice, window);
    EXPECT_EQ(correction.least, correction.most);
    return correction.least;
  }
};

InvoiceDay said(std::int64_t minutes, Money billed, Instant read) {
  return {minutes, billed, read};
}

TEST(Invoice, ADayIsFinalTwoHoursAfterItsEnd) {
  EXPECT_FALSE(is_final(kDay, said(1, dollars(1), kStart + 26h)));
  EXPECT_TRUE(is_final(kDay, said(1, dollars(1), kStart + 26h + 1us)));
}

TEST(Invoice, TakesThePlaceOfTheMinutesThatItCovers) {
  const Job job(minute(110));
  const Invoice invoice{{kDay, said(40, dollars(30), minute(110))}};
  EXPECT_EQ(job.corrected(invoice), dollars(-10)) << "sixty minutes count by the estimate";
  EXPECT_EQ(job.corrected({}), Money());
}

TEST(Invoice, SharesTheDifferenceAmongWindowsByMinutes) {
  const Job job(minute(110));
  const Invoice invoice{{kDay, said(40, dollars(44), minute(110))}};
  EXPECT_EQ(job.corrected(invoice, {kLongAgo, minute(20)}), dollars(1));
  EXPECT_EQ(job.corrected(invoice, {minute(20), minute(40)}), dollars(2));
  EXPECT_EQ(job.corrected(invoice, {minute(40), minute(60)}), dollars(1));
  EXPECT_EQ(job.corrected(invoice, {minute(50), kNever}), Money());
}

TEST(Invoice, CoversNothingThatBeganAfterItWasRead) {
  const Job job(minute(110));
  const Invoice invoice{{kDay, said(100, dollars(50), minute(50))}};
  EXPECT_EQ(job.corrected(invoice), dollars(10));
}

TEST(Invoice, AFinalDayLeavesNothingOfTheEstimate) {
  Job job(kStart + 48h);
  job.estimate.bill.end = minute(110);
  const Invoice invoice{{kDay, said(90, dollars(95), kStart + 27h)}};
  EXPECT_EQ(job.corrected(invoice), dollars(-5));
  EXPECT_EQ(job.corrected(invoice, {minute(100), minute(105)}), dollars(-5)) << "beyond its last";
  const Invoice more{{kDay, said(103, dollars(103), kStart + 27h)}};
  EXPECT_EQ(job.corrected(more), dollars(3));
}

TEST(Invoice, ADayThatItDoesNotNameCountsByTheEstimate) {
  const Job job(kStart + 48h);
  const Invoice invoice{{kDay, said(1430, dollars(1430), kStart + 27h)}};
  EXPECT_EQ(job.corrected(invoice), Money());
}

TEST(Invoice, DaysAreThoseOfUtc) {
  Job job(minute(110));
  job.estimate.shift = 24h;  // the line is a day late
  EXPECT_EQ(job.corrected({{kDay, said(40, dollars(30), minute(110) + 24h)}}), Money());
  EXPECT_EQ(job.corrected({{kDay + days(1), said(40, dollars(30), minute(110) + 24h)}}),
            dollars(-10));
}

TEST(Invoice, AFigureThatCannotBeTrueIsNotBelieved) {
  const Job job(minute(110));
  const auto corrected = [&](std::int64_t minutes, Money billed) {
    return job.corrected({{kDay, said(minutes, billed, minute(110))}});
  };
  EXPECT_EQ(corrected(40, Money::from_nano(-1)), Money());
  EXPECT_EQ(corrected(40, dollars(121)), dollars(81));
  EXPECT_EQ(corrected(40, *add(dollars(121), Money::from_nano(1))), Money());
  EXPECT_EQ(corrected(0, dollars(2)), Money());
  EXPECT_EQ(corrected(40, Money()), Money()) << "it would hide what is spent";
  EXPECT_EQ(corrected(40, dollars(13)), dollars(-27));
  EXPECT_EQ(corrected(40, dollars(12)), Money());
}

TEST(Invoice, AFinalDayMayHaveBeenFree) {
  Job job(kStart + 48h);
  job.estimate.bill.end = minute(110);
  EXPECT_EQ(job.corrected({{kDay, said(0, Money(), kStart + 27h)}}), dollars(-100));
}

TEST(Invoice, WithoutAPriceItIsHeldAgainstNothing) {
  Job job(minute(110));
  job.estimate.bill.prices = nullptr;
  EXPECT_EQ(job.corrected({{kDay, said(40, dollars(30), minute(110))}}), Money());
  job.estimate.bill.earliest.reset();
  job.estimate.bill.latest.reset();
  EXPECT_FALSE(compare(job.estimate, kDay, said(40, dollars(30), minute(110))));
  EXPECT_EQ(job.corrected({{kDay, said(40, dollars(30), minute(110))}}), Money());
}

TEST(Invoice, MinutesMayCountForEachNode) {
  Job job(minute(110));
  job.estimate.bill.nodes = 2;
  EXPECT_EQ(job.corrected({{kDay, said(40, dollars(70), minute(110))}}), dollars(-10));
  EXPECT_EQ(job.corrected({{kDay, said(80, dollars(70), minute(110))}}), dollars(-10));
}

TEST(Invoice, WhatAJobCostBeforeItsFirstSightIsCounted) {
  Job job(minute(110));
  job.estimate.bill.latest = minute(70);
  job.estimate.bill.estimated = true;
  const Invoice invoice{{kDay, said(50, dollars(50), minute(110))}};
  const Correction correction = correct(job.estimate, invoice, kAll);
  EXPECT_EQ(correction.least, dollars(10)) << "forty were sure";
  EXPECT_EQ(correction.most, Money());
}

TEST(Invoice, WhatWasBilledOnADayWithoutMinutesOfOursLiesNextToThem) {
  Job job(kStart + 25h);
  job.estimate.bill.latest = kStart + 24h + 10min;
  job.estimate.bill.estimated = true;
  const Invoice invoice{{kDay, said(100, dollars(100), kStart + 25h)}};
  EXPECT_EQ(correct(job.estimate, invoice, {kStart + 23h, kStart + 24h}).least, dollars(100));
  EXPECT_EQ(correct(job.estimate, invoice, {kStart, kStart + 23h}).least, Money());
}

TEST(Invoice, TellsWhenAJobBegan) {
  Job job(kStart + 27h);
  Bill& bill = job.estimate.bill;
  bill.latest = kStart + 20h;
  bill.estimated = true;
  const auto begin = [&](std::int64_t minutes, Money billed, Instant read = kStart + 27h) {
    return begin_by(job.estimate, {{kDay, said(minutes, billed, read)}});
  };
  EXPECT_EQ(begin(600, dollars(600)), kStart + 14h);
  EXPECT_EQ(begin(600, dollars(600), kStart + 26h), std::nullopt) << "not final";
  EXPECT_EQ(begin(600, dollars(300)), std::nullopt) << "the figure does not fit";
  EXPECT_EQ(begin(600, dollars(900)), std::nullopt);
  EXPECT_EQ(begin(0, Money()), std::nullopt);
  EXPECT_EQ(begin(1440, dollars(1440)), std::nullopt) << "it may have begun the day before";
  EXPECT_EQ(begin(1435, dollars(1435)), std::nullopt) << "before it was created";
  EXPECT_EQ(begin(1430, dollars(1430)), minute(10));
  EXPECT_EQ(begin(239, dollars(239)), std::nullopt) << "after it was seen";
  bill.end = kStart + 24h;
  EXPECT_EQ(begin(600, dollars(600)), std::nullopt) << "when it ended, minutes tell nothing";
  bill.end.reset();
  bill.estimated = false;
  EXPECT_EQ(begin(600, dollars(600)), std::nullopt);
}

/// Whatever the windows, the job's bill as invoiced is the same to the nano-dollar.
TEST(Invoice, TheSharesOfAllWindowsAreTheWhole) {
  std::mt19937_64 random(5);
  const auto pick = [&](std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random);
  };
  int corrected = 0;
  for (int round = 0; round < 2000; ++round) {
    const PriceHistory prices{{kLongAgo, Money::from_nano(pick(1, 2'000'000'000))},
                              {kStart + pick(0, 3000) * 1min, Money::from_nano(pick(1, 9'999))}};
    Estimate estimate;
    Bill& bill = estimate.bill;
    bill.prices = &prices;
    bill.nodes = pick(1, 3);
    bill.earliest = bill.latest = kStart + std::chrono::seconds(pick(0, 100'000));
    if (pick(0, 1) == 1) bill.end = *bill.latest + std::chrono::seconds(pick(0, 100'000));
    estimate.now = kStart + std::chrono::seconds(pick(100'000, 300'000));
    estimate.shift = std::chrono::seconds(pick(-7200, 7200));
    Invoice invoice;
    for (int day = -1; day < 4; ++day) {
      const sys_days at = kDay + days(day);
      const Instant read = std::min(estimate.now + estimate.shift, Instant(at) + 30h);
      const auto cost =
          bill.between(Instant(at) - estimate.shift, Instant(at) - estimate.shift + 24h, true);
      const std::int64_t billed = cost->nano() * pick(50, 200) / 100;
      if (pick(0, 2) != 0) invoice[at] = said(pick(0, 1500), Money::from_nano(billed), read);
    }
    const Correction all = correct(estimate, invoice, kAll);
    Money sum;
    Instant from = kLongAgo;
    while (from != kNever) {
      const Instant next = from == kLongAgo ? kStart - 30h : from + std::chrono::seconds(7 * 3600);
      const Window window{from, next > kStart + 120h ? kNever : next};
      sum = *add(sum, correct(estimate, invoice, window).least);
      from = window.until;
    }
    EXPECT_EQ(sum, all.least) << "round " << round;
    const Money estimated = *bill.between(kLongAgo, estimate.now, false);
    EXPECT_GE(*add(estimated, all.least), Money()) << "round " << round;
    corrected += all.least != Money() ? 1 : 0;
  }
  EXPECT_GT(corrected, 1000);
}

}  // namespace
}  // namespace trainstop::policy
