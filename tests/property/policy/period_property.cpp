// Windows divide time, and begin where a walk over the minutes of the local clock says.
#include <date/tz.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "policy/period.hpp"
#include "policy/schedule.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

constexpr std::array<Per, 4> kPers{Per::hour, Per::day, Per::week, Per::month};

/// From the whole range from the first case on, where rapidcheck would begin with small numbers.
template <class Number>
Number pick(Number least, Number most) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Number>(least, most + 1));
}

/// What a window of that length may begin at, in the parts that count.
ResetsAt any_resets_at(Per per) {
  ResetsAt resets_at;
  if (per == Per::month) resets_at.day = pick(1, 28);
  if (per == Per::week) resets_at.weekday = pick(0, 6);
  // Many at the hours at which clocks are set.
  const int minute = pick(0, 1) == 0 ? pick(0, 1439) : 15 * pick(0, 12);
  resets_at.minute = per == Per::hour ? minute % 60 : minute;
  return resets_at;
}

struct Case {
  const date::time_zone* zone;
  Period period;
  Instant at;
};

/// From 1990 to 2040, every other one within `near` seconds of a change of the clock.
Case case_of(Per per, const std::vector<std::string>& zones, int near) {
  const date::time_zone* zone = find_zone(*rc::gen::elementOf(zones));
  constexpr Instant kFirst{std::chrono::sys_days{std::chrono::year{1990} / 1 / 1}};
  constexpr Instant kLast{std::chrono::sys_days{std::chrono::year{2040} / 1 / 1}};
  const Duration::rep span = (kLast - kFirst).count();
  Instant at = kFirst + Duration{pick<Duration::rep>(0, span)};
  const date::sys_info info = zone->get_info(at);
  if (pick(0, 1) == 0 && info.begin > kFirst)
    at = info.begin + std::chrono::seconds(pick(-near, near)) + Duration{pick(0, 999'999)};
  return {zone, Period(per, any_resets_at(per), zone), at};
}

/// Clocks that are set by an hour, by half of one, by a whole day, at midnight, in the south, and
/// never.
Case any_case() {
  static const std::vector<std::string> kZones{
      "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia",
      "America/Havana",   "Asia/Beirut",   "Asia/Kathmandu",      "UTC"};
  return case_of(*rc::gen::elementOf(kPers), kZones, 200'000);
}

/// The local clock at a whole minute.
date::local_seconds local_at(const date::time_zone& zone, Instant utc) {
  return zone.to_local(std::chrono::floor<std::chrono::seconds>(utc));
}

/// Whether a window of a day, a week or a month begins at that time of a local clock.
bool is_start(const Period& period, date::local_seconds local) {
  const auto day = date::floor<date::days>(local);
  if (local - day != std::chrono::minutes(period.resets_at().minute)) return false;
  if (period.per() == Per::week)
    return date::weekday{day}.iso_encoding() ==
           static_cast<unsigned>(period.resets_at().weekday) + 1;
  return period.per() == Per::day || date::year_month_day{day}.day() ==
                                         date::day(static_cast<unsigned>(period.resets_at().day));
}

/// All edges in (from, until], minute by minute. A start of local time is where the clock first
/// shows it, or something later.
std::vector<Instant> slow_edges(const Case& made, Instant from, Instant until) {
  std::vector<Instant> edges;
  auto highest = local_at(*made.zone, from - 49h);
  for (Instant utc = from - 49h; utc <= until; utc += 1min) {
    const auto now = local_at(*made.zone, utc);
    bool is_edge = false;
    for (; highest < now; highest += 1min)
      is_edge = is_edge || is_start(made.period, highest + 1min);
    if (is_edge && utc > from) edges.push_back(utc);
  }
  return edges;
}

/// The same of hours: where the clock shows the minute, or is set by a part of an hour.
std::vector<Instant> slow_hours(const Case& made, Instant from, Instant until) {
  std::vector<Instant> edges;
  for (Instant utc = from + 1min; utc <= until; utc += 1min) {
    const auto now = local_at(*made.zone, utc);
    const auto set_by = now - local_at(*made.zone, utc - 1min) - 1min;
    const auto minute = (now - date::floor<std::chrono::hours>(now)) / 1min;
    if (minute == made.period.resets_at().minute || set_by % 1h != 0s) edges.push_back(utc);
  }
  return edges;
}

void check_division(const Period& period, Instant at) {
  const Window window = period.window_at(at);
  RC_ASSERT(window.contains(at));
  RC_ASSERT(period.window_at(window.from) == window);
  RC_ASSERT(period.window_at(window.until - 1us) == window);
  RC_ASSERT(period.window_at(window.until).from == window.until);
  RC_ASSERT(period.window_at(window.from - 1us).until == window.from);
}

void check_edges(const Case& made) {
  const Window window = made.period.window_at(made.at);
  const Instant before = window.from - 1min;
  const auto edges = made.period.per() == Per::hour ? slow_hours(made, before, window.until)
                                                    : slow_edges(made, before, window.until);
  RC_ASSERT(edges == (std::vector<Instant>{window.from, window.until}));
}

RC_GTEST_PROP(PeriodProperty, WindowsDivideTime, ()) {
  const Case made = any_case();
  check_division(made.period, made.at);
}

RC_GTEST_PROP(PeriodProperty, TheyBeginWhereTheLocalClockSays, ()) {
  check_edges(any_case());
}

RC_GTEST_PROP(PeriodProperty, HoursAreCutByPartsOfAnHourOnly, ()) {
  static const std::vector<std::string> kZones{"Australia/Lord_Howe", "America/New_York"};
  const Case made = case_of(Per::hour, kZones, 5'400);
  check_division(made.period, made.at);
  check_edges(made);
}

RC_GTEST_PROP(PeriodProperty, ATextReadsBackAsItself, ()) {
  const Per per = *rc::gen::elementOf(kPers);
  const ResetsAt resets_at = any_resets_at(per);
  std::string error;
  RC_ASSERT(parse_resets_at(per, format_resets_at(per, resets_at), error) == resets_at);
}

RC_GTEST_PROP(PeriodProperty, AnyTextIsABeginOrAnError, (const std::string& noise)) {
  const std::string text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("Mon Tue 0123456:")));
  for (const Per per : kPers) {
    for (const std::string& tried : {noise, text}) {
      std::string error;
      const auto read = parse_resets_at(per, tried, error);
      RC_ASSERT(read.has_value() == error.empty());
      if (read) RC_ASSERT(parse_resets_at(per, format_resets_at(per, *read), error) == read);
    }
  }
}

}  // namespace
}  // namespace trainstop::policy
