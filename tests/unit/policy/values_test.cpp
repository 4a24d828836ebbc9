// The words for values, by example; that they read back is a property.
#include "policy/values.hpp"

#include <gtest/gtest.h>

#include "policy/schedule.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

TEST(Values, ReadsDurations) {
  std::string error;
  EXPECT_EQ(parse_duration("1h30m", error), 90min);
  EXPECT_EQ(parse_duration("250ms", error), 250ms);
  EXPECT_EQ(parse_duration("2w1d", error), 15 * 24h);
  EXPECT_EQ(parse_duration("1m5ms", error), 1min + 5ms);
  EXPECT_EQ(parse_duration("0s", error), 0s);
  EXPECT_EQ(parse_duration("36500d", error), 36500 * 24h);
  EXPECT_EQ(parse_duration("36500d1ms", error), std::nullopt);
}

TEST(Values, ReadsMoneyExactly) {
  std::string error;
  EXPECT_EQ(parse_money("$500", error), Money::from_dollars(500));
  EXPECT_EQ(parse_money("12.50 USD", error), Money::from_nano(12'500'000'000));
  EXPECT_EQ(parse_money("500", error), Money::from_dollars(500));
  EXPECT_EQ(parse_money("0.000000001", error), Money::from_nano(1));
  EXPECT_EQ(parse_money("$500 USD", error), std::nullopt);
}

TEST(Values, ReadsPricesHalfEvenAMinute) {
  std::string error;
  EXPECT_EQ(parse_price("$52.00/h", error), Money::from_nano(866'666'667));
  EXPECT_EQ(parse_price("52 USD/h", error), Money::from_nano(866'666'667));
  EXPECT_EQ(parse_price("$0.86667/min", error), Money::from_nano(866'670'000));
  EXPECT_EQ(parse_price("0.00000003/h", error),
            Money::from_nano(0));  // half a nano-dollar: to even
  EXPECT_EQ(parse_price("0.00000009/h", error), Money::from_nano(2));
  EXPECT_EQ(parse_price("$52/d", error), std::nullopt);
}

TEST(Values, ReadsPercentAndIntegers) {
  std::string error;
  EXPECT_EQ(parse_percent("80%", error), 80);
  EXPECT_EQ(parse_percent("080%", error), std::nullopt);
  EXPECT_EQ(parse_integer("0", error), 0);
  EXPECT_EQ(parse_integer("999999999999999999", error), 999'999'999'999'999'999);
  EXPECT_EQ(parse_integer("1000000000000000000", error), std::nullopt);
  EXPECT_EQ(error, "the number is too large");
}

TEST(Values, ReadsInstantsInTheirZoneOrTheGivenOne) {
  const auto* berlin = find_zone("Europe/Berlin");
  std::string error;
  const auto read = [&](std::string_view text) {
    return parse_instant(text, berlin, Doubled::first, error);
  };
  EXPECT_EQ(read("2026-12-01T18:00:00Z"), parse_rfc3339("2026-12-01T18:00:00Z"));
  EXPECT_EQ(read("2026-12-01T18:00:00+05:00"), parse_rfc3339("2026-12-01T13:00:00Z"));
  EXPECT_EQ(read("2026-12-01"), parse_rfc3339("2026-11-30T23:00:00Z"));
  EXPECT_EQ(read("2026-07-01 18:00"), parse_rfc3339("2026-07-01T16:00:00Z"));
  EXPECT_EQ(read("2026-07-01T18:00:30.25"), parse_rfc3339("2026-07-01T16:00:30.25Z"));
  EXPECT_EQ(read("2026-07-01 18:00Z"), std::nullopt);
}

TEST(Values, ASkippedLocalTimeIsTheNextThatExists) {
  const auto* berlin = find_zone("Europe/Berlin");
  std::string error;
  EXPECT_EQ(parse_instant("2026-03-29 02:30", berlin, Doubled::first, error),
            parse_rfc3339("2026-03-29T01:00:00Z"));
}

TEST(Values, ADoubledLocalTimeIsTheOneThatIsAskedFor) {
  const auto* berlin = find_zone("Europe/Berlin");
  std::string error;
  const auto read = [&](Doubled doubled) {
    return parse_instant("2026-10-25 02:30", berlin, doubled, error);
  };
  EXPECT_EQ(read(Doubled::first), parse_rfc3339("2026-10-25T00:30:00Z"));
  EXPECT_EQ(read(Doubled::second), parse_rfc3339("2026-10-25T01:30:00Z"));
}

}  // namespace
}  // namespace trainstop::policy
