// Local times of a time zone on the UTC line, for schedules, windows and instants of the
// configuration.
#pragma once

#include <date/tz.h>

#include "model/time.hpp"

namespace trainstop::policy {

using LocalTime = date::local_time<Duration>;

// Outside these years nothing local changes any more, so that no calendar arithmetic overflows.
inline constexpr Instant kFirstLocal{std::chrono::sys_days{std::chrono::year{1900} / 1 / 1}};
inline constexpr Instant kLastLocal{std::chrono::sys_days{std::chrono::year{2300} / 1 / 1}};

/// A local time that DST skips is the next existing one; a doubled one the first, or the second.
Instant utc_of(LocalTime local, const date::time_zone& zone, bool second = false);

/// The same; `near` is what the zone says of an instant close by and saves most questions the
/// search in its table.
Instant utc_of(LocalTime local, const date::time_zone& zone, const date::sys_info& near,
               bool second = false);

}  // namespace trainstop::policy
