// What the journal holds of budgets, for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/image.hpp"
#include "model/money.hpp"

namespace trainstop::core {

/// One pot as it was when something last changed in it; all instants in UTC.
struct ShownPot {
  std::string rule, group;
  std::string action;  ///< stop, warn
  std::string mode;    ///< enforce, observe
  Money limit, spent;
  Money estimated;  ///< `spent` without what the invoice says
  Money most;       ///< `spent` with estimated begins counted from their earliest instants
  Money rate;       ///< a minute
  Instant as_of;
  Instant due = kNever;           ///< when its jobs are to be stopped if nothing changes
  Instant exhausted_at = kNever;  ///< when that was; kNever while money is left
  Instant from = kLongAgo, until = kNever;
  std::size_t jobs = 0;  ///< in memory: alive, or ended within the hour
  bool partial = false;
};

/// The pots among the present images, in the order of rule and group; what can't be read is left
/// out. A pot whose window is over at `utc_now` is shown with nothing spent.
std::vector<ShownPot> find_pots(const std::vector<Image>& present, Instant utc_now);

/// What is spent at an instant not before `as_of`, by its rate.
Money spent_at(const ShownPot& pot, Instant utc);
/// The same by the estimate alone.
Money estimated_at(const ShownPot& pot, Instant utc);

}  // namespace trainstop::core
