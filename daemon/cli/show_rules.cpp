#include "cli/show_rules.hpp"

#include <fmt/format.h>

#include "cli/answer.hpp"
#include "cli/table.hpp"

namespace trainstop::cli {

namespace {

namespace json = boost::json;

/// What the rule does when it trips.
Cell mode_of(const json::object& rule, Instant now) {
  if (text_at(rule, "action") == "warn") return "warns";
  if (const auto until = instant_at(rule, "paused_until"))
    return {"paused until " + spell_time(*until, now), Ink::yellow};
  if (is_true_at(object_at(rule, "breaker"), "open")) return {"breaker open", Ink::red};
  if (text_at(rule, "mode") == "enforce") return "enforces";
  const auto from = instant_at(rule, "enforce_from");
  return {from && *from > now ? "observes until " + spell_time(*from, now) : "observes",
          Ink::yellow};
}

std::string count_at(const json::object& rule, const char* key) {
  return fmt::format("{:.0f}", number_at(rule, key).value_or(0));
}

/// Empty where there is none.
std::string few_at(const json::object& rule, const char* key) {
  return number_at(rule, key).value_or(0) == 0 ? "" : count_at(rule, key);
}

/// What an extension or a raised budget adds; empty of what adds nothing.
std::string more_of(const json::object& made) {
  const auto money = number_at(made, "by");
  return money ? dollars(money) : spell_seconds(number_at(made, "by_s"));
}

/// With the group as `budgets raise` takes it.
std::string rule_of(const json::object& made) {
  const std::string group = text_at(made, "group");
  return text_at(made, "rule") + (group.empty() ? "" : "/" + group);
}

}  // namespace

std::string show_rules(const json::object& rules, const Screen& screen) {
  const Instant now = now_of(rules);
  const auto all = objects_at(rules, "rules");
  if (all.empty()) return "There is no rule.\n";
  Table table({{"RULE", false, 12},
               {"MODE"},
               {"JOBS", true},
               {"OVER", true},
               {"WOULD STOP", true},
               {"UNSURE", true, 0, 4},
               {"NEXT DUE", true},
               {"JOB", false, 12, 3},
               {"CONDITION", false, 16, 5}});
  for (const json::object* rule : all) {
    const json::object& next = object_at(*rule, "next_due");
    const auto at = instant_at(next, "at");
    table.add({text_at(*rule, "rule"),
               mode_of(*rule, now),
               count_at(*rule, "matches"),
               few_at(*rule, "over"),
               {few_at(*rule, "would_stop"), Ink::yellow},
               few_at(*rule, "unknown"),
               at ? spell_until(*at, now) : "",
               name_of(next),
               text_at(*rule, "condition")});
  }
  const std::string note =
      text_at(rules, "mode") == "observe" ? "The daemon observes: no rule stops anything.\n" : "";
  return note + table.render(screen);
}

std::string show_overrides(const json::object& overrides, const Screen& screen) {
  const Instant now = now_of(overrides);
  const auto until_of = [&](const json::object& each) {
    const auto until = instant_at(each, "until");
    return until ? spell_time(*until, now) + " (" + spell_until(*until, now) + ")"
                 : std::string("for good");
  };
  std::string text;
  Table by_hand({{"ID"},
                 {"KIND"},
                 {"MORE", true},
                 {"JOB", false, 12},
                 {"RULE", false, 8},
                 {"UNTIL"},
                 {"BY", false, 8, 2},
                 {"REASON", false, 12}});
  for (const json::object* each : objects_at(overrides, "overrides")) {
    by_hand.add({text_at(*each, "id"), text_at(*each, "kind"), more_of(*each), name_of(*each),
                 rule_of(*each), until_of(*each), text_at(*each, "operator"),
                 text_at(*each, "reason")});
  }
  text += by_hand.empty() ? "Nothing is changed by hand.\n" : by_hand.render(screen);
  Table configured({{"EXEMPT", false, 16}, {"JOBS", true}, {"UNTIL"}, {"REASON", false, 12}});
  for (const json::object* each : objects_at(overrides, "configured")) {
    configured.add({text_at(*each, "what"), count_at(*each, "jobs"), until_of(*each),
                    text_at(*each, "reason")});
  }
  if (!configured.empty()) text += "\nBy the configuration:\n" + configured.render(screen);
  return text;
}

}  // namespace trainstop::cli
