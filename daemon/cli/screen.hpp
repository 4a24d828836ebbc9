// Where text is shown: how wide it is, whether in colour, and text cut to fit. All text that comes
// here is plain() already.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace trainstop::cli {

enum class Ink : std::uint8_t { none, bold, dim, red, yellow, green };

struct Screen {
  static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
  std::size_t columns = kNoLimit, rows = kNoLimit;  ///< without a terminal nothing is cut
  bool terminal = false;
  bool colour = false;

  /// The text in that ink, where there is colour.
  std::string in(Ink ink, std::string_view text) const;
};

/// What standard output is. Colour only on a terminal, unless NO_COLOR is set or TERM is `dumb`.
Screen find_screen();

/// How many columns the text takes: two for wide characters, none for marks on another.
std::size_t width_of(std::string_view text);

/// At most so many columns of it; `…` stands for the rest.
std::string cut(std::string_view text, std::size_t columns);

/// The words in lines of at most so many columns, all but the first after `indent` spaces.
std::string wrap(std::string_view text, std::size_t columns, std::size_t indent);

/// `####......`, full when `share` is 1 and never before.
std::string bar(double share, std::size_t width);

}  // namespace trainstop::cli
