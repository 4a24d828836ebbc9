// The words of a WINDOW: reading `Mon-Fri 09:00-18:00` and `Fri 18:00 - Mon 08:00`, and writing
// them.
#include <fmt/format.h>

#include <array>
#include <map>

#include "policy/schedule.hpp"
#include "policy/week_words.hpp"

namespace trainstop::policy {

namespace {

constexpr int kDay = 24 * 60;
constexpr int kWeek = 7 * kDay;
constexpr std::string_view kExpected =
    "expected a window such as 'Mon-Fri 09:00-18:00', '22:00-06:00', 'Fri 18:00 - Mon 08:00' or "
    "'Sat,Sun'";
constexpr std::size_t kLongestWindow = 200;  // seven days by name, two times and spaces fit thrice

struct Token {
  enum class Kind : std::uint8_t { day, time, dash, comma } kind = Kind::dash;
  int value = 0;  ///< the day from Monday, or the minute of the day
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<std::vector<Token>> split(std::string_view text, std::string& error) {
  std::vector<Token> tokens;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t begin = i;
    if (text[i] == ' ') {
      ++i;
    } else if (text[i] == '-' || text[i] == ',') {
      tokens.push_back({text[i] == '-' ? Token::Kind::dash : Token::Kind::comma, 0});
      ++i;
    } else if (is_letter(text[i])) {
      while (i < text.size() && is_letter(text[i])) ++i;
      const std::string_view word = text.substr(begin, i - begin);
      const int day = day_of(word);
      if (day < 0) {
        error = fmt::format("'{}' is not a day of the week (Mon, Tue, …); {}", word, kExpected);
        return {};
      }
      tokens.push_back({Token::Kind::day, day});
    } else {
      while (i < text.size() && (is_digit(text[i]) || text[i] == ':')) ++i;
      if (i == begin) {
        error = std::string(kExpected);
        return {};
      }
      const std::string_view word = text.substr(begin, i - begin);
      const int time = time_of(word);
      if (time < 0) {
        error = fmt::format("'{}' is not a time of day (00:00 to 24:00); {}", word, kExpected);
        return {};
      }
      tokens.push_back({Token::Kind::time, time});
    }
  }
  return tokens;
}

/// Walks over tokens; every step says whether what it wanted was there.
class Walk {
 public:
  explicit Walk(const std::vector<Token>& tokens) : tokens_(tokens) {}
  bool at_end() const { return next_ == tokens_.size(); }
  bool sees(Token::Kind kind, std::size_t ahead = 0) const {
    return next_ + ahead < tokens_.size() && tokens_[next_ + ahead].kind == kind;
  }
  bool take(Token::Kind kind, int& value) {
    if (!sees(kind)) return false;
    value = tokens_[next_++].value;
    return true;
  }
  bool take(Token::Kind kind) {
    int ignored = 0;
    return take(kind, ignored);
  }

 private:
  const std::vector<Token>& tokens_;
  std::size_t next_ = 0;
};

/// `Mon-Fri,Sun` as a set of days; false when what follows is no list of days.
bool take_days(Walk& walk, std::array<bool, 7>& days) {
  do {
    int first = 0;
    if (!walk.take(Token::Kind::day, first)) return false;
    int last = first;
    if (walk.sees(Token::Kind::dash) && walk.sees(Token::Kind::day, 1)) {
      walk.take(Token::Kind::dash);
      walk.take(Token::Kind::day, last);
    }
    for (int day = first;; day = (day + 1) % 7) {
      days[static_cast<std::size_t>(day)] = true;
      if (day == last) break;
    }
  } while (walk.take(Token::Kind::comma));
  return true;
}

using Spans = std::vector<WeekSpan>;

/// `Fri 18:00 - Mon 08:00`
std::optional<Spans> read_stretch(Walk walk, std::string& error) {
  int first_day = 0, first_time = 0, last_day = 0, last_time = 0;
  walk.take(Token::Kind::day, first_day);  // by these four it is known
  walk.take(Token::Kind::time, first_time);
  walk.take(Token::Kind::dash);
  walk.take(Token::Kind::day, last_day);
  if (!walk.take(Token::Kind::time, last_time) || !walk.at_end()) {
    error = std::string(kExpected);
    return {};
  }
  const int begin = (first_day * kDay + first_time) % kWeek;
  int end = (last_day * kDay + last_time) % kWeek;
  if (begin == end) {
    error = "the window ends where it starts; a whole week is 'Mon-Sun'";
    return {};
  }
  if (end < begin) end += kWeek;
  return Spans{{begin, end}};
}

/// `[Mon-Fri] [09:00-18:00]`
std::optional<Spans> read_daily(Walk walk, std::string& error) {
  std::array<bool, 7> days{};
  if (!walk.sees(Token::Kind::day)) days.fill(true);
  int begin = 0, end = kDay;
  bool right = !walk.sees(Token::Kind::day) || take_days(walk, days);
  if (right && !walk.at_end()) {
    right = walk.take(Token::Kind::time, begin) && walk.take(Token::Kind::dash) &&
            walk.take(Token::Kind::time, end) && walk.at_end();
  }
  if (!right) {
    error = std::string(kExpected);
    return {};
  }
  if (begin == kDay) {
    error = "a window can't start at 24:00; write 00:00 of the next day";
    return {};
  }
  if (begin == end) {
    error = "the window ends where it starts; a whole day is '00:00-24:00'";
    return {};
  }
  if (end < begin) end += kDay;
  Spans spans;
  for (int day = 0; day < 7; ++day) {
    if (days[static_cast<std::size_t>(day)]) {
      spans.push_back({day * kDay + begin, day * kDay + end});
    }
  }
  return spans;
}

/// `Mon-Fri,Sun`, nothing for every day.
std::string spell_days(const std::array<bool, 7>& days) {
  std::string text;
  for (std::size_t first = 0; first < days.size(); ++first) {
    if (!days[first]) continue;
    std::size_t last = first;
    while (last + 1 < days.size() && days[last + 1]) ++last;
    if (first == 0 && last == 6) return "";
    text += fmt::format("{}{}", text.empty() ? "" : ",", day_name(static_cast<int>(first)));
    if (last > first)
      text += fmt::format("{}{}", last > first + 1 ? "-" : ",", day_name(static_cast<int>(last)));
    first = last;
  }
  return text;
}

}  // namespace

std::optional<std::vector<WeekSpan>> parse_window(std::string_view text, std::string& error) {
  if (text.empty() || text.size() > kLongestWindow) {
    error = std::string(kExpected);
    return {};
  }
  const auto tokens = split(text, error);
  if (!tokens) return {};
  const Walk walk(*tokens);
  if (tokens->empty()) {
    error = std::string(kExpected);
    return {};
  }
  const bool stretch = walk.sees(Token::Kind::day) && walk.sees(Token::Kind::time, 1) &&
                       walk.sees(Token::Kind::dash, 2) && walk.sees(Token::Kind::day, 3);
  return stretch ? read_stretch(walk, error) : read_daily(walk, error);
}

std::string format_windows(const std::vector<WeekSpan>& spans) {
  std::map<std::pair<int, int>, std::array<bool, 7>> daily;
  std::string stretches;
  for (const WeekSpan& span : spans) {
    const int length = span.end - span.begin;
    if (length == kWeek) return "Mon-Sun";
    if (length < kDay || (length == kDay && span.begin % kDay == 0)) {
      const int begin = span.begin % kDay;
      const int end = begin + length > kDay ? begin + length - kDay : begin + length;
      daily[{begin, end}][static_cast<std::size_t>(span.begin / kDay)] = true;
      continue;
    }
    const int end = span.end % kWeek;
    stretches +=
        fmt::format(", {} {} - {} {}", day_name(span.begin / kDay), spell_time(span.begin % kDay),
                    day_name(end / kDay), spell_time(end % kDay));
  }
  std::string text;
  for (const auto& [times, days] : daily) {
    const std::string names = spell_days(days);
    text += fmt::format(", {}{}{}-{}", names, names.empty() ? "" : " ", spell_time(times.first),
                        spell_time(times.second));
  }
  text += stretches;
  return text.empty() ? text : text.substr(2);
}

}  // namespace trainstop::policy
