// What an invoice says of one job, and by how much that corrects the job's own bill. Pure
// arithmetic over minutes; whose invoice it is, core knows.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "model/money.hpp"
#include "model/time.hpp"
#include "policy/bill.hpp"
#include "policy/period.hpp"

namespace trainstop::policy {

/// One job on one day in UTC. It covers the first `minutes` of the job's minutes that start in that
/// day; once it is final, all of them.
struct InvoiceDay {
  std::int64_t minutes = 0;
  Money billed;
  Instant read;  ///< in UTC, when it was asked for
  bool operator==(const InvoiceDay&) const = default;
};

/// An invoice lags by an hour; what is read later than this after a day's end is all of that day.
inline constexpr Duration kInvoiceLag = std::chrono::hours(2);
inline constexpr Duration kInvoiceDay = std::chrono::hours(24);

bool is_final(std::chrono::sys_days day, const InvoiceDay& said);

using Invoice = std::map<std::chrono::sys_days, InvoiceDay>;

/// What an invoice is held against.
struct Estimate {
  Bill bill;
  Duration shift{0};  ///< UTC minus the daemon's line, on which the bill stands
  Instant now;        ///< minutes that start later are not counted yet
};

/// Both sides of what one day of an invoice covers.
struct Compared {
  Money billed;
  Money least, most;  ///< the estimate, from the latest begin and from the earliest
  /// Whether the figure can be true: not negative; at most three times the estimate and a dollar.
  /// While the day is not final also not less than a third of what is known for sure, less a
  /// dollar: it would hide what is being spent.
  bool believed = false;
};

/// Empty when there is no estimate: the price is unknown, or the job has not cost anything.
std::optional<Compared> compare(const Estimate& estimate, std::chrono::sys_days day,
                                const InvoiceDay& said);

/// What is to be added to a bill's minutes that start in a window so that they are as invoiced; may
/// be below zero.
struct Correction {
  Money least, most;  ///< to the bill from the latest begin, and from the earliest
  bool operator==(const Correction&) const = default;
};

/// The figure of each day takes the place of the estimate of the minutes that it covers. The
/// difference is shared among windows by the covered minutes that start in each; the shares of all
/// windows add up to it exactly. `window` is on the line. Days that are not believed, or for which
/// there is no estimate, correct nothing.
Correction correct(const Estimate& estimate, const Invoice& invoice, const Window& window);

/// When the job began to be billed, of [earliest, latest]: the first day is final, the job was
/// billed to its end, and its minutes count back from there. Empty when that tells nothing new.
std::optional<Instant> begin_by(const Estimate& estimate, const Invoice& invoice);

}  // namespace trainstop::policy
