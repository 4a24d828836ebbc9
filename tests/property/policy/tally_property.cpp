// A pot against a bill of every minute of every job.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <memory>

#include "policy/tally.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

constexpr Instant kBase{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};
constexpr int kHours = 2;  // before the base jobs begin; after it the window ends

/// From the whole range from the first case on, where rapidcheck would begin with small numbers.
int pick(int least, int most) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(least, most + 1));
}

/// Within so many minutes; half of all on whole minutes, so that edges meet.
Duration pick_span(int least_minutes, int most_minutes) {
  const Duration whole = std::chrono::minutes(pick(least_minutes, most_minutes));
  return pick(0, 1) == 0 ? whole : whole + Duration{pick(-30'000'000, 30'000'000)};
}

std::unique_ptr<PriceHistory> any_prices() {
  auto prices = std::make_unique<PriceHistory>();
  Instant from = pick(0, 3) == 0 ? kBase - pick_span(0, 150) : kLongAgo;
  for (int count = pick(1, 4); count > 0; --count) {
    PricePoint point{from, {}};
    if (pick(0, 7) > 0)
      point.per_minute = Money::from_nano(std::int64_t{pick(0, 30)} * 100'000'000);
    prices->push_back(point);
    from = std::max(from, kBase - 150min) + 1min + pick_span(1, 100);
  }
  return prices;
}

struct Pot {
  std::vector<std::unique_ptr<PriceHistory>> prices;
  std::vector<Bill> bills;
  Window window;
  Instant as_of;
  Money settled;

  Tally tally() const {
    Tally made(window, as_of);
    made.add(settled);
    for (const Bill& bill : bills) made.add(bill);
    return made;
  }
  Instant last() const { return std::min(window.until, kBase + std::chrono::hours(kHours)); }
};

Bill any_bill(const Pot& pot) {
  Bill bill;
  bill.nodes = pick(1, 4);
  if (pick(0, 9) > 0)
    bill.prices =
        pot.prices[static_cast<std::size_t>(pick(0, static_cast<int>(pot.prices.size()) - 1))]
            .get();
  if (pick(0, 9) == 0) return bill;
  bill.earliest = kBase + pick_span(-60 * kHours, 5);
  bill.latest = *bill.earliest + pick_span(1, 20);
  bill.estimated = pick(0, 1) == 0;
  // Nobody knows an end before it has been.
  if (pick(0, 3) == 0) bill.end = std::min(*bill.latest + pick_span(0, 60), pot.as_of);
  return bill;
}

Pot any_pot() {
  Pot pot;
  pot.window.from = kBase - pick_span(1, 100);
  pot.window.until = pick(0, 3) == 0 ? kNever : kBase + pick_span(2, 60 * kHours);
  pot.as_of = std::max(pot.window.from, kBase - pick_span(0, 60));
  pot.settled = Money::from_dollars(pick(0, 100));
  for (int count = pick(1, 3); count > 0; --count) pot.prices.push_back(any_prices());
  for (int count = pick(0, 8); count > 0; --count) pot.bills.push_back(any_bill(pot));
  return pot;
}

std::optional<Money> price_at(const Bill& bill, Instant at) {
  std::optional<Money> price;
  for (std::size_t i = 0; bill.prices != nullptr && i < bill.prices->size(); ++i) {
    if ((*bill.prices)[i].from <= at) price = (*bill.prices)[i].per_minute;
  }
  return price;
}

/// The starts of the bill's minutes in [from, until).
std::vector<Instant> minutes_of(const Bill& bill, std::optional<Instant> begin, Instant from,
                                Instant until) {
  std::vector<Instant> minutes;
  if (!begin) return minutes;
  for (Instant minute = *begin; minute < until && (!bill.end || minute < *bill.end);
       minute += 1min) {
    if (minute >= from) minutes.push_back(minute);
  }
  return minutes;
}

/// What these minutes cost; empty when the price of one is unknown.
std::optional<Money> slow_sum(const Bill& bill, const std::vector<Instant>& minutes) {
  std::int64_t nano = 0;
  for (const Instant minute : minutes) {
    const auto price = price_at(bill, minute);
    if (!price) return {};
    nano += price->nano() * bill.nodes;
  }
  return Money::from_nano(nano);
}

std::optional<Instant> begin_of(const Bill& bill, bool upper) {
  return bill.estimated && !upper ? bill.latest : bill.earliest;
}

/// What has accrued by `as_of` at the prices of each minute, and from there on at those of `as_of`;
/// a job whose price is not known adds nothing.
Money slow_pot(const Pot& pot, Instant at) {
  std::int64_t nano = pot.settled.nano();
  for (const Bill& bill : pot.bills) {
    const auto begin = begin_of(bill, false);
    const auto accrued = slow_sum(bill, minutes_of(bill, begin, pot.window.from, pot.as_of));
    nano += accrued.value_or(Money{}).nano();
    if (!begin || *begin > pot.as_of) continue;
    const auto to_come = minutes_of(bill, begin, pot.as_of, std::min(at, pot.window.until));
    nano += price_at(bill, pot.as_of).value_or(Money{}).nano() * bill.nodes *
            static_cast<std::int64_t>(to_come.size());
  }
  return Money::from_nano(nano);
}

Instant any_instant(const Pot& pot) {
  const Duration::rep span = std::max<Duration::rep>((pot.last() - pot.as_of) / 1s, 0);
  const Instant at = pot.as_of + std::chrono::seconds(pick(0, static_cast<int>(span) + 60));
  if (pot.bills.empty() || pick(0, 1) == 0) return at + Duration{pick(0, 999'999)};
  // At a step of one of them, or next to it.
  const Bill& bill =
      pot.bills[static_cast<std::size_t>(pick(0, static_cast<int>(pot.bills.size()) - 1))];
  const auto begin = begin_of(bill, false);
  if (!begin) return at;
  return std::max(pot.as_of, *begin + (at - *begin) / 1min * 1min + Duration{pick(-1, 1)});
}

RC_GTEST_PROP(TallyProperty, IsTheSumOfAllMinutesOfAllJobs, ()) {
  const Pot pot = any_pot();
  const Tally tally = pot.tally();
  for (int i = 0; i < 40; ++i) {
    const Instant at = any_instant(pot);
    RC_ASSERT(tally.at(at) == slow_pot(pot, at));
  }
  RC_ASSERT(tally.at(pot.as_of) == slow_pot(pot, pot.as_of));
}

RC_GTEST_PROP(TallyProperty, TheMostCountsFromTheEarliestBegins, ()) {
  const Pot pot = any_pot();
  std::int64_t nano = pot.settled.nano();
  bool whole = true;
  for (const Bill& bill : pot.bills) {
    const auto sum = slow_sum(bill, minutes_of(bill, bill.earliest, pot.window.from, pot.as_of));
    nano += sum.value_or(Money{}).nano();
    const auto begin = begin_of(bill, false);
    const auto least = slow_sum(bill, minutes_of(bill, begin, pot.window.from, pot.as_of));
    const bool has_ended = bill.end && *bill.end <= pot.as_of;
    const bool runs = bill.earliest && *bill.earliest <= pot.as_of && !has_ended;
    whole = whole && least && (!runs || price_at(bill, pot.as_of));
  }
  const Tally tally = pot.tally();
  RC_ASSERT(tally.most() == Money::from_nano(nano));
  RC_ASSERT(tally.whole() == whole);
}

RC_GTEST_PROP(TallyProperty, TheLastInstantWithinALimitSeparatesTheSums, ()) {
  const Pot pot = any_pot();
  const Tally tally = pot.tally();
  for (int i = 0; i < 40; ++i) {
    const auto limit = Money::from_nano(std::int64_t{pick(0, 6000)} * 100'000'000);
    const Instant last = tally.last_within(limit);
    if (slow_pot(pot, pot.as_of) > limit) {
      RC_ASSERT(last == pot.as_of);
    } else if (last == kNever) {
      RC_ASSERT(slow_pot(pot, pot.last()) <= limit);
    } else {
      RC_ASSERT(pot.window.contains(last));
      RC_ASSERT(slow_pot(pot, last) <= limit);
      RC_ASSERT(slow_pot(pot, last + 1us) > limit);
    }
  }
}

RC_GTEST_PROP(TallyProperty, AnAmountIsReachedAtTheFirstInstantOfIt, ()) {
  const Pot pot = any_pot();
  const Tally tally = pot.tally();
  for (int i = 0; i < 40; ++i) {
    const auto amount = Money::from_nano(std::int64_t{pick(0, 6000)} * 100'000'000);
    const Instant first = tally.reached(amount);
    if (first == kNever) {
      RC_ASSERT(slow_pot(pot, pot.last()) < amount);
      continue;
    }
    RC_ASSERT(slow_pot(pot, first) >= amount);
    if (first > pot.as_of) RC_ASSERT(slow_pot(pot, first - 1us) < amount);
  }
}

RC_GTEST_PROP(TallyProperty, ABillOfAWindowIsThatOfItsMinutes, ()) {
  const Pot pot = any_pot();
  const Bill bill = any_bill(pot);
  const bool upper = *rc::gen::arbitrary<bool>();
  for (int i = 0; i < 20; ++i) {
    const Instant from = kBase + pick_span(-150, 60);
    const Instant until = from + pick_span(0, 90);
    const auto minutes = minutes_of(bill, begin_of(bill, upper), from, until);
    RC_ASSERT(bill.between(from, until, upper) == slow_sum(bill, minutes));
  }
}

}  // namespace
}  // namespace trainstop::policy
