#include "policy/tally.hpp"

#include <algorithm>

namespace trainstop::policy {

namespace {

constexpr Duration kMinute = std::chrono::minutes(1);

/// The sum; the largest amount there is when it does not fit.
Money add_up(Money a, Money b) {
  return add(a, b).value_or(Money::from_nano(INT64_MAX));
}

}  // namespace

void Tally::add(Money settled) {
  spent_ = add_up(spent_, settled);
  most_ = add_up(most_, settled);
}

void Tally::add(const Bill& bill) {
  const auto begin = bill.estimated ? bill.latest : bill.earliest;
  if (!begin) return;
  const auto least = bill.between(window_.from, as_of_, false);
  const auto rate = bill.rate_at(as_of_);
  whole_ = whole_ && least && rate;
  if (least) spent_ = add_up(spent_, *least);
  if (const auto most = bill.between(window_.from, as_of_, true)) most_ = add_up(most_, *most);
  if (!rate || *rate <= Money{}) return;
  const std::int64_t started = minutes_before(*begin, as_of_);
  const Part part{*begin + started * kMinute - as_of_, *rate};
  const auto after =
      std::upper_bound(parts_.begin(), parts_.end(), part,
                       [](const Part& a, const Part& b) { return a.first < b.first; });
  parts_.insert(after, part);
  rate_ = add_up(rate_, *rate);
}

std::optional<Money> Tally::at(Instant at) const {
  const Instant until = std::min(at, window_.until);
  if (until <= as_of_) return spent_;
  const Duration passed = until == kNever ? Duration::max() : until - as_of_;
  const std::int64_t whole = passed / kMinute;
  const Duration rest = passed % kMinute;
  auto sum = multiply(rate_, whole);
  if (sum) sum = trainstop::add(*sum, spent_);
  for (const Part& part : parts_) {
    if (!sum || part.first >= rest) break;
    sum = trainstop::add(*sum, part.rate);
  }
  return sum;
}

Instant Tally::last_within(Money limit) const {
  if (spent_ > limit) return as_of_;
  if (rate_ <= Money{}) return kNever;
  // Any span of m minutes holds exactly m starts of each part.
  const Money left = *subtract(limit, spent_);
  const std::int64_t minutes = times_within(left, rate_);
  Money room = *subtract(left, *multiply(rate_, minutes));
  for (const Part& part : parts_) {
    if (part.rate > room) {
      const Instant last = saturating_add(saturating_add(as_of_, part.first),
                                          std::min(minutes, kMostMinutes) * kMinute);
      return last < window_.until ? last : kNever;
    }
    room = *subtract(room, part.rate);
  }
  return kNever;
}

Instant Tally::reached(Money amount) const {
  const auto less = subtract(amount, Money::from_nano(1));
  const Instant last = less ? last_within(*less) : as_of_;
  return last == kNever || (less && spent_ > *less) ? last : last + Duration{1};
}

}  // namespace trainstop::policy
