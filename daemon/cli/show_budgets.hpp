// Budgets for people: from the daemon's answer, or from what the journal holds.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "cli/screen.hpp"
#include "core/shown_pots.hpp"

namespace trainstop::cli {

/// One of `budgets` of an answer.
core::ShownPot pot_of(const boost::json::object& budget);
std::vector<core::ShownPot> pots_of(const boost::json::object& answer);

/// A table; empty without a pot.
std::string show_budgets(const std::vector<core::ShownPot>& pots, Instant now,
                         const Screen& screen);

}  // namespace trainstop::cli
