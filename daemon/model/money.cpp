#include "model/money.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <limits>

namespace trainstop {

namespace {

// Two words, so that a product of two amounts never overflows on the way.
__extension__ typedef __int128 Int128;

constexpr std::int64_t kNanoPerDollar = 1'000'000'000;
constexpr int kNanoDigits = 9;
// No text of a number anyone means is longer; it also bounds the exponent loop.
constexpr std::size_t kLongestNumber = 64;
constexpr int kLargestExponent = 400;

/// The parts of a decimal number: its digits without the point, and the power of ten of the last
/// one.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

std::optional<Decimal> split_decimal(std::string_view text) {
  if (text.empty() || text.size() > kLongestNumber) return {};
  Decimal result;
  std::size_t i = 0;
  if (text[i] == '+' || text[i] == '-') result.negative = text[i++] == '-';
  bool point = false;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.' && !point) {
      point = true;
    } else if (text[i] >= '0' && text[i] <= '9') {
      result.digits += text[i];
      if (point) --result.exponent;
    } else {
      return {};
    }
  }
  if (result.digits.empty()) return {};
  if (i == text.size()) return result;
  std::string_view power = text.substr(i + 1);
  if (power.starts_with('+')) {
    power.remove_prefix(1);
    if (power.starts_with('-')) return {};  // from_chars would read it
  }
  int value = 0;
  const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), value);
  if (error != std::errc{} || end != power.data() + power.size() ||
      std::abs(value) > kLargestExponent) {
    return {};
  }
  result.exponent += value;
  return result;
}

/// Rounds a quotient with remainder half to even; all non-negative, divisor > 0.
template <class Integer>
Integer half_even(Integer quotient, Integer remainder, Integer divisor) {
  const Integer rest = divisor - remainder;
  if (remainder > rest || (remainder == rest && quotient % 2 == 1)) return quotient + 1;
  return quotient;
}

}  // namespace

std::optional<Money> add(Money a, Money b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.nano(), b.nano(), &sum)) return {};
  return Money::from_nano(sum);
}

std::optional<Money> subtract(Money a, Money b) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a.nano(), b.nano(), &difference)) return {};
  return Money::from_nano(difference);
}

std::optional<Money> multiply(Money a, std::int64_t factor) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a.nano(), factor, &product)) return {};
  return Money::from_nano(product);
}

Money divide_half_even(Money amount, std::int64_t divisor) {
  return share_half_even(amount, 1, divisor);
}

Money share_half_even(Money amount, std::int64_t numerator, std::int64_t divisor) {
  const Int128 nano = Int128{amount.nano()} * numerator;
  const Int128 magnitude = nano < 0 ? -nano : nano;
  const Int128 rounded =
      half_even<Int128>(magnitude / divisor, magnitude % divisor, Int128{divisor});
  return Money::from_nano(static_cast<std::int64_t>(nano < 0 ? -rounded : rounded));
}

std::int64_t times_within(Money whole, Money part) {
  return whole.nano() / part.nano();
}

std::optional<Money> share_rounded_up(Money amount, std::int64_t numerator,
                                      std::int64_t denominator) {
  const Int128 product = Int128{amount.nano()} * numerator;
  const Int128 up = (product + (product > 0 ? denominator - 1 : 0)) / denominator;
  if (up > std::numeric_limits<std::int64_t>::max() ||
      up < std::numeric_limits<std::int64_t>::min()) {
    return {};
  }
  return Money::from_nano(static_cast<std::int64_t>(up));
}

std::optional<Money> parse_decimal_dollars(std::string_view text) {
  const auto decimal = split_decimal(text);
  if (!decimal) return {};
  std::string digits = decimal->digits;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return Money{};
  const int shift =
      decimal->exponent + kNanoDigits;  // power of ten of the last digit, in nano-dollars
  const int magnitude = static_cast<int>(digits.size()) + shift;
  if (magnitude > 19) return {};
  if (magnitude < 0) return Money{};  // below a tenth of a nano-dollar
  if (shift > 0) digits.append(static_cast<std::size_t>(shift), '0');
  const std::string_view whole(digits.data(), static_cast<std::size_t>(magnitude));
  const std::string_view rest = std::string_view(digits).substr(whole.size());
  Int128 value = 0;
  for (const char c : whole) value = value * 10 + (c - '0');
  if (!rest.empty()) {
    const bool tail = rest.find_first_not_of('0', 1) != std::string_view::npos;
    const bool above = rest[0] > '5' || (rest[0] == '5' && tail);
    const bool half = rest[0] == '5' && !tail;
    if (above || (half && value % 2 == 1)) ++value;
  }
  if (value > std::numeric_limits<std::int64_t>::max()) return {};
  const auto nano = static_cast<std::int64_t>(value);
  return Money::from_nano(decimal->negative ? -nano : nano);
}

std::string format_decimal(Money amount) {
  const bool negative = amount.nano() < 0;
  const std::uint64_t magnitude = negative ? -static_cast<std::uint64_t>(amount.nano())
                                           : static_cast<std::uint64_t>(amount.nano());
  std::string text = fmt::format("{}{}", negative ? "-" : "", magnitude / kNanoPerDollar);
  if (magnitude % kNanoPerDollar == 0) return text;
  text += fmt::format(".{:09}", magnitude % kNanoPerDollar);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::string format_dollars(Money amount) {
  const std::int64_t cents = divide_half_even(amount, kNanoPerDollar / 100).nano();
  const std::int64_t magnitude = cents < 0 ? -cents : cents;
  return fmt::format("{}${}.{:02}", cents < 0 ? "-" : "", magnitude / 100, magnitude % 100);
}

}  // namespace trainstop
