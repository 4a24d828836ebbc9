#include "policy/week_words.hpp"

#include <fmt/format.h>

#include <array>

namespace trainstop::policy {

namespace {

constexpr int kHour = 60;
constexpr int kDay = 24 * kHour;
constexpr std::array<std::string_view, 7> kDayNames{"Mon", "Tue", "Wed", "Thu",
                                                    "Fri", "Sat", "Sun"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

int day_of(std::string_view word) {
  constexpr std::array<std::string_view, 7> kLong{"monday", "tuesday",  "wednesday", "thursday",
                                                  "friday", "saturday", "sunday"};
  std::string name;
  for (const char c : word) name += lower(c);
  for (int day = 0; day < 7; ++day) {
    const std::string_view full = kLong[static_cast<std::size_t>(day)];
    if (name == full || name == full.substr(0, 3)) return day;
  }
  return -1;
}

std::string_view day_name(int day) {
  return kDayNames[static_cast<std::size_t>(day)];
}

int time_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return -1;
  for (const std::size_t i : {0U, 1U, 3U, 4U}) {
    if (!is_digit(text[i])) return -1;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (minute > 59 || hour * kHour + minute > kDay) return -1;
  return hour * kHour + minute;
}

std::string spell_time(int minute) {
  return fmt::format("{:02}:{:02}", minute / kHour, minute % kHour);
}

}  // namespace trainstop::policy
