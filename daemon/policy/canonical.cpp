#include "policy/canonical.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

namespace trainstop::policy {

namespace {

constexpr std::size_t kHashDigits = 12;

/// In quotes, so that no text can look like two.
std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string list(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  for (std::string& value : values) value = quote(value);
  return fmt::format("[{}]", fmt::join(values, ","));
}

std::string micros(Duration duration) {
  return fmt::format("{}us", duration.count());
}

std::string at(const std::optional<Instant>& utc) {
  return utc ? micros(utc->time_since_epoch()) : "none";
}

std::string map(const SelectorMap& map) {
  std::string text;
  const auto globs = [&](std::string_view key, const std::vector<std::string>& values) {
    if (!values.empty()) text += fmt::format("{}:{} ", key, list(values));
  };
  globs("account", map.account);
  globs("project", map.project);
  globs("job", map.job);
  globs("team", map.team);
  globs("user", map.user);
  globs("instance_type", map.instance_type);
  globs("gpu_type", map.gpu_type);
  globs("availability", map.availability);
  globs("status", map.status);
  std::vector<std::int64_t> priority = map.priority;
  std::sort(priority.begin(), priority.end());
  if (!priority.empty()) text += fmt::format("priority:{} ", fmt::join(priority, ","));
  if (map.min_gpus) text += fmt::format("min_gpus:{} ", *map.min_gpus);
  if (map.max_gpus) text += fmt::format("max_gpus:{} ", *map.max_gpus);
  if (map.min_nodes) text += fmt::format("min_nodes:{} ", *map.min_nodes);
  return fmt::format("{{{}}}", text);
}

/// The parts in the order of their own normal forms: `a and b` is `b and a`.
std::string parts(std::string_view name, const std::vector<Condition>& conditions) {
  std::vector<std::string> forms;
  for (const Condition& condition : conditions) forms.push_back(canonical(condition));
  std::sort(forms.begin(), forms.end());
  return fmt::format("{}({})", name, fmt::join(forms, ","));
}

std::string leaf(const RunningFor& node) {
  return "running_for " + micros(node.limit);
}
std::string leaf(const DeployingFor& node) {
  return "deploying_for " + micros(node.limit);
}
std::string leaf(const QueuedFor& node) {
  return "queued_for " + micros(node.limit);
}
std::string leaf(const Age& node) {
  return "age " + micros(node.limit);
}
std::string leaf(const Cost& node) {
  return "cost " + format_decimal(node.limit);
}
std::string leaf(const Deadline& node) {
  return "deadline " + at(node.utc);
}
std::string leaf(const InStatus& node) {
  return fmt::format("in_status {} {}", list(node.statuses),
                     node.limit ? micros(*node.limit) : "none");
}
std::string leaf(const During& node) {
  std::string spans;
  for (const WeekSpan& span : node.schedule.spans())
    spans += fmt::format("{}-{};", span.begin, span.end);
  return fmt::format("{} {} {}", node.outside ? "outside" : "during", spans,
                     node.schedule.zone_name());
}
std::string leaf(const Spent& node) {
  const Budget& budget = node.budget;
  const Period& period = budget.period;
  return fmt::format("budget {} per {} by {} at {} {} queued {}", format_decimal(budget.limit),
                     to_string(period.per()), quote(to_string(budget.group_by)),
                     format_resets_at(period.per(), period.resets_at()), period.zone_name(),
                     budget.stops_queued ? "stop" : "leave");
}
std::string leaf(const All& node) {
  return parts("all", node.parts);
}
std::string leaf(const Any& node) {
  return parts("any", node.parts);
}
std::string leaf(const Not& node) {
  return parts("not", node.part);
}

std::string optional(const std::optional<Selector>& selector) {
  return selector ? canonical(*selector) : "none";
}

std::string account_text(const Account& account) {
  return fmt::format("account: {} {} {}:{} {} {} {}\n", quote(account.name),
                     quote(account.base_url), static_cast<int>(account.api_key.from),
                     quote(account.api_key.name), static_cast<int>(account.auth_scheme),
                     quote(account.ca_file ? account.ca_file->string() : ""),
                     list(account.projects));
}

std::string safety_text(const Config::Safety& safety) {
  std::string text =
      fmt::format("safety: {}/{} {} {}\n", safety.max_stops.count, micros(safety.max_stops.per),
                  micros(safety.first_notice), micros(safety.unreachable_after));
  for (const Exemption& exemption : safety.exempt) {
    text += fmt::format("exempt: {} {} {}\n", canonical(exemption.selector), at(exemption.until),
                        quote(exemption.reason));
  }
  for (const Freeze& freeze : safety.freeze) {
    text +=
        fmt::format("freeze: {} {}\n", leaf(During{freeze.during, false}), optional(freeze.match));
  }
  return text;
}

/// Where a secret comes from; never the secret.
std::string source(const std::optional<SecretSource>& secret) {
  if (!secret) return "none";
  return fmt::format("{}:{}", static_cast<int>(secret->from), quote(secret->name));
}

/// Arguments of a program may hold what nobody should read: their hash tells of a change as well.
std::string sink_text(const NotifySink& sink) {
  std::string words;
  for (const std::string& word : sink.exec) words += quote(word);
  return fmt::format("notify: {} {} {} {} {} {} {}\n", quote(sink.name),
                     static_cast<int>(sink.format), source(sink.url), source(sink.hmac),
                     words.empty() ? "none" : short_hash(words), list(sink.events),
                     optional(sink.match));
}

std::string telling_text(const Config& config) {
  std::string text;
  for (const NotifySink& sink : config.notify) text += sink_text(sink);
  for (const auto& [address, mention] : config.people)
    text += fmt::format("person: {} {}\n", quote(address), quote(mention));
  if (config.heartbeat) {
    text += fmt::format("heartbeat: {} {}\n", source(config.heartbeat->url),
                        micros(config.heartbeat->every));
  }
  for (const Rule& rule : config.rules) {
    if (!rule.notify.empty())
      text += fmt::format("told of {}: {}\n", quote(rule.name), list(rule.notify));
  }
  return text;
}

std::string amount(const Extension& extension) {
  if (extension.max) return micros(*extension.max);
  return extension.max_money ? format_decimal(*extension.max_money) : "any";
}

}  // namespace

std::string canonical(const Selector& selector) {
  std::vector<std::string> maps;
  for (const SelectorMap& one : selector.any_of) maps.push_back(map(one));
  std::sort(maps.begin(), maps.end());
  return fmt::format("[{}]", fmt::join(maps, ","));
}

std::string canonical(const Condition& condition) {
  return std::visit([](const auto& node) { return leaf(node); }, condition.node);
}

std::string canonical(const Rule& rule) {
  std::string before;
  for (const Duration warning : rule.warn_before) before += micros(warning) + " ";
  const std::string shed =
      rule.shed ? fmt::format("shed: {} {}\n", rule.shed->at_percent, to_string(rule.shed->order))
                : "";
  const std::string own_breaker =
      rule.max_stops
          ? fmt::format("max_stops: {}/{}\n", rule.max_stops->count, micros(rule.max_stops->per))
          : "";
  const std::string extend =
      rule.extend ? fmt::format("extend: {} {}\n", amount(*rule.extend),
                                rule.extend->times ? std::to_string(*rule.extend->times) : "any")
                  : "";
  const std::string freeze = rule.through_freeze ? "through_freeze\n" : "";
  return shed + own_breaker + extend + freeze +
         fmt::format(
             "name: {}\nmatch: {}\nexclude: {}\nwhen: {}\naction: {}\nmode: {}\nenforce_from: {}\n"
             "warn_before: {}\nwarn_at: {}\ngrace: {}\nlanding: {}\nrepeat: {}\n",
             quote(rule.name), optional(rule.match), optional(rule.exclude), canonical(rule.when),
             rule.action == Action::stop ? "stop" : "warn",
             rule.mode == Mode::enforce ? "enforce" : "observe", at(rule.enforce_from), before,
             fmt::join(rule.warn_at_percent, " "), micros(rule.grace),
             rule.landing == Landing::under ? "under" : "at", micros(rule.repeat));
}

std::string canonical(const Config& config) {
  std::string text =
      fmt::format("mode: {}\ntimezone: {}\n", config.mode == Mode::enforce ? "enforce" : "observe",
                  config.timezone);
  for (const Account& account : config.accounts) text += account_text(account);
  text += fmt::format("poll: {} {} {} {}\n", micros(config.poll.interval),
                      micros(config.poll.timeout), config.poll.connections, config.poll.rate_limit);
  text += fmt::format("stop: {} {} {} {}\n", micros(config.stop.confirm_every),
                      micros(config.stop.confirm_within), config.stop.concurrency,
                      micros(config.stop.verify_timeout));
  text += fmt::format("billing: {}\n", static_cast<int>(config.billing_from));
  for (const auto& [type, price] : config.prices_per_minute) {
    text += fmt::format("price: {} {}\n", quote(type), format_decimal(price));
  }
  text += fmt::format("state_dir: {}\n", quote(config.state_dir.string()));
  text += fmt::format("journal: {} {}\n", micros(config.journal.keep),
                      micros(config.journal.keep_samples));
  text += safety_text(config.safety);
  text += fmt::format("control: {} {} {:o}\n", quote(config.control.socket.string()),
                      quote(config.control.group.value_or("")), config.control.mode);
  text += telling_text(config);
  text += fmt::format("log: {} {} {}\n", config.log.level, static_cast<int>(config.log.format),
                      quote(config.log.file ? config.log.file->string() : ""));
  for (const Rule& rule : config.rules) text += canonical(rule);
  return text;
}

std::string short_hash(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64).substr(0, kHashDigits);
}

}  // namespace trainstop::policy
