#include "policy/invoice.hpp"

#include <algorithm>

namespace trainstop::policy {

namespace {

constexpr Duration kMinute = std::chrono::minutes(1);
constexpr std::int64_t kMinutesPerDay = 24 * 60;
// Figures that differ by more are errors: prices change by a third in a year, credits and other
// begins take less.
constexpr std::int64_t kMostFactor = 3;
constexpr Money kAlwaysBelieved = Money::from_dollars(1);

/// What one day covers of a bill, counted from one of its begins. Instants are on the line.
struct Covered {
  Instant from, until;  ///< the day, until the bill's end or now
  Instant begin;
  std::int64_t first = 0;  ///< the first minute that starts in the day
  std::int64_t minutes = 0;
  Instant edge;  ///< minutes that start from here on are not covered
  std::optional<Money> estimate;
};

Instant line_of(const Estimate& estimate, Instant utc) {
  return saturating_add(utc, -estimate.shift);
}

/// How many of the job's minutes a day names. Whether a minute counts once or for each node is not
/// documented: the figure says which.
std::int64_t named_minutes(const Bill& bill, const Covered& covered, const InvoiceDay& said,
                           bool upper) {
  if (bill.nodes <= 1) return said.minutes;
  const auto off_by = [&](std::int64_t minutes) {
    const auto cost =
        bill.between(covered.from, covered.begin + (covered.first + minutes) * kMinute, upper);
    const auto apart = cost ? subtract(said.billed, *cost) : std::nullopt;
    return apart ? std::max(*apart, multiply(*apart, -1).value_or(*apart)) : Money{};
  };
  const std::int64_t each = said.minutes / bill.nodes;
  return off_by(each) < off_by(said.minutes) ? each : said.minutes;
}

Covered cover(const Estimate& estimate, std::chrono::sys_days day, const InvoiceDay& said,
              bool upper) {
  const Bill& bill = estimate.bill;
  Covered covered;
  const bool from_earliest = upper || !bill.estimated;
  covered.begin = from_earliest ? *bill.earliest : *bill.latest;
  covered.from = line_of(estimate, day);
  covered.until = std::min({covered.from + kInvoiceDay, bill.end.value_or(kNever), estimate.now});
  covered.first = minutes_before(covered.begin, covered.from);
  const std::int64_t ours =
      std::max<std::int64_t>(minutes_before(covered.begin, covered.until) - covered.first, 0);
  covered.minutes = std::min(named_minutes(bill, covered, said, upper), ours);
  if (!is_final(day, said)) {
    // It can't cover what had not begun when it was asked for.
    const std::int64_t begun =
        minutes_before(covered.begin, line_of(estimate, said.read)) - covered.first;
    covered.minutes = std::clamp<std::int64_t>(begun, 0, covered.minutes);
  }
  covered.edge = covered.begin + (covered.first + covered.minutes) * kMinute;
  covered.estimate =
      covered.minutes == 0 ? Money{} : bill.between(covered.from, covered.edge, upper);
  return covered;
}

/// Minutes that the estimate has beyond what a final day names.
std::optional<Money> beyond(const Estimate& estimate, const Covered& covered, bool upper,
                            const Window& window) {
  return estimate.bill.between(std::max({covered.edge, covered.from, window.from}),
                               std::min(covered.until, window.until), upper);
}

/// The part of the difference that belongs to a window. Rounded at both of its edges, so that
/// windows that follow each other share the whole.
Money share(const Covered& covered, Money difference, const Window& window) {
  if (covered.minutes == 0) {
    // Nothing of ours to go by: as near to the job's own minutes as the day allows.
    const Instant last = covered.from + kInvoiceDay - Duration{1};
    const Instant place = std::clamp(covered.begin, covered.from, last);
    const bool within = window.from <= place && place < window.until;
    return within ? difference : Money{};
  }
  const auto upto = [&](Instant at) {
    const std::int64_t minutes = std::clamp<std::int64_t>(
        minutes_before(covered.begin, at) - covered.first, 0, covered.minutes);
    return share_half_even(difference, minutes, covered.minutes);
  };
  // Both lie between nothing and the difference.
  return subtract(upto(window.until), upto(window.from)).value_or(Money{});
}

/// Of a figure that is believed: there is an estimate, and neither is negative.
Money part_of(const Estimate& estimate, std::chrono::sys_days day, const InvoiceDay& said,
              bool upper, const Window& window) {
  const Covered covered = cover(estimate, day, said, upper);
  const Money difference = subtract(said.billed, *covered.estimate).value_or(Money{});
  const Money part = share(covered, difference, window);
  if (!is_final(day, said)) return part;
  const auto dropped = beyond(estimate, covered, upper, window);
  const auto rest = dropped ? subtract(part, *dropped) : std::nullopt;
  return rest.value_or(Money{});
}

/// `amount` times the factor, and a dollar.
Money at_most(Money amount) {
  const auto most = multiply(amount, kMostFactor);
  return add(most.value_or(amount), kAlwaysBelieved).value_or(amount);
}

bool is_believed(const Compared& compared, Money sure, bool is_final) {
  if (compared.billed < Money{} || compared.billed > at_most(compared.most)) return false;
  return is_final || sure <= at_most(compared.billed);
}

}  // namespace

bool is_final(std::chrono::sys_days day, const InvoiceDay& said) {
  return Instant(day) + kInvoiceDay + kInvoiceLag < said.read;
}

std::optional<Compared> compare(const Estimate& estimate, std::chrono::sys_days day,
                                const InvoiceDay& said) {
  if (!estimate.bill.earliest || !estimate.bill.latest) return {};
  const Covered low = cover(estimate, day, said, false), high = cover(estimate, day, said, true);
  if (!low.estimate || !high.estimate) return {};
  Compared compared{said.billed, *low.estimate, *high.estimate};
  const bool final = is_final(day, said);
  compared.believed = is_believed(compared, compared.least, final);
  if (!final) return compared;
  for (const bool upper : {false, true}) {
    const auto more = beyond(estimate, upper ? high : low, upper, {});
    Money& sum = upper ? compared.most : compared.least;
    if (more) sum = add(sum, *more).value_or(sum);
  }
  return compared;
}

Correction correct(const Estimate& estimate, const Invoice& invoice, const Window& window) {
  Correction sum;
  if (!estimate.bill.earliest || !estimate.bill.latest) return sum;
  for (const auto& [day, said] : invoice) {
    const Instant from = line_of(estimate, day);
    if (from >= window.until) break;
    if (from + kInvoiceDay <= window.from) continue;
    const auto compared = compare(estimate, day, said);
    if (!compared || !compared->believed) continue;
    const Money least = part_of(estimate, day, said, false, window);
    const Money most = estimate.bill.estimated ? part_of(estimate, day, said, true, window) : least;
    sum.least = add(sum.least, least).value_or(sum.least);
    sum.most = add(sum.most, most).value_or(sum.most);
  }
  return sum;
}

std::optional<Instant> begin_by(const Estimate& estimate, const Invoice& invoice) {
  const Bill& bill = estimate.bill;
  if (invoice.empty() || !bill.estimated || !bill.earliest || !bill.latest) return {};
  const auto& [day, said] = *invoice.begin();
  const Instant until = line_of(estimate, day) + kInvoiceDay;
  // A day without a gap may have begun before it.
  const bool is_part = said.minutes > 0 && said.minutes < kMinutesPerDay;
  if (!is_part || !is_final(day, said) || bill.end.value_or(kNever) <= until) return {};
  const Instant least = until - said.minutes * kMinute;
  const Instant begin = std::max(least, *bill.earliest);
  if (begin >= least + kMinute || begin > *bill.latest) return {};
  // Whether minutes count for each node is not documented: the figure has to fit as well.
  Bill then = bill;
  then.earliest = then.latest = begin;
  then.estimated = false;
  const auto cost = then.upper_at(until);
  const auto apart = cost ? subtract(said.billed, *cost) : std::nullopt;
  if (!apart || *apart > divide_half_even(*cost, 4) ||
      *apart < divide_half_even(*multiply(*cost, -1), 4))
    return {};
  return begin;
}

}  // namespace trainstop::policy
