// The edges between windows: hours by the local minute, longer windows once in each local day, week
// or month.
#include "policy/period.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policy/local_time.hpp"
#include "policy/values.hpp"
#include "policy/week_words.hpp"

namespace trainstop::policy {

namespace {

using std::chrono::seconds;

constexpr Duration kHour = std::chrono::hours(1);
constexpr int kMinutesOfDay = 24 * 60;
constexpr std::int64_t kLastDay = 28;  // every month has it

/// The window between the last edge at or before `utc` and the first after it. `edge(n)` never
/// falls; edge(-2) is not after `utc`.
template <class Edge>
Window between_edges(Instant utc, Edge edge) {
  Window window{edge(-2), edge(-1)};
  for (int n = 0; window.until <= utc; ++n) window = {window.until, edge(n)};
  return window;
}

/// The time since `minute` past the hour was last on the zone's clock.
Duration into_hour(Instant utc, Duration offset, int minute) {
  const Duration since = (utc.time_since_epoch() + offset - std::chrono::minutes(minute)) % kHour;
  return since < Duration{0} ? since + kHour : since;
}

Window hour_at(Instant utc, const date::time_zone& zone, int minute) {
  const date::sys_info info = zone.get_info(utc);
  const Instant from = utc - into_hour(utc, info.offset, minute);
  Window window{from, from + kHour};
  // A clock that is set by whole hours leaves the minutes of the hour where they are.
  const auto cuts = [&](const date::sys_info& other) {
    return (info.offset - other.offset) % kHour != Duration{0};
  };
  if (from < info.begin && cuts(zone.get_info(info.begin - seconds(1)))) window.from = info.begin;
  if (window.until > info.end && cuts(zone.get_info(info.end))) window.until = info.end;
  return window;
}

/// Windows of a day, a week or a month.
Window calendar_at(Instant utc, Per per, const ResetsAt& resets_at, const date::time_zone& zone) {
  const date::sys_info info = zone.get_info(utc);
  const auto day = date::floor<date::days>(LocalTime{utc.time_since_epoch() + info.offset});
  const auto utc_of_start = [&](date::local_days start) {
    return utc_of(start + std::chrono::minutes(resets_at.minute), zone, info);
  };
  if (per == Per::day)
    return between_edges(utc, [&](int n) { return utc_of_start(day + date::days(n)); });
  if (per == Per::week) {
    const auto first = day - (date::weekday{day} - date::Monday) + date::days(resets_at.weekday);
    return between_edges(utc, [&](int n) { return utc_of_start(first + date::weeks(n)); });
  }
  const date::year_month_day date{day};
  return between_edges(utc, [&](int n) {
    const auto month = date.year() / date.month() + date::months(n);
    return utc_of_start(date::local_days{month / resets_at.day});
  });
}

/// The minute of the day, `24:00` left out.
std::optional<int> start_of_day(std::string_view text) {
  const int minute = time_of(text);
  if (minute < 0 || minute == kMinutesOfDay) return {};
  return minute;
}

/// `Mon 06:00` as `Mon` and `06:00`, however many spaces are between them.
std::pair<std::string_view, std::string_view> split(std::string_view text) {
  const std::size_t space = std::min(text.find(' '), text.size());
  std::string_view rest = text.substr(space);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  return {text.substr(0, space), rest};
}

std::optional<ResetsAt> read_hour(std::string_view text) {
  const int minute = time_of(fmt::format("00{}", text));
  return minute < 0 ? std::nullopt : std::optional(ResetsAt{1, 0, minute});
}
std::optional<ResetsAt> read_day(std::string_view text) {
  const auto minute = start_of_day(text);
  return minute ? std::optional(ResetsAt{1, 0, *minute}) : std::nullopt;
}
std::optional<ResetsAt> read_week(std::string_view text) {
  const auto [word, time] = split(text);
  const int day = day_of(word);
  const auto minute = start_of_day(time);
  if (day < 0 || !minute) return {};
  return ResetsAt{1, day, *minute};
}
std::optional<ResetsAt> read_month(std::string_view text) {
  const auto [number, time] = split(text);
  std::string ignored;
  const std::int64_t day = parse_integer(number, ignored).value_or(0);
  const auto minute = start_of_day(time);
  if (day < 1 || day > kLastDay || !minute) return {};
  return ResetsAt{static_cast<int>(day), 0, *minute};
}

std::string write_hour(const ResetsAt& at) {
  return spell_time(at.minute).substr(2);
}
std::string write_day(const ResetsAt& at) {
  return spell_time(at.minute);
}
std::string write_week(const ResetsAt& at) {
  return fmt::format("{} {}", day_name(at.weekday), spell_time(at.minute));
}
std::string write_month(const ResetsAt& at) {
  return fmt::format("{} {}", at.day, spell_time(at.minute));
}

/// How the begin of windows of one length is said.
struct Form {
  std::string_view name;
  std::optional<ResetsAt> (*read)(std::string_view text);
  std::string (*write)(const ResetsAt& at);
  std::string_view expected;
};

/// In the order of Per.
constexpr std::array<Form, 5> kForms{{
    {"hour", read_hour, write_hour,
     "expected the minute at which an hour begins, from ':00' to ':59'"},
    {"day", read_day, write_day,
     "expected the time at which a day begins, from '00:00' to '23:59'"},
    {"week", read_week, write_week,
     "expected the day and the time at which a week begins, such as 'Mon 06:00'"},
    {"month", read_month, write_month,
     "expected the day (1 to 28) and the time at which a month begins, such as '1 06:00'"},
    {"total", [](std::string_view) { return std::optional<ResetsAt>(); },
     [](const ResetsAt&) { return std::string(); }, "a total is never reset"},
}};

const Form& form_of(Per per) {
  return kForms[static_cast<std::size_t>(per)];
}

}  // namespace

Period::Period(Per per, ResetsAt resets_at, const date::time_zone* zone) : per_(per) {
  if (per == Per::total) return;
  resets_at_ = resets_at;
  zone_ = zone;
}

Window Period::window_at(Instant utc) const {
  if (per_ == Per::total) return {};
  if (utc < kFirstLocal) return {kLongAgo, kFirstLocal};
  if (utc >= kLastLocal) return {kLastLocal, kNever};
  const Window window = per_ == Per::hour ? hour_at(utc, *zone_, resets_at_.minute)
                                          : calendar_at(utc, per_, resets_at_, *zone_);
  return {std::max(window.from, kFirstLocal), std::min(window.until, kLastLocal)};
}

std::string Period::zone_name() const {
  return zone_ == nullptr ? std::string() : zone_->name();
}

std::string_view to_string(Per per) {
  return form_of(per).name;
}

std::optional<ResetsAt> parse_resets_at(Per per, std::string_view text, std::string& error) {
  const auto read = form_of(per).read(text);
  if (!read) error = form_of(per).expected;
  return read;
}

std::string format_resets_at(Per per, const ResetsAt& resets_at) {
  return form_of(per).write(resets_at);
}

}  // namespace trainstop::policy
