// One event as one line of logfmt, JSON or text. All three carry the same keys in the same order.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>

#include "log/escape.hpp"
#include "log/sink.hpp"

namespace trainstop::log {

namespace {

constexpr int kVersion = 1;
// A year no clock means: such an instant is unknown, and what is unknown is left out.
constexpr Instant kLastInstant{std::chrono::sys_days{std::chrono::year{9999} / 1 / 1}};

bool is_known(const Value& value) {
  if (const auto* number = std::get_if<double>(&value.data)) return std::isfinite(*number);
  if (const auto* instant = std::get_if<Instant>(&value.data)) {
    return *instant >= Instant{} && *instant < kLastInstant;
  }
  return true;
}

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

void append_json(std::string& line, const Value& value);

struct JsonWriter {
  std::string& line;

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
      if (line.size() - begin > kLongestText) {
        line += "\"…\"";
        break;
      }
      append_json(line, value);
    }
    line += ']';
  }

  void operator()(const Value::Object& fields) const {
    const std::size_t begin = line.size();
    line += '{';
    for (const auto& [key, value] : fields) {
      if (!is_known(value)) continue;
      if (line.back() != '{') line += ',';
      if (line.size() - begin > kLongestText) {
        line += "\"…\":true";
        break;
      }
      append_quoted(line, key);
      line += ':';
      append_json(line, value);
    }
    line += '}';
  }
};

void append_json(std::string& line, const Value& value) {
  std::visit(JsonWriter{line}, value.data);
}

/// Whether a logfmt value can stand without quotes.
bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
}

void append_logfmt_text(std::string& line, std::string_view text) {
  if (is_plain(text) && text.size() <= kLongestText) {
    line += text;
  } else {
    append_quoted(line, text);
  }
}

void append_logfmt(std::string& line, std::string_view key, const Value& value) {
  if (!is_known(value)) return;
  if (!line.empty()) line += ' ';
  line += key;
  line += '=';
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    append_logfmt_text(line, *text);
  } else if (const auto* instant = std::get_if<Instant>(&value.data)) {
    line += format_rfc3339(*instant);
  } else if (std::holds_alternative<Value::Array>(value.data) ||
             std::holds_alternative<Value::Object>(value.data)) {
    std::string json;
    append_json(json, value);
    append_logfmt_text(line, json);
  } else {
    append_json(line, value);
  }
}

std::string logfmt_line(const Event& event, std::uint64_t seq) {
  std::string line;
  append_logfmt(line, "v", kVersion);
  append_logfmt(line, "seq", static_cast<std::int64_t>(seq));
  append_logfmt(line, "at", event.at);
  append_logfmt(line, "level", to_string(event.level));
  append_logfmt(line, "event", event.name);
  append_logfmt(line, "msg", event.message);
  for (const auto& [key, value] : event.fields) append_logfmt(line, key, value);
  return line;
}

std::string json_line(const Event& event, std::uint64_t seq) {
  std::string line = fmt::format(R"({{"v":{},"seq":{},"at":)", kVersion, seq);
  append_json(line, format_rfc3339(event.at));
  line += ",\"level\":";
  append_json(line, to_string(event.level));
  line += ",\"event\":";
  append_json(line, event.name);
  line += ",\"msg\":";
  append_json(line, event.message);
  for (const auto& [key, value] : event.fields) {
    if (!is_known(value)) continue;
    line += ',';
    append_quoted(line, key);
    line += ':';
    append_json(line, value);
  }
  return line + '}';
}

std::string text_line(const Event& event, std::uint64_t seq) {
  std::string line =
      fmt::format("{} {:7} {:18} ", format_rfc3339(event.at), to_string(event.level), event.name);
  append_escaped(line, event.message);
  append_logfmt(line, "v", kVersion);
  append_logfmt(line, "seq", static_cast<std::int64_t>(seq));
  for (const auto& [key, value] : event.fields) append_logfmt(line, key, value);
  return line;
}

}  // namespace

std::string format_line(const Event& event, std::uint64_t seq, Format format) {
  switch (format) {
    case Format::logfmt:
      return logfmt_line(event, seq);
    case Format::json:
      return json_line(event, seq);
    case Format::text:
      return text_line(event, seq);
  }
  return {};
}

}  // namespace trainstop::log
