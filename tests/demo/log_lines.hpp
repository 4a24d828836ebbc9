// The daemon's log as text, taken apart as far as the demo and the benchmarks need it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/time.hpp"

namespace trainstop::demo {

/// One line in the format `text`: what it says to a person, and its fields behind that.
struct LogLine {
  std::string event;     ///< `stop.sent`
  std::string sentence;  ///< time, level, event and message, without the fields
  std::string fields;    ///< `v=1 seq=7 job=… …`

  /// The field's value as logged, without quotes; empty when absent.
  std::string field(std::string_view key) const;
  /// The same as an instant (UTC).
  std::optional<Instant> instant(std::string_view key) const;
};

/// Empty for what is no line of the log, such as a sanitizer's report.
std::optional<LogLine> parse_line(std::string_view line);

}  // namespace trainstop::demo
