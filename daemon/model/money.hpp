// Exact money: whole nano-dollars in 64 bits, every operation checked for overflow.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trainstop {

/// An amount of US dollars as an integer number of nano-dollars (10^-9 USD); at most about 9.2
/// billion dollars.
class Money {
 public:
  constexpr Money() = default;
  static constexpr Money from_nano(std::int64_t nano) { return Money(nano); }
  static constexpr Money from_dollars(std::int32_t dollars) {
    return Money(std::int64_t{dollars} * 1'000'000'000);
  }
  constexpr std::int64_t nano() const { return nano_; }
  constexpr auto operator<=>(const Money&) const = default;

 private:
  explicit constexpr Money(std::int64_t nano) : nano_(nano) {}
  std::int64_t nano_ = 0;
};

/// The sum, difference or multiple; empty on overflow.
std::optional<Money> add(Money a, Money b);
std::optional<Money> subtract(Money a, Money b);
std::optional<Money> multiply(Money a, std::int64_t factor);

/// `amount / divisor` rounded half to even; `divisor` > 0.
Money divide_half_even(Money amount, std::int64_t divisor);

/// `amount * numerator / denominator` rounded half to even; 0 <= `numerator` <= `denominator`,
/// which is above zero.
Money share_half_even(Money amount, std::int64_t numerator, std::int64_t denominator);

/// How many whole times `part` (> 0) fits into `whole` (>= 0).
std::int64_t times_within(Money whole, Money part);

/// `amount * numerator / denominator`, rounded up, for shares of a limit; empty on overflow.
/// `denominator` > 0.
std::optional<Money> share_rounded_up(Money amount, std::int64_t numerator,
                                      std::int64_t denominator);

/// Reads a decimal number (`12`, `12.5`, `1e-3`, also with a sign) as dollars, rounded half to even
/// to nano-dollars. Empty for anything else and beyond the range; never goes through floating
/// point.
std::optional<Money> parse_decimal_dollars(std::string_view text);

/// The shortest decimal text of the amount in dollars, without sign of currency: `0.866666667`,
/// `52`, `-1.5`.
std::string format_decimal(Money amount);

/// `$52.00`, `$0.87`, `-$1.50`: for people, rounded half to even to cents.
std::string format_dollars(Money amount);

}  // namespace trainstop
