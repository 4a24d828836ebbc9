#include "service/lineage.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace trainstop::service {

namespace {

// Clocks that differ by less agree, as in core/clock.
constexpr Duration kTolerance = std::chrono::seconds(5);

const Value* find(const Value::Object& body, std::string_view name) {
  const auto found = std::find_if(body.begin(), body.end(),
                                  [&](const auto& member) { return member.first == name; });
  return found == body.end() ? nullptr : &found->second;
}

template <class T>
std::optional<T> get(const Value::Object& body, std::string_view name) {
  const Value* value = find(body, name);
  const T* typed = value == nullptr ? nullptr : std::get_if<T>(&value->data);
  return typed == nullptr ? std::optional<T>() : *typed;
}

}  // namespace

Image image_of(const Run& run, Value::Object fields) {
  Image image;
  image.kind = Image::Kind::run;
  image.change = Image::Change::amend;
  image.key = std::to_string(run.started.time_since_epoch().count());
  image.body.emplace_back("started", run.started);
  image.body.emplace_back("boot_id", run.boot_id);
  image.body.emplace_back("line_offset", run.line_offset);
  if (run.ended) image.body.emplace_back("ended", *run.ended);
  for (auto& field : fields) image.body.push_back(std::move(field));
  return image;
}

std::optional<Run> last_run(const std::vector<Image>& present) {
  std::optional<Run> last;
  for (const Image& image : present) {
    if (image.kind != Image::Kind::run) continue;
    const auto started = get<Instant>(image.body, "started");
    const auto boot_id = get<std::string>(image.body, "boot_id");
    const auto offset = get<Duration>(image.body, "line_offset");
    if (!started || !boot_id || !offset) continue;
    last = Run{*started, *boot_id, *offset, get<Instant>(image.body, "ended")};
  }
  return last;
}

Duration last_utc_shift(const std::vector<Image>& present) {
  for (const Image& image : present) {
    if (image.kind != Image::Kind::clock) continue;
    return get<Duration>(image.body, "utc_shift").value_or(Duration{0});
  }
  return Duration{0};
}

std::optional<Duration> resumed_offset(const Run& last, const std::string& boot_id,
                                       Duration boot_time, Duration utc_shift, Instant last_utc) {
  if (boot_id.empty() || boot_id != last.boot_id) return {};
  const Instant line{boot_time + last.line_offset};
  // A boot clock that ran backwards is another one: a container's, or a restored machine's.
  const bool plausible =
      line >= last.started &&
      (last_utc == kLongAgo || saturating_add(line, utc_shift) + kTolerance >= last_utc);
  return plausible ? std::optional(last.line_offset) : std::nullopt;
}

Instant utc_after_boot(Instant wall, Instant api_date, Instant last_utc) {
  if (wall - api_date <= kTolerance && api_date - wall <= kTolerance) return wall;
  if (wall < saturating_add(last_utc, -kTolerance)) return api_date;
  return std::min(wall, api_date);
}

std::string read_boot_id() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  if (!id.empty()) return id;
  // The unit hides all of /proc but processes (ProcSubset=pid), and says it instead.
  const char* const said = std::getenv("TRAINSTOP_BOOT_ID");
  return said == nullptr ? "" : said;
}

}  // namespace trainstop::service
