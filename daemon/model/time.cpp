#include "model/time.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trainstop {

namespace {

using namespace std::chrono_literals;

constexpr Instant kFirst{std::chrono::sys_days{std::chrono::year{1970} / 1 / 1}};
constexpr Instant kPast{std::chrono::sys_days{std::chrono::year{2200} / 1 / 1}};

// A year has four digits in RFC 3339; what lies outside is told as the first or the last.
constexpr Instant kFirstText{std::chrono::sys_days{std::chrono::year{0} / 1 / 1}};
constexpr Instant kLastText{std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}};

/// The instant, if a job or a server can mean it.
std::optional<Instant> within_range(Instant utc) {
  if (utc < kFirst || utc >= kPast) return {};
  return utc;
}

/// Reads exactly `count` digits at `position` and moves it on.
std::optional<int> digits(std::string_view text, std::size_t& position, int count) {
  int value = 0;
  for (int i = 0; i < count; ++i, ++position) {
    if (position >= text.size() || text[position] < '0' || text[position] > '9') return {};
    value = value * 10 + (text[position] - '0');
  }
  return value;
}

bool skip(std::string_view text, std::size_t& position, char expected) {
  if (position >= text.size() || text[position] != expected) return false;
  ++position;
  return true;
}

/// A calendar day and a time of day as an instant, when both exist. A leap second (60) is the next
/// minute's first.
std::optional<Instant> make_instant(int year, int month, int day, int hour, int minute,
                                    int second) {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return {};
  return std::chrono::sys_days{date} + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

/// `.` and 1 to 9 digits as microseconds, if there is a point.
std::optional<Duration> fraction(std::string_view text, std::size_t& position) {
  if (!skip(text, position, '.')) return Duration{0};
  Duration sum{0};
  Duration unit{100'000};
  const std::size_t begin = position;
  while (position < text.size() && text[position] >= '0' && text[position] <= '9') {
    sum += unit * (text[position] - '0');
    unit /= 10;
    ++position;
  }
  if (position == begin || position - begin > 9) return {};
  return sum;
}

/// `Z`, or `+hh:mm`, as what must be subtracted.
std::optional<Duration> zone_offset(std::string_view text, std::size_t& position) {
  if (skip(text, position, 'Z') || skip(text, position, 'z')) return Duration{0};
  if (position >= text.size() || (text[position] != '+' && text[position] != '-')) return {};
  const int sign = text[position++] == '-' ? -1 : 1;
  const auto hours = digits(text, position, 2);
  if (!hours || *hours > 23 || !skip(text, position, ':')) return {};
  const auto minutes = digits(text, position, 2);
  if (!minutes || *minutes > 59) return {};
  return sign * (std::chrono::hours(*hours) + std::chrono::minutes(*minutes));
}

}  // namespace

Instant saturating_add(Instant at, Duration by) {
  if (at == kNever || at == kLongAgo) return at;
  Duration::rep sum = 0;
  if (__builtin_add_overflow(at.time_since_epoch().count(), by.count(), &sum)) {
    return by.count() > 0 ? kNever : kLongAgo;
  }
  return Instant{Duration{sum}};
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  std::size_t position = 0;
  const auto year = digits(text, position, 4);
  if (!year || !skip(text, position, '-')) return {};
  const auto month = digits(text, position, 2);
  if (!month || !skip(text, position, '-')) return {};
  const auto day = digits(text, position, 2);
  if (!day ||
      !(skip(text, position, 'T') || skip(text, position, 't') || skip(text, position, ' '))) {
    return {};
  }
  const auto hour = digits(text, position, 2);
  if (!hour || !skip(text, position, ':')) return {};
  const auto minute = digits(text, position, 2);
  if (!minute || !skip(text, position, ':')) return {};
  const auto second = digits(text, position, 2);
  if (!second) return {};
  const auto part = fraction(text, position);
  if (!part) return {};
  const auto offset = zone_offset(text, position);
  if (!offset || position != text.size()) return {};
  const auto local = make_instant(*year, *month, *day, *hour, *minute, *second);
  if (!local) return {};
  return within_range(*local + *part - *offset);
}

std::string format_rfc3339(Instant utc) {
  utc = std::clamp(utc, kFirstText, kLastText);
  if (utc >= kFirst && utc < kPast) {
    // Plain arithmetic: every line of the log bears a time, and streams take ten times as long.
    const auto day = std::chrono::floor<std::chrono::days>(utc);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::milliseconds>(utc - day)};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
  }
  return date::format("%FT%TZ", std::chrono::floor<std::chrono::milliseconds>(utc));
}

std::optional<Instant> parse_http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  static constexpr std::array<std::string_view, 7> kDays{"Mon", "Tue", "Wed", "Thu",
                                                         "Fri", "Sat", "Sun"};
  if (text.size() != 29 || !text.ends_with(" GMT") || text.substr(3, 2) != ", ") return {};
  if (std::find(kDays.begin(), kDays.end(), text.substr(0, 3)) == kDays.end()) return {};
  std::size_t position = 5;
  const auto day = digits(text, position, 2);
  if (!day || !skip(text, position, ' ')) return {};
  const auto* const month = std::find(kMonths.begin(), kMonths.end(), text.substr(position, 3));
  if (month == kMonths.end()) return {};
  position += 3;
  if (!skip(text, position, ' ')) return {};
  const auto year = digits(text, position, 4);
  if (!year || !skip(text, position, ' ')) return {};
  const auto hour = digits(text, position, 2);
  if (!hour || !skip(text, position, ':')) return {};
  const auto minute = digits(text, position, 2);
  if (!minute || !skip(text, position, ':')) return {};
  const auto second = digits(text, position, 2);
  if (!second) return {};
  const auto utc = make_instant(*year, static_cast<int>(month - kMonths.begin()) + 1, *day, *hour,
                                *minute, *second);
  return utc ? within_range(*utc) : std::nullopt;
}

std::string format_duration(Duration duration) {
  struct Unit {
    Duration size;
    std::string_view name;
  };
  static constexpr std::array kUnits{Unit{24h, "d"}, Unit{1h, "h"}, Unit{1min, "m"}, Unit{1s, "s"},
                                     Unit{1ms, "ms"}};
  std::string text = duration < 0us ? "-" : "";
  // Counted down from below zero: the least duration has no positive counterpart.
  Duration rest = duration < 0us ? duration : -duration;
  const std::size_t sign = text.size();
  for (const Unit& unit : kUnits) {
    if (rest > -unit.size) continue;
    text += fmt::format("{}{}", -(rest / unit.size), unit.name);
    rest %= unit.size;
  }
  return text.size() == sign ? "0s" : text;
}

}  // namespace trainstop
