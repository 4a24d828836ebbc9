#include "log/json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "log/escape.hpp"

namespace trainstop::log {

namespace {

// A year no clock means: such an instant is unknown, and what is unknown is left out.
constexpr Instant kLastInstant{std::chrono::sys_days{std::chrono::year{9999} / 1 / 1}};

/// Seconds with up to three digits, cut: a time that has not passed is never told.
void append_seconds(std::string& line, Duration duration) {
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  const auto magnitude = whole < 0 ? -whole : whole;
  std::string text = fmt::format("{}{}", whole < 0 ? "-" : "", magnitude / 1000);
  if (magnitude % 1000 != 0) {
    text += fmt::format(".{:03}", magnitude % 1000);
    text.erase(text.find_last_not_of('0') + 1);
  }
  line += text;
}

struct JsonWriter {
  std::string& line;
  std::size_t longest;

  void operator()(bool value) const { line += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { line += std::to_string(value); }
  void operator()(double value) const { fmt::format_to(std::back_inserter(line), "{}", value); }
  void operator()(const std::string& value) const { append_quoted(line, value); }
  void operator()(Money value) const { line += format_decimal(value); }
  void operator()(Duration value) const { append_seconds(line, value); }
  void operator()(Instant value) const { append_quoted(line, format_rfc3339(value)); }

  void operator()(const Value::Array& values) const {
    const std::size_t begin = line.size();
    line += '[';
    for (const Value& value : values) {
      if (!is_known(value)) continue;
      if (line.back() != '[') line += ',';
      if (line.size() - begin > longest) {
        line += "\"…\"";
        break;
      }
      append_json(line, value, longest);
    }
    line += ']';
  }

  void operator()(const Value::Object& fields) const {
    const std::size_t begin = line.size();
    line += '{';
    for (const auto& [key, value] : fields) {
      if (!is_known(value)) continue;
      if (line.back() != '{') line += ',';
      if (line.size() - begin > longest) {
        line += "\"…\":true";
        break;
      }
      append_quoted(line, key);
      line += ':';
      append_json(line, value, longest);
    }
    line += '}';
  }
};

}  // namespace

bool is_known(const Value& value) {
  if (const auto* number = std::get_if<double>(&value.data)) return std::isfinite(*number);
  if (const auto* instant = std::get_if<Instant>(&value.data)) {
    return *instant >= Instant{} && *instant < kLastInstant;
  }
  return true;
}

void append_json(std::string& text, const Value& value, std::size_t longest) {
  std::visit(JsonWriter{text, longest}, value.data);
}

}  // namespace trainstop::log
