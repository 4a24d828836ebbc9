#include "cli/show_conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "cli/answer.hpp"
#include "cli/table.hpp"

namespace trainstop::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t kConditionBar = 10;
constexpr std::size_t kIndent = 2;

/// Evidence of an event does not say the unit: money is what is said of cost and budgets.
bool is_money(const json::object& condition) {
  const std::string unit = text_at(condition, "unit"), key = text_at(condition, "condition");
  return unit == "USD" || (unit.empty() && (key == "cost" || key == "budget"));
}

std::string value_at(const json::object& condition, const char* key) {
  const auto number = number_at(condition, key);
  if (!number) return text_at(condition, key);
  return is_money(condition) ? dollars(number) : spell_seconds(number);
}

std::optional<double> progress_of(const json::object& condition) {
  if (const auto progress = number_at(condition, "progress")) return progress;
  const auto value = number_at(condition, "value"), limit = number_at(condition, "limit");
  if (!value || !limit || *limit <= 0) return {};
  return *value / *limit;
}

std::string indented(const std::string& text) {
  std::string all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) all += std::string(kIndent, ' ') + line + '\n';
  return all;
}

}  // namespace

std::string show_conditions(const std::vector<const json::object*>& conditions, Instant now,
                            const Screen& screen) {
  if (conditions.empty()) return {};
  Table table({{"CONDITION"},
               {"HOLDS"},
               {"PROGRESS", false, 0, 3},
               {"", true},
               {"VALUE", true, 8},
               {"LIMIT", true, 8},
               {"SINCE", false, 0, 2},
               {"SOURCE", false, 0, 1},
               {"WHY", false, 16, 4}});
  for (const json::object* each : conditions) {
    const std::string holds = text_at(*each, "holds");
    const auto progress = progress_of(*each);
    const auto since = instant_at(*each, "since");
    const bool estimated =
        is_true_at(*each, "estimated") || text_at(*each, "source") == "estimated";
    table.add({text_at(*each, "condition"),
               {holds, holds == "yes" ? Ink::yellow : Ink::none},
               progress ? bar(*progress, kConditionBar) : "",
               progress ? fmt::format("{:.0f}%", std::min(*progress, 99.99) * 100) : "",
               value_at(*each, "value"),
               value_at(*each, "limit"),
               since ? spell_time(*since, now) : "",
               estimated ? "estimated" : "observed",
               text_at(*each, "reason")});
  }
  Screen inner = screen;
  if (inner.columns != Screen::kNoLimit) inner.columns -= std::min(inner.columns, kIndent);
  return indented(table.render(inner));
}

}  // namespace trainstop::cli
