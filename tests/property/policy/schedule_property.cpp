// Weekly windows against the local clock, minute by minute, around changes of the clock.
#include <date/tz.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "policy/schedule.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

struct Change {
  const char* zone;
  std::chrono::sys_days day;
};

/// Days around which clocks change, each in its own way: an hour forward and back, half an hour, at
/// midnight, a whole day left out, the southern half of the world, and no change at all.
const std::vector<Change>& changes() {
  using namespace std::chrono;
  static const std::vector<Change> kChanges{{"America/New_York", sys_days{2026y / 3 / 8}},
                                            {"America/New_York", sys_days{2026y / 11 / 1}},
                                            {"Europe/Berlin", sys_days{2026y / 3 / 29}},
                                            {"Europe/Berlin", sys_days{2026y / 10 / 25}},
                                            {"Australia/Lord_Howe", sys_days{2026y / 4 / 5}},
                                            {"Australia/Lord_Howe", sys_days{2026y / 10 / 4}},
                                            {"America/Havana", sys_days{2026y / 3 / 8}},
                                            {"America/Havana", sys_days{2026y / 11 / 1}},
                                            {"Asia/Beirut", sys_days{2026y / 10 / 25}},
                                            {"Pacific/Apia", sys_days{2011y / 12 / 30}},
                                            {"Asia/Kolkata", sys_days{2026y / 6 / 15}},
                                            {"UTC", sys_days{2026y / 6 / 15}}};
  return kChanges;
}

/// From the whole range from the first case on, where rapidcheck would begin with small numbers.
int pick(int least, int most) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(least, most + 1));
}

struct Case {
  const date::time_zone* zone;
  Instant from, until;
  std::vector<WeekSpan> spans;
};

Case any_case() {
  const Change change =
      changes()[static_cast<std::size_t>(pick(0, static_cast<int>(changes().size()) - 1))];
  Case made{find_zone(change.zone), change.day - 60h, change.day + 60h, {}};
  const int day = static_cast<int>(std::chrono::weekday{change.day}.iso_encoding()) - 1;
  for (int count = pick(1, 4); count > 0; --count) {
    const bool close =
        pick(0, 3) > 0;  // most edges within hours of the change, on quarters of an hour
    const int begin = close ? (day * 1440 + 10080 + 15 * pick(-100, 100)) % 10080 : pick(0, 10079);
    made.spans.push_back({begin, begin + (close ? 15 * pick(1, 30) : pick(1, 10080))});
  }
  return made;
}

/// Where an edge of local time lies, found by walking over the UTC minutes: a start is the first
/// minute whose local time is not before it and whose day's clock has not passed it yet; an end is
/// the last such, so that doubled hours count whole.
Instant slow_edge(const date::time_zone* zone, date::local_seconds local, bool is_end) {
  const Instant around{std::chrono::duration_cast<Duration>(local.time_since_epoch())};
  Instant first = kNever, last = kNever;
  Instant jumped = kNever;
  auto before = zone->to_local(std::chrono::floor<std::chrono::seconds>(around - 40h));
  for (Instant utc = around - 40h; utc < around + 40h; utc += 1min) {
    const auto now = zone->to_local(std::chrono::floor<std::chrono::seconds>(utc));
    if (now == local) {
      first = std::min(first, utc);
      last = utc;
    }
    if (before < local && now > local && jumped == kNever) jumped = utc;
    before = now;
  }
  if (first == kNever) return jumped;
  return is_end ? last : first;
}

std::vector<std::pair<Instant, Instant>> slow_windows(const Case& made) {
  std::vector<std::pair<Instant, Instant>> windows;
  const auto day = date::floor<date::days>(
      date::local_seconds{std::chrono::floor<std::chrono::seconds>(made.from.time_since_epoch())});
  const date::local_days monday = day - (date::weekday{day} - date::Monday);
  for (int week = -2; week <= 2; ++week) {
    for (const WeekSpan& span : made.spans) {
      const date::local_seconds start = monday + date::weeks(week);
      const Instant begin = slow_edge(made.zone, start + std::chrono::minutes(span.begin), false);
      const Instant end = slow_edge(made.zone, start + std::chrono::minutes(span.end), true);
      windows.emplace_back(begin, end);
    }
  }
  return windows;
}

RC_GTEST_PROP(ScheduleProperty, ContainsWhatTheLocalClockSaysMinuteByMinute, ()) {
  const Case made = any_case();
  const Schedule schedule(made.spans, made.zone);
  const auto windows = slow_windows(made);
  for (Instant utc = made.from; utc < made.until; utc += 1min) {
    const bool inside = std::any_of(windows.begin(), windows.end(), [&](const auto& window) {
      return utc >= window.first && utc < window.second;
    });
    RC_ASSERT(schedule.contains(utc) == inside);
  }
}

RC_GTEST_PROP(ScheduleProperty, NoEdgeIsMissed, ()) {
  const Case made = any_case();
  const Schedule schedule(made.spans, made.zone);
  Instant edge = schedule.next_edge(made.from);
  bool inside = schedule.contains(made.from);
  for (Instant utc = made.from + 1min; utc < made.until; utc += 1min) {
    if (utc < edge) RC_ASSERT(schedule.contains(utc) == inside);
    while (edge <= utc) {
      const Instant next = schedule.next_edge(edge);
      RC_ASSERT(next > edge);
      RC_ASSERT(schedule.contains(edge - 1us) == inside || edge > made.from);
      edge = next;
    }
    inside = schedule.contains(utc);
  }
}

RC_GTEST_PROP(ScheduleProperty, AnEdgeIsExactToTheMicrosecond, ()) {
  const Case made = any_case();
  const Schedule schedule(made.spans, made.zone);
  const Instant from =
      made.from + std::chrono::seconds(pick(0, 100'000)) + Duration{pick(0, 999'999)};
  const Instant edge = schedule.next_edge(from);
  if (edge == kNever) return;
  RC_ASSERT(edge > from);
  RC_ASSERT(schedule.contains(edge - 1us) == schedule.contains(from));
  RC_ASSERT(edge.time_since_epoch() % 1s == 0s);
}

RC_GTEST_PROP(ScheduleProperty, AWindowReadsBackAsItself, ()) {
  const Schedule schedule(any_case().spans, find_zone("UTC"));
  std::vector<WeekSpan> read;
  std::string error, text = format_windows(schedule.spans());
  RC_LOG() << text << '\n';
  // What is drawn together is parted again by hand: a comma before a day or a time of a new window.
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.find(", ", begin);
    if (end == std::string::npos) end = text.size();
    const auto spans = parse_window(text.substr(begin, end - begin), error);
    RC_ASSERT(spans.has_value());
    read.insert(read.end(), spans->begin(), spans->end());
    begin = end + 2;
  }
  RC_ASSERT(Schedule(read, find_zone("UTC")) == schedule);
}

RC_GTEST_PROP(ScheduleProperty, AnyTextIsAWindowOrAnError, (const std::string& noise)) {
  std::string error;
  const std::string text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("MonTueFri 0123:-,")));
  for (const std::string& tried : {noise, text}) {
    error.clear();
    const auto spans = parse_window(tried, error);
    RC_ASSERT(spans.has_value() || !error.empty());
    if (!spans) continue;
    for (const WeekSpan& span : *spans) {
      RC_ASSERT(span.begin >= 0 && span.begin < 10080);
      RC_ASSERT(span.end > span.begin && span.end <= span.begin + 10080);
    }
  }
}

}  // namespace
}  // namespace trainstop::policy
