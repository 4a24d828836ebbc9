#include "policy/local_time.hpp"

namespace trainstop::policy {

namespace {

// More than any zone's clock was ever set forward or back (a whole day, when Samoa crossed the date
// line).
constexpr Duration kWidestShift = std::chrono::hours(48);

}  // namespace

Instant utc_of(LocalTime local, const date::time_zone& zone, bool second) {
  const date::local_info info = zone.get_info(local);
  if (info.result == date::local_info::nonexistent) return info.first.end;
  const bool later = info.result == date::local_info::ambiguous && second;
  return Instant{local.time_since_epoch() - (later ? info.second : info.first).offset};
}

Instant utc_of(LocalTime local, const date::time_zone& zone, const date::sys_info& near,
               bool second) {
  const Instant plain{local.time_since_epoch() - near.offset};
  if (plain - kWidestShift >= near.begin && plain + kWidestShift < near.end) return plain;
  return utc_of(local, zone, second);
}

}  // namespace trainstop::policy
