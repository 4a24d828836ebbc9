// Times and their texts, there and back.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdio>
#include <string>

#include "model/time.hpp"

namespace trainstop {
namespace {

using namespace std::chrono_literals;

/// An instant from 1970 to 2199 with any microsecond.
Instant any_utc() {
  constexpr Instant kEnd{std::chrono::sys_days{std::chrono::year{2200} / 1 / 1}};
  const auto second = *rc::gen::inRange<std::int64_t>(
      0, std::chrono::floor<std::chrono::seconds>(kEnd.time_since_epoch()).count());
  return Instant{std::chrono::seconds{second} +
                 std::chrono::microseconds{*rc::gen::inRange(0, 1'000'000)}};
}

RC_GTEST_PROP(TimeProperty, ATimestampReadsBackToTheMillisecond, ()) {
  const Instant at = any_utc();
  RC_ASSERT(parse_rfc3339(format_rfc3339(at)) == std::chrono::floor<std::chrono::milliseconds>(at));
}

RC_GTEST_PROP(TimeProperty, AnOffsetDoesNotMoveTheInstant, ()) {
  const Instant at = std::chrono::floor<std::chrono::milliseconds>(any_utc());
  const int minutes = *rc::gen::inRange(-23 * 60 - 59, 24 * 60);
  const Instant local = at + std::chrono::minutes(minutes);
  RC_PRE(local >= Instant{});
  std::string text = format_rfc3339(local);
  const int magnitude = minutes < 0 ? -minutes : minutes;
  char offset[16];
  std::snprintf(offset, sizeof offset, "%c%02d:%02d", minutes < 0 ? '-' : '+', magnitude / 60,
                magnitude % 60);
  text.replace(text.size() - 1, 1, offset);
  RC_ASSERT(parse_rfc3339(text) == at);
}

RC_GTEST_PROP(TimeProperty, NoTextBreaksTheReaders, (const std::string& text)) {
  const auto timestamp = parse_rfc3339(text);
  RC_ASSERT(!timestamp || format_rfc3339(*timestamp).size() == 24U);
  static_cast<void>(parse_http_date(text));
}

RC_GTEST_PROP(TimeProperty, ADamagedTimestampIsRefusedOrStillOne, ()) {
  std::string text = format_rfc3339(any_utc());
  const auto place = *rc::gen::inRange<std::size_t>(0, text.size());
  text[place] = *rc::gen::arbitrary<char>();
  const auto read = parse_rfc3339(text);
  RC_ASSERT(!read || *read >= Instant{});
}

/// Adds up `1d2h3m4s5ms` as a reader of the text would.
Duration read_back(const std::string& text) {
  Duration sum{0};
  std::size_t i = text.starts_with('-') ? 1 : 0;
  while (i < text.size()) {
    std::size_t length = 0;
    const std::int64_t count = std::stoll(text.substr(i), &length);
    i += length;
    const std::size_t begin = i;
    while (i < text.size() && (text[i] < '0' || text[i] > '9')) ++i;
    const std::string unit = text.substr(begin, i - begin);
    sum += count * (unit == "d"   ? Duration(24h)
                    : unit == "h" ? Duration(1h)
                    : unit == "m" ? Duration(1min)
                    : unit == "s" ? Duration(1s)
                                  : Duration(1ms));
  }
  return text.starts_with('-') ? -sum : sum;
}

RC_GTEST_PROP(TimeProperty, ADurationsTextAddsUpToItsMilliseconds, ()) {
  const Duration duration{
      *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-10'000'000'000, 10'000'000'000),
                      rc::gen::arbitrary<std::int64_t>())};
  const Duration cut{duration.count() / 1000 * 1000};
  RC_ASSERT(read_back(format_duration(duration)) == cut);
}

}  // namespace
}  // namespace trainstop
