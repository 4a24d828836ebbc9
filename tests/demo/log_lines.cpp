#include "demo/log_lines.hpp"

namespace trainstop::demo {

namespace {

/// Takes the first word off a text.
std::string_view take_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  const std::size_t end = text.find(' ', begin);
  const std::string_view word =
      text.substr(begin, end == std::string_view::npos ? end : end - begin);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  return word;
}

}  // namespace

std::string LogLine::field(std::string_view key) const {
  const std::string wanted = " " + std::string(key) + "=";
  std::size_t begin = fields.find(wanted);
  if (begin == std::string::npos) return {};
  begin += wanted.size();
  const bool quoted = begin < fields.size() && fields[begin] == '"';
  if (quoted) ++begin;
  return fields.substr(begin, fields.find(quoted ? '"' : ' ', begin) - begin);
}

std::optional<Instant> LogLine::instant(std::string_view key) const {
  return parse_rfc3339(field(key));
}

std::optional<LogLine> parse_line(std::string_view line) {
  const std::size_t fields = line.find(" v=1 ");
  if (fields == std::string_view::npos) return {};
  LogLine result;
  result.sentence = line.substr(0, fields);
  result.fields = line.substr(fields);
  std::string_view rest = result.sentence;
  if (!parse_rfc3339(take_word(rest))) return {};
  take_word(rest);  // the level
  result.event = take_word(rest);
  return result;
}

}  // namespace trainstop::demo
