#include "service/body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "policy/values.hpp"

namespace trainstop::service {

namespace {

using baseten::JsonValue;
using Kind = JsonValue::Kind;

constexpr std::size_t kDeepestBody = 4;
constexpr double kMicroseconds = 1e6;

std::size_t characters_of(std::string_view text) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins));
}

std::optional<Money> money_of(const JsonValue& value) {
  std::string ignored;
  if (value.kind == Kind::string) return policy::parse_money(value.text, ignored);
  if (value.kind == Kind::number) return parse_decimal_dollars(value.text);
  return {};
}

}  // namespace

bool is_reason(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") != std::string_view::npos &&
         characters_of(text) <= kLongestReason;
}

std::optional<Duration> parse_seconds(std::string_view text, Duration most) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool fits = error == std::errc{} && end == text.data() + text.size() &&
                    seconds * kMicroseconds <= static_cast<double>(most.count()) &&
                    seconds * kMicroseconds >= 1;
  if (!fits) return {};
  return Duration(std::llround(seconds * kMicroseconds));
}

Body::Body(std::string_view text, std::string& error) : error_(error) {
  error_.clear();
  if (text.empty()) return;
  auto parsed = baseten::parse_json(text, kDeepestBody);
  if (!parsed || parsed->kind != Kind::object) {
    wrong("expected a JSON object as the body");
    return;
  }
  root_ = std::move(*parsed);
  read_.resize(root_.keys.size());
}

Body::Body(const JsonValue& value, std::string_view what, std::string& error) : error_(error) {
  if (value.kind != Kind::object) {
    wrong(fmt::format("'{}': expected objects", what));
    return;
  }
  root_ = value;
  read_.resize(root_.keys.size());
}

std::string Body::text(std::string_view key) {
  if (need(key) == nullptr) return {};
  return optional_text(key).value_or("");
}

std::optional<std::string> Body::optional_text(std::string_view key) {
  const JsonValue* const value = find(key);
  if (value == nullptr) return {};
  if (value->kind == Kind::string && !value->text.empty() && value->text.size() <= kLongestName)
    return value->text;
  wrong(fmt::format("'{}': expected a text of 1 to {} bytes", key, kLongestName));
  return {};
}

std::string Body::content(std::string_view key) {
  const JsonValue* const value = need(key);
  if (value == nullptr) return {};
  if (value->kind != Kind::string) wrong(fmt::format("'{}': expected a text", key));
  return value->text;
}

std::string Body::reason() {
  const JsonValue* const value = need("reason");
  if (value == nullptr) return {};
  if (value->kind == Kind::string && is_reason(value->text)) return value->text;
  wrong(fmt::format("'reason': expected why, in 1 to {} characters", kLongestReason));
  return {};
}

bool Body::flag(std::string_view key) {
  const JsonValue* const value = find(key);
  if (value == nullptr) return false;
  if (value->kind != Kind::boolean) wrong(fmt::format("'{}': expected true or false", key));
  return value->boolean;
}

Duration Body::duration(std::string_view key) {
  if (need(key) == nullptr) return Duration{0};
  return optional_duration(key).value_or(Duration{0});
}

std::optional<Duration> Body::optional_duration(std::string_view key) {
  const JsonValue* const value = find(key);
  if (value == nullptr) return {};
  std::optional<Duration> read;
  if (value->kind == Kind::number) read = parse_seconds(value->text, kLongestOverride);
  if (!read) {
    const auto most = std::chrono::floor<std::chrono::seconds>(kLongestOverride).count();
    wrong(fmt::format("'{}': expected seconds, above 0 and at most {} (7 days)", key, most));
  }
  return read;
}

Money Body::money(std::string_view key) {
  const JsonValue* const value = need(key);
  if (value == nullptr) return {};
  const auto read = money_of(*value);
  if (read && *read > Money{}) return *read;
  wrong(fmt::format("'{}': expected an amount of USD above 0, a number or a text", key));
  return {};
}

std::vector<JsonValue> Body::list(std::string_view key, std::size_t most) {
  const JsonValue* const value = need(key);
  if (value == nullptr) return {};
  if (value->kind == Kind::array && value->items.size() <= most) return value->items;
  wrong(fmt::format("'{}': expected a list of at most {}", key, most));
  return {};
}

bool Body::has(std::string_view key) const {
  return std::find(root_.keys.begin(), root_.keys.end(), key) != root_.keys.end();
}

void Body::wrong(std::string what) {
  if (error_.empty()) error_ = std::move(what);
}

bool Body::done() {
  for (std::size_t i = 0; i < read_.size(); ++i) {
    if (read_[i]) continue;
    const std::string& key = root_.keys[i];
    const bool again = std::find(root_.keys.begin(), root_.keys.end(), key) !=
                       root_.keys.begin() + static_cast<std::ptrdiff_t>(i);
    wrong(fmt::format("{} '{}'", again ? "more than one key" : "unknown key", key));
  }
  return error_.empty();
}

const JsonValue* Body::find(std::string_view key) {
  const auto found = std::find(root_.keys.begin(), root_.keys.end(), key);
  if (found == root_.keys.end()) return nullptr;
  const auto index = static_cast<std::size_t>(found - root_.keys.begin());
  read_[index] = true;
  return &root_.items[index];
}

const JsonValue* Body::need(std::string_view key) {
  const JsonValue* const value = find(key);
  if (value == nullptr) wrong(fmt::format("'{}' is missing", key));
  return value;
}

}  // namespace trainstop::service
