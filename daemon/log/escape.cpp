#include "log/escape.hpp"

#include <fmt/format.h>

#include <iterator>

namespace trainstop::log {

namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  ///< bytes; 0: the bytes here are not UTF-8
};

/// Reads the code point that begins at `text` (not empty), by RFC 3629: no overlong forms, no
/// surrogates, nothing past U+10FFFF.
CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
  char32_t value = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6U) | (byte(i) & 0x3fU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || (value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) return {};
  return {value, length};
}

/// How many bytes from here on stand for themselves in every format.
std::size_t plain_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= ' ' && text[length] < 0x7f &&
         text[length] != '"' && text[length] != '\\') {
    ++length;
  }
  return length;
}

/// Whether a terminal, a pager or a reader of lines could take it for more than a character.
bool is_active(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

}  // namespace

void append_escaped(std::string& line, std::string_view text) {
  const bool cut = text.size() > kLongestText;
  std::size_t position = 0;
  while (position < text.size()) {
    // Most texts are plain all through.
    const std::size_t plain = plain_length(text.substr(position, kLongestText - position));
    line += text.substr(position, plain);
    position += plain;
    if (position == text.size() || position >= kLongestText) break;
    const auto [value, length] = decode(text.substr(position));
    if (cut && position + std::max<std::size_t>(length, 1) > kLongestText) break;
    if (length == 0) {
      line += "\xef\xbf\xbd";
      ++position;
      continue;
    }
    if (value == '"' || value == '\\') {
      line += '\\';
      line += static_cast<char>(value);
    } else if (value == '\n') {
      line += "\\n";
    } else if (value == '\t') {
      line += "\\t";
    } else if (is_active(value)) {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned>(value));
    } else {
      line += text.substr(position, length);
    }
    position += length;
  }
  if (cut) line += "…";
}

void append_quoted(std::string& line, std::string_view text) {
  line += '"';
  append_escaped(line, text);
  line += '"';
}

}  // namespace trainstop::log
