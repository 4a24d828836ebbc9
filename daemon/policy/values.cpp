#include "policy/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policy/local_time.hpp"

namespace trainstop::policy {

namespace {

using namespace std::chrono_literals;

constexpr Duration kLongest = 24h * 36500;
constexpr std::size_t kMostDecimals = 9;  // nano-dollars
constexpr std::size_t kMostDigits = 18;   // fit into 64 bits

constexpr std::string_view kDurationForm =
    "expected a duration such as '90s' or '1h30m' (whole numbers with ms, s, m, h, d, w, largest "
    "first)";
constexpr std::string_view kMoneyForm =
    "expected an amount of money such as '$500', '12.50 USD' or '500'";
constexpr std::string_view kPriceForm =
    "expected a price per node with its unit, such as '$52.00/h' or '$0.86667/min'";
constexpr std::string_view kInstantForm =
    "expected a time such as '2026-12-01T18:00:00Z', or '2026-12-01 18:00' in the configured "
    "timezone";

struct Unit {
  std::string_view name;
  Duration size;
};
constexpr std::array kUnits{Unit{"w", 168h}, Unit{"d", 24h}, Unit{"h", 1h},
                            Unit{"m", 1min}, Unit{"s", 1s},  Unit{"ms", 1ms}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The digits at the front of `text`, taken away from it.
std::string_view take_digits(std::string_view& text) {
  const auto* const end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

/// One to kMostDigits digits as a number.
std::optional<std::int64_t> number(std::string_view digits) {
  if (digits.size() > kMostDigits) return {};
  std::int64_t value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

/// Why `text` is no number of dollars; empty when it is one.
std::string money_fault(std::string_view text) {
  if (text.starts_with('-')) return "an amount of money can't be negative here";
  if (text.find(',') != std::string_view::npos || text.find('_') != std::string_view::npos) {
    return "amounts are written without separators of thousands, with a point: '$12500.50'";
  }
  std::string_view rest = text;
  const std::string_view whole = take_digits(rest);
  if (whole.empty()) return std::string(kMoneyForm);
  if (whole.size() > 1 && whole.front() == '0') return "an amount can't start with a zero";
  if (rest.empty()) return {};
  if (rest.front() != '.') return std::string(kMoneyForm);
  rest.remove_prefix(1);
  const std::string_view decimals = take_digits(rest);
  if (decimals.empty() || !rest.empty()) return std::string(kMoneyForm);
  if (decimals.size() > kMostDecimals) return "an amount has at most nine decimals";
  return {};
}

/// A time of day without seconds gets them, a bare day gets midnight.
std::string complete_local(std::string_view text) {
  constexpr std::size_t kDay = std::string_view("2026-12-01").size();
  constexpr std::size_t kMinute = std::string_view("2026-12-01T18:00").size();
  if (text.size() == kDay) return fmt::format("{}T00:00:00Z", text);
  if (text.size() == kMinute) return fmt::format("{}:00Z", text);
  return fmt::format("{}Z", text);
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text, std::string& error) {
  error = kDurationForm;
  if (text.empty()) return {};
  Duration sum{0};
  const Unit* last = nullptr;
  while (!text.empty()) {
    const std::string_view digits = take_digits(text);
    if (digits.empty()) return {};
    const auto* const end = std::find_if(text.begin(), text.end(), is_digit);
    const std::string_view name = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(name.size());
    if (name.empty()) {
      error = fmt::format("'{}' has no unit; {}", digits, kDurationForm);
      return {};
    }
    if (digits.size() > 1 && digits.front() == '0') {
      error = fmt::format("'{}' starts with a zero; {}", digits, kDurationForm);
      return {};
    }
    const auto* const unit =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == name; });
    if (unit == kUnits.end()) return {};
    if (last != nullptr && unit <= last) {
      error = fmt::format("units must go from the largest to the smallest, each once; {}",
                          kDurationForm);
      return {};
    }
    last = unit;
    const auto count = number(digits);
    if (!count || *count > kLongest / unit->size || sum + *count * unit->size > kLongest) {
      error = "longer than 100 years";
      return {};
    }
    sum += *count * unit->size;
  }
  return sum;
}

std::optional<Money> parse_money(std::string_view text, std::string& error) {
  const bool dollar = text.starts_with('$');
  if (dollar) text.remove_prefix(1);
  if (!dollar && text.ends_with("USD")) {
    text.remove_suffix(3);
    while (text.ends_with(' ')) text.remove_suffix(1);
  }
  error = money_fault(text);
  if (!error.empty()) return {};
  const auto money = parse_decimal_dollars(text);
  if (!money) error = "more money than trainstop can count";
  return money;
}

std::optional<Money> parse_price(std::string_view text, std::string& error) {
  const std::size_t slash = text.find('/');
  const std::string_view unit =
      slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
  if (unit != "h" && unit != "min") {
    error = kPriceForm;
    return {};
  }
  std::string_view amount = text.substr(0, slash);
  while (amount.ends_with(' ')) amount.remove_suffix(1);
  const auto money = parse_money(amount, error);
  if (!money) {
    if (error == kMoneyForm) error = kPriceForm;
    return {};
  }
  return unit == "h" ? divide_half_even(*money, 60) : *money;
}

std::optional<int> parse_percent(std::string_view text, std::string& error) {
  constexpr int kMost = 10'000;
  error = "expected whole percents with their sign, such as '80%'";
  if (!text.ends_with('%')) return {};
  text.remove_suffix(1);
  std::string ignored;
  const auto value = parse_integer(text, ignored);
  if (!value) return {};
  if (*value > kMost) {
    error = "more than 10000%";
    return {};
  }
  return static_cast<int>(*value);
}

std::optional<std::int64_t> parse_integer(std::string_view text, std::string& error) {
  error = "expected a whole number";
  std::string_view rest = text;
  const std::string_view digits = take_digits(rest);
  if (digits.empty() || !rest.empty()) return {};
  if (digits.size() > 1 && digits.front() == '0') {
    error = "a whole number can't start with a zero (YAML would read it as octal)";
    return {};
  }
  const auto value = number(digits);
  if (!value) error = "the number is too large";
  return value;
}

std::optional<Instant> parse_instant(std::string_view text, const date::time_zone* zone,
                                     Doubled doubled, std::string& error) {
  if (const auto utc = parse_rfc3339(text)) return utc;
  const auto naive = parse_rfc3339(complete_local(text));
  // A zone or offset that complete_local was appended to is no RFC 3339, so the text had none.
  if (!naive || zone == nullptr) {
    error = kInstantForm;
    return {};
  }
  return utc_of(LocalTime{naive->time_since_epoch()}, *zone, doubled == Doubled::second);
}

}  // namespace trainstop::policy
