// Conditions: the leaves with their limits, and how they nest.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policy/nearest.hpp"
#include "policy/schedule.hpp"
#include "policy/sections.hpp"

namespace trainstop::policy {

namespace {

// Every evaluation walks the whole condition, for every job: a bound keeps it in microseconds, and
// nobody understands a rule of more parts.
constexpr int kMostParts = 100;
constexpr int kDeepestCondition = 8;

constexpr std::array<std::string_view, 5> kLiveStatuses{"PENDING", "CREATED", "QUEUED", "DEPLOYING",
                                                        "RUNNING"};

class ConditionReader {
 public:
  explicit ConditionReader(Context& context) : context_(context) {}

  std::optional<Condition> read(const Node& node, int depth) {
    const Fields fields(context_, Section::condition, node);
    if (node.kind != Node::Kind::map) return {};
    if (node.entries.empty()) {
      context_.problems.error(node.mark,
                              "an empty condition; expected one such as {running_for: 48h}");
    }
    if (depth > kDeepestCondition) {
      context_.problems.error(node.mark,
                              fmt::format("conditions nested deeper than {}", kDeepestCondition));
      return {};
    }
    std::vector<Condition> parts;
    for (const Entry& entry : node.entries) {
      const KeySpec* key = find_key(Section::condition, entry.key.text);
      if (key == nullptr || key->type == Type::unsupported || fields.find(key->name) == nullptr)
        continue;
      if (++parts_ == kMostParts + 1) {
        context_.problems.error(entry.key.mark,
                                fmt::format("a condition of more than {} parts", kMostParts));
      }
      if (parts_ > kMostParts) return {};
      if (auto part = read_key(fields, key->name, entry.value, depth))
        parts.push_back(std::move(*part));
    }
    if (parts.empty()) return {};
    if (parts.size() == 1) return std::move(parts.front());
    return Condition{All{std::move(parts)}};
  }

 private:
  std::optional<Condition> read_key(const Fields& fields, std::string_view name, const Node& value,
                                    int depth) {
    if (name == "running_for") return limited<RunningFor>(fields.duration(name));
    if (name == "deploying_for") return limited<DeployingFor>(fields.duration(name));
    if (name == "queued_for") return limited<QueuedFor>(fields.duration(name));
    if (name == "age") return limited<Age>(fields.duration(name));
    if (name == "cost") return read_cost(fields);
    if (name == "deadline") return limited<Deadline>(fields.instant(name, Doubled::second));
    if (name == "in_status") return read_in_status(value);
    if (name == "schedule") return read_during(value);
    if (name == "not") {
      auto part = read(value, depth + 1);
      if (!part) return {};
      return Condition{Not{{std::move(*part)}}};
    }
    auto parts = read_parts(name, value, depth);
    if (parts.empty()) return {};
    if (name == "all") return Condition{All{std::move(parts)}};
    return Condition{Any{std::move(parts)}};
  }

  template <class Leaf, class Limit>
  std::optional<Condition> limited(const std::optional<Limit>& limit) {
    if (!limit) return {};
    return Condition{Leaf{*limit}};
  }

  std::vector<Condition> read_parts(std::string_view name, const Node& value, int depth) {
    std::vector<Condition> parts;
    if (value.kind != Node::Kind::list) {
      context_.problems.error(
          value.mark,
          fmt::format("'{}' must be a list of conditions, but is {}", name, found_words(value)));
      return parts;
    }
    for (const Node* item : items_of(context_, value, fmt::format("'{}'", name))) {
      if (auto part = read(*item, depth + 1)) parts.push_back(std::move(*part));
    }
    return parts;
  }

  std::optional<Condition> read_cost(const Fields& fields) {
    const auto limit = fields.money("cost");
    if (!limit) return {};
    if (*limit == Money{}) {
      context_.problems.error(fields.find("cost")->mark,
                              "a cost limit of $0 would stop every job at once");
      return {};
    }
    return Condition{Cost{*limit}};
  }

  std::optional<Condition> read_in_status(const Node& value) {
    const Fields fields(context_, Section::in_status, value);
    InStatus leaf;
    if (value.kind != Node::Kind::map) return {};
    if (const Node* statuses = fields.find("status")) {
      for (const Node* item : items_of(context_, *statuses, "'status'")) {
        if (auto status = read_status(*item)) leaf.statuses.push_back(std::move(*status));
      }
    }
    leaf.limit = fields.duration("for");
    if (leaf.statuses.empty()) return {};
    return Condition{std::move(leaf)};
  }

  /// A status as the API sends it, with or without its prefix, in any case.
  std::optional<std::string> read_status(const Node& node) {
    constexpr std::string_view kPrefix = "TRAINING_JOB_";
    auto text = text_of(context_, node, "'status'");
    if (!text) return {};
    std::transform(text->begin(), text->end(), text->begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    if (text->starts_with(kPrefix)) text->erase(0, kPrefix.size());
    const Phase phase = phase_of(*text);
    if (phase != Phase::ended && phase != Phase::unknown) return text;
    std::vector<std::string_view> known(kLiveStatuses.begin(), kLiveStatuses.end());
    context_.problems.error(
        node.mark, phase == Phase::ended
                       ? fmt::format("jobs in status {} have ended and are not judged", *text)
                       : fmt::format("{} is no known status; expected {}{}", found_words(node),
                                     fmt::join(known, ", "), did_you_mean(*text, known)));
    return {};
  }

  std::optional<Condition> read_during(const Node& value) {
    const Fields fields(context_, Section::schedule, value);
    if (value.kind != Node::Kind::map) return {};
    const bool outside = fields.has("outside");
    if (fields.has("during") == outside) {
      context_.problems.error(value.mark,
                              "'schedule' needs either 'during' or 'outside', with windows");
      return {};
    }
    auto schedule =
        read_schedule(context_, fields, outside ? "outside" : "during",
                      outside ? "the condition is never true" : "the condition is always true");
    if (!schedule) return {};
    return Condition{During{std::move(*schedule), outside}};
  }

  Context& context_;
  int parts_ = 0;
};

/// The stretches of all windows; none when one of them is wrong.
std::vector<WeekSpan> read_windows(Context& context, const Node& node) {
  std::vector<WeekSpan> spans;
  bool whole = true;
  for (const Node* item : items_of(context, node, "the list of windows")) {
    const auto text = text_of(context, *item, "a window");
    std::string error;
    const auto window = text ? parse_window(*text, error) : std::nullopt;
    if (window) {
      spans.insert(spans.end(), window->begin(), window->end());
      continue;
    }
    whole = false;
    if (text) {
      context.problems.error(item->mark,
                             fmt::format("the window is {}: {}", found_words(*item), error));
    }
  }
  if (!whole) spans.clear();
  return spans;
}

}  // namespace

std::optional<Schedule> read_schedule(Context& context, const Fields& fields, std::string_view key,
                                      std::string_view always) {
  const Node* windows = fields.find(key);
  const date::time_zone* zone = context.zone;
  if (fields.has("timezone")) zone = fields.timezone("timezone").value_or(nullptr);
  if (windows == nullptr) return {};
  std::vector<WeekSpan> spans = read_windows(context, *windows);
  if (spans.empty() || zone == nullptr) return {};
  Schedule schedule(std::move(spans), zone);
  if (schedule.spans().front() == WeekSpan{0, 7 * 24 * 60}) {
    context.problems.error(windows->mark,
                           fmt::format("the windows cover the whole week: {}", always));
    return {};
  }
  return schedule;
}

std::optional<Condition> read_condition(Context& context, const Node& node) {
  return ConditionReader(context).read(node, 1);
}

}  // namespace trainstop::policy
