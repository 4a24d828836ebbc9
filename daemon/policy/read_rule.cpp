// Rules and `defaults`: what a rule says, what it takes from the defaults, and what does not fit
// together.
#include <fmt/format.h>

#include <algorithm>

#include "policy/canonical.hpp"
#include "policy/sections.hpp"

namespace trainstop::policy {

namespace {

constexpr std::size_t kLongestName = 100;  // names are fields of every log line
constexpr int kWholeLimit = 100;           // percent

RuleSettings read_settings(Context& context, const Fields& fields) {
  RuleSettings settings;
  if (const Node* exclude = fields.find("exclude"))
    settings.exclude = read_selector(context, *exclude);
  const auto given = [&](std::string_view key) { return fields.has(key); };
  if (given("action")) settings.action = fields.choice("action", {Action::stop, Action::warn});
  if (given("mode")) settings.mode = fields.choice("mode", {Mode::observe, Mode::enforce});
  if (given("enforce_from")) settings.enforce_from = fields.instant("enforce_from", Doubled::first);
  if (given("warn_before")) settings.warn_before = fields.durations("warn_before");
  if (given("warn_at")) settings.warn_at_percent = fields.percents("warn_at");
  if (given("grace")) settings.grace = fields.duration("grace");
  if (given("landing")) settings.landing = fields.choice("landing", {Landing::under, Landing::at});
  if (given("repeat")) settings.repeat = fields.duration("repeat");
  if (const Node* most = fields.find("max_stops"))
    settings.max_stops = read_max_stops(context, *most);
  if (const Node* extend = fields.find("extend"))
    settings.extend = read_extension(context, *extend);
  if (const Node* sinks = fields.find("notify")) settings.notify = read_told_sinks(context, *sinks);
  if (const Node* shed = fields.find("shed")) settings.shed = read_shed(context, *shed);
  if (given("through_freeze"))
    settings.through_freeze = fields.choice("through_freeze", {false, true});
  return settings;
}

/// Where an action is from that the rule does not name; empty when it does, or nobody does.
std::string origin_of_action(const Context& context, const RuleSettings& own,
                             const RuleSettings& defaults) {
  if (own.action || !defaults.action) return {};
  const Place place = context.problems.place(defaults.places.find("action")->second);
  return fmt::format("; the rule has its action from 'defaults' at {}:{}", place.file, place.line);
}

/// What the rule itself says and its action makes senseless. The same from `defaults` just does not
/// apply to the rule.
void check_action(Context& context, const Fields& fields, const RuleSettings& own,
                  const RuleSettings& defaults) {
  const Action action = own.action.value_or(defaults.action.value_or(Action::stop));
  const std::string origin = origin_of_action(context, own, defaults);
  const auto& at = own.warn_at_percent;
  if (action == Action::stop && at && !at->empty() &&
      *std::max_element(at->begin(), at->end()) > kWholeLimit) {
    context.problems.error(
        fields.mark("warn_at"),
        "'warn_at' above 100% is possible only with 'action: warn': the job is stopped at 100%" +
            origin);
  }
  if (action == Action::stop && own.repeat) {
    context.problems.error(fields.mark("repeat"),
                           "'repeat' is possible only with 'action: warn'; stops are repeated "
                           "until they are confirmed" +
                               origin);
  }
  if (action == Action::warn && own.grace && *own.grace > Duration{0}) {
    context.problems.error(
        fields.mark("grace"),
        "'grace' is possible only with 'action: stop': a rule that warns stops nothing" + origin);
  }
  for (const char* key : {"max_stops", "shed", "landing", "through_freeze"}) {
    if (action == Action::stop || !fields.has(key)) continue;
    context.problems.error(fields.mark(key),
                           fmt::format("'{}' is possible only with 'action: stop'{}", key, origin));
  }
}

/// The limit of a condition that is a single threshold on a duration.
std::optional<Duration> simple_limit(const Condition& condition) {
  return std::visit(
      [](const auto& leaf) -> std::optional<Duration> {
        using Leaf = std::decay_t<decltype(leaf)>;
        if constexpr (std::is_same_v<Leaf, RunningFor> || std::is_same_v<Leaf, DeployingFor> ||
                      std::is_same_v<Leaf, QueuedFor> || std::is_same_v<Leaf, Age>) {
          return leaf.limit;
        } else {
          return {};
        }
      },
      condition.node);
}

void warn_of_oddities(Context& context, const Fields& fields, const Rule& rule,
                      const RuleSettings& own) {
  const auto limit = simple_limit(rule.when);
  if (limit && own.warn_before) {
    for (const Duration before : *own.warn_before) {
      if (before < *limit + rule.grace) continue;
      context.problems.warning(
          fields.mark("warn_before"),
          fmt::format("a warning {} before the stop is told at once: the limit is {}",
                      format_duration(before), format_duration(*limit)));
    }
  }
  if (own.landing && !has_money(rule.when)) {
    context.problems.warning(fields.mark("landing"),
                             "'landing' has no effect without a 'cost' limit or a 'budget'");
  }
}

bool asks_for_status(const Selector& selector) {
  return std::any_of(selector.any_of.begin(), selector.any_of.end(),
                     [](const SelectorMap& map) { return !map.status.empty(); });
}

/// A pot is a sum over the rule's jobs; what a job cost in another status is not in it.
void warn_of_status(Context& context, const Fields& fields, const Rule& rule,
                    const RuleSettings& own, const RuleSettings& defaults) {
  if (budget_of(rule.when) == nullptr) return;
  const auto warn = [&](std::string_view key, const std::optional<Selector>& selector,
                        const Mark& at, std::string_view whose) {
    if (!selector || !asks_for_status(*selector)) return;
    context.problems.warning(
        at, fmt::format("'{}' by status: the budget{} forgets what a job cost in another status",
                        key, whose));
  };
  warn("match", rule.match, fields.mark("match"), "");
  if (own.exclude || !defaults.exclude) {
    warn("exclude", rule.exclude, fields.mark("exclude"), "");
  } else {
    warn("exclude", rule.exclude, defaults.places.find("exclude")->second,
         fmt::format(" of rule '{}'", rule.name));
  }
}

void take_settings(Rule& rule, const RuleSettings& own, const RuleSettings& defaults) {
  const auto take = [&](auto& target, auto RuleSettings::*setting) {
    if (own.*setting) {
      target = *(own.*setting);
    } else if (defaults.*setting) {
      target = *(defaults.*setting);
    }
  };
  take(rule.exclude, &RuleSettings::exclude);
  take(rule.action, &RuleSettings::action);
  take(rule.mode, &RuleSettings::mode);
  take(rule.enforce_from, &RuleSettings::enforce_from);
  take(rule.warn_before, &RuleSettings::warn_before);
  take(rule.warn_at_percent, &RuleSettings::warn_at_percent);
  take(rule.grace, &RuleSettings::grace);
  take(rule.landing, &RuleSettings::landing);
  take(rule.repeat, &RuleSettings::repeat);
  take(rule.max_stops, &RuleSettings::max_stops);
  take(rule.extend, &RuleSettings::extend);
  take(rule.notify, &RuleSettings::notify);
  take(rule.shed, &RuleSettings::shed);
  take(rule.through_freeze, &RuleSettings::through_freeze);
  if (rule.extend) rule.extend = fitting(*rule.extend, rule.when);
  std::sort(rule.warn_before.begin(), rule.warn_before.end(), std::greater<>());
  std::sort(rule.warn_at_percent.begin(), rule.warn_at_percent.end());
  if (rule.action == Action::warn) {
    rule.grace = Duration{0};
    rule.max_stops.reset();
    rule.shed.reset();
    rule.through_freeze = false;
  } else {
    rule.repeat = Duration{0};
    std::erase_if(rule.warn_at_percent, [](int percent) { return percent > kWholeLimit; });
  }
  if (!has_money(rule.when)) rule.landing = Landing::under;
  if (budget_of(rule.when) == nullptr) rule.shed.reset();
}

}  // namespace

RuleSettings read_defaults(Context& context, const Node& node) {
  const Fields fields(context, Section::defaults, node);
  if (node.kind != Node::Kind::map) return {};
  RuleSettings settings = read_settings(context, fields);
  for (const Entry& entry : node.entries) settings.places.emplace(entry.key.text, entry.key.mark);
  return settings;
}

void warn_of_idle_defaults(Context& context, const RuleSettings& defaults,
                           const std::vector<Rule>& rules) {
  const auto warn = [&](std::string_view key, std::string_view what, std::string_view none) {
    context.problems.warning(
        defaults.places.find(key)->second,
        fmt::format("{} in 'defaults' reaches no rule: none has {}", what, none));
  };
  const bool any_warns = std::any_of(rules.begin(), rules.end(),
                                     [](const Rule& rule) { return rule.action == Action::warn; });
  const bool any_budget = std::any_of(rules.begin(), rules.end(), [](const Rule& rule) {
    return rule.action == Action::stop && budget_of(rule.when) != nullptr;
  });
  const auto& at = defaults.warn_at_percent;
  if (!any_warns && at &&
      std::any_of(at->begin(), at->end(), [](int percent) { return percent > kWholeLimit; }))
    warn("warn_at", "'warn_at' above 100%", "'action: warn'");
  if (!any_warns && defaults.repeat) warn("repeat", "'repeat'", "'action: warn'");
  if (!any_budget && defaults.shed) warn("shed", "'shed'", "a 'budget' that it stops at");
}

std::optional<std::string> read_name(Context& context, const Fields& fields) {
  const auto name = fields.text("name");
  if (!name) return {};
  const bool plain = std::all_of(name->begin(), name->end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  if (plain && name->size() <= kLongestName) return name;
  context.problems.error(
      fields.mark("name"),
      fmt::format("the name must be of letters, digits, '-', '_' and '.', at most {} of them",
                  kLongestName));
  return {};
}

std::optional<Rule> read_rule(Context& context, const Node& node, const RuleSettings& defaults) {
  const Fields fields(context, Section::rule, node);
  if (node.kind != Node::Kind::map) return {};
  Rule rule;
  rule.place = context.problems.place(node.mark);
  const auto name = read_name(context, fields);
  if (const Node* match = fields.find("match")) rule.match = read_selector(context, *match);
  const RuleSettings own = read_settings(context, fields);
  if (!fields.has("when") && !fields.has("budget")) {
    context.problems.error(node.mark,
                           "a rule needs a condition under 'when', such as {running_for: 48h}, or "
                           "a 'budget'");
  }
  if (fields.has("when") && fields.has("budget")) {
    context.problems.error(fields.mark("budget"), "a rule has either 'when' or 'budget', not both");
  }
  std::optional<Condition> when;
  if (const Node* condition = fields.find("when")) {
    when = read_condition(context, *condition);
  } else if (const Node* budget = fields.find("budget")) {
    when = read_budget(context, *budget);
  }
  if (fields.find("shed") != nullptr && !fields.has("budget"))
    context.problems.error(fields.mark("shed"), "'shed' is possible only with 'budget'");
  check_action(context, fields, own, defaults);
  if (when && own.extend) check_extension(context, fields, *when, *own.extend);
  if (!name || !when) return {};
  rule.name = *name;
  rule.when = std::move(*when);
  take_settings(rule, own, defaults);
  warn_of_oddities(context, fields, rule, own);
  warn_of_status(context, fields, rule, own, defaults);
  rule.canonical = canonical(rule);
  rule.hash = short_hash(rule.canonical);
  return rule;
}

}  // namespace trainstop::policy
