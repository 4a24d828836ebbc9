#include "policy/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "policy/nearest.hpp"
#include "policy/schedule.hpp"
#include "policy/selector.hpp"

namespace trainstop::policy {

namespace {

constexpr std::size_t kLongestText = 1000;  // a name, path or glob; longer ones are accidents
constexpr std::size_t kLongestShown = 60;   // of a wrong value in a message
constexpr std::size_t kMostWarnings = 20;   // of one rule; what is told more often is not heard
constexpr std::size_t kMostItems = 10'000;  // of one list

std::vector<std::string_view> names(const std::vector<const KeySpec*>& keys) {
  std::vector<std::string_view> names;
  for (const KeySpec* key : keys) names.push_back(key->name);
  return names;
}

/// One value of a list or a field, read by `parse` and bound by the key's range.
template <class T, class Parse>
std::optional<T> read_value(Context& context, const KeySpec& key, const Node& node, Parse parse) {
  const auto text = text_of(context, node, fmt::format("'{}'", key.name));
  if (!text) return {};
  std::string error;
  const std::optional<T> value = parse(*text, error);
  if (!value) {
    context.problems.error(node.mark,
                           fmt::format("'{}' is {}: {}", key.name, found_words(node), error));
    return {};
  }
  const auto bounds = split_range(key.range);
  if (bounds.size() != 2) return value;
  const std::optional<T> least = parse(bounds[0], error);
  const std::optional<T> most = parse(bounds[1], error);
  assert(least && most);
  if (*value >= *least && *value <= *most) return value;
  context.problems.error(node.mark, fmt::format("'{}' is {}; it must be from {} to {}", key.name,
                                                found_words(node), bounds[0], bounds[1]));
  return {};
}

/// Lists of warnings: an empty one takes the defaults' warnings away from a rule.
bool is_warnings(const KeySpec& key) {
  return key.type == Type::durations || key.type == Type::percents;
}

template <class T, class Parse>
std::optional<std::vector<T>> read_values(Context& context, const KeySpec& key, const Node& node,
                                          Parse parse) {
  std::vector<T> values;
  if (is_warnings(key) && node.kind == Node::Kind::list && node.items.size() > kMostWarnings) {
    context.problems.error(node.mark,
                           fmt::format("'{}' has more than {} items", key.name, kMostWarnings));
    return {};
  }
  if (is_warnings(key) && node.kind == Node::Kind::list && node.items.empty()) return values;
  for (const Node* item : items_of(context, node, fmt::format("'{}'", key.name))) {
    const std::optional<T> value = read_value<T>(context, key, *item, parse);
    if (!value) continue;
    if (std::find(values.begin(), values.end(), *value) != values.end()) {
      context.problems.error(item->mark,
                             fmt::format("'{}' names {} twice", key.name, found_words(*item)));
      continue;
    }
    values.push_back(*value);
  }
  return values;
}

const auto kParseDuration = [](std::string_view text, std::string& error) {
  return parse_duration(text, error);
};
const auto kParseInteger = [](std::string_view text, std::string& error) {
  return parse_integer(text, error);
};
const auto kParsePercent = [](std::string_view text, std::string& error) {
  return parse_percent(text, error);
};

}  // namespace

std::string found_words(const Node& node) {
  switch (node.kind) {
    case Node::Kind::missing:
      return "empty";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
    case Node::Kind::scalar:
      break;
  }
  std::string shown;
  for (const char c : node.text.substr(0, kLongestShown)) shown += c < ' ' && c >= 0 ? ' ' : c;
  return fmt::format("'{}{}'", shown, node.text.size() > kLongestShown ? "…" : "");
}

bool expect_map(Context& context, const Node& node, std::string_view what) {
  if (node.kind == Node::Kind::map) return true;
  context.problems.error(node.mark, fmt::format("{} must be a map of keys and values, but is {}",
                                                what, found_words(node)));
  return false;
}

std::vector<const Node*> items_of(Context& context, const Node& node, std::string_view what) {
  std::vector<const Node*> items;
  if (node.kind != Node::Kind::list) return {&node};
  if (node.items.empty()) {
    context.problems.error(node.mark, fmt::format("{} is an empty list", what));
  }
  if (node.items.size() > kMostItems) {
    context.problems.error(node.mark, fmt::format("{} has more than {} items", what, kMostItems));
    return items;
  }
  for (const Node& item : node.items) {
    if (item.kind != Node::Kind::missing) {
      items.push_back(&item);
    } else if (!item.told) {
      context.problems.error(item.mark, fmt::format("{} has an item without a value", what));
    }
  }
  return items;
}

std::optional<std::string> text_of(Context& context, const Node& node, std::string_view what) {
  std::string problem;
  if (node.kind != Node::Kind::scalar) {
    problem = fmt::format("{} must be a single value, but is {}", what, found_words(node));
  } else if (node.text.empty()) {
    problem = fmt::format("{} is empty", what);
  } else if (node.text.size() > kLongestText) {
    problem = fmt::format("{} is longer than {} characters", what, kLongestText);
  } else if (node.text.find('\n') != std::string::npos) {
    problem = fmt::format("{} must be on one line", what);
  } else {
    return node.text;
  }
  context.problems.error(node.mark, std::move(problem));
  return {};
}

std::optional<std::string> glob_of(Context& context, const Node& node) {
  auto glob = text_of(context, node, "a glob");
  if (!glob) return {};
  for (std::size_t i = 0; i < glob->size(); ++i) {
    if ((*glob)[i] != '[') continue;
    std::size_t first = i + 1;
    if (first < glob->size() && ((*glob)[first] == '!' || (*glob)[first] == '^')) ++first;
    const std::size_t close = glob->find(']', first + 1);
    if (close == std::string::npos) {
      context.problems.error(
          node.mark,
          fmt::format("the set '[' of the glob {} is never closed by ']'", found_words(node)));
      return {};
    }
    i = close;
  }
  if (const std::string_view range = reversed_range(*glob); !range.empty()) {
    context.problems.error(node.mark,
                           fmt::format("the range '{}' of the glob {} runs backwards: no character "
                                       "is in it",
                                       range, found_words(node)));
    return {};
  }
  return glob;
}

Fields::Fields(Context& context, Section section, const Node& map)
    : context_(context), section_(section), map_(map) {
  if (expect_map(context, map, name_of(section))) check_keys();
}

void Fields::check_keys() const {
  const auto keys = keys_of(section_);
  for (const Entry& entry : map_.entries) {
    const std::string& name = entry.key.text;
    const KeySpec* key = find_key(section_, name);
    if (key == nullptr) {
      std::string mend = did_you_mean(name, names(keys));
      if (section_ == Section::rules_file && find_key(Section::root, name) != nullptr) {
        mend = "; a file of rules.d holds only 'rules' and 'lists', the rest is in the main file";
      } else if (section_ == Section::defaults && find_key(Section::rule, name) != nullptr) {
        mend = "; it belongs to each rule of its own";
      } else if (std::all_of(name.begin(), name.end(),
                             [](char c) { return c >= '0' && c <= '9'; })) {
        mend = "; amounts of money are written without separators of thousands";
      }
      context_.problems.error(
          entry.key.mark,
          fmt::format("unknown key {} in {}{}", found_words(entry.key), name_of(section_), mend));
    } else if (key->type == Type::unsupported) {
      context_.problems.error(entry.key.mark, fmt::format("'{}' is not supported yet", name));
    } else if (entry.value.kind == Node::Kind::missing && !entry.value.told) {
      context_.problems.error(entry.key.mark, fmt::format("'{}' has no value", name));
    }
  }
  for (const KeySpec* key : keys) {
    if (key->need == Need::required && !has(key->name)) {
      context_.problems.error(
          map_.mark,
          fmt::format("{} lacks the key '{}'{}", name_of(section_), key->name,
                      key->type != Type::choice
                          ? ""
                          : fmt::format(" ({})", fmt::join(split_range(key->range), " or "))));
    }
  }
}

const Node* Fields::find(std::string_view name) const {
  assert(find_key(section_, name) != nullptr);
  const Node* node = map_.find(name);
  return node == nullptr || node->kind == Node::Kind::missing ? nullptr : node;
}

const Mark& Fields::mark(std::string_view name) const {
  for (const Entry& entry : map_.entries) {
    if (entry.key.text == name) return entry.key.mark;
  }
  return map_.mark;
}

std::optional<Fields::Source> Fields::source(std::string_view name) const {
  const KeySpec* key = find_key(section_, name);
  assert(key != nullptr);
  if (const Node* node = find(name)) return Source{*key, *node};
  if (key->fallback.empty() || has(name) || section_ == Section::defaults) return {};
  Node fallback;
  fallback.kind = Node::Kind::scalar;
  fallback.mark = map_.mark;
  fallback.text = key->fallback;
  return Source{*key, std::move(fallback)};
}

std::optional<std::string> Fields::text(std::string_view name) const {
  const auto given = source(name);
  return given ? text_of(context_, given->node, fmt::format("'{}'", name)) : std::nullopt;
}

std::optional<Duration> Fields::duration(std::string_view name) const {
  const auto given = source(name);
  if (!given) return {};
  return read_value<Duration>(context_, given->key, given->node, kParseDuration);
}

std::optional<std::int64_t> Fields::integer(std::string_view name) const {
  const auto given = source(name);
  if (!given) return {};
  return read_value<std::int64_t>(context_, given->key, given->node, kParseInteger);
}

std::optional<Money> Fields::money(std::string_view name) const {
  const auto given = source(name);
  if (!given) return {};
  return read_value<Money>(
      context_, given->key, given->node,
      [](std::string_view text, std::string& error) { return parse_money(text, error); });
}

std::optional<Instant> Fields::instant(std::string_view name, Doubled doubled) const {
  const auto given = source(name);
  if (!given) return {};
  return read_value<Instant>(context_, given->key, given->node,
                             [&](std::string_view text, std::string& error) {
                               return parse_instant(text, context_.zone, doubled, error);
                             });
}

std::optional<const date::time_zone*> Fields::timezone(std::string_view name) const {
  const auto given = source(name);
  if (!given) return {};
  return read_value<const date::time_zone*>(
      context_, given->key, given->node,
      [](std::string_view text, std::string& error) -> std::optional<const date::time_zone*> {
        if (const date::time_zone* zone = find_zone(text)) return zone;
        error = "expected the IANA name of a time zone, such as 'UTC' or 'America/New_York'" +
                did_you_mean(text, zone_names());
        return {};
      });
}

std::optional<std::vector<Duration>> Fields::durations(std::string_view name) const {
  const auto given = source(name);
  if (!given) return {};
  return read_values<Duration>(context_, given->key, given->node, kParseDuration);
}

std::optional<std::vector<int>> Fields::percents(std::string_view name) const {
  const auto given = source(name);
  if (!given) return {};
  return read_values<int>(context_, given->key, given->node, kParsePercent);
}

std::optional<std::vector<std::int64_t>> Fields::integers(std::string_view name) const {
  const auto given = source(name);
  if (!given) return {};
  return read_values<std::int64_t>(context_, given->key, given->node, kParseInteger);
}

std::optional<std::ptrdiff_t> Fields::choice_place(std::string_view name) const {
  const auto given = source(name);
  if (!given) return {};
  const auto text = text_of(context_, given->node, fmt::format("'{}'", name));
  if (!text) return {};
  const auto choices = split_range(given->key.range);
  const auto found = std::find(choices.begin(), choices.end(), *text);
  if (found != choices.end()) return found - choices.begin();
  context_.problems.error(given->node.mark,
                          fmt::format("'{}' is {}; expected {}{}", name, found_words(given->node),
                                      fmt::join(choices, " or "), did_you_mean(*text, choices)));
  return {};
}

}  // namespace trainstop::policy
