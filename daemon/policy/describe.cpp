#include "policy/describe.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trainstop::policy {

namespace {

std::string join(const std::vector<std::string>& words, std::string_view between) {
  return fmt::format("{}", fmt::join(words, between));
}

/// UTC to the second; nobody writes a deadline of milliseconds.
std::string time_words(Instant utc) {
  constexpr std::string_view kNoFraction = ".000Z";
  const std::string text = format_rfc3339(utc);
  if (!text.ends_with(kNoFraction)) return text;
  return fmt::format("{}Z", text.substr(0, text.size() - kNoFraction.size()));
}

std::string leaf(const RunningFor& node) {
  return fmt::format("running for {}", format_duration(node.limit));
}
std::string leaf(const DeployingFor& node) {
  return fmt::format("deploying for {}", format_duration(node.limit));
}
std::string leaf(const QueuedFor& node) {
  return fmt::format("queued for {}", format_duration(node.limit));
}
std::string leaf(const Age& node) {
  return fmt::format("created {} ago", format_duration(node.limit));
}
std::string leaf(const Cost& node) {
  return fmt::format("cost at least {}", format_dollars(node.limit));
}

/// ` in a day (from 06:00 America/New_York)`.
std::string window_words(const Period& period) {
  const Per per = period.per();
  if (per == Per::total) return " in total";
  return fmt::format(" in {} {} (from {}{} {})", per == Per::hour ? "an" : "a", to_string(per),
                     per == Per::month ? "day " : "", format_resets_at(per, period.resets_at()),
                     period.zone_name());
}

/// `, counted for each team and user`; empty when all are counted together.
std::string group_words(const GroupBy& by) {
  if (by.pattern)
    return fmt::format(", counted for each '{}' of a job's name in a project", by.pattern->text());
  if (by.keys.empty()) return {};
  std::string words = to_string(by);
  for (std::size_t comma = words.find(','); comma != std::string::npos; comma = words.find(','))
    words.replace(comma, 1, " and ");
  return fmt::format(", counted for each {}", words);
}

std::string leaf(const Spent& node) {
  const Budget& budget = node.budget;
  return fmt::format("all its jobs together cost {}{}{}", format_dollars(budget.limit),
                     window_words(budget.period), group_words(budget.group_by));
}
std::string leaf(const Deadline& node) {
  return fmt::format("the time is past {}", time_words(node.utc));
}
std::string leaf(const InStatus& node) {
  const std::string status = fmt::format("in status {}", join(node.statuses, " or "));
  return node.limit ? fmt::format("{} for {}", status, format_duration(*node.limit)) : status;
}
std::string leaf(const During& node) {
  return fmt::format("{} {} ({})", node.outside ? "outside" : "during",
                     format_windows(node.schedule.spans()), node.schedule.zone_name());
}

std::string parts(const std::vector<Condition>& conditions, std::string_view between);
std::string leaf(const All& node) {
  return parts(node.parts, " and ");
}
std::string leaf(const Any& node) {
  return parts(node.parts, " or ");
}
std::string leaf(const Not& node) {
  return fmt::format("not ({})", describe(node.part.front()));
}

/// Combinations inside a combination go into parentheses.
std::string parts(const std::vector<Condition>& conditions, std::string_view between) {
  std::vector<std::string> words;
  for (const Condition& condition : conditions) {
    const bool combined =
        std::holds_alternative<All>(condition.node) || std::holds_alternative<Any>(condition.node);
    words.push_back(combined && conditions.size() > 1 ? fmt::format("({})", describe(condition))
                                                      : describe(condition));
  }
  return join(words, between);
}

std::string describe_map(const SelectorMap& map) {
  std::vector<std::string> words;
  const auto globs = [&](std::string_view key, const std::vector<std::string>& values) {
    if (!values.empty()) words.push_back(fmt::format("{} is {}", key, join(values, " or ")));
  };
  globs("account", map.account);
  globs("project", map.project);
  globs("name or id", map.job);
  globs("team", map.team);
  globs("user", map.user);
  globs("instance type", map.instance_type);
  globs("GPU type", map.gpu_type);
  globs("availability", map.availability);
  if (!map.priority.empty())
    words.push_back(fmt::format("priority is {}", fmt::join(map.priority, " or ")));
  globs("status", map.status);
  if (map.min_gpus) words.push_back(fmt::format("GPUs are at least {}", *map.min_gpus));
  if (map.max_gpus) words.push_back(fmt::format("GPUs are at most {}", *map.max_gpus));
  if (map.min_nodes) words.push_back(fmt::format("nodes are at least {}", *map.min_nodes));
  return join(words, " and ");
}

/// `4h and 30m before the stop and at 80% of the limit`; empty without warnings.
std::string warnings(const Rule& rule) {
  std::vector<std::string> words;
  const std::string_view event = rule.action == Action::stop ? "the stop" : "it trips";
  for (const Duration before : rule.warn_before) {
    words.push_back(fmt::format("{} before {}", format_duration(before), event));
  }
  for (const int percent : rule.warn_at_percent)
    words.push_back(fmt::format("at {}% of the limit", percent));
  return join(words, ", ");
}

std::string landing(const Rule& rule) {
  if (rule.action == Action::warn || !has_money(rule.when)) return {};
  return rule.landing == Landing::under ? " Cost limits are limits of the final bill: the stop "
                                          "leaves early enough for the time a stop takes."
                                        : " At a cost limit the stop leaves at the last minute "
                                          "within it; the time a stop takes may cost more.";
}

/// What an exhausted budget stops besides.
std::string afterwards(const Budget& budget) {
  return fmt::format(
      " {} it also stops {}.",
      budget.period.per() == Per::total ? "From there on" : "Until the next window",
      budget.stops_queued ? "every new one" : "every other that begins to cost money");
}

std::string effect(const Rule& rule) {
  if (rule.action == Action::warn) {
    return rule.repeat > Duration{0}
               ? fmt::format("It warns then, and again every {}; it stops nothing.",
                             format_duration(rule.repeat))
               : "It warns then, once; it stops nothing.";
  }
  const Budget* budget = budget_of(rule.when);
  const std::string_view whom = budget == nullptr      ? "the job"
                                : budget->stops_queued ? "all of them"
                                                       : "those that cost money";
  const std::string when =
      rule.grace == Duration{0}
          ? "then"
          : fmt::format("{} later, unless the condition no longer holds{}",
                        format_duration(rule.grace),
                        has_money(rule.when) ? "; at a cost limit it trips so much earlier" : "");
  return fmt::format("It stops {} {}.{}", whom, when, budget == nullptr ? "" : afterwards(*budget));
}

std::string shedding(const Rule& rule) {
  if (!rule.shed) return {};
  std::string order(to_string(rule.shed->order));
  std::replace(order.begin(), order.end(), '_', ' ');
  return fmt::format(
      " From {}% of the limit on it stops single jobs, {} first, as long as the others would "
      "exhaust it before its reset.",
      rule.shed->at_percent, order);
}

std::string own_breaker(const Rule& rule) {
  if (!rule.max_stops) return {};
  return fmt::format(" It has a breaker of its own: at most {} jobs in {}.", rule.max_stops->count,
                     format_duration(rule.max_stops->per));
}

/// What people may do about it, and who hears of it.
std::string hands(const Rule& rule) {
  std::string words;
  if (rule.extend) {
    const Extension& extend = *rule.extend;
    const std::string times = !extend.times        ? ""
                              : *extend.times == 1 ? "once"
                                                   : fmt::format("at most {} times", *extend.times);
    const std::string most = extend.max         ? format_duration(*extend.max)
                             : extend.max_money ? format_dollars(*extend.max_money)
                                                : "";
    words = most.empty() ? fmt::format(" By hand its limit may be extended {}.", times)
                         : fmt::format(" By hand at most {} at once may be added to its limit{}{}.",
                                       most, times.empty() ? "" : ", ", times);
  }
  if (rule.through_freeze) words += " No freeze holds its stops.";
  if (!rule.notify.empty())
    words += fmt::format(" It is always told to {}.", join(rule.notify, ", "));
  return words;
}

std::string mode(const Rule& rule, const Config& config) {
  if (rule.action == Action::warn) return {};
  if (config.mode == Mode::observe)
    return " The daemon's mode is observe: it only tells what it would stop.";
  if (rule.mode == Mode::observe) return " Its mode is observe: it only tells what it would stop.";
  if (rule.enforce_from)
    return fmt::format(" Until {} it only tells what it would stop.",
                       time_words(*rule.enforce_from));
  return {};
}

}  // namespace

std::string describe(const Condition& condition) {
  return std::visit([](const auto& node) { return leaf(node); }, condition.node);
}

std::string describe(const Selector& selector) {
  std::vector<std::string> words;
  for (const SelectorMap& map : selector.any_of) words.push_back(describe_map(map));
  return join(words, ", or ");
}

std::string describe(const Rule& rule, const Config& config) {
  std::string text =
      rule.match ? fmt::format("{}: watches jobs whose {}", rule.name, describe(*rule.match))
                 : fmt::format("{}: watches every job", rule.name);
  if (rule.exclude) text += fmt::format(", except those whose {}", describe(*rule.exclude));
  text += fmt::format(". It trips when: {}. {}", describe(rule.when), effect(rule));
  if (const std::string early = warnings(rule); !early.empty())
    text += fmt::format(" Warnings: {}.", early);
  return text + landing(rule) + shedding(rule) + own_breaker(rule) + hands(rule) +
         mode(rule, config);
}

}  // namespace trainstop::policy
