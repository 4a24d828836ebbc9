#include "policy/tally.hpp"

#include <algorithm>
#include <tuple>

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

void Tally::correct(const Correction& by) {
  spent_ = add_up(spent_, by.least);
  most_ = add_up(most_, by.most);
}

void Tally::add(const Bill& bill) {
  const auto begin = bill.estimated ? bill.latest : bill.earliest;
  whole_ = whole_ && bill.known;
  if (!begin) return;
  const auto least = bill.between(window_.from, as_of_, false);
  const auto rate = bill.rate_at(as_of_);
  whole_ = whole_ && least && rate;
  if (least) spent_ = add_up(spent_, *least);
  if (const auto most = bill.between(window_.from, as_of_, true)) most_ = add_up(most_, *most);
  // A begin that is still to come costs nothing at as_of, as an end that has been.
  if (!rate || *rate <= Money{} || as_of_ < *begin) return;
  const std::int64_t started = minutes_before(*begin, as_of_);
  parts_.push_back({*begin + started * kMinute - as_of_, *rate});
  rate_ = add_up(rate_, *rate);
}

std::optional<Money> Tally::at(Instant at) const {
  const Instant until = std::min(at, window_.until);
  if (until <= as_of_ || parts_.empty()) return spent_;
  const Duration passed = until == kNever ? Duration::max() : until - as_of_;
  const std::int64_t whole = passed / kMinute;
  const Duration rest = passed % kMinute;
  auto sum = multiply(rate_, whole);
  if (sum) sum = trainstop::add(*sum, spent_);
  for (const Part& part : parts_) {
    if (sum && part.first < rest) sum = trainstop::add(*sum, part.rate);
  }
  return sum;
}

Instant Tally::last_within(Money limit) const {
  if (spent_ > limit) return as_of_;
  if (rate_ <= Money{}) return kNever;
  // Any span of m minutes holds exactly m starts of each part.
  const Money left = *subtract(limit, spent_);
  const std::int64_t minutes = times_within(left, rate_);
  if (minutes >= kMostMinutes) return kNever;
  Money room = *subtract(left, *multiply(rate_, minutes));
  std::vector<Part> parts = parts_;
  std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
    return std::tuple(a.first, a.rate) < std::tuple(b.first, b.rate);
  });
  // There is less room than all parts together cost, so one of them does not fit.
  auto part = parts.begin();
  for (; part->rate <= room; ++part) room = *subtract(room, part->rate);
  const Instant last = saturating_add(as_of_, part->first + minutes * kMinute);
  return last < window_.until ? last : kNever;
}

Instant Tally::reached(Money amount) const {
  if (spent_ >= amount) return as_of_;
  const Instant last = last_within(*subtract(amount, Money::from_nano(1)));
  return last == kNever ? kNever : last + Duration{1};
}

}  // namespace trainstop::policy
