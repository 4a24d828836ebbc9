// The words of values: durations, money, prices, percent and whole numbers; and exact money.
#include "policy/values.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "fuzz/fuzz.hpp"
#include "model/money.hpp"

namespace trainstop::fuzz {
namespace {

__extension__ typedef __int128 Int128;

constexpr Duration kLongest = std::chrono::hours(24 * 36500);

void check_duration(const std::string& text) {
  std::string error;
  const auto duration = policy::parse_duration(text, error);
  require(duration.has_value() || !error.empty(), "a refused duration has words");
  if (!duration) return;
  require(*duration >= Duration{0} && *duration <= kLongest, "a duration is within its bounds");
  const std::string spelled = format_duration(*duration);
  require(policy::parse_duration(spelled, error) == duration, "parse(format(d)) == d");
}

void check_any_duration(Duration duration) {
  const std::string spelled = format_duration(duration);
  if (duration < Duration{0} || duration > kLongest) return;
  std::string error;
  require(policy::parse_duration(spelled, error) ==
              std::chrono::floor<std::chrono::milliseconds>(duration),
          "format cuts below a millisecond only");
}

void check_decimal(const std::string& text) {
  const auto money = parse_decimal_dollars(text);
  if (!money) return;
  require(parse_decimal_dollars(format_decimal(*money)) == money, "parse(format(m)) == m");
  char* end = nullptr;
  const long double dollars = std::strtold(text.c_str(), &end);
  require(end == text.c_str() + text.size(), "what is read is a number to others as well");
  const long double nano = dollars * 1e9L;
  const long double off = std::fabs(static_cast<long double>(money->nano()) - nano);
  require(off <= 0.5L + std::fabs(nano) * 0x1p-61L, "the nearest nano-dollar");
  if (text.front() != '-' && text.front() != '+' && text.size() < 64) {
    require(parse_decimal_dollars("-" + text) == Money::from_nano(-money->nano()),
            "a sign changes the sign");
  }
}

void check_money(const std::string& text) {
  std::string error;
  const auto money = policy::parse_money(text, error);
  require(money.has_value() != !error.empty(), "money, or words");
  if (money) {
    require(*money >= Money{}, "money of a configuration is not negative");
    require(policy::parse_money(format_decimal(*money), error) == money, "parse(format(m)) == m");
    require(policy::parse_price(text + "/min", error) == money, "a price a minute is that money");
    const auto hourly = policy::parse_price(text + "/h", error);
    require(hourly.has_value(), "a price an hour is a price");
    const Int128 off = Int128{hourly->nano()} * 60 - money->nano();
    require(off >= -30 && off <= 30, "a sixtieth, to half a nano-dollar");
  }
  const auto price = policy::parse_price(text, error);
  require(price.has_value() || !error.empty(), "a refused price has words");
}

void check_whole_numbers(const std::string& text) {
  std::string error;
  if (const auto number = policy::parse_integer(text, error)) {
    require(fmt::format("{}", *number) == text, "a whole number has one text");
  } else {
    require(!error.empty(), "a refused number has words");
  }
  if (const auto percent = policy::parse_percent(text, error)) {
    require(fmt::format("{}%", *percent) == text, "a percent has one text");
    require(*percent >= 0 && *percent <= 10'000, "a percent is within its bounds");
  } else {
    require(!error.empty(), "a refused percent has words");
  }
}

/// Against two words, where nothing overflows.
void check_arithmetic(Money a, std::int64_t factor, std::int64_t divisor) {
  const auto fits = [](Int128 exact, std::optional<Money> result) {
    const bool within = exact >= std::numeric_limits<std::int64_t>::min() &&
                        exact <= std::numeric_limits<std::int64_t>::max();
    return within ? result == Money::from_nano(static_cast<std::int64_t>(exact)) : !result;
  };
  const Money b = Money::from_nano(factor);
  const Int128 x = a.nano(), y = factor;
  require(fits(x + y, add(a, b)), "sum");
  require(fits(x - y, subtract(a, b)), "difference");
  require(fits(x * y, multiply(a, factor)), "multiple");
  format_dollars(a);
  require(parse_decimal_dollars(format_decimal(a)) == a ||
              a.nano() == std::numeric_limits<std::int64_t>::min(),
          "all money but the least has a text");
  if (divisor <= 0) return;
  const Int128 quotient = divide_half_even(a, divisor).nano();
  const Int128 twice = 2 * (x - quotient * divisor);
  require(twice >= -Int128{divisor} && twice <= divisor, "the nearest quotient");
  const bool half = twice == divisor || twice == -Int128{divisor};
  require(!half || quotient % 2 == 0, "half to even");
  // A share is of a limit and a factor that a configuration can hold.
  if (const auto share = share_rounded_up(a, factor, divisor)) {
    const Int128 rest = Int128{share->nano()} * divisor - x * y;
    require(rest >= 0 && rest < divisor, "the least share that is not below");
  }
}

}  // namespace
}  // namespace trainstop::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainstop;
  fuzz::Input input(data, size);
  const auto a = Money::from_nano(input.number());
  const std::int64_t factor = input.number();
  fuzz::check_arithmetic(a, factor, input.number());
  fuzz::check_any_duration(Duration{factor});
  const std::string text = input.rest();
  fuzz::check_duration(text);
  fuzz::check_decimal(text);
  fuzz::check_money(text);
  fuzz::check_whole_numbers(text);
  return 0;
}
