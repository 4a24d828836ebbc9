// Instants as texts: RFC 3339, the dates of HTTP, and the instants of a configuration.
#include <fmt/format.h>

#include <array>

#include "fuzz/fuzz.hpp"
#include "policy/schedule.hpp"
#include "policy/values.hpp"

namespace trainstop::fuzz {
namespace {

constexpr std::array kZones{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                            "Pacific/Apia"};
constexpr Instant kEnd{std::chrono::sys_days{std::chrono::year{2200} / 1 / 1}};

Instant to_millisecond(Instant at) {
  return std::chrono::floor<std::chrono::milliseconds>(at);
}

void check_range(Instant at) {
  require(at >= Instant{} && at < kEnd, "an instant that is read is of the years 1970 to 2199");
}

void check_rfc3339(const std::string& text) {
  const auto at = parse_rfc3339(text);
  if (!at) return;
  check_range(*at);
  require(parse_rfc3339(format_rfc3339(*at)) == to_millisecond(*at), "parse(format(t)) == t");
  require(!parse_rfc3339(text + "0") && !parse_rfc3339(" " + text), "nothing stands around it");
  std::string small = text;
  for (char& c : small) {
    if (c == 'T') c = 't';
    if (c == 'Z') c = 'z';
  }
  require(parse_rfc3339(small) == at, "small letters are the same");
}

void check_http_date(const std::string& text) {
  const auto at = parse_http_date(text);
  if (!at) return;
  check_range(*at);
  // The day of the week is not looked at; a leap second is the next minute's first.
  if (text.substr(23, 2) == "60") return;
  const auto day = std::chrono::floor<std::chrono::days>(*at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(*at - day)};
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::string again = fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", text.substr(0, 3), unsigned{date.day()},
      kMonths.substr((unsigned{date.month()} - 1) * 3, 3), int{date.year()}, time.hours().count(),
      time.minutes().count(), time.seconds().count());
  require(again == text, "a date has one text");
}

void check_configured(const std::string& text, const char* zone_name) {
  const date::time_zone* zone = policy::find_zone(zone_name);
  require(zone != nullptr, "the zone is known");
  std::string error;
  const auto first = policy::parse_instant(text, zone, policy::Doubled::first, error);
  const auto second = policy::parse_instant(text, zone, policy::Doubled::second, error);
  require(first.has_value() == second.has_value(), "both readings, or none");
  if (!first) {
    require(!error.empty(), "a refused instant has words");
    return;
  }
  require(*first <= *second && *second - *first <= std::chrono::hours(24),
          "a doubled time's second instant is the later one");
  if (const auto plain = parse_rfc3339(text)) {
    require(first == plain && second == plain, "an offset wins over the zone");
  }
}

/// The line of the daemon knows any instant, not only those that can be read.
void check_any(Instant at, Duration by) {
  const std::string text = format_rfc3339(at);
  require(is_one_line(text) && text.back() == 'Z', "every instant has a text");
  if (at >= Instant{} && at < kEnd) {
    require(parse_rfc3339(text) == to_millisecond(at), "parse(format(t)) == t");
  }
  const Instant sum = saturating_add(at, by);
  if (at != kNever && at != kLongAgo) {
    require(by >= Duration{0} ? sum >= at : sum < at, "adding goes the way of its sign");
  } else {
    require(sum == at, "never stays never");
  }
}

}  // namespace
}  // namespace trainstop::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainstop;
  fuzz::Input input(data, size);
  const char* const zone = fuzz::kZones.at(input.between<std::size_t>(0, fuzz::kZones.size() - 1));
  const Instant at{Duration{input.number()}};
  const Duration by{input.number()};
  const std::string text = input.rest();
  fuzz::check_any(at, by);
  fuzz::check_rfc3339(text);
  fuzz::check_http_date(text);
  fuzz::check_configured(text, zone);
  return 0;
}
