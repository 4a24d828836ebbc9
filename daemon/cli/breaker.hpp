// A reset of the breaker while no daemon runs: what `trainstop breaker reset` does without one.
#pragma once

#include "cli/hand.hpp"
#include "cli/where.hpp"

namespace trainstop::cli {

/// Why the breaker is open, in words: `max_stops`, `surprise`, `journal_lost`.
std::string words_of_breaker(const std::string& reason);

/// Shows what the open breaker holds, asks, and closes it in the journal; gives the exit code.
int reset_offline(const Where& where, const Hand& hand);

}  // namespace trainstop::cli
