// Values at their edges: what is just too large, and which mend is told for what is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/schedule.hpp"
#include "policy/values.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

/// What is told of a text that `parse` must refuse.
template <class Parse>
std::string refusal(Parse parse, std::string_view text) {
  std::string error;
  EXPECT_FALSE(parse(text, error)) << text;
  return error;
}

TEST(Durations, ThatAreTooLongSaySo) {
  const auto of = [](std::string_view text) { return refusal(parse_duration, text); };
  EXPECT_EQ(of("9999999999999999999s"), "longer than 100 years") << "more digits than fit";
  EXPECT_EQ(of("36501d"), "longer than 100 years");
  EXPECT_EQ(of("36500d1s"), "longer than 100 years") << "only the sum is too long";
}

TEST(Durations, ThatAreMisspeltSayWhatIsMissing) {
  const auto of = [](std::string_view text) { return refusal(parse_duration, text); };
  EXPECT_THAT(of(""), StartsWith("expected a duration"));
  EXPECT_THAT(of("h"), StartsWith("expected a duration"));
  EXPECT_THAT(of("1x"), StartsWith("expected a duration"));
  EXPECT_THAT(of("90"), StartsWith("'90' has no unit"));
  EXPECT_THAT(of("01h"), StartsWith("'01' starts with a zero"));
  EXPECT_THAT(of("1m1h"), StartsWith("units must go from the largest"));
  EXPECT_THAT(of("1h1h"), StartsWith("units must go from the largest"));
}

TEST(Amounts, SayWhyTheyAreNone) {
  const auto of = [](std::string_view text) { return refusal(parse_money, text); };
  EXPECT_THAT(of("-5"), HasSubstr("can't be negative"));
  EXPECT_THAT(of("$12,500"), HasSubstr("without separators"));
  EXPECT_THAT(of("12_500"), HasSubstr("without separators"));
  EXPECT_THAT(of("$"), StartsWith("expected an amount"));
  EXPECT_THAT(of("05"), HasSubstr("can't start with a zero"));
  EXPECT_THAT(of("5 EUR"), StartsWith("expected an amount"));
  EXPECT_THAT(of("5."), StartsWith("expected an amount"));
  EXPECT_THAT(of("5.5x"), StartsWith("expected an amount"));
  EXPECT_THAT(of("0.0000000001"), HasSubstr("nine decimals"));
  EXPECT_THAT(of("99999999999999999999"), HasSubstr("more money than"));
}

TEST(Amounts, MayStandBeforeTheCurrencyWithOrWithoutSpaces) {
  std::string error;
  EXPECT_EQ(parse_money("5USD", error), Money::from_dollars(5));
  EXPECT_EQ(parse_money("5  USD", error), Money::from_dollars(5));
  EXPECT_EQ(parse_money("0", error), Money{});
}

TEST(Prices, SayWhyTheyAreNone) {
  const auto of = [](std::string_view text) { return refusal(parse_price, text); };
  EXPECT_THAT(of("$52.00"), StartsWith("expected a price"));
  EXPECT_THAT(of("x/h"), StartsWith("expected a price"));
  EXPECT_THAT(of("-5/min"), HasSubstr("can't be negative"));
}

TEST(Prices, MayHaveASpaceBeforeTheirUnit) {
  std::string error;
  EXPECT_EQ(parse_price("$0.5 /min", error), Money::from_nano(500'000'000));
}

TEST(Percents, SayWhyTheyAreNone) {
  const auto of = [](std::string_view text) { return refusal(parse_percent, text); };
  EXPECT_THAT(of("80"), StartsWith("expected whole percents"));
  EXPECT_THAT(of("8.5%"), StartsWith("expected whole percents"));
  EXPECT_EQ(of("10001%"), "more than 10000%");
}

TEST(Integers, SayWhyTheyAreNone) {
  const auto of = [](std::string_view text) { return refusal(parse_integer, text); };
  EXPECT_EQ(of(""), "expected a whole number");
  EXPECT_EQ(of("5x"), "expected a whole number");
  EXPECT_THAT(of("05"), StartsWith("a whole number can't start with a zero"));
}

TEST(Instants, WithoutAnOffsetNeedAZone) {
  std::string error;
  EXPECT_EQ(parse_instant("2026-12-01", nullptr, Doubled::first, error), std::nullopt);
  EXPECT_THAT(error, StartsWith("expected a time"));
  EXPECT_EQ(parse_instant("2026-12-01T00:00:00Z", nullptr, Doubled::first, error),
            parse_rfc3339("2026-12-01T00:00:00Z"));
  EXPECT_EQ(parse_instant("tomorrow", find_zone("UTC"), Doubled::first, error), std::nullopt);
}

}  // namespace
}  // namespace trainstop::policy
