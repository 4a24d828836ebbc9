#include "policy/at_birth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "policy/values.hpp"

namespace trainstop::policy {

namespace {

// What a stop takes until it was seen to, as long as nothing was learned, and the minute that is
// billed whole: a cost limit below their price stops a job at its birth.
constexpr std::int64_t kMinutesAhead = 2;
constexpr std::int64_t kMinutesAtLimit = 1;
constexpr std::string_view kSpot = "spot/";

using Prices = std::map<std::string, Money>;

/// Finds every limit of money in a condition.
void collect_costs(const Condition& condition, std::vector<Money>& limits) {
  const auto each = [&](const std::vector<Condition>& parts) {
    for (const Condition& part : parts) collect_costs(part, limits);
  };
  if (const auto* cost = std::get_if<Cost>(&condition.node)) limits.push_back(cost->limit);
  if (const Budget* budget = budget_of(condition)) limits.push_back(budget->limit);
  if (const auto* all = std::get_if<All>(&condition.node)) each(all->parts);
  if (const auto* any = std::get_if<Any>(&condition.node)) each(any->parts);
}

/// What the name of a price tells of its jobs, of which one has one node at least.
struct Priced {
  JobAttributes job;
  bool tells_availability = false;
  bool tells_type = false;  ///< the instance type
  bool tells_gpus = false;  ///< their type, and how many a node has
};

/// `H100x8` is eight H100 a node; `H100:8x80`, `4x16` and the like are ids of instance types.
Priced priced_as(std::string_view name, const Prices& prices) {
  Priced priced;
  // A spot job costs what a name without `spot/` says when there is none with it.
  priced.tells_availability = prices.contains(fmt::format("{}{}", kSpot, name));
  if (name.starts_with(kSpot)) {
    name.remove_prefix(kSpot.size());
    priced.job.availability = "spot";
    priced.tells_availability = true;
  }
  const std::string_view gpu = name.substr(0, name.find('x'));
  std::string ignored;
  std::optional<std::int64_t> count;
  if (gpu.size() < name.size()) count = parse_integer(name.substr(gpu.size() + 1), ignored);
  const bool is_gpu = gpu.find_first_of(":.") == std::string_view::npos &&
                      gpu.find_first_not_of("0123456789") != std::string_view::npos;
  if (count && is_gpu) {
    priced.job.gpu_type = gpu;
    priced.job.gpus = *count;
    priced.tells_gpus = true;
  } else {
    priced.job.instance_type = name;
    priced.tells_type = true;
  }
  return priced;
}

/// Those keys of a map that the name of a price answers.
SelectorMap answered_keys(const SelectorMap& map, const Priced& priced) {
  SelectorMap keys;
  if (priced.tells_availability) keys.availability = map.availability;
  if (priced.tells_type) keys.instance_type = map.instance_type;
  if (priced.tells_gpus) keys.gpu_type = map.gpu_type;
  return keys;
}

bool surely_fits(const SelectorMap& map, const JobAttributes& job) {
  return matches(Selector{{map}}, job) == Truth::yes;
}

/// Whether the rule may be about a job with that price.
bool may_watch(const Rule& rule, const Priced& priced) {
  const auto may_fit = [&](const SelectorMap& map) {
    SelectorMap keys = answered_keys(map, priced);
    // More nodes have more GPUs, so that only the most of them leaves a type out.
    if (priced.tells_gpus) keys.max_gpus = map.max_gpus;
    return surely_fits(keys, priced.job);
  };
  const auto leaves_out = [&](const SelectorMap& map) {
    return answered_keys(map, priced) == map && surely_fits(map, priced.job);
  };
  if (rule.match && std::none_of(rule.match->any_of.begin(), rule.match->any_of.end(), may_fit))
    return false;
  return !rule.exclude ||
         std::none_of(rule.exclude->any_of.begin(), rule.exclude->any_of.end(), leaves_out);
}

/// What the rule's limits say to one price.
void judge(const Rule& rule, const std::string& name, Money per_minute,
           std::vector<LimitAtBirth>& found) {
  std::vector<Money> limits;
  collect_costs(rule.when, limits);
  const bool under = rule.landing == Landing::under;
  const auto least = multiply(per_minute, under ? kMinutesAhead : kMinutesAtLimit);
  for (const Money limit : limits) {
    if (least && limit >= *least) continue;
    found.push_back(
        {rule.place,
         fmt::format(
             "rule '{}': {} {} would stop a job on {} at birth, it needs at least {} a node",
             rule.name, budget_of(rule.when) != nullptr ? "a budget of" : "cost",
             format_dollars(limit), name,
             least ? format_dollars(*least) : "more than can be counted")});
  }
}

}  // namespace

std::vector<LimitAtBirth> limits_at_birth(const std::vector<Rule>& rules,
                                          const Prices& per_minute) {
  std::vector<LimitAtBirth> found;
  for (const Rule& rule : rules) {
    if (rule.action == Action::warn) continue;
    for (const auto& [name, price] : per_minute) {
      if (may_watch(rule, priced_as(name, per_minute))) judge(rule, name, price, found);
    }
  }
  return found;
}

}  // namespace trainstop::policy
