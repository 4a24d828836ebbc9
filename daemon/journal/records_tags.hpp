// The one-key objects that stand for what JSON lacks: shared by the two directions of the encoding.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "model/event.hpp"

namespace trainstop::journal {

/// Values in values; the deepest that the daemon makes is 4.
inline constexpr int kDeepest = 32;

inline constexpr std::string_view kMoney = "$";     // nano-dollars
inline constexpr std::string_view kInstant = "@";   // microseconds since 1970, UTC
inline constexpr std::string_view kDuration = "s";  // microseconds
inline constexpr std::string_view kDouble = "#";    // "nan", "inf", "-inf"
inline constexpr std::string_view kBytes =
    "b";  // text that is not UTF-8: a code point for each byte
inline constexpr std::string_view kObject =
    "o";  // an object that JSON can't hold as one: [[key, value]]
inline constexpr std::array kTags{kMoney, kInstant, kDuration, kDouble, kBytes, kObject};

inline bool is_tag(std::string_view key) {
  return std::ranges::find(kTags, key) != kTags.end();
}

/// encode(), but empty when the values are nested deeper than kDeepest.
std::optional<std::string> try_encode(const Value::Object& fields);

}  // namespace trainstop::journal
