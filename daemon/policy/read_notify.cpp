// Who is told of events: sinks, the people that are mentioned, and the heartbeat.
#include <fmt/format.h>

#include <algorithm>

#include "policy/event_names.hpp"
#include "policy/nearest.hpp"
#include "policy/sections.hpp"

namespace trainstop::policy {

namespace {

constexpr std::size_t kMostArguments = 100;  // of a program
constexpr std::size_t kMostEvents = 100;     // globs of one sink; each event is held against each

/// The nearest glob to one that fits no event, as far as its area goes.
std::string nearest_glob(const std::string& glob) {
  const std::size_t dot = std::min(glob.find('.'), glob.size());
  const auto areas = event_areas();
  const std::string area = nearest(glob.substr(0, dot), {areas.begin(), areas.end()});
  if (area.empty()) return {};
  const std::string rest = dot + 1 < glob.size() ? glob.substr(dot) : ".*";
  return fmt::format("; did you mean '{}{}'?", area, rest);
}

std::vector<std::string> read_events(Context& context, const Node& node) {
  std::vector<std::string> events;
  const auto items = items_of(context, node, "'events'");
  if (items.size() > kMostEvents) {
    context.problems.error(node.mark, fmt::format("'events' has more than {} items", kMostEvents));
    return events;
  }
  for (const Node* item : items) {
    auto glob = glob_of(context, *item);
    if (!glob) continue;
    if (may_match_event(*glob)) {
      events.push_back(std::move(*glob));
      continue;
    }
    context.problems.error(
        item->mark,
        fmt::format("no event has a name that fits {}; expected a glob such as "
                    "'stop.*', on one of {}{}",
                    found_words(*item), fmt::join(event_areas(), ", "), nearest_glob(*glob)));
  }
  return events;
}

std::vector<std::string> read_exec(Context& context, const Node& node) {
  std::vector<std::string> words;
  const auto items = items_of(context, node, "'exec'");
  if (items.size() > kMostArguments) {
    context.problems.error(node.mark, fmt::format("'exec' has more than {} items", kMostArguments));
    return words;
  }
  for (const Node* item : items) {
    auto word = text_of(context, *item, "a word of 'exec'");
    if (!word) continue;
    if (item == items.front() && !word->starts_with('/')) {
      context.problems.error(
          item->mark,
          fmt::format("the program is {}; expected its absolute path: it is run without "
                      "a shell and without a search",
                      found_words(*item)));
    }
    words.push_back(std::move(*word));
  }
  return words;
}

void check_way(Context& context, const Fields& fields, NotifySink::Format format) {
  const bool to_url = fields.has("url");
  if (to_url == fields.has("exec")) {
    context.problems.error(fields.map().mark,
                           "a sink has either 'url', of a webhook, or 'exec', a program");
  }
  for (const char* key : {"format", "hmac"}) {
    if (to_url || !fields.has(key)) continue;
    context.problems.error(fields.mark(key), fmt::format("'{}' is possible only with 'url'", key));
  }
  if (to_url && fields.has("hmac") && format != NotifySink::Format::json) {
    context.problems.error(
        fields.mark("hmac"),
        "'hmac' is possible only with 'format: json': Slack checks no signature");
  }
}

/// Whether it has the form of an address: one '@' with something on both sides, and no space.
bool is_address(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != 0 && at != std::string_view::npos && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos &&
         std::none_of(text.begin(), text.end(), [](char c) { return c >= 0 && c <= ' '; });
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

}  // namespace

std::optional<NotifySink> read_sink(Context& context, const Node& node) {
  const Fields fields(context, Section::sink, node);
  if (node.kind != Node::Kind::map) return {};
  NotifySink sink;
  sink.place = context.problems.place(node.mark);
  sink.name = read_name(context, fields).value_or("");
  using enum NotifySink::Format;
  sink.format = fields.choice("format", {json, slack}).value_or(json);
  check_way(context, fields, sink.format);
  if (const Node* url = fields.find("url")) sink.url = read_secret(context, *url);
  if (const Node* key = fields.find("hmac")) sink.hmac = read_secret(context, *key);
  if (const Node* words = fields.find("exec")) {
    sink.exec = read_exec(context, *words);
    sink.format = exec;
  }
  if (const Node* events = fields.find("events")) {
    sink.events = read_events(context, *events);
  } else {
    sink.events.assign(default_events().begin(), default_events().end());
  }
  if (const Node* match = fields.find("match")) sink.match = read_selector(context, *match);
  return sink;
}

std::optional<std::vector<std::string>> read_told_sinks(Context& context, const Node& node) {
  std::vector<std::string> names;
  if (node.kind == Node::Kind::list && node.items.empty()) return names;  // none of the defaults'
  for (const Node* item : items_of(context, node, "'notify'")) {
    auto name = text_of(context, *item, "'notify'");
    if (!name) continue;
    if (std::find(context.sinks.begin(), context.sinks.end(), *name) == context.sinks.end()) {
      context.problems.error(
          item->mark,
          fmt::format("there is no sink {} under the configuration's 'notify'{}",
                      found_words(*item),
                      did_you_mean(*name, {context.sinks.begin(), context.sinks.end()})));
    } else if (std::find(names.begin(), names.end(), *name) != names.end()) {
      context.problems.error(item->mark,
                             fmt::format("'notify' names {} twice", found_words(*item)));
    } else {
      names.push_back(std::move(*name));
    }
  }
  return names;
}

std::map<std::string, std::string> read_people(Context& context, const Node& node) {
  std::map<std::string, std::string> people;
  if (!expect_map(context, node, "'people'")) return people;
  for (const Entry& entry : node.entries) {
    if (!is_address(entry.key.text)) {
      context.problems.error(entry.key.mark,
                             fmt::format("{} is no e-mail address; expected that of a job's owner, "
                                         "such as ana@corp.example",
                                         found_words(entry.key)));
    }
    if (entry.value.kind == Node::Kind::missing) {
      if (!entry.value.told) {
        context.problems.error(entry.key.mark,
                               fmt::format("{} has no mention", found_words(entry.key)));
      }
      continue;
    }
    const auto mention = text_of(context, entry.value, "a mention");
    if (mention && !people.emplace(lower(entry.key.text), *mention).second) {
      context.problems.error(entry.key.mark,
                             fmt::format("{} is there twice: addresses are compared without case",
                                         found_words(entry.key)));
    }
  }
  return people;
}

std::optional<Heartbeat> read_heartbeat(Context& context, const Node& node) {
  const Fields fields(context, Section::heartbeat, node);
  if (node.kind != Node::Kind::map) return {};
  Heartbeat heartbeat;
  if (const Node* url = fields.find("url")) {
    heartbeat.url = read_secret(context, *url).value_or(SecretSource{});
  }
  heartbeat.every = fields.duration("every").value_or(heartbeat.every);
  return heartbeat;
}

}  // namespace trainstop::policy
