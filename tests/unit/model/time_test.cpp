// Timestamps, HTTP dates and durations as text.
#include "model/time.hpp"

#include <gtest/gtest.h>

namespace trainstop {
namespace {

using namespace std::chrono_literals;

Instant utc(std::chrono::year_month_day day, Duration time_of_day = 0us) {
  return Instant{std::chrono::sys_days{day}} + time_of_day;
}

constexpr std::chrono::year_month_day kDay{std::chrono::year{2026} / 11 / 23};

TEST(Rfc3339, ReadsZuluOffsetsAndFractions) {
  EXPECT_EQ(parse_rfc3339("2026-11-23T20:56:04Z"), utc(kDay, 20h + 56min + 4s));
  EXPECT_EQ(parse_rfc3339("2026-11-23T20:56:04.5Z"), utc(kDay, 20h + 56min + 4500ms));
  EXPECT_EQ(parse_rfc3339("2026-11-23T20:56:04.123456Z"), utc(kDay, 20h + 56min + 4123456us));
  EXPECT_EQ(parse_rfc3339("2026-11-23t20:56:04z"), utc(kDay, 20h + 56min + 4s));
  EXPECT_EQ(parse_rfc3339("2026-11-23 22:56:04+02:00"), utc(kDay, 20h + 56min + 4s));
  EXPECT_EQ(parse_rfc3339("2026-11-23T15:26:04-05:30"), utc(kDay, 20h + 56min + 4s));
}

TEST(Rfc3339, CutsBelowAMicrosecond) {
  EXPECT_EQ(parse_rfc3339("2026-11-23T00:00:00.123456789Z"), utc(kDay, 123456us));
  EXPECT_EQ(parse_rfc3339("2026-11-23T00:00:00.1234567890Z"), std::nullopt);
}

TEST(Rfc3339, ReadsALeapSecondAsTheNextMinute) {
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), utc(std::chrono::year{2017} / 1 / 1));
}

TEST(Rfc3339, KnowsTheCalendar) {
  EXPECT_TRUE(parse_rfc3339("2024-02-29T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("2025-02-29T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("2026-13-01T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("2026-00-01T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("2026-04-31T00:00:00Z"));
}

TEST(Rfc3339, TakesTheYears1970To2199InUtc) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), Instant{});
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:30:00-01:00"), Instant{30min});
  EXPECT_TRUE(parse_rfc3339("2200-01-01T00:30:00+01:00"));
  EXPECT_FALSE(parse_rfc3339("1970-01-01T00:30:00+01:00"));
  EXPECT_FALSE(parse_rfc3339("1969-12-31T23:59:59Z"));
  EXPECT_FALSE(parse_rfc3339("2200-01-01T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("0000-01-01T00:00:00Z"));
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const char* text :
       {"", "2026", "2026-11-23", "2026-11-23T20:56Z", "2026-11-23T20:56:04",
        "2026-11-23T24:00:00Z", "2026-11-23T20:60:00Z", "2026-11-23T20:56:61Z",
        "2026-11-23T20:56:04.Z", "2026-11-23T20:56:04Z ", " 2026-11-23T20:56:04Z",
        "2026-11-23T20:56:04+0200", "2026-11-23T20:56:04+24:00", "2026-11-23T20:56:04+02:60",
        "2026-11-23T20:56:04+", "26-11-23T20:56:04Z", "1764017764", "2026-11-23T2:56:04Z",
        "2026-1a-23T20:56:04Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Rfc3339, IsWrittenWithMilliseconds) {
  EXPECT_EQ(format_rfc3339(utc(kDay, 20h + 56min + 4123999us)), "2026-11-23T20:56:04.123Z");
  EXPECT_EQ(format_rfc3339(utc(kDay)), "2026-11-23T00:00:00.000Z");
}

TEST(HttpDate, ReadsTheFixedFormOfRfc9110) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
            utc(std::chrono::year{1994} / 11 / 6, 8h + 49min + 37s));
}

TEST(HttpDate, RefusesTheObsoleteFormsAndGarbage) {
  for (const char* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                           "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GM",
                           "Sun, 06 Nov 1994 08:49:37  GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08-49-37 GMT",
                           "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 2200 08:49:37 GMT"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

TEST(DurationText, PutsLargestUnitsFirst) {
  EXPECT_EQ(format_duration(90min), "1h30m");
  EXPECT_EQ(format_duration(45s), "45s");
  EXPECT_EQ(format_duration(250ms), "250ms");
  EXPECT_EQ(format_duration(48h), "2d");
  EXPECT_EQ(format_duration(25h + 1ms), "1d1h1ms");
  EXPECT_EQ(format_duration(-90s), "-1m30s");
}

TEST(DurationText, IsZeroBelowAMillisecond) {
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(999us), "0s");
  EXPECT_EQ(format_duration(-999us), "0s");
}

TEST(DurationText, BearsTheExtremes) {
  EXPECT_EQ(format_duration(Duration::max()), "106751991d4h54s775ms");
  EXPECT_EQ(format_duration(Duration::min()), "-106751991d4h54s775ms");
}

TEST(SaturatingAdd, StopsAtTheEndsAndKeepsThem) {
  EXPECT_EQ(saturating_add(Instant{1s}, 2s), Instant{3s});
  EXPECT_EQ(saturating_add(kNever, -1h), kNever);
  EXPECT_EQ(saturating_add(kLongAgo, 1h), kLongAgo);
  EXPECT_EQ(saturating_add(kNever - 1us, 1h), kNever);
  EXPECT_EQ(saturating_add(kLongAgo + 1us, -1h), kLongAgo);
}

TEST(FormatRfc3339, HasATextForEveryInstant) {
  EXPECT_EQ(format_rfc3339(kNever), "9999-12-31T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(kLongAgo), "0000-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace trainstop
