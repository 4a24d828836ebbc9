// The timeline algebra against its definition: the laws of logic, every toggle, the first true
// instant.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "policy/condition.hpp"
#include "property/policy/subjects.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

Condition negate(Condition part) {
  return {Not{{std::move(part)}}};
}
Condition both(Condition a, Condition b) {
  return {All{{std::move(a), std::move(b)}}};
}
Condition either(Condition a, Condition b) {
  return {Any{{std::move(a), std::move(b)}}};
}

/// Whether money stands anywhere in it: an unknown price makes a cost unknown for ever, which the
/// slow model, that looks at one instant only, does not see.
bool prices_known(const Subject& subject) {
  const Bill& bill = subject.times.bill;
  if (bill.prices == nullptr || bill.prices->empty()) return !bill.earliest;
  if (bill.earliest && bill.prices->front().from > *bill.earliest) return false;
  for (const PricePoint& point : *bill.prices) {
    if (!point.per_minute) return false;
  }
  return true;
}

/// A limit under `not` is not extended, so that the laws of logic hold between plain limits only.
Subject without_extension(Subject subject) {
  subject.times.extension = Duration{0};
  return subject;
}

Reading share(int percent) {
  Reading reading;
  reading.share_numerator = percent;
  reading.share_denominator = 100;
  return reading;
}

RC_GTEST_PROP(ConditionProperty, ValuesAreThoseOfTheDefinition, ()) {
  const Subject subject = any_subject();
  const Condition condition = any_condition();
  const int percent = *rc::gen::element(100, 100, 50, 80, 90);
  RC_PRE(prices_known(subject));
  RC_LOG() << describe(condition) << '\n';
  for (int i = 0; i < kPoints; i += 7) {
    const Instant at = subject.point(i);
    RC_ASSERT(value_at(condition, subject.times, at, share(percent)) ==
              slow_value(condition, subject.times, at, percent));
  }
}

RC_GTEST_PROP(ConditionProperty, ObeysKleeneAndDeMorgan, ()) {
  const Subject subject = without_extension(any_subject());
  const Condition a = any_condition({2});
  const Condition b = any_condition({2});
  const Condition c = any_condition({1});
  const auto equal = [&](const Condition& left, const Condition& right) {
    for (int i = 0; i < kPoints; i += 37) {
      const Instant at = subject.point(i);
      RC_ASSERT(value_at(left, subject.times, at) == value_at(right, subject.times, at));
    }
  };
  equal(negate(both(a, b)), either(negate(a), negate(b)));
  equal(negate(either(a, b)), both(negate(a), negate(b)));
  equal(negate(negate(a)), a);
  equal(both(a, b), both(b, a));
  equal(either(a, b), either(b, a));
  equal(both(a, either(a, b)), a);
  equal(either(a, both(a, b)), a);
  equal(both(a, either(b, c)), either(both(a, b), both(a, c)));
  equal(both(a, both(b, c)), both(both(a, b), c));
}

RC_GTEST_PROP(ConditionProperty, ExcludedMiddleHoldsOnlyWhereNothingIsUnknown, ()) {
  const Subject subject = without_extension(any_subject());
  const Condition a = any_condition();
  const Instant at = subject.point(*rc::gen::inRange(0, kPoints));
  const bool known = value_at(a, subject.times, at) != Truth::unknown;
  const Truth middle = value_at(either(a, negate(a)), subject.times, at);
  RC_ASSERT(middle == (known ? Truth::yes : Truth::unknown));
}

RC_GTEST_PROP(ConditionProperty, NoChangeIsSkipped, ()) {
  const Subject subject = any_subject();
  const Condition condition = any_condition();
  Reading reading = share(*rc::gen::element(100, 80));
  if (*rc::gen::inRange(0, 3) == 0) reading.money_lead = kStep * *rc::gen::inRange(0, 20);
  RC_LOG() << describe(condition) << '\n';
  Instant change = next_change(condition, subject.times, subject.base, reading);
  Truth value = value_at(condition, subject.times, subject.base, reading);
  for (int i = 1; i < kPoints; ++i) {
    const Instant at = subject.point(i);
    const Truth now = value_at(condition, subject.times, at, reading);
    if (at < change) RC_ASSERT(now == value);
    while (change <= at) {
      const Instant next = next_change(condition, subject.times, change, reading);
      RC_ASSERT(next > change);
      change = next;
    }
    value = now;
  }
}

RC_GTEST_PROP(ConditionProperty, TheTripIsTheFirstTrueInstant, ()) {
  const Subject subject = any_subject();
  const Condition condition = any_condition();
  Reading reading = share(*rc::gen::element(100, 80));
  if (*rc::gen::inRange(0, 3) == 0) reading.money_lead = kStep * *rc::gen::inRange(0, 20);
  const int from = *rc::gen::inRange(0, kPoints);
  const int until = *rc::gen::inRange(from, kPoints);
  RC_LOG() << describe(condition) << '\n';
  Instant scanned = kNever;
  for (int i = until; i >= from; --i) {
    const Instant at = subject.point(i);
    if (value_at(condition, subject.times, at, reading) == Truth::yes) scanned = at;
  }
  RC_ASSERT(first_true(condition, subject.times, subject.point(from), subject.point(until),
                       reading) == scanned);
  RC_TAG(scanned != kNever, scanned == subject.point(from));
}

RC_GTEST_PROP(ConditionProperty, AMonotoneConditionTripsOnce, ()) {
  const Subject subject = any_subject();
  Palette palette;
  palette.with_not = palette.with_schedule = false;
  const Condition condition = any_condition(palette);
  bool tripped = false;
  for (int i = 0; i < kPoints; ++i) {
    const bool now = value_at(condition, subject.times, subject.point(i)) == Truth::yes;
    RC_ASSERT(now || !tripped);
    tripped = now;
  }
}

/// A time limit that some time lies before, and that only an unknown or another phase can keep from
/// tripping.
Condition any_pure_limit(const JobTimes& times, int depth = 2) {
  const auto pick = [](int least, int most) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(least, most + 1));
  };
  switch (pick(0, depth == 0 ? 2 : 4)) {
    case 0:
      return {RunningFor{times.ran_before + kStep * pick(1, 1000)}};
    case 1:
      return {Age{kStep * pick(1, 1000)}};
    case 2:
      return {Deadline{times.created_at + kStep * pick(-300, 1000)}};
    case 3:
      return both(any_pure_limit(times, depth - 1), any_pure_limit(times, depth - 1));
    default:
      return either(any_pure_limit(times, depth - 1), any_pure_limit(times, depth - 1));
  }
}

RC_GTEST_PROP(ConditionProperty, AnExtensionMovesTheTripOfPureTimeLimitsByExactlyItself, ()) {
  Subject subject = any_subject();
  JobTimes& times = subject.times;
  const Condition condition = any_pure_limit(times);
  RC_LOG() << describe(condition) << '\n';
  times.extension = Duration{0};
  const Instant plain = first_true(condition, times, kLongAgo, kNever);
  times.extension = Duration{*rc::gen::inRange<std::int64_t>(1, 100'000'000'000)};
  const Instant extended = first_true(condition, times, kLongAgo, kNever);
  RC_ASSERT(extended == (plain == kNever ? kNever : plain + times.extension));
  RC_ASSERT(has_time_limit(condition));
  RC_TAG(plain != kNever);
}

RC_GTEST_PROP(ConditionProperty, UnknownNeverTrips, ()) {
  Subject subject = any_subject();
  subject.times.phase = Phase::unknown;
  subject.times.status_unknown = true;
  const Duration limit = kStep * *rc::gen::inRange(1, 50);
  const Condition unknown = *rc::gen::element(
      Condition{RunningFor{limit}}, Condition{DeployingFor{limit}}, Condition{QueuedFor{limit}},
      Condition{InStatus{{"RUNNING"}, {}}}, Condition{Cost{Money::from_dollars(1)}});
  const Condition known = any_condition();
  const auto never_trips = [&](const Condition& condition) {
    RC_ASSERT(first_true(condition, subject.times, subject.base, kNever) == kNever);
    RC_ASSERT(value_at(condition, subject.times, kNever) != Truth::yes);
  };
  never_trips(unknown);
  never_trips(negate(unknown));
  never_trips(both(unknown, known));
  never_trips(negate(either(unknown, known)));
}

RC_GTEST_PROP(ConditionProperty, WithoutAPriceACostIsUnknownAndNeverTrips, ()) {
  Subject subject = any_subject();
  JobTimes& times = subject.times;
  RC_PRE(times.bill.earliest.has_value() && times.phase != Phase::unknown);
  subject.prices->assign(*rc::gen::inRange<std::size_t>(0, 3), PricePoint{subject.base - 24h, {}});
  if (*rc::gen::arbitrary<bool>()) times.bill.prices = nullptr;
  const Condition cost{Cost{Money::from_dollars(*rc::gen::inRange(1, 100))}};
  Reading reading = share(*rc::gen::element(10, 100));
  if (*rc::gen::arbitrary<bool>()) reading.money_lead = kStep * *rc::gen::inRange(0, 20);
  for (const Condition& condition : {cost, negate(cost), both(cost, cost)}) {
    RC_ASSERT(value_at(condition, times, subject.point(0), reading) == Truth::unknown);
    RC_ASSERT(first_true(condition, times, subject.base, kNever, reading) == kNever);
  }
}

RC_GTEST_PROP(ConditionProperty, ACostTripsOnlyOnMinutesWhosePriceIsKnown, ()) {
  const Subject subject = any_subject();
  const Bill& bill = subject.times.bill;
  const Money limit = Money::from_nano(std::int64_t{*rc::gen::inRange(1, 4000)} * 100'000'000);
  const Instant trip =
      first_true({Cost{limit}}, subject.times, subject.base, subject.point(kPoints - 1));
  RC_PRE(trip != kNever && trip > subject.base);
  const auto lower = bill.lower_at(trip);
  RC_ASSERT(lower && *lower >= limit);
  // From the earliest begin too the limit is reached, or never, on minutes whose price is known. A
  // price that is lost after that undoes nothing.
  const auto last = bill.last_below(limit, true);
  RC_ASSERT(last.has_value());
  if (*last == kNever) return;
  const auto upper = bill.upper_at(*last + Duration{1});
  RC_ASSERT(upper && *upper >= limit);
}

RC_GTEST_PROP(ConditionProperty, ProgressReachesAShareExactlyWhenTheConditionSoReadIsTrue, ()) {
  const Subject subject = any_subject();
  const Condition condition = any_condition();
  const int percent = *rc::gen::element(10, 50, 80, 100);
  // A price that is lost hides the progress, but undoes no limit that was reached before.
  RC_PRE(prices_known(subject));
  RC_LOG() << describe(condition) << '\n';
  for (int i = 0; i < kPoints; i += 3) {
    const Instant at = subject.point(i);
    const auto progress = progress_at(condition, subject.times, at);
    const bool reached = progress && *progress >= percent / 100.0;
    RC_ASSERT(reached == (value_at(condition, subject.times, at, share(percent)) == Truth::yes));
  }
}

RC_GTEST_PROP(ConditionProperty, EveryLeafIsEvidence, ()) {
  const Subject subject = any_subject();
  const Condition a = any_condition({1});
  const Condition b = any_condition({1});
  const Instant at = subject.point(*rc::gen::inRange(0, kPoints));
  const auto alone = evidence_at(a, subject.times, at).size();
  RC_ASSERT(alone >= 1U);
  RC_ASSERT(evidence_at(either(a, negate(b)), subject.times, at).size() ==
            alone + evidence_at(b, subject.times, at).size());
}

RC_GTEST_PROP(ConditionProperty, OnlyWhatNothingUnseenUndoesIsExtrapolated, ()) {
  const Condition condition = any_condition();
  const std::string words = describe(condition);
  const auto says = [&](std::string_view part) { return words.find(part) != std::string::npos; };
  RC_ASSERT(can_extrapolate(condition) ==
            !(says("not (") || says("deploying for") || says("queued for") || says("in status")));
}

}  // namespace
}  // namespace trainstop::policy
