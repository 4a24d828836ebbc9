// Instants as people write them on a command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/time.hpp"

namespace trainstop::cli {

/// `2h` before `now`, RFC 3339 (`2026-12-01T18:00:00Z`), or a day's begin in UTC (`2026-12-01`).
/// Empty, with what is expected in `error`, for anything else.
std::optional<Instant> parse_moment(std::string_view text, Instant now, std::string& error);

}  // namespace trainstop::cli
