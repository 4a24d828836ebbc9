// Rule sets as YAML, and selectors read naively.
#include <fmt/format.h>

#include <algorithm>

#include "proof/rules.hpp"

namespace trainstop::proof {

namespace {

std::string spell(Duration duration) {
  return format_duration(duration);
}

std::string spell(const Cond& cond);

std::string spell_parts(const char* word, const Cond& cond) {
  std::string text;
  for (const Cond& part : cond.parts)
    text += (text.empty() ? "" : ", ") + ("{" + spell(part) + "}");
  return fmt::format("{}: [{}]", word, text);
}

std::string spell_window(const char* word, const Cond& cond) {
  return fmt::format("schedule: {{{}: \"{:02}:{:02}-{:02}:{:02}\"}}", word, cond.from_minute / 60,
                     cond.from_minute % 60, cond.to_minute / 60, cond.to_minute % 60);
}

std::string spell(const Cond& cond) {
  using Kind = Cond::Kind;
  switch (cond.kind) {
    case Kind::running_for:
      return "running_for: " + spell(*cond.limit);
    case Kind::deploying_for:
      return "deploying_for: " + spell(*cond.limit);
    case Kind::queued_for:
      return "queued_for: " + spell(*cond.limit);
    case Kind::age:
      return "age: " + spell(*cond.limit);
    case Kind::in_status:
      return fmt::format("in_status: {{status: [{}]{}}}", fmt::join(cond.statuses, ", "),
                         cond.limit ? ", for: " + spell(*cond.limit) : "");
    case Kind::cost:
      return "cost: $" + format_decimal(cond.money);
    case Kind::deadline:
      return "deadline: \"" + format_rfc3339(cond.utc) + "\"";
    case Kind::during:
      return spell_window("during", cond);
    case Kind::outside:
      return spell_window("outside", cond);
    case Kind::all:
      return spell_parts("all", cond);
    case Kind::any:
      return spell_parts("any", cond);
    case Kind::negation:
      return "not: {" + spell(cond.parts.front()) + "}";
  }
  return {};
}

bool is_number(const std::string& key) {
  return key == "min_gpus" || key == "max_gpus" || key == "min_nodes";
}

std::string spell(const Wants& wants) {
  std::string text;
  for (const auto& [key, values] : wants) {
    if (!text.empty()) text += ", ";
    if (is_number(key)) {
      text += key + ": " + values.front();
    } else if (key == "priority") {
      text += fmt::format("{}: [{}]", key, fmt::join(values, ", "));
    } else {
      text += fmt::format("{}: [\"{}\"]", key, fmt::join(values, "\", \""));
    }
  }
  return text;
}

std::string spell(const Selects& selects) {
  std::string text;
  for (const Wants& wants : selects.any_of)
    text += (text.empty() ? "" : ", ") + ("{" + spell(wants) + "}");
  return "[" + text + "]";
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// `*` stands for anything; nothing else is special in the patterns made here.
bool matches(const std::string& pattern, const std::string& text, bool fold) {
  std::size_t star = pattern.find('*');
  const auto equal = [&](std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return fold ? lower(x) == lower(y) : x == y; });
  };
  if (star == std::string::npos) return equal(pattern, text);
  const std::string_view head(pattern.data(), star);
  const std::string_view tail = std::string_view(pattern).substr(star + 1);
  if (text.size() < head.size() + tail.size()) return false;
  return equal(head, std::string_view(text).substr(0, head.size())) &&
         equal(tail, std::string_view(text).substr(text.size() - tail.size()));
}

Truth any_of(const std::vector<std::string>& values, const std::optional<std::string>& text,
             bool fold) {
  if (!text) return Truth::unknown;
  for (const std::string& value : values)
    if (matches(value, *text, fold)) return Truth::yes;
  return Truth::no;
}

Truth fits_key(const std::string& key, const std::vector<std::string>& values, const Asked& job) {
  if (key == "project")
    return any_of(values, job.project, false) || any_of(values, job.project_id, false);
  if (key == "job") return any_of(values, job.job_id, false) || any_of(values, job.job, false);
  if (key == "user") return any_of(values, job.user, true);
  if (key == "team") return any_of(values, job.team, true);
  if (key == "gpu_type") return any_of(values, job.gpu_type, true);
  if (key == "instance_type") return any_of(values, job.type, true);
  if (key == "availability") return any_of(values, job.availability, true);
  if (key == "status") return any_of(values, job.phase, true) || any_of(values, job.status, true);
  if (key == "priority") return any_of(values, std::to_string(job.priority), true);
  const std::int64_t bound = std::stoll(values.front());
  if (key == "min_gpus") return truth(job.gpus >= bound);
  if (key == "max_gpus") return truth(job.gpus <= bound);
  return truth(job.nodes >= bound);
}

}  // namespace

bool Cond::has(Kind wanted) const {
  return kind == wanted || std::any_of(parts.begin(), parts.end(),
                                       [&](const Cond& part) { return part.has(wanted); });
}

std::string to_yaml(const RuleText& rule) {
  std::string text = fmt::format("  - name: {}\n    when: {{{}}}\n", rule.name, spell(rule.when));
  if (rule.match) text += "    match: " + spell(*rule.match) + "\n";
  if (rule.exclude) text += "    exclude: " + spell(*rule.exclude) + "\n";
  text += fmt::format("    action: {}\n    mode: {}\n", rule.stops ? "stop" : "warn",
                      rule.observes ? "observe" : "enforce");
  if (rule.enforce_from)
    text += "    enforce_from: \"" + format_rfc3339(*rule.enforce_from) + "\"\n";
  std::string before;
  for (const Duration each : rule.warn_before) before += (before.empty() ? "" : ", ") + spell(each);
  if (!before.empty()) text += "    warn_before: [" + before + "]\n";
  std::string at;
  for (const int each : rule.warn_at) at += fmt::format("{}{}%", at.empty() ? "" : ", ", each);
  if (!at.empty()) text += "    warn_at: [" + at + "]\n";
  if (rule.grace > Duration{0}) text += "    grace: " + spell(rule.grace) + "\n";
  if (rule.through_freeze) text += "    through_freeze: true\n";
  if (rule.lands_at) text += "    landing: at\n";
  return text;
}

const RuleText* RuleSet::find(const std::string& name) const {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const RuleText& rule) { return rule.name == name; });
  return found == rules.end() ? nullptr : &*found;
}

Truth fits(const Selects& selects, const Asked& job) {
  Truth any = Truth::no;
  for (const Wants& wants : selects.any_of) {
    Truth all = Truth::yes;
    for (const auto& [key, values] : wants) all = all && fits_key(key, values, job);
    any = any || all;
  }
  return any;
}

std::string to_yaml(const RuleSet& set) {
  std::string text = fmt::format(
      "mode: {}\naccounts: [{{name: main, api_key: {{env: KEY}}}}]\npoll: {{interval: {}}}\n"
      "stop: {{confirm_every: {}, confirm_within: {}, concurrency: {}, verify_timeout: {}}}\n"
      "billing: {{from: {}}}\n",
      set.observes ? "observe" : "enforce", spell(set.poll), spell(set.confirm_every),
      spell(set.confirm_within), set.concurrency, spell(set.verify_timeout), set.billing);
  std::string prices;
  for (const auto& [name, price] : set.prices)
    prices += fmt::format("{}{}: ${}/min", prices.empty() ? "" : ", ", name, format_decimal(price));
  if (!prices.empty()) text += "prices: {" + prices + "}\n";
  text += fmt::format("safety:\n  max_stops: {{count: {}, per: {}}}\n  first_notice: {}\n",
                      set.max_stops, spell(set.max_stops_per), spell(set.first_notice));
  if (!set.exempt.empty()) text += "  exempt:\n";
  for (const ExemptText& exempt : set.exempt) {
    text += "    - {" + spell(exempt.who) + ", reason: serving";
    if (exempt.until) text += ", until: \"" + format_rfc3339(*exempt.until) + "\"";
    text += "}\n";
  }
  if (!set.freezes.empty()) text += "  freeze:\n";
  for (const FreezeText& freeze : set.freezes) {
    text += fmt::format("    - {{during: \"{:02}:{:02}-{:02}:{:02}\"", freeze.from_minute / 60,
                        freeze.from_minute % 60, freeze.to_minute / 60, freeze.to_minute % 60);
    if (freeze.match) text += ", match: " + spell(*freeze.match);
    text += "}\n";
  }
  text += "rules:\n";
  for (const RuleText& rule : set.rules) text += to_yaml(rule);
  return text;
}

}  // namespace trainstop::proof
