// Selectors, the lists they name, and exemptions.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policy/nearest.hpp"
#include "policy/sections.hpp"

namespace trainstop::policy {

namespace {

// What a status glob should fit at least one of: the phases, and the API's names without prefix.
constexpr std::array<std::string_view, 15> kStatuses{
    "queued",  "deploying", "running",   "ended",         "unknown",
    "pending", "created",   "completed", "failed",        "stopped",
    "expired", "preempted", "queued",    "deploy_failed", "TRAINING_JOB_"};
constexpr std::array<std::string_view, 2> kAvailabilities{"dedicated", "spot"};

/// Whether a glob of a key with few known values fits none of them: most likely a typing mistake,
/// but the API is free to add names, so it is only a warning.
template <std::size_t N>
void warn_of_unknown(Context& context, const Fields& fields, std::string_view key,
                     const std::vector<std::string>& globs,
                     const std::array<std::string_view, N>& known) {
  for (const std::string& glob : globs) {
    const bool fits = std::any_of(known.begin(), known.end(), [&](std::string_view name) {
      return glob_matches(glob, name, true) ||
             glob_matches(glob, fmt::format("TRAINING_JOB_{}", name), true);
    });
    if (fits) continue;
    context.problems.warning(fields.mark(key),
                             fmt::format("no {} is known that '{}' fits{}", key, glob,
                                         did_you_mean(glob, {known.begin(), known.end()})));
  }
}

/// Whether a glob stands for one name alone.
bool is_plain(const std::string& glob) {
  return glob.find_first_of("*?[") == std::string::npos;
}

/// The accounts there can be are all in the file. A name that is none of them is a mistake for
/// certain; a pattern may be meant for accounts to come.
void check_account(Context& context, const Node& node, const std::string& glob) {
  const auto& known = context.accounts;
  const bool fits = std::any_of(known.begin(), known.end(), [&](const std::string& name) {
    return name.empty() || glob_matches(glob, name, false);
  });
  if (fits || known.empty()) return;  // without any the mistake is there
  if (is_plain(glob)) {
    context.problems.error(node.mark,
                           fmt::format("there is no account '{}' under 'accounts'{}", glob,
                                       did_you_mean(glob, {known.begin(), known.end()})));
  } else {
    context.problems.warning(node.mark, fmt::format("no account is known that '{}' fits", glob));
  }
}

void append_list(Context& context, const Node& node, std::string_view key,
                 std::vector<std::string>& globs) {
  const Node* name = node.find("list");
  if (name == nullptr || node.entries.size() != 1) {
    context.problems.error(
        node.mark, fmt::format("'{}' must be a glob, {{list: NAME}}, or a list of these", key));
    return;
  }
  const auto text = text_of(context, *name, "'list'");
  if (!text) return;
  const auto found = context.lists.find(*text);
  if (found == context.lists.end()) {
    std::vector<std::string_view> known;
    for (const auto& [known_name, list] : context.lists) known.push_back(known_name);
    context.problems.error(name->mark, fmt::format("there is no list '{}' under 'lists'{}", *text,
                                                   did_you_mean(*text, known)));
    return;
  }
  found->second.used = true;
  globs.insert(globs.end(), found->second.values.begin(), found->second.values.end());
}

struct GlobKey {
  std::string_view name;
  std::vector<std::string> SelectorMap::*globs;
};
constexpr std::array kGlobKeys{GlobKey{"account", &SelectorMap::account},
                               GlobKey{"project", &SelectorMap::project},
                               GlobKey{"job", &SelectorMap::job},
                               GlobKey{"team", &SelectorMap::team},
                               GlobKey{"user", &SelectorMap::user},
                               GlobKey{"instance_type", &SelectorMap::instance_type},
                               GlobKey{"gpu_type", &SelectorMap::gpu_type},
                               GlobKey{"availability", &SelectorMap::availability},
                               GlobKey{"status", &SelectorMap::status}};

SelectorMap read_map(Context& context, const Fields& fields) {
  SelectorMap map;
  for (const GlobKey& key : kGlobKeys) {
    if (const Node* node = fields.find(key.name)) {
      map.*key.globs = read_globs(context, *node, key.name);
    }
  }
  if (fields.has("priority")) map.priority = fields.integers("priority").value_or(map.priority);
  map.min_gpus = fields.integer("min_gpus");
  map.max_gpus = fields.integer("max_gpus");
  map.min_nodes = fields.integer("min_nodes");
  warn_of_unknown(context, fields, "status", map.status, kStatuses);
  warn_of_unknown(context, fields, "availability", map.availability, kAvailabilities);
  if (map.min_gpus && map.max_gpus && *map.min_gpus > *map.max_gpus) {
    context.problems.error(
        fields.mark("max_gpus"),
        fmt::format("no job has at least {} and at most {} GPUs", *map.min_gpus, *map.max_gpus));
  }
  return map;
}

}  // namespace

std::vector<std::string> read_globs(Context& context, const Node& node, std::string_view key) {
  std::vector<std::string> globs;
  for (const Node* item : items_of(context, node, fmt::format("'{}'", key))) {
    const std::size_t before = globs.size();
    if (item->kind == Node::Kind::map) {
      append_list(context, *item, key, globs);
    } else if (auto glob = glob_of(context, *item)) {
      globs.push_back(std::move(*glob));
    }
    if (key != "account") continue;
    for (std::size_t i = before; i < globs.size(); ++i) check_account(context, *item, globs[i]);
  }
  return globs;
}

std::optional<Selector> read_selector(Context& context, const Node& node) {
  Selector selector;
  for (const Node* item : items_of(context, node, "a selector")) {
    const Fields fields(context, Section::selector, *item);
    if (item->kind != Node::Kind::map) continue;
    if (item->entries.empty()) {
      context.problems.error(item->mark,
                             "an empty selector; leave the key out to speak of every job");
      continue;
    }
    selector.any_of.push_back(read_map(context, fields));
  }
  if (selector.any_of.empty()) return {};
  return selector;
}

std::optional<Exemption> read_exemption(Context& context, const Node& node) {
  const Fields fields(context, Section::exemption, node);
  if (node.kind != Node::Kind::map) return {};
  Exemption exemption;
  exemption.selector.any_of.push_back(read_map(context, fields));
  exemption.until = fields.instant("until", Doubled::second);
  if (fields.has("reason")) exemption.reason = fields.text("reason").value_or("");
  if (exemption.selector.any_of.front() == SelectorMap{}) {
    context.problems.error(node.mark,
                           "an exemption must say which jobs, such as {project: prod-*}; to stop "
                           "nothing at all use 'mode: observe'");
  }
  return exemption;
}

void read_lists(Context& context, const Node& node) {
  if (!expect_map(context, node, "'lists'")) return;
  for (const Entry& entry : node.entries) {
    const auto name = text_of(context, entry.key, "a list's name");
    if (!name) continue;
    NamedList list;
    list.mark = entry.key.mark;
    if (entry.value.kind == Node::Kind::missing && !entry.value.told) {
      context.problems.error(entry.key.mark, fmt::format("the list '{}' is empty", *name));
    } else if (entry.value.kind != Node::Kind::missing) {
      for (const Node* item : items_of(context, entry.value, fmt::format("the list '{}'", *name))) {
        if (auto glob = glob_of(context, *item)) list.values.push_back(std::move(*glob));
      }
    }
    const auto [place, is_new] = context.lists.emplace(*name, std::move(list));
    if (!is_new && place->second.mark.file != entry.key.mark.file) {
      const Place first = context.problems.place(place->second.mark);
      context.problems.error(
          entry.key.mark,
          fmt::format("a second list '{}'; it is already in {}:{}", *name, first.file, first.line));
    }
  }
}

}  // namespace trainstop::policy
