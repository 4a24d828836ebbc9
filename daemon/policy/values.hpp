// The words in which the configuration writes values: durations, money, prices, percent, instants,
// whole numbers. Each reader returns nothing and says in `error` what was expected when the text is
// something else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/money.hpp"
#include "model/time.hpp"

namespace date {
class time_zone;
}

namespace trainstop::policy {

/// `1h30m`, `250ms`, `2w`: whole numbers with ms, s, m, h, d, w, largest first, each at most once;
/// at most 100 years.
std::optional<Duration> parse_duration(std::string_view text, std::string& error);

/// `$500`, `12.50 USD`, `500`: never negative, at most nine decimals.
std::optional<Money> parse_money(std::string_view text, std::string& error);

/// `$52.00/h`, `$0.86667/min`, `52 USD/h`: the money a minute, half-even to nano-dollars.
std::optional<Money> parse_price(std::string_view text, std::string& error);

/// `80%`: whole percents, at most 10000.
std::optional<int> parse_percent(std::string_view text, std::string& error);

/// A decimal whole number without leading zeros, of at most 18 digits.
std::optional<std::int64_t> parse_integer(std::string_view text, std::string& error);

/// Which of the two instants a local time that DST doubles stands for.
enum class Doubled : std::uint8_t { first, second };

/// RFC 3339, or without an offset in `zone`: `2026-12-01`, `2026-12-01 18:00`,
/// `2026-12-01T18:00:00`. A local time that DST skips is the next existing one. UTC.
std::optional<Instant> parse_instant(std::string_view text, const date::time_zone* zone,
                                     Doubled doubled, std::string& error);

}  // namespace trainstop::policy
