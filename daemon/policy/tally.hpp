// What the jobs of one pot cost together in one window: what has accrued by an instant, and from
// there on a step function of time at the rates of that instant.
#pragma once

#include <optional>
#include <vector>

#include "policy/bill.hpp"
#include "policy/invoice.hpp"
#include "policy/period.hpp"

namespace trainstop::policy {

/// A sum over bills. Only minutes that start in the window count. An estimated begin counts from
/// its latest instant on: what is told here was spent for sure.
class Tally {
 public:
  Tally() = default;
  /// `window` on the daemon's line; `as_of` lies in it: up to there minutes count at their own
  /// prices, later ones at the price of `as_of`.
  Tally(const Window& window, Instant as_of) : window_(window), as_of_(as_of) {}

  void add(const Bill& bill);
  /// What is known to have been billed in the window by jobs that are not kept any more.
  void add(Money settled);
  /// What an invoice adds to bills that were added, or takes from them.
  void correct(const Correction& by);

  /// What is billed in the window if all end at `at` (>= as_of); empty on overflow.
  std::optional<Money> at(Instant at) const;
  /// The same at `as_of` with estimated begins counted from their earliest instants.
  Money most() const { return most_; }
  /// All parts together, a minute, from `as_of` on.
  Money rate() const { return rate_; }
  /// False when what some job costs is not known: the sum is the least it can be.
  bool whole() const { return whole_; }

  /// The last instant at which an end of all still bills at or under `limit` in this window; kNever
  /// when it is not passed in it. `as_of` when it is passed already.
  Instant last_within(Money limit) const;
  /// The first instant at which at least `amount` is billed; kNever when not in this window.
  Instant reached(Money amount) const;

  Instant as_of() const { return as_of_; }
  const Window& window() const { return window_; }

 private:
  struct Part {
    Duration first{0};  ///< from as_of to the first minute that starts at it or later, under 60 s
    Money rate;
  };

  Window window_;
  Instant as_of_ = kLongAgo;
  Money spent_, most_, rate_;
  bool whole_ = true;
  std::vector<Part> parts_;
};

}  // namespace trainstop::policy
