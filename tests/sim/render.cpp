#include "sim/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "sim/world.hpp"

namespace trainstop::sim {
namespace {

struct Broken {
  int year;
  unsigned month, day, weekday;
  int hour, minute, second, micros;
};

Broken break_down(WallTime time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const auto rest = time - day;
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          weekday(day).c_encoding(),
          static_cast<int>(duration_cast<hours>(rest).count()),
          static_cast<int>(duration_cast<minutes>(rest).count() % 60),
          static_cast<int>(duration_cast<seconds>(rest).count() % 60),
          static_cast<int>(rest.count() % 1'000'000)};
}

void append_optional(std::string& out, std::string_view key,
                     const std::optional<std::string>& text) {
  out += fmt::format(",\"{}\":{}", key, text ? quoted(*text) : "null");
}

}  // namespace

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

std::string render_time(WallTime time, int fraction_digits,
                        std::optional<std::chrono::minutes> offset) {
  const Broken at = break_down(time + offset.value_or(std::chrono::minutes(0)));
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", at.year, at.month, at.day,
                                 at.hour, at.minute, at.second);
  const int digits = std::clamp(fraction_digits, 0, 6);
  if (digits > 0) {
    text += '.' + fmt::format("{:06}", at.micros).substr(0, static_cast<std::size_t>(digits));
  }
  if (!offset) return text + 'Z';
  const auto minutes = offset->count();
  return text + fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                            std::abs(minutes) % 60);
}

std::string render_http_date(WallTime time) {
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Broken at = break_down(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[at.weekday], at.day,
                     kMonths[at.month - 1], at.year, at.hour, at.minute, at.second);
}

std::string render_instance_type(const InstanceType& type) {
  const bool gpu = type.gpu_type.has_value();
  return fmt::format(
      R"({{"id":{},"name":{},"memory_limit_mib":{},"millicpu_limit":{},"gpu_count":{},"gpu_type":{},"gpu_memory_limit_mib":{}}})",
      quoted(type.id), quoted(type.name), 1048576, 104000, type.gpu_count,
      gpu ? quoted(*type.gpu_type) : "null", gpu ? "81920" : "null");
}

std::string render_job(const JobState& job, const InstanceType& type, Duration shift) {
  const JobScript& script = job.script;
  const auto time = [&](WallTime at) {
    return quoted(render_time(at + shift, script.fraction_digits, script.offset));
  };
  std::string out = fmt::format(
      R"({{"id":{},"created_at":{},"current_status":{},"instance_type":{},"updated_at":{},"training_project_id":{},"training_project":{{"id":{},"name":{}}})",
      quoted(script.id), time(job.created), quoted(job.status), render_instance_type(type),
      time(job.updated), quoted(script.project_id), quoted(job.project.id),
      quoted(job.project.name));
  if (!script.old_schema) {
    append_optional(out, "name", script.name);
    append_optional(
        out, "error_message",
        job.status.ends_with("FAILED") ? std::optional<std::string>("exit code 1") : std::nullopt);
    out += ",\"checkpoint_sync_status\":null";
    out += fmt::format(",\"node_count\":{}", script.node_count.value_or(1));
    out += fmt::format(",\"priority\":{}", script.priority.value_or(0));
    out += ",\"availability_model\":" + quoted(script.availability.value_or("dedicated"));
    out += ",\"user\":";
    out += script.user ? fmt::format(R"({{"email":{}}})", quoted(*script.user)) : "null";
  }
  if (!script.extra_members.empty()) out += ',' + script.extra_members;
  return out + '}';
}

std::string render_project(World& world, const Project& project) {
  const ProjectSummary summary = world.summary(project.id);
  const auto time = [&](WallTime at) {
    return quoted(render_time(at + world.settings().clock_offset, 3, std::nullopt));
  };
  return fmt::format(
      R"({{"id":{},"name":{},"created_at":{},"updated_at":{},"team_name":{},"latest_job":{}}})",
      quoted(project.id), quoted(project.name), time(summary.created), time(summary.updated),
      project.team ? quoted(*project.team) : "null",
      summary.newest ? world.record(*summary.newest) : "null");
}

std::string render_prices(const std::vector<InstanceType>& types) {
  std::string out = R"({"instance_types":[)";
  bool first = true;
  for (const auto& type : types) {
    if (!type.priced) continue;
    if (!first) out += ',';
    first = false;
    out += R"({"instance_type":)" + render_instance_type(type);
    if (!type.price.empty()) out += R"(,"price":)" + type.price;
    out += '}';
  }
  return out + "]}";
}

std::string render_error(ErrorShape shape, std::string_view code, std::string_view message) {
  if (shape == ErrorShape::error_only) return fmt::format(R"({{"error":{}}})", quoted(message));
  return fmt::format(R"({{"code":{},"message":{}}})", quoted(code), quoted(message));
}

}  // namespace trainstop::sim
