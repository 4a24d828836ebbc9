#include "policy/bill.hpp"

#include <algorithm>
#include <limits>

#include "model/planted.hpp"

namespace trainstop::policy {

namespace {

constexpr Duration kMinute = std::chrono::minutes(1);

}  // namespace

std::int64_t minutes_before(Instant begin, Instant at) {
  if (at <= begin) return 0;
  if (at == kNever) return kMostMinutes;
  const std::int64_t whole = (at - begin) / kMinute;
  if (planted("minutes-unrounded")) return std::min(kMostMinutes, whole);
  if (planted("edge-starts-a-minute")) return std::min(kMostMinutes, whole + 1);
  return std::min(kMostMinutes, whole + ((at - begin) % kMinute != Duration{0} ? 1 : 0));
}

namespace {

/// A run of minutes [first, last) of one job at one price.
struct Stretch {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::optional<Money> rate;  ///< price times nodes, a minute
};

/// Calls `visit(Stretch)` for the minutes of [minute, total) in order until it returns false.
/// Nothing is known from the first minute on that has no price at all.
template <class Visit>
void for_each_stretch(const PriceHistory* prices, std::int64_t nodes, Instant begin,
                      std::int64_t minute, std::int64_t total, Visit visit) {
  const std::size_t points = prices == nullptr ? 0 : prices->size();
  for (std::size_t i = 0; i < points && minute < total; ++i) {
    const PricePoint& point = (*prices)[i];
    const std::int64_t from = std::min(total, minutes_before(begin, point.from));
    if (minute < from) break;
    const Instant until = i + 1 < points ? (*prices)[i + 1].from : kNever;
    const std::int64_t last = std::min(total, minutes_before(begin, until));
    if (last <= minute) continue;
    const auto rate = point.per_minute ? multiply(*point.per_minute, nodes) : std::nullopt;
    if (!visit(Stretch{minute, last, rate})) return;
    minute = last;
  }
  if (minute < total) visit(Stretch{minute, total, {}});
}

std::optional<Money> bill_between(const Bill& bill, std::optional<Instant> begin, Instant from,
                                  Instant at) {
  if (!bill.known) return {};
  if (!begin) return Money{};
  const Instant end = bill.end ? std::min(*bill.end, at) : at;
  std::optional<Money> sum = Money{};
  for_each_stretch(bill.prices, bill.nodes, *begin, minutes_before(*begin, from),
                   minutes_before(*begin, end), [&](const Stretch& s) {
                     const auto part = s.rate ? multiply(*s.rate, s.last - s.first) : std::nullopt;
                     sum = part ? add(*sum, *part) : std::nullopt;
                     return sum.has_value();
                   });
  return sum;
}

}  // namespace

std::optional<Money> Bill::upper_at(Instant at) const {
  return between(kLongAgo, at, true);
}

std::optional<Money> Bill::lower_at(Instant at) const {
  return between(kLongAgo, at, false);
}

std::optional<Money> Bill::between(Instant from, Instant until, bool upper) const {
  return bill_between(*this, upper || !estimated ? earliest : latest, from, until);
}

std::optional<Instant> Bill::last_within(Money limit, bool upper) const {
  if (!known) return {};
  const auto begin = upper || !estimated ? earliest : latest;
  if (!begin) return kNever;
  if (limit < Money{}) return kLongAgo;
  const std::int64_t total = end ? minutes_before(*begin, *end) : kMostMinutes;
  std::optional<Instant> answer = kNever;
  Money left = limit;
  for_each_stretch(prices, nodes, *begin, 0, total, [&](const Stretch& s) {
    if (!s.rate) {
      answer.reset();
      return false;
    }
    if (*s.rate == Money{}) return true;
    if (planted("limit-exclusive") && left == limit) left = *subtract(left, Money::from_nano(1));
    const std::int64_t fit = times_within(left, *s.rate);
    if (fit >= s.last - s.first) {
      left = *subtract(left, *multiply(*s.rate, s.last - s.first));
      return true;
    }
    answer = *begin + (s.first + fit + (planted("one-minute-too-many") ? 1 : 0)) * kMinute;
    return false;
  });
  return answer;
}

std::optional<Instant> Bill::last_below(Money limit, bool upper) const {
  const auto less = subtract(limit, Money::from_nano(1));
  return less ? last_within(*less, upper) : std::nullopt;
}

std::optional<Money> Bill::rate_at(Instant at) const {
  if (!known) return {};
  if (!earliest || at < *earliest || (end && at >= *end)) return Money{};
  if (prices == nullptr) return {};
  const auto after = std::upper_bound(prices->begin(), prices->end(), at,
                                      [](Instant t, const PricePoint& p) { return t < p.from; });
  if (after == prices->begin()) return {};
  const auto& price = std::prev(after)->per_minute;
  return price ? multiply(*price, nodes) : std::nullopt;
}

}  // namespace trainstop::policy
