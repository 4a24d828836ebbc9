// The windows of a budget: hours, days, weeks and months of local time, one after another without a
// gap.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/time.hpp"

namespace date {
class time_zone;
}

namespace trainstop::policy {

enum class Per : std::uint8_t { hour, day, week, month, total };

/// When a window begins, in local time: the parts that its length asks for.
struct ResetsAt {
  int day = 1;      ///< of the month, 1 to 28
  int weekday = 0;  ///< from Monday
  int minute = 0;   ///< of the day; of the hour for windows of an hour
  bool operator==(const ResetsAt&) const = default;
};

/// [from, until) in UTC.
struct Window {
  Instant from = kLongAgo;
  Instant until = kNever;
  bool contains(Instant utc) const { return utc >= from && utc < until; }
  bool operator==(const Window&) const = default;
};

/// Windows of one length in one time zone.
class Period {
 public:
  /// All of time.
  Period() = default;
  /// `zone` is not nullptr and lives as long as the program. For all of time neither it nor
  /// `resets_at` counts.
  Period(Per per, ResetsAt resets_at, const date::time_zone* zone);

  /// The window that holds the instant. A local time that DST skips becomes the next existing one,
  /// a doubled one is the first; an hour is always 60 minutes, save where a zone's offset changes
  /// by a part of an hour: there it is cut, and hours are counted anew by the new local time. All
  /// time before the year 1900 is one window, and so is all from the year 2300 on.
  Window window_at(Instant utc) const;

  Per per() const { return per_; }
  const ResetsAt& resets_at() const { return resets_at_; }
  /// IANA name; empty for all of time.
  std::string zone_name() const;
  bool operator==(const Period&) const = default;

 private:
  Per per_ = Per::total;
  ResetsAt resets_at_;
  const date::time_zone* zone_ = nullptr;
};

/// `hour`, `day`, `week`, `month`, `total`.
std::string_view to_string(Per per);

/// Reads `:30`, `06:00`, `Mon 06:00` or `1 06:00`, whichever windows of that length take; on
/// failure `error` says what was expected.
std::optional<ResetsAt> parse_resets_at(Per per, std::string_view text, std::string& error);

/// The same as parse_resets_at reads it; empty for `total`.
std::string format_resets_at(Per per, const ResetsAt& resets_at);

}  // namespace trainstop::policy
