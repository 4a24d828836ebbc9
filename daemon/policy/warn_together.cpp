// Rules whose jobs all fall due at one instant of the calendar: more of them than the breaker lets
// pass, and it stops none.
#include <fmt/format.h>

#include <algorithm>

#include "policy/sections.hpp"

namespace trainstop::policy {

namespace {

/// Whether the condition becomes true at an instant of the calendar whatever the job. A budget is
/// none of these: its foreseen exhaustion counts as one stop.
bool by_calendar(const Condition& condition, bool negated = false) {
  const auto part = [&](const Condition& each) { return by_calendar(each, negated); };
  return std::visit(
      [&](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, Not>) {
          return by_calendar(node.part.front(), !negated);
        } else if constexpr (std::is_same_v<Node, All> || std::is_same_v<Node, Any>) {
          const bool any = std::is_same_v<Node, Any> != negated;
          return any ? std::any_of(node.parts.begin(), node.parts.end(), part)
                     : std::all_of(node.parts.begin(), node.parts.end(), part);
        } else {
          return std::is_same_v<Node, During> || (std::is_same_v<Node, Deadline> && !negated);
        }
      },
      condition.node);
}

/// How many jobs a rule names one by one; nothing when it may find any number.
std::optional<std::size_t> named_jobs(const Rule& rule) {
  if (!rule.match) return {};
  std::size_t count = 0;
  for (const SelectorMap& map : rule.match->any_of) {
    const bool plain = std::none_of(map.job.begin(), map.job.end(), [](const std::string& glob) {
      return glob.find_first_of("*?[") != std::string::npos;
    });
    if (map.job.empty() || !plain) return {};
    count += map.job.size();
  }
  return count;
}

}  // namespace

void warn_of_many_together(Context& context, const Mark& at, const Rule& rule,
                           const MaxStops& of_all) {
  if (rule.action == Action::warn || rule.mode == Mode::observe || !by_calendar(rule.when)) return;
  const bool own = rule.max_stops.has_value();
  const int most = own ? rule.max_stops->count : of_all.count;
  const auto named = named_jobs(rule);
  // Who gives the rule a breaker of its own has thought of how many there are.
  if (named ? *named <= static_cast<std::size_t>(most) : own) return;
  const std::string whose = own ? "its 'max_stops'" : "'safety.max_stops'";
  const std::string many =
      named ? fmt::format("it names {}, more than the {} of {}, so that", *named, most, whose)
            : fmt::format("if they are more than the {} of {},", most, whose);
  const std::string mend =
      own ? "let so many pass" : "give the rule a 'max_stops' of its own that lets so many pass";
  context.problems.warning(
      at, fmt::format("all jobs of the rule fall due at one instant: {} the breaker opens and none "
                      "of them is stopped; {}",
                      many, mend));
}

}  // namespace trainstop::policy
