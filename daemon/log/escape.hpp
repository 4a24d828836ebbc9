// Text from outside as text that can neither end a line nor act on a terminal. One escape serves
// all three formats; it is that of JSON strings (RFC 8259, section 7).
#pragma once

#include <string>
#include <string_view>

namespace trainstop::log {

/// No text is longer in a line; the rest is cut and `…` stands for it.
inline constexpr std::size_t kLongestText = 4096;

/// Appends `text` with `"` and `\`, control characters (C0, DEL, C1), line and paragraph separators
/// and the marks that turn the direction of writing escaped; what is not UTF-8 becomes U+FFFD. Cuts
/// at kLongestText bytes of `text`.
void append_escaped(std::string& line, std::string_view text);

/// The same between quotes.
void append_quoted(std::string& line, std::string_view text);

}  // namespace trainstop::log
