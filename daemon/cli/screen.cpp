#include "cli/screen.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace trainstop::cli {

namespace {

struct Range {
  char32_t first, last;
};

// East Asian wide and fullwidth characters and emoji, in broad strokes.
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},  {0xA960, 0xA97F}, {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
// Combining marks, joiners and variation selectors.
constexpr Range kMarks[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F},
                            {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};

template <std::size_t count>
bool is_in(char32_t character, const Range (&ranges)[count]) {
  return std::ranges::any_of(ranges, [&](const Range& range) {
    return range.first <= character && character <= range.last;
  });
}

/// The first character of the text, which is not empty, and how many bytes it has.
struct Character {
  std::size_t bytes = 1, columns = 1;
};
Character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (bytes == 1 || bytes > text.size()) return {};
  char32_t value = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i)
    value = (value << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  if (is_in(value, kMarks)) return {bytes, 0};
  return {bytes, is_in(value, kWide) ? std::size_t{2} : std::size_t{1}};
}

std::string_view code_of(Ink ink) {
  switch (ink) {
    case Ink::bold:
      return "1";
    case Ink::dim:
      return "2";
    case Ink::red:
      return "31";
    case Ink::yellow:
      return "33";
    case Ink::green:
      return "32";
    case Ink::none:
      break;
  }
  return {};
}

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

std::string Screen::in(Ink ink, std::string_view text) const {
  if (!colour || ink == Ink::none || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(ink), text);
}

Screen find_screen() {
  Screen screen;
  if (::isatty(STDOUT_FILENO) == 0) return screen;
  screen.terminal = true;
  const char* const term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  screen.colour = !dumb && !is_set("NO_COLOR");
  screen.columns = 80;
  screen.rows = 24;
  winsize window = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0) return screen;
  if (window.ws_col > 0) screen.columns = window.ws_col;
  if (window.ws_row > 0) screen.rows = window.ws_row;
  return screen;
}

std::size_t width_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character next = first_of(text);
    columns += next.columns;
    text.remove_prefix(next.bytes);
  }
  return columns;
}

std::string cut(std::string_view text, std::size_t columns) {
  if (width_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t bytes = 0, taken = 0;
  while (bytes < text.size()) {
    const Character next = first_of(text.substr(bytes));
    if (taken + next.columns > columns - 1) break;
    taken += next.columns;
    bytes += next.bytes;
  }
  return std::string(text.substr(0, bytes)) + "…";
}

std::string wrap(std::string_view text, std::size_t columns, std::size_t indent) {
  std::string all;
  std::size_t taken = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const std::size_t width = width_of(word);
    if (taken != 0 && taken + 1 + width > columns) {
      all += '\n' + std::string(indent, ' ');
      taken = indent;
    } else if (!all.empty()) {
      all += ' ';
      ++taken;
    }
    all += word;
    taken += width;
  }
  return all;
}

std::string bar(double share, std::size_t width) {
  const double filled = std::clamp(share, 0.0, 1.0) * static_cast<double>(width);
  const auto whole = std::min(width, static_cast<std::size_t>(filled));
  return std::string(whole, '#') + std::string(width - whole, '.');
}

}  // namespace trainstop::cli
