// The bills of jobs that are not kept any more, and what they come to in a pot's window.
#include <algorithm>

#include "core/machine.hpp"

namespace trainstop::core {

using std::chrono_literals::operator""h;

namespace {

// No clock that is believed is wrong by more: so long the bills of an earlier window are kept.
constexpr Duration kClosedKept = 72h;

}  // namespace

ClosedBill close_bill(const policy::Bill& bill) {
  ClosedBill closed;
  closed.bill = bill;
  if (bill.prices == nullptr || !bill.earliest) return closed;
  policy::PriceHistory kept;  // what it rests on, and no more
  for (const policy::PricePoint& point : *bill.prices) {
    if (!kept.empty() && point.from <= *bill.earliest) kept.clear();
    if (point.from < bill.end.value_or(kNever)) kept.push_back(point);
  }
  closed.prices = std::make_shared<const policy::PriceHistory>(std::move(kept));
  closed.bill.prices = closed.prices.get();
  return closed;
}

/// Sums them, unless the sum is of the same window, bills and invoice.
void Core::Impl::settle(Pot& pot) {
  const policy::Window window = on_line(pot.window);
  if (pot.settled_for == window && pot.closed.size() == pot.settled_bills) return;
  // All of time never moves: of what no invoice will correct any more the sum is enough.
  const bool total = pot.window == policy::Window{};
  const Instant kept =
      saturating_add(total ? now : window.from, total ? -kInvoicesKept : -kClosedKept);
  const auto is_old = [&](const ClosedBill& closed) {
    return closed.bill.end.value_or(kNever) < kept;
  };
  if (!total) {
    pot.vague = false;
    std::erase_if(pot.closed, is_old);
  }
  pot.settled = pot.folded;
  pot.settled_invoiced = pot.folded_invoiced;
  bills_summed += pot.closed.size();
  for (const ClosedBill& closed : pot.closed) {
    auto part = closed.bill.between(window.from, kNever, false);
    pot.vague = pot.vague || !part;
    if (!part) continue;
    const Money by = correction(closed.account, closed.job_id, closed.bill, window).least;
    part = add(*part, by).value_or(*part);
    pot.settled_invoiced = add(pot.settled_invoiced, by).value_or(pot.settled_invoiced);
    pot.settled = add(pot.settled, *part).value_or(pot.settled);
    if (!total || !is_old(closed)) continue;
    pot.folded = add(pot.folded, *part).value_or(pot.folded);
    pot.folded_invoiced = add(pot.folded_invoiced, by).value_or(pot.folded_invoiced);
  }
  if (total) std::erase_if(pot.closed, is_old);
  pot.settled_for = window;
  pot.settled_bills = pot.closed.size();
}

/// Whether a budget without an end asks for bills of any age.
bool Core::Impl::keeps_bills() const {
  return std::any_of(config.rules.begin(), config.rules.end(), [](const policy::Rule& rule) {
    const policy::Budget* const budget = policy::budget_of(rule.when);
    return budget != nullptr && budget->period.per() == policy::Per::total;
  });
}

}  // namespace trainstop::core
