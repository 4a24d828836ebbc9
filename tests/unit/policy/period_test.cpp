// Windows of budgets by example; that they divide time is a property.
#include "policy/period.hpp"

#include <gtest/gtest.h>

#include "policy/schedule.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

Instant at(std::string_view text) {
  return *parse_rfc3339(text);
}

Period period(Per per, std::string_view resets_at, std::string_view zone = "UTC") {
  std::string error;
  const auto read = parse_resets_at(per, resets_at, error);
  EXPECT_TRUE(read.has_value()) << error;
  return {per, read.value_or(ResetsAt{}), find_zone(zone)};
}

void expect_window(const Period& period, std::string_view inside, std::string_view from,
                   std::string_view until) {
  const Window window = period.window_at(at(inside));
  EXPECT_EQ(format_rfc3339(window.from), format_rfc3339(at(from))) << inside;
  EXPECT_EQ(format_rfc3339(window.until), format_rfc3339(at(until))) << inside;
}

TEST(Window, HoldsItsBeginAndNotItsEnd) {
  const Window window{Instant{1min}, Instant{2min}};
  EXPECT_FALSE(window.contains(Instant{1min} - 1us));
  EXPECT_TRUE(window.contains(Instant{1min}));
  EXPECT_TRUE(window.contains(Instant{2min} - 1us));
  EXPECT_FALSE(window.contains(Instant{2min}));
}

TEST(Period, ADayBeginsAtItsTime) {
  const Period day = period(Per::day, "06:00", "America/New_York");
  expect_window(day, "2026-11-24T10:59:59.999999Z", "2026-11-23T11:00:00Z", "2026-11-24T11:00:00Z");
  expect_window(day, "2026-11-24T11:00:00Z", "2026-11-24T11:00:00Z", "2026-11-25T11:00:00Z");
  EXPECT_EQ(day.zone_name(), "America/New_York");
  EXPECT_EQ(day.per(), Per::day);
  EXPECT_EQ(day.resets_at().minute, 360);
}

TEST(Period, DaysOfAClockThatIsSetAreShorterAndLonger) {
  const Period day = period(Per::day, "00:00", "America/New_York");
  expect_window(day, "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z");
  expect_window(day, "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z");
}

TEST(Period, ATimeThatIsSkippedIsTheNextAndADoubledOneTheFirst) {
  const Period skipped = period(Per::day, "02:30", "America/New_York");
  expect_window(skipped, "2026-03-08T07:00:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z");
  const Period doubled = period(Per::day, "01:30", "America/New_York");
  expect_window(doubled, "2026-11-01T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z");
  expect_window(doubled, "2026-11-01T06:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z");
}

TEST(Period, ADayThatNeverWasHasNoWindow) {
  const Period midnight = period(Per::day, "00:00", "Pacific/Apia");  // without 2011-12-30
  expect_window(midnight, "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z");
  expect_window(midnight, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z");
}

TEST(Period, AWeekBeginsOnItsDay) {
  const Period week = period(Per::week, "Wed 06:00");  // 2026-11-24 is a Tuesday
  expect_window(week, "2026-11-24T12:00:00Z", "2026-11-18T06:00:00Z", "2026-11-25T06:00:00Z");
  expect_window(week, "2026-11-25T06:00:00Z", "2026-11-25T06:00:00Z", "2026-12-02T06:00:00Z");
  const Period monday = period(Per::week, "Mon 00:00");
  expect_window(monday, "2026-11-24T12:00:00Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z");
}

TEST(Period, AMonthBeginsOnItsDay) {
  const Period month = period(Per::month, "28 18:00");
  expect_window(month, "2026-02-28T17:59:59Z", "2026-01-28T18:00:00Z", "2026-02-28T18:00:00Z");
  expect_window(month, "2026-02-28T18:00:00Z", "2026-02-28T18:00:00Z", "2026-03-28T18:00:00Z");
  const Period first = period(Per::month, "1 00:00");
  expect_window(first, "2028-02-29T23:59:59Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z");
  expect_window(first, "2026-12-31T12:00:00Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
}

TEST(Period, AnHourIsSixtyMinutesWhateverWholeHoursTheClockIsSetBy) {
  const Period hour = period(Per::hour, ":30", "America/New_York");
  expect_window(hour, "2026-11-24T10:29:59Z", "2026-11-24T09:30:00Z", "2026-11-24T10:30:00Z");
  expect_window(hour, "2026-03-08T06:50:00Z", "2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z");
  expect_window(hour, "2026-03-08T07:10:00Z", "2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z");
  expect_window(hour, "2026-11-01T05:45:00Z", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z");
  expect_window(period(Per::hour, ":00", "Asia/Kathmandu"), "2026-11-24T10:00:00Z",
                "2026-11-24T09:15:00Z", "2026-11-24T10:15:00Z");  // UTC+05:45
  const Period early = period(Per::hour, ":15");
  EXPECT_EQ(early.window_at(Instant{5min}), (Window{Instant{-45min}, Instant{15min}}));
}

TEST(Period, AnHourIsCutWhereTheClockIsSetByAPartOfAnHour) {
  const Period hour = period(Per::hour, ":00", "Australia/Lord_Howe");
  // Back from 02:00 (UTC+11) to 01:30 (UTC+10:30).
  expect_window(hour, "2026-04-04T14:59:59Z", "2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z");
  expect_window(hour, "2026-04-04T15:00:00Z", "2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z");
  expect_window(hour, "2026-04-04T15:30:00Z", "2026-04-04T15:30:00Z", "2026-04-04T16:30:00Z");
  // Forward from 02:00 (UTC+10:30) to 02:30 (UTC+11).
  const Period late = period(Per::hour, ":45", "Australia/Lord_Howe");
  expect_window(late, "2026-10-03T15:20:00Z", "2026-10-03T15:15:00Z", "2026-10-03T15:30:00Z");
  expect_window(late, "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z", "2026-10-03T15:45:00Z");
}

TEST(Period, ATotalIsAllOfTime) {
  const Period total;
  EXPECT_EQ(total.window_at(at("2026-11-24T00:00:00Z")), Window());
  EXPECT_EQ(total, Period(Per::total, {3, 2, 1}, find_zone("UTC")));
  EXPECT_EQ(total.zone_name(), "");
  EXPECT_NE(total, period(Per::day, "00:00"));
}

TEST(Period, BeforeAndAfterTheCalendarThereIsOneWindow) {
  const Instant first = std::chrono::sys_days{std::chrono::year{1900} / 1 / 1};
  const Instant last = std::chrono::sys_days{std::chrono::year{2300} / 1 / 1};
  for (const Period& one : {period(Per::hour, ":10"), period(Per::day, "06:00"),
                            period(Per::week, "Tue 06:00"), period(Per::month, "2 06:00")}) {
    EXPECT_EQ(one.window_at(kLongAgo), (Window{kLongAgo, first}));
    EXPECT_EQ(one.window_at(first - 1us), (Window{kLongAgo, first}));
    EXPECT_EQ(one.window_at(first).from, first);
    EXPECT_EQ(one.window_at(last - 1us).until, last);
    EXPECT_EQ(one.window_at(last), (Window{last, kNever}));
    EXPECT_EQ(one.window_at(kNever), (Window{last, kNever}));
  }
}

TEST(ResetsAt, ReadsWhatEachLengthTakesAndWritesItBack) {
  const std::vector<std::pair<Per, std::string>> texts{
      {Per::hour, ":00"},      {Per::hour, ":59"},       {Per::day, "00:00"},
      {Per::day, "23:59"},     {Per::week, "Mon 06:00"}, {Per::week, "Sun 23:59"},
      {Per::month, "1 00:00"}, {Per::month, "28 06:00"}};
  for (const auto& [per, text] : texts) {
    std::string error;
    const auto read = parse_resets_at(per, text, error);
    ASSERT_TRUE(read.has_value()) << text << ": " << error;
    EXPECT_EQ(format_resets_at(per, *read), text);
  }
  EXPECT_EQ(format_resets_at(Per::total, {}), "");
  std::string error;
  EXPECT_EQ(parse_resets_at(Per::week, "sunday  06:00", error), (ResetsAt{1, 6, 360}));
}

TEST(ResetsAt, SaysWhatWasExpected) {
  const std::vector<std::pair<Per, std::vector<std::string>>> wrong{
      {Per::hour, {"", "30", ":60", ":3", ":300", "0:30", "06:00"}},
      {Per::day, {"", "6:00", " 6:00", "24:00", "Mon 06:00", ":30", "06:60"}},
      {Per::week, {"", "Mon", "06:00", "Mon 24:00", "Mon 06:00 ", "Mo 06:00", "Mon, 06:00"}},
      {Per::month, {"", "1", "0 06:00", "29 06:00", "01 06:00", "x 06:00", "1 24:00", "06:00"}},
      {Per::total, {"", "06:00"}}};
  for (const auto& [per, texts] : wrong) {
    for (const std::string& text : texts) {
      std::string error;
      EXPECT_EQ(parse_resets_at(per, text, error), std::nullopt) << text;
      EXPECT_FALSE(error.empty()) << text;
    }
  }
}

TEST(Per, HasNames) {
  EXPECT_EQ(to_string(Per::hour), "hour");
  EXPECT_EQ(to_string(Per::day), "day");
  EXPECT_EQ(to_string(Per::week), "week");
  EXPECT_EQ(to_string(Per::month), "month");
  EXPECT_EQ(to_string(Per::total), "total");
}

}  // namespace
}  // namespace trainstop::policy
