// Money against exact arithmetic in 128 bits, and its texts against each other.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "model/money.hpp"

namespace trainstop {
namespace {

__extension__ typedef __int128 Wide;

std::optional<Money> narrow(Wide value) {
  if (value > std::numeric_limits<std::int64_t>::max() ||
      value < std::numeric_limits<std::int64_t>::min()) {
    return {};
  }
  return Money::from_nano(static_cast<std::int64_t>(value));
}

/// Any 64-bit value; small ones, edges and everything between.
std::int64_t any_nano() {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  static const std::vector<std::int64_t> kEdges{kMost, kMost - 1, kLeast, kLeast + 1, 0, 1, -1};
  return *rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(),
                         rc::gen::inRange<std::int64_t>(kLeast, kMost), rc::gen::elementOf(kEdges));
}

RC_GTEST_PROP(MoneyProperty, SumsDifferencesAndMultiplesAreExactOrEmpty, ()) {
  const std::int64_t a = any_nano();
  const std::int64_t b = any_nano();
  RC_ASSERT(add(Money::from_nano(a), Money::from_nano(b)) == narrow(Wide{a} + b));
  RC_ASSERT(subtract(Money::from_nano(a), Money::from_nano(b)) == narrow(Wide{a} - b));
  RC_ASSERT(multiply(Money::from_nano(a), b) == narrow(Wide{a} * b));
}

RC_GTEST_PROP(MoneyProperty, QuotientsAreNearestAndEvenInTheMiddle, ()) {
  const std::int64_t amount = any_nano();
  const std::int64_t divisor =
      *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(1, 100),
                      rc::gen::inRange<std::int64_t>(1, std::numeric_limits<std::int64_t>::max()));
  const Wide quotient = divide_half_even(Money::from_nano(amount), divisor).nano();
  const Wide twice_off = 2 * (Wide{amount} - quotient * divisor);
  const Wide distance = twice_off < 0 ? -twice_off : twice_off;
  RC_ASSERT(distance <= divisor);
  RC_ASSERT(distance < divisor || quotient % 2 == 0);
}

RC_GTEST_PROP(MoneyProperty, AShareIsTheLeastAmountThatReachesIt, ()) {
  const std::int64_t amount = any_nano();
  const auto numerator = *rc::gen::inRange<std::int64_t>(0, 1000);
  const auto denominator = *rc::gen::inRange<std::int64_t>(1, 1000);
  const auto share = share_rounded_up(Money::from_nano(amount), numerator, denominator);
  const Wide product = Wide{amount} * numerator;
  if (!share) {
    RC_ASSERT(product > Wide{std::numeric_limits<std::int64_t>::max()} * denominator ||
              product < Wide{std::numeric_limits<std::int64_t>::min()} * denominator);
    return;
  }
  RC_ASSERT(Wide{share->nano()} * denominator >= product);
  RC_ASSERT((Wide{share->nano()} - 1) * denominator < product);
}

RC_GTEST_PROP(MoneyProperty, DecimalTextReadsBackAsTheSameAmount, ()) {
  // The least value has no positive counterpart and is refused as text.
  const std::int64_t nano = std::max(any_nano(), std::numeric_limits<std::int64_t>::min() + 1);
  const Money amount = Money::from_nano(nano);
  RC_ASSERT(parse_decimal_dollars(format_decimal(amount)) == amount);
}

RC_GTEST_PROP(MoneyProperty, ADecimalIsReadAsItsExactRoundedValue, ()) {
  // digits × 10^exponent dollars, with the digits as a 64-bit number, is computed again in 128
  // bits.
  const auto digits = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000'000);
  const auto exponent = *rc::gen::inRange(-27, 1);
  Wide divisor = 1;
  Wide numerator = digits;
  for (int i = exponent + 9; i < 0; ++i) divisor *= 10;
  for (int i = 0; i < exponent + 9; ++i) numerator *= 10;
  Wide rounded = numerator / divisor;
  const Wide twice_rest = 2 * (numerator % divisor);
  if (twice_rest > divisor || (twice_rest == divisor && rounded % 2 == 1)) ++rounded;
  const std::string text = std::to_string(digits) + "e" + std::to_string(exponent);
  RC_ASSERT(parse_decimal_dollars(text) == narrow(rounded));
}

RC_GTEST_PROP(MoneyProperty, NoTextBreaksTheReader, (const std::string& text)) {
  const auto amount = parse_decimal_dollars(text);
  RC_ASSERT(!amount || parse_decimal_dollars(format_decimal(*amount)) == amount);
}

}  // namespace
}  // namespace trainstop
