// A JSON object as the body of a request, read key by key; the first thing that is wrong stays.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "baseten/json.hpp"
#include "model/money.hpp"
#include "model/time.hpp"

namespace trainstop::service {

/// Nothing that a hand changes lasts longer.
inline constexpr Duration kLongestOverride = std::chrono::hours(24 * 7);
inline constexpr std::size_t kLongestReason = 1000;
inline constexpr std::size_t kLongestName = 500;

/// Why in the words of a person: not blank, at most kLongestReason characters.
bool is_reason(std::string_view text);

/// Seconds above 0 and up to `most`; empty for any other text.
std::optional<Duration> parse_seconds(std::string_view text, Duration most);

/// A key that is asked for must be there, save with optional_ in the name. What is wrong gives an
/// empty value, and stands in `error`.
class Body {
 public:
  /// An empty text is an object without keys.
  Body(std::string_view text, std::string& error);
  /// An object within the list `what` of another one.
  Body(const baseten::JsonValue& value, std::string_view what, std::string& error);

  std::string text(std::string_view key);
  std::optional<std::string> optional_text(std::string_view key);
  /// Of any length.
  std::string content(std::string_view key);
  std::string reason();
  /// False without it.
  bool flag(std::string_view key);
  Duration duration(std::string_view key);
  std::optional<Duration> optional_duration(std::string_view key);
  Money money(std::string_view key);
  std::vector<baseten::JsonValue> list(std::string_view key, std::size_t most);
  bool has(std::string_view key) const;

  void wrong(std::string what);
  /// Whether all was right, and nothing was there that nobody asked for.
  bool done();

 private:
  const baseten::JsonValue* find(std::string_view key);
  const baseten::JsonValue* need(std::string_view key);

  baseten::JsonValue root_;
  std::vector<bool> read_;  ///< by key
  std::string& error_;
};

}  // namespace trainstop::service
