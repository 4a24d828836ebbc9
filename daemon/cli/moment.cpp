#include "cli/moment.hpp"

#include <algorithm>

#include "policy/values.hpp"

namespace trainstop::cli {

std::optional<Instant> parse_moment(std::string_view text, Instant now, std::string& error) {
  constexpr std::size_t kDay = std::string_view("2026-12-01").size();
  if (const auto instant = parse_rfc3339(text)) return instant;
  if (text.size() == kDay) {
    if (const auto day = parse_rfc3339(std::string(text) + "T00:00:00Z")) return day;
  }
  std::string why;
  if (const auto back = policy::parse_duration(text, why)) return saturating_add(now, -*back);
  error =
      "expected how long ago ('2h', '1h30m', '7d'), a time ('2026-12-01T18:00:00Z') or a day in "
      "UTC ('2026-12-01')";
  return {};
}

}  // namespace trainstop::cli
