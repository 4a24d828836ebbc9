// Invoices at their edges: what has no price, figures beyond all bounds, nothing to go by.
#include <gtest/gtest.h>

#include "policy/invoice.hpp"
#include "unit/policy/dollars.hpp"
#include "unit/policy/times.hpp"

namespace trainstop::policy::invoice_edges {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;

// kStart is the midnight with which it begins.
const sys_days kDay = std::chrono::floor<days>(kStart);
const Window kAll;
const Money kLeast = Money::from_nano(INT64_MIN);

/// Billed from minute 10 of the day on, at these prices.
struct Priced {
  PriceHistory prices;
  Estimate estimate;

  Priced(PriceHistory history, Instant now) : prices(std::move(history)) {
    estimate.bill.earliest = estimate.bill.latest = minute(10);
    estimate.bill.prices = &prices;
    estimate.now = now;
  }
  Priced(const Priced&) = delete;
  Priced& operator=(const Priced&) = delete;

  Correction corrected(const InvoiceDay& said, const Window& window = kAll) const {
    return correct(estimate, {{kDay, said}}, window);
  }
};

PriceHistory a_dollar() {
  return {{kLongAgo, dollars(1)}};
}

/// The price is known until then, or from then on.
PriceHistory known_until(Instant at) {
  return {{kLongAgo, dollars(1)}, {at, std::nullopt}};
}
PriceHistory known_from(Instant at) {
  return {{kLongAgo, std::nullopt}, {at, dollars(1)}};
}

TEST(InvoiceEdges, OfSeveralNodesWithoutAPriceNothingIsCompared) {
  Priced job({}, minute(110));
  job.estimate.bill.nodes = 2;
  EXPECT_FALSE(compare(job.estimate, kDay, {40, dollars(70), minute(110)}));
  EXPECT_EQ(job.corrected({80, dollars(70), minute(110)}), Correction{});
}

TEST(InvoiceEdges, AFigureBelowAllBoundsIsNotBelievedOfSeveralNodes) {
  Priced job(a_dollar(), minute(110));
  job.estimate.bill.nodes = 2;
  const auto compared = compare(job.estimate, kDay, {40, kLeast, minute(110)});
  ASSERT_TRUE(compared);
  EXPECT_FALSE(compared->believed);
  EXPECT_EQ(compared->most, dollars(80)) << "the minutes are taken as they are";
  EXPECT_EQ(job.corrected({40, kLeast, minute(110)}), Correction{});
}

TEST(InvoiceEdges, AFinalDayOfWhichOnlyThePriceOfItsBeginIsKnownCorrectsNothing) {
  // Forty minutes are named, and nobody knows what the estimate has for the others.
  const Priced job(known_until(minute(60)), kStart + 48h);
  const InvoiceDay said{40, dollars(30), kStart + 27h};
  const auto compared = compare(job.estimate, kDay, said);
  ASSERT_TRUE(compared);
  EXPECT_TRUE(compared->believed);
  EXPECT_EQ(compared->least, dollars(40)) << "of what is known";
  EXPECT_EQ(compared->most, dollars(40));
  EXPECT_EQ(job.corrected(said), Correction{});
  const Priced known(a_dollar(), kStart + 48h);
  EXPECT_EQ(known.corrected(said).least, dollars(30 - 1430));
}

TEST(InvoiceEdges, ADayIsComparedOnlyWhenBothBillsAreKnown) {
  // From minute 70 on the price is known, before it only an earlier begin needs one.
  Priced job(known_from(minute(60)), minute(110));
  job.estimate.bill.latest = minute(70);
  job.estimate.bill.estimated = true;
  const InvoiceDay said{20, dollars(20), minute(110)};
  EXPECT_FALSE(compare(job.estimate, kDay, said));
  EXPECT_EQ(job.corrected(said), Correction{});
  job.estimate.bill.earliest = minute(65);
  EXPECT_TRUE(compare(job.estimate, kDay, said));
}

TEST(InvoiceEdges, ABillWithoutABoundOfItsBeginIsHeldAgainstNothing) {
  for (const bool earliest : {false, true}) {
    Priced job(a_dollar(), kStart + 48h);
    Bill& bill = job.estimate.bill;
    bill.estimated = true;
    const InvoiceDay said{600, dollars(600), kStart + 27h};
    bill.latest = kStart + 20h;
    ASSERT_EQ(begin_by(job.estimate, {{kDay, said}}), kStart + 14h);
    (earliest ? bill.earliest : bill.latest).reset();
    EXPECT_FALSE(compare(job.estimate, kDay, said));
    EXPECT_EQ(job.corrected(said), Correction{});
    EXPECT_EQ(begin_by(job.estimate, {{kDay, said}}), std::nullopt);
  }
}

TEST(InvoiceEdges, WhatWasBilledBesideOursLiesInOneWindowOnly) {
  // Its own minutes begin ten minutes into the next day.
  Priced job(a_dollar(), kStart + 25h);
  Bill& bill = job.estimate.bill;
  bill.latest = kStart + 24h + 10min;
  bill.estimated = true;
  const InvoiceDay said{100, dollars(100), kStart + 25h};
  EXPECT_EQ(job.corrected(said, {kLongAgo, kStart + 24h - 1us}).least, Money());
  EXPECT_EQ(job.corrected(said, {kStart + 24h - 1us, kNever}).least, dollars(100));
  // These end with the day before it, and the invoice has figures of both.
  bill.earliest = bill.latest = kStart - 20h;
  bill.estimated = false;
  bill.end = kStart - 10h;
  const InvoiceDay late{0, dollars(1), minute(110)};
  EXPECT_EQ(job.corrected(late, {kLongAgo, kStart}).least, Money());
  EXPECT_EQ(job.corrected(late, {kStart, kStart + 1h}).least, dollars(1));
  EXPECT_EQ(job.corrected(late, {kStart + 1us, kStart + 1h}).least, Money());
}

TEST(InvoiceEdges, TellsNoBeginWithoutAFigureThatFits) {
  Priced job(a_dollar(), kStart + 27h);
  Bill& bill = job.estimate.bill;
  bill.latest = kStart + 20h;
  bill.estimated = true;
  EXPECT_EQ(begin_by(job.estimate, {}), std::nullopt) << "nothing is said";
  const Invoice invoice{{kDay, {600, dollars(600), kStart + 27h}}};
  EXPECT_EQ(begin_by(job.estimate, invoice), kStart + 14h);
  job.prices = known_until(kStart + 20h);
  EXPECT_EQ(begin_by(job.estimate, invoice), std::nullopt) << "what it cost is not known";
  job.prices = a_dollar();
  EXPECT_EQ(begin_by(job.estimate, {{kDay, {600, kLeast, kStart + 27h}}}), std::nullopt);
}

}  // namespace
}  // namespace trainstop::policy::invoice_edges
