// A JSON value as a small tree that keeps the text of numbers and every key, also a doubled one.
// Boost.JSON's own value would round money to a double and keep the last of two equal keys (T7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trainstop::baseten {

struct JsonValue {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  std::string text;               ///< a string's characters, or a number as it was written
  std::vector<JsonValue> items;   ///< of an array, or an object's values
  std::vector<std::string> keys;  ///< of an object, one for each of its items
};

/// How deep a whole reply may nest.
inline constexpr std::size_t kDeepest = 32;

/// Strict (RFC 8259, valid UTF-8, nothing after the value); empty when the text is anything else or
/// nests deeper than `max_depth`.
std::optional<JsonValue> parse_json(std::string_view text, std::size_t max_depth = kDeepest);

}  // namespace trainstop::baseten
