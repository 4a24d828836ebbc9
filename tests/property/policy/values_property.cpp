// The words for values: what is written is read back, and any other text is an error with words.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "policy/schedule.hpp"
#include "policy/values.hpp"

namespace trainstop::policy {
namespace {

RC_GTEST_PROP(ValuesProperty, ADurationReadsBackAsItself, ()) {
  const Duration duration =
      std::chrono::milliseconds(*rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 100'000'000'000),
                                                rc::gen::inRange<std::int64_t>(0, 100'000)));
  std::string error;
  RC_ASSERT(parse_duration(format_duration(duration), error) == duration);
}

RC_GTEST_PROP(ValuesProperty, MoneyReadsBackAsItselfInEveryForm, ()) {
  const auto money = Money::from_nano(
      *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max()),
                      rc::gen::inRange<std::int64_t>(0, 10'000'000'000)));
  const std::string decimal = format_decimal(money);
  std::string error;
  for (const std::string& text : {decimal, "$" + decimal, decimal + " USD", decimal + "USD"}) {
    RC_ASSERT(parse_money(text, error) == money);
  }
}

RC_GTEST_PROP(ValuesProperty, APriceAnHourIsSixtyTimesThatOfAMinute, ()) {
  const auto money = Money::from_nano(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000));
  std::string error;
  const std::string decimal = format_decimal(money);
  RC_ASSERT(parse_price("$" + decimal + "/min", error) == money);
  RC_ASSERT(parse_price("$" + decimal + "/h", error) == divide_half_even(money, 60));
}

RC_GTEST_PROP(ValuesProperty, AnInstantReadsBackAsItself, ()) {
  const Instant utc{
      std::chrono::milliseconds(*rc::gen::inRange<std::int64_t>(0, 7'000'000'000'000))};
  std::string error;
  RC_ASSERT(parse_instant(format_rfc3339(utc), find_zone("Europe/Berlin"), Doubled::first, error) ==
            utc);
  // Without an offset, in UTC, it is the same.
  std::string local = format_rfc3339(utc);
  local.pop_back();
  RC_ASSERT(parse_instant(local, find_zone("UTC"), Doubled::second, error) == utc);
}

RC_GTEST_PROP(ValuesProperty, AnyOtherTextIsAnErrorWithWords, (const std::string& noise)) {
  const std::string near = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("0123456789.$%hms wdUSD/-+eE,_")));
  std::string error;
  const auto told = [&](const auto& value) { RC_ASSERT(value.has_value() || !error.empty()); };
  for (const std::string& text : {noise, near}) {
    told(parse_duration(text, error));
    told(parse_money(text, error));
    told(parse_price(text, error));
    told(parse_percent(text, error));
    told(parse_integer(text, error));
    told(parse_instant(text, find_zone("UTC"), Doubled::first, error));
  }
}

}  // namespace
}  // namespace trainstop::policy
