// Weekly windows on the UTC line: every stretch happens once in each local week, with its own two
// edges.
#include "policy/schedule.hpp"

#include <algorithm>
#include <bitset>
#include <exception>
#include <optional>

#include "model/planted.hpp"
#include "policy/local_time.hpp"

namespace trainstop::policy {

namespace {

constexpr int kWeek = 7 * 24 * 60;
// A stretch that holds an instant, or has an edge next after it, began at most two local weeks
// before the instant's own (one, but for a clock set back over Sunday midnight) or begins in the
// next two.
constexpr int kFirstWeek = -2;
constexpr int kLastWeek = 2;
constexpr Duration kWholeWeek = std::chrono::minutes(kWeek);
// Farther than any edge that is looked at.
constexpr Duration kPlainMargin = 4 * kWholeWeek;

/// The maximal runs of the covered minutes of the week, around Sunday midnight as well.
std::vector<WeekSpan> merge(const std::vector<WeekSpan>& spans) {
  std::bitset<kWeek> covered;
  for (const WeekSpan& span : spans) {
    for (int minute = span.begin; minute < span.end; ++minute) {
      covered.set(static_cast<std::size_t>(minute % kWeek));
    }
  }
  if (covered.all()) return {{0, kWeek}};
  const auto is_covered = [&](int minute) {
    return covered[static_cast<std::size_t>((minute + kWeek) % kWeek)];
  };
  std::vector<WeekSpan> runs;
  for (int begin = 0; begin < kWeek; ++begin) {
    if (!is_covered(begin) || is_covered(begin - 1)) continue;
    int end = begin + 1;
    while (is_covered(end)) ++end;
    runs.push_back({begin, end});
  }
  return runs;
}

/// Local times of one zone near an instant, as UTC. Most questions are far from any change of the
/// zone's offset and need no search in its table.
class LocalLine {
 public:
  LocalLine(const date::time_zone* zone, Instant near) : zone_(zone), info_(zone->get_info(near)) {
    const LocalTime local{near.time_since_epoch() + info_.offset};
    const auto day = date::floor<date::days>(local);
    monday_ = day - (date::weekday{day} - date::Monday);
    in_week_ = local - monday_;
    is_plain_ = near - kPlainMargin >= info_.begin && near + kPlainMargin < info_.end;
  }

  /// The instant's time since its Monday, when no clock changes within weeks: then local time is
  /// plain arithmetic.
  std::optional<Duration> plain_in_week() const {
    return is_plain_ ? std::optional(in_week_) : std::nullopt;
  }

  /// The start or the end that lies `minute` minutes after the Monday `week` weeks from now.
  Instant edge(int week, int minute, bool is_end) const {
    const LocalTime local = monday_ + date::weeks(week) + std::chrono::minutes(minute);
    return utc_of(local, *zone_, info_, is_end);
  }

 private:
  const date::time_zone* zone_;
  date::sys_info info_;
  date::local_days monday_;
  Duration in_week_{0};
  bool is_plain_ = false;
};

bool plainly_contains(const std::vector<WeekSpan>& spans, Duration in_week) {
  return std::any_of(spans.begin(), spans.end(), [&](const WeekSpan& span) {
    const Duration begin = std::chrono::minutes(span.begin);
    const Duration end = std::chrono::minutes(span.end);
    if (planted("window-end-included") && in_week == end) return true;
    return (in_week >= begin && in_week < end) || in_week + kWholeWeek < end;
  });
}

/// How long until the next edge.
Duration plainly_to_edge(const std::vector<WeekSpan>& spans, Duration in_week) {
  Duration least = kWholeWeek;
  for (const WeekSpan& span : spans) {
    for (const int minute : {span.begin, span.end}) {
      Duration until = std::chrono::minutes(minute) - in_week;
      if (until > kWholeWeek) until -= kWholeWeek;
      if (until <= Duration{0}) until += kWholeWeek;
      least = std::min(least, until);
    }
  }
  return least;
}

}  // namespace

Schedule::Schedule(std::vector<WeekSpan> spans, const date::time_zone* zone)
    : spans_(merge(spans)), zone_(zone) {}

bool Schedule::contains(Instant utc) const {
  if (spans_.empty()) return false;
  if (spans_.front().end - spans_.front().begin == kWeek) return true;
  const Instant at = std::clamp(utc, kFirstLocal, kLastLocal);
  const LocalLine line(zone_, at);
  if (const auto in_week = line.plain_in_week()) return plainly_contains(spans_, *in_week);
  for (int week = kFirstWeek; week <= kLastWeek; ++week) {
    for (const WeekSpan& span : spans_) {
      if (at >= line.edge(week, span.begin, false) && at < line.edge(week, span.end, true)) {
        return true;
      }
    }
  }
  return false;
}

Instant Schedule::next_edge(Instant utc) const {
  if (spans_.empty() || spans_.front().end - spans_.front().begin == kWeek || utc >= kLastLocal) {
    return kNever;
  }
  const Instant at = std::max(utc, kFirstLocal);
  const LocalLine line(zone_, at);
  if (const auto in_week = line.plain_in_week()) return at + plainly_to_edge(spans_, *in_week);
  Instant next = kNever;
  for (int week = kFirstWeek; week <= kLastWeek; ++week) {
    for (const WeekSpan& span : spans_) {
      for (const Instant edge :
           {line.edge(week, span.begin, false), line.edge(week, span.end, true)}) {
        if (edge > at) next = std::min(next, edge);
      }
    }
  }
  return next;
}

std::string Schedule::zone_name() const {
  return zone_ == nullptr ? std::string() : zone_->name();
}

std::vector<std::string_view> zone_names() {
  std::vector<std::string_view> names;
  try {
    for (const date::time_zone& zone : date::get_tzdb().zones) names.push_back(zone.name());
  } catch (const std::exception&) {  // how the library says that there is no table of zones
    names.clear();
  }
  return names;
}

const date::time_zone* find_zone(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::exception&) {  // how the library says that it does not know the name
    return nullptr;
  }
}

}  // namespace trainstop::policy
