// The bill as a step function against a sum minute by minute.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "policy/bill.hpp"
#include "property/policy/subjects.hpp"

namespace trainstop::policy {
namespace {

RC_GTEST_PROP(BillProperty, IsTheSumOfItsStartedMinutes, ()) {
  const Subject subject = any_subject();
  const Bill& bill = subject.times.bill;
  for (int i = 0; i < kPoints; i += 11) {
    const Instant at = subject.point(i);
    RC_ASSERT(bill.upper_at(at) == slow_bill(bill, bill.earliest, at));
    RC_ASSERT(bill.lower_at(at) ==
              slow_bill(bill, bill.estimated ? bill.latest : bill.earliest, at));
  }
}

RC_GTEST_PROP(BillProperty, NeverFalls, ()) {
  const Subject subject = any_subject();
  const Bill& bill = subject.times.bill;
  Money before;
  for (int i = 0; i < kPoints; ++i) {
    const auto now = bill.upper_at(subject.point(i));
    if (!now) return;  // once a price is unknown the sum stays unknown
    RC_ASSERT(*now >= before);
    before = *now;
  }
}

RC_GTEST_PROP(BillProperty, TheLastInstantWithinALimitSeparatesTheBills, ()) {
  const Subject subject = any_subject();
  const Bill& bill = subject.times.bill;
  const auto limit = Money::from_nano(std::int64_t{*rc::gen::inRange(1, 5000)} * 100'000'000);
  const bool upper = *rc::gen::arbitrary<bool>();
  const auto last = bill.last_within(limit, upper);
  const auto below = bill.last_below(limit, upper);
  const auto begin = upper || !bill.estimated ? bill.earliest : bill.latest;
  for (int i = 0; i < kPoints; ++i) {
    const Instant at = subject.point(i);
    const auto sum = slow_bill(bill, begin, at);
    if (!sum) {
      // Either the limit was passed before the price got lost, or there is no answer.
      RC_ASSERT(!last || *last < at);
      continue;
    }
    if (last) RC_ASSERT((*sum <= limit) == (at <= *last));
    if (below) RC_ASSERT((*sum < limit) == (at <= *below));
    if (!last) RC_ASSERT(*sum <= limit);
  }
}

RC_GTEST_PROP(BillProperty, TheRateIsWhatTheMinuteThatStartsNowCosts, ()) {
  Subject subject = any_subject();
  Bill& bill = subject.times.bill;
  const Instant at = subject.point(*rc::gen::inRange(0, kPoints));
  const auto rate = bill.rate_at(at);
  if (!bill.earliest || at < *bill.earliest || (bill.end && at >= *bill.end)) {
    RC_ASSERT(rate == Money{});
    return;
  }
  bill.earliest = at;
  RC_ASSERT(rate == slow_bill(bill, at, at + Duration{1}));
}

}  // namespace
}  // namespace trainstop::policy
