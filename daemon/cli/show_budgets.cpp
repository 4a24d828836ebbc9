#include "cli/show_budgets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/answer.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

namespace trainstop::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t kBarWidth = 20, kShortBar = 10;
constexpr std::size_t kNarrow = 120;  // columns of a screen that has no room for the long one
constexpr std::int64_t kMinutesPerHour = 60;
constexpr double kMostDollars = 9e9;
constexpr double kNearly = 0.8;

Money money_at(const json::object& object, std::string_view key) {
  const double dollars = number_at(object, key).value_or(0);
  if (!(std::abs(dollars) < kMostDollars)) return {};
  return Money::from_nano(std::llround(dollars * 1e9));
}

std::string raw_text_at(const json::object& object, std::string_view key) {
  const json::value* const found = object.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

/// What is spent at an instant, by its rate.
Money spent_at(const ShownPot& pot, Instant utc) {
  if (utc <= pot.as_of) return pot.spent;
  const auto minutes = (std::min(utc, pot.until) - pot.as_of) / std::chrono::minutes(1);
  const auto more = multiply(pot.rate, minutes);
  return add(pot.spent, more.value_or(Money{})).value_or(pot.spent);
}

double share_of(const ShownPot& pot, Money spent) {
  if (pot.limit <= Money{}) return 1.0;
  return static_cast<double>(spent.nano()) / static_cast<double>(pot.limit.nano());
}

/// `2h5m`, to the minute.
std::string in(Instant at, Instant now) {
  const auto left = std::chrono::floor<std::chrono::minutes>(std::max(at - now, Duration{0}));
  return left == Duration{0} ? "under a minute" : format_duration(left);
}

std::string outlook(const ShownPot& pot, Instant now) {
  std::string words;
  if (pot.exhausted_at != kNever) {
    words = "exhausted " + in(now, pot.exhausted_at) + " ago";
  } else if (pot.due != kNever) {
    words = "exhausted in " + in(pot.due, now);
  } else {
    words = "not exhausted in this window";
  }
  if (pot.until != kNever) words += ", reset in " + in(pot.until, now);
  if (pot.action == "warn") words += ", only warns";
  if (pot.action == "stop" && pot.mode == "observe") words += ", observes";
  if (pot.partial) words += ", partial";
  return words;
}

}  // namespace

ShownPot pot_of(const json::object& budget) {
  ShownPot pot;
  pot.rule = raw_text_at(budget, "rule");
  pot.group = raw_text_at(budget, "group");
  pot.action = raw_text_at(budget, "action");
  pot.mode = raw_text_at(budget, "mode");
  pot.limit = money_at(budget, "limit");
  pot.spent = money_at(budget, "spent");
  pot.rate = divide_half_even(money_at(budget, "rate"), kMinutesPerHour);
  pot.as_of = instant_at(budget, "as_of").value_or(kLongAgo);
  pot.due = instant_at(budget, "due_at").value_or(kNever);
  pot.exhausted_at = instant_at(budget, "exhausted_at").value_or(kNever);
  pot.until = instant_at(budget, "resets_at").value_or(kNever);
  pot.partial = is_true_at(budget, "partial");
  return pot;
}

std::vector<ShownPot> pots_of(const json::object& answer) {
  std::vector<ShownPot> pots;
  for (const json::object* budget : objects_at(answer, "budgets")) pots.push_back(pot_of(*budget));
  return pots;
}

std::string show_budgets(const std::vector<ShownPot>& pots, Instant now, const Screen& screen) {
  if (pots.empty()) return {};
  Table table({{"RULE", false, 8},
               {"GROUP", false, 8},
               {"", false, 0, 2},
               {"", true},
               {"SPENT OF LIMIT", true},
               {"RATE", true, 0, 3},
               {"OUTLOOK", false, 16}});
  const std::size_t width = screen.columns < kNarrow ? kShortBar : kBarWidth;
  for (const ShownPot& pot : pots) {
    const Money spent = spent_at(pot, now);
    const double share = share_of(pot, spent);
    const Money rate = multiply(pot.rate, kMinutesPerHour).value_or(pot.rate);
    const Ink ink = share >= 1 || pot.exhausted_at != kNever ? Ink::red
                    : share >= kNearly                       ? Ink::yellow
                                                             : Ink::green;
    table.add({plain(pot.rule),
               plain(pot.group),
               {bar(share, width), ink},
               fmt::format("{:.0f}%", share * 100),
               format_dollars(spent) + " of " + format_dollars(pot.limit),
               format_dollars(rate) + "/h",
               outlook(pot, now)});
  }
  return table.render(screen);
}

}  // namespace trainstop::cli
