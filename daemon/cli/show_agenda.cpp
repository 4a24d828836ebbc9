// The agenda: what is to happen, in the order of time.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/answer.hpp"
#include "cli/show_status.hpp"

namespace trainstop::cli {

namespace json = boost::json;

std::string show_agenda(const json::object& status, Duration within, const Screen& screen) {
  const Instant now = now_of(status);
  const Instant until = saturating_add(now, within);
  std::vector<std::pair<Instant, std::vector<Cell>>> all;
  const auto add = [&](std::optional<Instant> at, const std::string& what, const std::string& whom,
                       const std::string& rule, const Cell& note) {
    if (!at || *at > until) return;
    all.emplace_back(*at, std::vector<Cell>{spell_time(*at, now), spell_until(*at, now), what, whom,
                                            rule, note});
  };
  for (const json::object* job : objects_at(status, "jobs"))
    add(instant_at(*job, "due_at"), "stop", name_of(*job), text_at(*job, "rule"), state_of(*job));
  for (const json::object* budget : objects_at(status, "budgets")) {
    const std::string group = text_at(*budget, "group"), rule = text_at(*budget, "rule");
    const bool over = budget->contains("exhausted_at");
    if (!over) add(instant_at(*budget, "due_at"), "budget exhausted", group, rule, "");
    if (over) add(instant_at(*budget, "resets_at"), "budget reset", group, rule, "");
  }
  const json::object& foreseen = object_at(object_at(status, "breaker"), "foreseen");
  add(instant_at(foreseen, "at"), "breaker opens", "", "", {"nothing is stopped", Ink::red});
  for (const json::object* freeze : objects_at(status, "frozen"))
    add(instant_at(*freeze, "until"), "freeze ends", text_at(*freeze, "what"), "", "");
  for (const json::object* made : objects_at(status, "overrides"))
    add(instant_at(*made, "until"), text_at(*made, "kind") + " ends", text_at(*made, "job"),
        text_at(*made, "rule"), "");
  std::ranges::stable_sort(all, {}, [](const auto& each) { return each.first; });
  const double more = number_at(status, "more").value_or(0);
  std::string text;
  if (all.empty()) {
    text = "Nothing is due within " + spell(within) + ".\n";
  } else {
    Table table({{"AT"}, {"", true}, {"WHAT"}, {"WHOM", false, 16}, {"RULE", false, 8}, {"HOLD"}});
    for (auto& [at, row] : all) table.add(std::move(row));
    text = table.render(screen);
  }
  if (more > 0) text += fmt::format("and {}\n", count_of(more, "more job"));
  return text;
}

}  // namespace trainstop::cli
