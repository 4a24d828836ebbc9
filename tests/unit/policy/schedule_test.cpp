// Windows by example; that no edge is missed around any change of a clock is a property.
#include "policy/schedule.hpp"

#include <gtest/gtest.h>

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;

Schedule schedule(std::string_view window, std::string_view zone = "UTC") {
  std::string error;
  const auto spans = parse_window(window, error);
  EXPECT_TRUE(spans.has_value()) << error;
  return {spans.value_or(std::vector<WeekSpan>{}), find_zone(zone)};
}

Instant instant(std::string_view text) {
  return *parse_rfc3339(text);
}

std::string words(std::string_view window) {
  return format_windows(schedule(window).spans());
}

TEST(Schedule, HoldsTheStartAndNotTheEnd) {
  const Schedule office = schedule("Mon-Fri 09:00-18:00");  // 2026-11-24 is a Tuesday
  EXPECT_FALSE(office.contains(instant("2026-11-24T08:59:59.999999Z")));
  EXPECT_TRUE(office.contains(instant("2026-11-24T09:00:00Z")));
  EXPECT_TRUE(office.contains(instant("2026-11-24T17:59:59.999999Z")));
  EXPECT_FALSE(office.contains(instant("2026-11-24T18:00:00Z")));
  EXPECT_FALSE(office.contains(instant("2026-11-28T12:00:00Z")));
  EXPECT_EQ(office.next_edge(instant("2026-11-24T09:00:00Z")), instant("2026-11-24T18:00:00Z"));
  EXPECT_EQ(office.next_edge(instant("2026-11-27T18:00:00Z")), instant("2026-11-30T09:00:00Z"));
}

TEST(Schedule, RunsIntoTheNextDayAndOverTheWeekend) {
  EXPECT_TRUE(schedule("22:00-06:00").contains(instant("2026-11-30T05:59:00Z")));
  EXPECT_TRUE(schedule("Sun 22:00-06:00").contains(instant("2026-11-30T05:59:00Z")));
  EXPECT_FALSE(schedule("Mon 22:00-06:00").contains(instant("2026-11-30T05:59:00Z")));
  const Schedule weekend = schedule("Fri 18:00 - Mon 08:00");
  EXPECT_TRUE(weekend.contains(instant("2026-11-29T12:00:00Z")));
  EXPECT_TRUE(weekend.contains(instant("2026-11-30T07:59:00Z")));
  EXPECT_EQ(weekend.next_edge(instant("2026-11-28T00:00:00Z")), instant("2026-11-30T08:00:00Z"));
}

TEST(Schedule, ASkippedTimeIsTheNextThatExists) {
  const Schedule early = schedule("Sun 02:30-05:00", "America/New_York");
  EXPECT_EQ(early.next_edge(instant("2026-03-08T00:00:00Z")),
            instant("2026-03-08T07:00:00Z"));  // 03:00 EDT
  const Schedule inside = schedule("Sun 02:15-02:45", "America/New_York");
  EXPECT_FALSE(inside.contains(instant("2026-03-08T06:59:59Z")));
  EXPECT_FALSE(inside.contains(instant("2026-03-08T07:00:00Z")));
}

TEST(Schedule, ADoubledTimeStartsFirstAndEndsLast) {
  const Schedule twice = schedule("Sun 01:15-01:45", "America/New_York");
  EXPECT_EQ(twice.next_edge(instant("2026-11-01T00:00:00Z")),
            instant("2026-11-01T05:15:00Z"));  // EDT
  EXPECT_TRUE(twice.contains(instant("2026-11-01T06:00:00Z")));
  EXPECT_EQ(twice.next_edge(instant("2026-11-01T05:15:00Z")),
            instant("2026-11-01T06:45:00Z"));  // EST
}

TEST(Schedule, TheWholeWeekHasNoEdge) {
  const Schedule always = schedule("Mon-Sun");
  EXPECT_TRUE(always.contains(instant("2026-11-24T09:00:00Z")));
  EXPECT_EQ(always.next_edge(instant("2026-11-24T09:00:00Z")), kNever);
  EXPECT_EQ(schedule("00:00-24:00"), always);
  EXPECT_FALSE(Schedule().contains(instant("2026-11-24T09:00:00Z")));
  EXPECT_EQ(Schedule().next_edge(instant("2026-11-24T09:00:00Z")), kNever);
}

TEST(Schedule, TheEndsOfTimeDoNoHarm) {
  const Schedule office = schedule("Mon-Fri 09:00-18:00", "America/New_York");
  EXPECT_EQ(office.next_edge(kNever), kNever);
  office.contains(kNever);
  office.contains(kLongAgo);
  EXPECT_GT(office.next_edge(kLongAgo), kLongAgo);
}

TEST(Schedule, ReadsItsFormsAndWritesThemBack) {
  EXPECT_EQ(words("mon-fri 09:00-18:00"), "Mon-Fri 09:00-18:00");
  EXPECT_EQ(words("Monday,Wed 09:00 - 12:00"), "Mon,Wed 09:00-12:00");
  EXPECT_EQ(words("Fri-Mon 01:00-02:00"), "Mon,Fri-Sun 01:00-02:00");
  EXPECT_EQ(words("22:00-06:00"), "22:00-06:00");
  EXPECT_EQ(words("Fri 18:00-Mon 08:00"), "Fri 18:00 - Mon 08:00");
  EXPECT_EQ(words("Sat,Sun"), "Sat 00:00 - Mon 00:00");
  EXPECT_EQ(words("Wed"), "Wed 00:00-24:00");
}

TEST(Schedule, KnowsTheNamesOfZones) {
  EXPECT_NE(find_zone("America/New_York"), nullptr);
  EXPECT_EQ(find_zone("America/Gotham"), nullptr);
  EXPECT_EQ(find_zone(""), nullptr);
  EXPECT_GT(zone_names().size(), 300U);
}

}  // namespace
}  // namespace trainstop::policy
