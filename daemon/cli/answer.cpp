#include "cli/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <chrono>
#include <cmath>

#include "cli/text.hpp"
#include "log/json.hpp"

namespace trainstop::cli {

namespace {

namespace json = boost::json;

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;

constexpr Duration kDay = std::chrono::hours(24);
constexpr double kMostSeconds = 9e12;

const json::value* find(const json::object& object, std::string_view key) {
  return object.if_contains(key);
}

Value value_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::bool_:
      return value.as_bool();
    case json::kind::int64:
      return value.as_int64();
    case json::kind::string:
      return std::string_view(value.as_string());
    case json::kind::array: {
      Value::Array all;
      for (const json::value& each : value.as_array()) all.push_back(value_of(each));
      return all;
    }
    case json::kind::object: {
      Value::Object all;
      for (const auto& [key, each] : value.as_object()) {
        if (!each.is_null()) all.emplace_back(std::string(key), value_of(each));
      }
      return all;
    }
    default:
      return value.is_number() ? value.to_number<double>() : std::nan("");
  }
}

}  // namespace

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* const found = find(object, key);
  return found != nullptr && found->is_string() ? plain(std::string_view(found->as_string())) : "";
}

std::optional<double> number_at(const json::object& object, std::string_view key) {
  const json::value* const found = find(object, key);
  if (found == nullptr || !found->is_number()) return {};
  return found->to_number<double>();
}

std::optional<Instant> instant_at(const json::object& object, std::string_view key) {
  const json::value* const found = find(object, key);
  if (found == nullptr || !found->is_string()) return {};
  return parse_rfc3339(std::string_view(found->as_string()));
}

bool is_true_at(const json::object& object, std::string_view key) {
  const json::value* const found = find(object, key);
  return found != nullptr && found->is_bool() && found->as_bool();
}

const json::object& object_at(const json::object& object, std::string_view key) {
  static const json::object none;
  const json::value* const found = find(object, key);
  return found != nullptr && found->is_object() ? found->as_object() : none;
}

const json::array& array_at(const json::object& object, std::string_view key) {
  static const json::array none;
  const json::value* const found = find(object, key);
  return found != nullptr && found->is_array() ? found->as_array() : none;
}

std::vector<const json::object*> objects_at(const json::object& object, std::string_view key) {
  std::vector<const json::object*> all;
  for (const json::value& each : array_at(object, key)) {
    if (each.is_object()) all.push_back(&each.as_object());
  }
  return all;
}

Instant now_of(const json::object& answer) {
  return instant_at(answer, "at").value_or(Instant{});
}

json::object json_of(const Value::Object& answer) {
  std::string text;
  log::append_json(text, Value(answer));
  return json::parse(text).as_object();
}

std::string json_line(const json::object& answer) {
  std::string text;
  log::append_json(text, value_of(answer));
  return text + '\n';
}

std::string spell(Duration duration) {
  const Duration whole = std::max(duration, Duration{0});
  if (whole < 1min) return format_duration(std::chrono::floor<std::chrono::seconds>(whole));
  const Duration unit = whole < kDay ? Duration(1min) : Duration(1h);
  return format_duration(whole - whole % unit);
}

std::string spell_seconds(std::optional<double> seconds) {
  if (!seconds || std::abs(*seconds) > kMostSeconds) return {};
  return spell(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds)));
}

std::string spell_until(Instant at, Instant now) {
  if (at > now) return "in " + spell(at - now);
  return now - at < std::chrono::seconds(1) ? "now" : spell(now - at) + " ago";
}

std::string dollars(std::optional<double> amount) {
  if (!amount) return {};
  return fmt::format("{}${:.2f}", *amount < 0 ? "-" : "", std::abs(*amount));
}

std::string spell_time(Instant utc, Instant now) {
  const std::string text = format_rfc3339(utc);  // 2026-11-25T14:06:57.123Z
  const std::string time = text.substr(11, 5) + " UTC";
  const bool today =
      std::chrono::floor<std::chrono::days>(utc) == std::chrono::floor<std::chrono::days>(now);
  return today ? time : text.substr(0, 10) + " " + time;
}

std::string name_of(const json::object& job) {
  std::string name = text_at(job, "job_name");
  return name.empty() ? text_at(job, "job") : name;
}

std::string cause_of(const json::object& due) {
  const std::string person = text_at(due, "ordered_by");
  return person.empty() ? "rule " + text_at(due, "rule") : "order of " + person;
}

std::string count_of(double count, std::string_view thing) {
  return fmt::format("{:.0f} {}{}", count, thing, count == 1 ? "" : "s");
}

}  // namespace trainstop::cli
