// Money: exact to the nano-dollar, and empty instead of wrong.
#include "model/money.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace trainstop {
namespace {

constexpr Money kMost = Money::from_nano(std::numeric_limits<std::int64_t>::max());
constexpr Money kLeast = Money::from_nano(std::numeric_limits<std::int64_t>::min());
constexpr Money kNano = Money::from_nano(1);

Money nano(std::int64_t value) {
  return Money::from_nano(value);
}

TEST(MoneyArithmetic, IsEmptyOnOverflowAndExactAtTheEdges) {
  EXPECT_EQ(add(kMost, kNano), std::nullopt);
  EXPECT_EQ(add(kMost, nano(0)), kMost);
  EXPECT_EQ(subtract(kLeast, kNano), std::nullopt);
  EXPECT_EQ(subtract(nano(-1), kLeast), kMost);
  EXPECT_EQ(multiply(kMost, 2), std::nullopt);
  EXPECT_EQ(multiply(kLeast, -1), std::nullopt);
  EXPECT_EQ(multiply(Money::from_dollars(52), 8), Money::from_dollars(416));
}

TEST(MoneyDivision, RoundsHalfToEven) {
  EXPECT_EQ(divide_half_even(nano(5), 2), nano(2));
  EXPECT_EQ(divide_half_even(nano(7), 2), nano(4));
  EXPECT_EQ(divide_half_even(nano(-5), 2), nano(-2));
  EXPECT_EQ(divide_half_even(nano(-7), 2), nano(-4));
  EXPECT_EQ(divide_half_even(nano(8), 3), nano(3));
  EXPECT_EQ(divide_half_even(kLeast, 1), kLeast);
}

TEST(MoneyShare, RoundsUpSoThatAShareIsReachedNoEarlier) {
  EXPECT_EQ(share_rounded_up(nano(100), 80, 100), nano(80));
  EXPECT_EQ(share_rounded_up(nano(101), 80, 100), nano(81));
  EXPECT_EQ(share_rounded_up(nano(-101), 80, 100), nano(-80));
  EXPECT_EQ(share_rounded_up(kMost, 1, 1), kMost);
  EXPECT_EQ(share_rounded_up(kMost, 101, 100), std::nullopt);
}

TEST(MoneyTimesWithin, CountsWholeParts) {
  EXPECT_EQ(times_within(nano(10), nano(3)), 3);
  EXPECT_EQ(times_within(nano(0), nano(3)), 0);
}

TEST(MoneyText, ReadsDecimalsExactly) {
  EXPECT_EQ(parse_decimal_dollars("12"), Money::from_dollars(12));
  EXPECT_EQ(parse_decimal_dollars("0.86667"), nano(866'670'000));
  EXPECT_EQ(parse_decimal_dollars("-1.5"), nano(-1'500'000'000));
  EXPECT_EQ(parse_decimal_dollars("+1.50"), nano(1'500'000'000));
  EXPECT_EQ(parse_decimal_dollars("1e-3"), nano(1'000'000));
  EXPECT_EQ(parse_decimal_dollars("1.5E+2"), Money::from_dollars(150));
  EXPECT_EQ(parse_decimal_dollars("000000000000000000000000000001"), Money::from_dollars(1));
  EXPECT_EQ(parse_decimal_dollars("9223372036.854775807"), kMost);
}

TEST(MoneyText, RoundsHalfToEvenBelowANanoDollar) {
  EXPECT_EQ(parse_decimal_dollars("0.0000000005"), nano(0));
  EXPECT_EQ(parse_decimal_dollars("0.0000000015"), nano(2));
  EXPECT_EQ(parse_decimal_dollars("0.0000000025"), nano(2));
  EXPECT_EQ(parse_decimal_dollars("0.00000000250000000001"), nano(3));
  EXPECT_EQ(parse_decimal_dollars("1e-400"), nano(0));
}

TEST(MoneyText, RefusesWhatIsNoDecimalOrTooLarge) {
  for (const char* text : {"",
                           "-",
                           ".",
                           "e5",
                           "1e",
                           "1e+",
                           "1e+-5",
                           "1e--5",
                           "1,5",
                           "1.2.3",
                           " 1",
                           "1 ",
                           "0x10",
                           "nan",
                           "inf",
                           "NaN",
                           "1e400",
                           "1e401",
                           "9223372036.854775808",
                           "1_000",
                           "--1",
                           "$1"}) {
    EXPECT_EQ(parse_decimal_dollars(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_decimal_dollars(std::string(65, '0')), std::nullopt);
}

TEST(MoneyText, WritesTheShortestDecimal) {
  EXPECT_EQ(format_decimal(Money::from_dollars(52)), "52");
  EXPECT_EQ(format_decimal(nano(866'666'667)), "0.866666667");
  EXPECT_EQ(format_decimal(nano(-1'500'000'000)), "-1.5");
  EXPECT_EQ(format_decimal(nano(-1)), "-0.000000001");
  EXPECT_EQ(format_decimal(kLeast), "-9223372036.854775808");
}

TEST(MoneyText, WritesCentsForPeople) {
  EXPECT_EQ(format_dollars(Money::from_dollars(52)), "$52.00");
  EXPECT_EQ(format_dollars(nano(866'666'667)), "$0.87");
  EXPECT_EQ(format_dollars(nano(-1'500'000'000)), "-$1.50");
  EXPECT_EQ(format_dollars(nano(125'000'000)), "$0.12");
  EXPECT_EQ(format_dollars(nano(-1)), "$0.00");
}

}  // namespace
}  // namespace trainstop
