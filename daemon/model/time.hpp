// The two time types of the whole program. No clock is read here: time is always an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trainstop {

/// A span of time; microseconds, because the API's timestamps have at most six fractional digits.
using Duration = std::chrono::microseconds;

/// A point of the daemon's one time line. The line runs with CLOCK_BOOTTIME and starts aligned with
/// UTC; it never steps. UTC is `instant + utc_shift`, where the shift is what `core/clock` knows of
/// wall clock and API.
using Instant = std::chrono::sys_time<Duration>;

inline constexpr Instant kNever = Instant::max();
inline constexpr Instant kLongAgo = Instant::min();

/// `at + by`, never past kNever or before kLongAgo; kNever and kLongAgo stay what they are.
Instant saturating_add(Instant at, Duration by);

/// Reads an RFC 3339 timestamp (with `Z` or an offset, 0 to 9 fractional digits, truncated to
/// microseconds). Empty when the text is anything else, or lies outside the years 1970 to 2199.
std::optional<Instant> parse_rfc3339(std::string_view text);

/// `2026-11-23T20:56:04.123Z`: UTC with milliseconds.
std::string format_rfc3339(Instant utc);

/// Reads an RFC 9110 IMF-fixdate (`Sun, 06 Nov 1994 08:49:37 GMT`), the only form a server may send
/// today.
std::optional<Instant> parse_http_date(std::string_view text);

/// `1h30m`, `45s`, `250ms`, `0s`: units largest first, as the configuration writes them; below a
/// millisecond is cut.
std::string format_duration(Duration duration);

}  // namespace trainstop
