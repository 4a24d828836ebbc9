// Budgets: the limit, its windows, and how jobs are told apart.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policy/nearest.hpp"
#include "policy/sections.hpp"

namespace trainstop::policy {

namespace {

constexpr std::string_view kAll = "all";

/// A word of a list, or the only one; `all` stands for no key and is read by the caller.
std::optional<GroupKey> read_key(Context& context, const Node& node) {
  const auto text = text_of(context, node, "a word of 'group_by'");
  if (!text) return {};
  constexpr std::array<std::pair<std::string_view, GroupKey>, 5> kKeys{
      {{"account", GroupKey::account},
       {"team", GroupKey::team},
       {"project", GroupKey::project},
       {"user", GroupKey::user},
       {"job", GroupKey::job}}};
  for (const auto& [word, key] : kKeys) {
    if (*text == word) return key;
  }
  if (*text == kAll) {
    context.problems.error(node.mark,
                           "'all' stands alone: other words tell the jobs apart that it leaves "
                           "together");
    return {};
  }
  const auto words = split_range(find_key(Section::budget, "group_by")->range);
  context.problems.error(node.mark,
                         fmt::format("'group_by' is {}; expected {}{}", found_words(node),
                                     fmt::join(words, " or "), did_you_mean(*text, words)));
  return {};
}

std::optional<NamePattern> read_pattern(Context& context, const Node& node) {
  const Fields fields(context, Section::group_pattern, node);
  const Node* value = fields.find("job");
  const auto text = value == nullptr ? std::nullopt : fields.text("job");
  if (!text) return {};
  std::string error;
  auto pattern = NamePattern::compile(*text, error);
  if (!pattern) {
    context.problems.error(value->mark, fmt::format("'job' is {}: {}", found_words(*value), error));
  }
  return pattern;
}

/// Empty when it is wrong, which has then been told.
std::optional<GroupBy> read_group_by(Context& context, const Node& node) {
  GroupBy by;
  if (node.kind == Node::Kind::map) {
    by.pattern = read_pattern(context, node);
    return by.pattern ? std::optional(std::move(by)) : std::nullopt;
  }
  const auto items = items_of(context, node, "'group_by'");
  if (items.size() == 1 && items.front()->text == kAll) return by;
  for (const Node* item : items) {
    if (item->kind == Node::Kind::map) {
      context.problems.error(item->mark,
                             "an expression on the job's name stands alone, without a list");
      continue;
    }
    const auto key = read_key(context, *item);
    if (!key) continue;
    if (std::find(by.keys.begin(), by.keys.end(), *key) != by.keys.end()) {
      context.problems.error(item->mark,
                             fmt::format("'group_by' names {} twice", found_words(*item)));
      continue;
    }
    by.keys.push_back(*key);
  }
  return by;
}

std::optional<Money> read_limit(Context& context, const Fields& fields) {
  const auto limit = fields.money("limit");
  if (!limit || *limit != Money{}) return limit;
  context.problems.error(fields.find("limit")->mark, "a budget of $0 would stop every job at once");
  return {};
}

std::optional<Period> read_period(Context& context, const Fields& fields) {
  const auto per = fields.choice("per", {Per::hour, Per::day, Per::week, Per::month, Per::total});
  const date::time_zone* zone = context.zone;
  if (fields.has("timezone")) zone = fields.timezone("timezone").value_or(nullptr);
  ResetsAt resets_at;
  const auto text = fields.text("resets_at");
  if (!per) return {};
  if (text) {
    std::string error;
    const auto read = parse_resets_at(*per, *text, error);
    if (!read) {
      const Node& node = *fields.find("resets_at");
      context.problems.error(node.mark,
                             fmt::format("'resets_at' is {}: {}", found_words(node), error));
      return {};
    }
    resets_at = *read;
  }
  if (*per == Per::total && fields.has("timezone")) {
    context.problems.warning(fields.mark("timezone"),
                             "'timezone' has no effect: a total is never reset");
  }
  if (zone == nullptr) return {};
  return Period(*per, resets_at, zone);
}

}  // namespace

std::string_view to_string(Shed::Order order) {
  const auto orders = split_range(find_key(Section::shed, "order")->range);
  return orders[static_cast<std::size_t>(order)];
}

std::optional<Shed> read_shed(Context& context, const Node& node) {
  const Fields fields(context, Section::shed, node);
  if (node.kind != Node::Kind::map) return {};
  const auto at = fields.percents("at");
  using enum Shed::Order;
  const auto order =
      fields.choice("order", {newest, oldest, highest_rate, least_spent, lowest_priority});
  if (!at) return {};
  const Node& given = *fields.find("at");  // there: it was read
  if (given.kind == Node::Kind::list && given.items.size() != 1) {
    context.problems.error(fields.mark("at"), "'at' is one share, not a list");
    return {};
  }
  if (at->empty()) return {};  // what is wrong with it was told
  return Shed{at->front(), order.value_or(newest)};
}

std::optional<Condition> read_budget(Context& context, const Node& node) {
  const Fields fields(context, Section::budget, node);
  if (node.kind != Node::Kind::map) return {};
  const auto limit = read_limit(context, fields);
  auto period = read_period(context, fields);
  std::optional<GroupBy> group_by = GroupBy{};
  if (const Node* by = fields.find("group_by")) group_by = read_group_by(context, *by);
  const auto stops_queued = fields.choice("queued", {false, true});
  if (!limit || !period || !group_by) return {};
  return Condition{
      Spent{{*limit, std::move(*period), std::move(*group_by), stops_queued.value_or(false)}}};
}

}  // namespace trainstop::policy
