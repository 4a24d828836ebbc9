#include "core/shown_pots.hpp"

#include <algorithm>
#include <tuple>

#include "core/memory.hpp"

namespace trainstop::core {

namespace {

Duration shift_of(const std::vector<Image>& present) {
  Duration shift{0};
  for (const Image& image : present) {
    if (image.kind != Image::Kind::clock) continue;
    MemberReader reader(image.body);
    reader("utc_shift", shift);
  }
  return shift;
}

}  // namespace

std::vector<ShownPot> find_pots(const std::vector<Image>& present, Instant utc_now) {
  const Duration shift = shift_of(present);
  std::vector<ShownPot> pots;
  for (const Image& image : present) {
    if (image.kind != Image::Kind::pot) continue;
    ShownPot pot;
    MemberReader reader(image.body);
    reader("rule", pot.rule);
    reader("group", pot.group);
    reader("action", pot.action);
    reader("mode", pot.mode);
    reader("limit", pot.limit);
    reader("spent", pot.spent);
    reader("estimated", pot.estimated);
    reader("most", pot.most);
    reader("rate", pot.rate);
    reader("as_of", pot.as_of);
    reader("from", pot.from, kLongAgo);
    reader("until", pot.until, kNever);
    reader("due", pot.due, kNever);
    reader("told", pot.exhausted_at, kNever);
    reader("jobs", pot.jobs);
    reader("partial", pot.partial);
    if (reader.failed() || pot.rule.empty()) continue;
    for (Instant* at : {&pot.as_of, &pot.due, &pot.exhausted_at}) *at = saturating_add(*at, shift);
    if (utc_now >= pot.until) {
      pot.spent = pot.estimated = pot.most = pot.rate = {};
      pot.due = pot.exhausted_at = kNever;
      pot.from = pot.as_of = pot.until;
      pot.until = kNever;
    }
    pots.push_back(std::move(pot));
  }
  std::ranges::sort(pots, {}, [](const ShownPot& pot) { return std::tie(pot.rule, pot.group); });
  return pots;
}

Money spent_at(const ShownPot& pot, Instant utc) {
  if (utc <= pot.as_of) return pot.spent;
  const auto minutes = (std::min(utc, pot.until) - pot.as_of) / std::chrono::minutes(1);
  const auto more = multiply(pot.rate, minutes);
  return add(pot.spent, more.value_or(Money{})).value_or(pot.spent);
}

Money estimated_at(const ShownPot& pot, Instant utc) {
  const auto more = subtract(spent_at(pot, utc), pot.spent);
  return add(pot.estimated, more.value_or(Money{})).value_or(pot.estimated);
}

}  // namespace trainstop::core
