// One event as one line of logfmt, JSON or text. All three carry the same keys in the same order.
#include <fmt/format.h>

#include <algorithm>

#include "log/escape.hpp"
#include "log/json.hpp"
#include "log/sink.hpp"

namespace trainstop::log {

namespace {

constexpr int kVersion = 1;

void append_value(std::string& line, const Value& value) {
  append_json(line, value, kLongestText);
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
    append_value(json, value);
    append_logfmt_text(line, json);
  } else {
    append_value(line, value);
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
  append_value(line, format_rfc3339(event.at));
  line += ",\"level\":";
  append_value(line, to_string(event.level));
  line += ",\"event\":";
  append_value(line, event.name);
  line += ",\"msg\":";
  append_value(line, event.message);
  for (const auto& [key, value] : event.fields) {
    if (!is_known(value)) continue;
    line += ',';
    append_quoted(line, key);
    line += ':';
    append_value(line, value);
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
