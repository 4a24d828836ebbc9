// Budgets for people, from an answer.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "cli/screen.hpp"
#include "model/money.hpp"
#include "model/time.hpp"

namespace trainstop::cli {

/// One pot as it was when something last changed in it; all instants in UTC.
struct ShownPot {
  std::string rule, group;
  std::string action;  ///< stop, warn
  std::string mode;    ///< enforce, observe
  Money limit, spent;
  Money rate;  ///< a minute
  Instant as_of;
  Instant due = kNever;           ///< when its jobs are to be stopped if nothing changes
  Instant exhausted_at = kNever;  ///< when that was; kNever while money is left
  Instant until = kNever;         ///< the end of its window
  bool partial = false;
};

/// One of `budgets` of an answer.
ShownPot pot_of(const boost::json::object& budget);
std::vector<ShownPot> pots_of(const boost::json::object& answer);

/// A table; empty without a pot.
std::string show_budgets(const std::vector<ShownPot>& pots, Instant now, const Screen& screen);

}  // namespace trainstop::cli
