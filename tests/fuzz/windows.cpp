// Windows of a schedule: their words, and when the schedule that they make is on.
#include <array>

#include "fuzz/fuzz.hpp"
#include "policy/schedule.hpp"

namespace trainstop::fuzz {
namespace {

using policy::Schedule;
using policy::WeekSpan;

constexpr int kWeek = 7 * 24 * 60;
constexpr std::array kZones{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                            "Pacific/Apia"};

std::vector<WeekSpan> read_all(const std::string& text, const std::string& separator) {
  std::vector<WeekSpan> spans;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    std::string error;
    const auto window = policy::parse_window(text.substr(begin, end - begin), error);
    require(window.has_value() || !error.empty(), "a refused window has words");
    if (window) spans.insert(spans.end(), window->begin(), window->end());
    begin = end + separator.size();
  }
  return spans;
}

/// Of one window: its stretches are those of its own words.
void check_window(std::vector<WeekSpan> spans) {
  std::vector<WeekSpan> again = read_all(policy::format_windows(spans), ", ");
  const auto earlier = [](const WeekSpan& a, const WeekSpan& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  };
  std::sort(spans.begin(), spans.end(), earlier);
  std::sort(again.begin(), again.end(), earlier);
  require(spans == again, "parse(format(window)) == window");
}

void check_words(const Schedule& schedule, const date::time_zone* zone) {
  const std::string text = policy::format_windows(schedule.spans());
  require(text.empty() == schedule.spans().empty(), "what covers something has words");
  const Schedule again(read_all(text, ", "), zone);
  require(again == schedule, "parse(format(windows)) == windows");
  int last = -1;
  for (const WeekSpan& span : schedule.spans()) {
    require(span.begin > last && span.begin < kWeek, "stretches are in order and apart");
    last = span.end;
  }
}

bool plainly_on(const Schedule& schedule, Instant utc) {
  constexpr std::chrono::sys_days kMonday{std::chrono::year{1970} / 1 / 5};
  const auto minutes = std::chrono::floor<std::chrono::minutes>(utc - kMonday).count();
  const int minute = static_cast<int>((minutes % kWeek + kWeek) % kWeek);
  const auto& spans = schedule.spans();
  return std::any_of(spans.begin(), spans.end(), [&](const WeekSpan& span) {
    return (minute >= span.begin && minute < span.end) || minute + kWeek < span.end;
  });
}

void check_edges(const Schedule& schedule, Instant utc, std::uint32_t part) {
  const bool on = schedule.contains(utc);
  const Instant edge = schedule.next_edge(utc);
  require(edge > utc, "the next edge is later");
  require(edge == kNever || edge - utc <= std::chrono::hours(24 * 16), "an edge comes every week");
  const Duration until = std::min(edge - utc, Duration(std::chrono::hours(24 * 16)));
  const Instant between = utc + until / 0xffffffffLL * part;
  require(schedule.contains(between) == on, "between two edges nothing changes");
  require(schedule.contains(utc + until - Duration{1}) == on, "nor right before an edge");
  require(schedule.next_edge(between) == edge || edge == kNever, "it stays the next edge");
  if (schedule.zone_name() == "Etc/UTC" || schedule.zone_name() == "UTC") {
    require(on == plainly_on(schedule, utc), "in UTC a week is plain arithmetic");
  }
}

}  // namespace
}  // namespace trainstop::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainstop;
  fuzz::Input input(data, size);
  const auto zone_index = input.between<std::size_t>(0, fuzz::kZones.size() - 1);
  const Instant utc = input.instant();
  const auto part = input.between<std::uint32_t>(0, 0xffffffff);
  const std::string text = input.rest();
  const auto spans = fuzz::read_all(text, "\n");
  for (const policy::WeekSpan& span : spans) {
    fuzz::require(span.begin >= 0 && span.begin < fuzz::kWeek, "a stretch begins in the week");
    fuzz::require(span.end > span.begin && span.end <= span.begin + fuzz::kWeek,
                  "a stretch ends after its begin, within a week");
  }
  if (text.find('\n') == std::string::npos && !spans.empty()) fuzz::check_window(spans);
  // A schedule goes over every minute of the week: of a few inputs only, whichever they are.
  if (std::hash<std::string>()(text) % 64 != 0) return 0;
  const auto* const zone = policy::find_zone(fuzz::kZones.at(zone_index));
  const policy::Schedule schedule(spans, zone);
  fuzz::check_words(schedule, zone);
  fuzz::check_edges(schedule, utc, part);
  return 0;
}
