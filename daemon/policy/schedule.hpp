// Weekly windows of local time (`Mon-Fri 09:00-18:00`, `Fri 18:00 - Mon 08:00`) and their edges in
// UTC.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/time.hpp"

namespace date {
class time_zone;
}

namespace trainstop::policy {

/// A stretch of the local week, in minutes from Monday 00:00. `begin` in [0, 10080); `end` in
/// (begin, begin + 10080], so that a stretch over Sunday midnight has an end past 10080. Start
/// included, end not.
struct WeekSpan {
  int begin = 0;
  int end = 0;
  bool operator==(const WeekSpan&) const = default;
};

/// A union of weekly stretches in one time zone.
class Schedule {
 public:
  /// Covers nothing.
  Schedule() = default;
  /// `zone` is not nullptr and outlives the schedule (zones live as long as the program).
  Schedule(std::vector<WeekSpan> spans, const date::time_zone* zone);

  /// Whether `utc` lies inside. A local time that DST skips becomes the next existing one; a
  /// doubled one is the first as a start and the second as an end.
  bool contains(Instant utc) const;

  /// The first instant after `utc` at which contains() may change; kNever for a schedule that
  /// covers the whole week, or none of it.
  Instant next_edge(Instant utc) const;

  /// The maximal stretches of the week in order of their begin, and the zone's IANA name.
  const std::vector<WeekSpan>& spans() const { return spans_; }
  std::string zone_name() const;

  bool operator==(const Schedule&) const = default;

 private:
  std::vector<WeekSpan> spans_;
  const date::time_zone* zone_ = nullptr;
};

/// Reads one WINDOW; on failure `error` says what was expected. Several days may be named: `Mon,Wed
/// 09:00-12:00`, no day means every day, days without times are whole days.
std::optional<std::vector<WeekSpan>> parse_window(std::string_view text, std::string& error);

/// The stretches as WINDOWs, in a form that parse_window reads: `Mon 09:00 - Mon 18:00, …`;
/// stretches that are the same on several days are drawn together: `Mon-Fri 09:00-18:00`.
std::string format_windows(const std::vector<WeekSpan>& spans);

/// The zone of that IANA name (`America/New_York`), or nullptr.
const date::time_zone* find_zone(std::string_view name);

/// The names of all zones; they live as long as the program.
std::vector<std::string_view> zone_names();

}  // namespace trainstop::policy
