// What a person may add to a rule's limits: time, or money to a budget.
#include <fmt/format.h>

#include "policy/sections.hpp"

namespace trainstop::policy {

namespace {

/// `max`: a duration or money, as it is written.
void read_most(Context& context, const Fields& fields, Extension& extension) {
  const Node* node = fields.find("max");
  if (node == nullptr) return;
  const auto text = text_of(context, *node, "'max'");
  if (!text) return;
  std::string error;
  extension.max_money = parse_money(*text, error);
  if (!extension.max_money) extension.max = parse_duration(*text, error);
  if (!extension.max_money && !extension.max) {
    context.problems.error(
        node->mark,
        fmt::format("'max' is {}: expected a duration, such as 12h, or for a budget money, such "
                    "as $500",
                    found_words(*node)));
  } else if (extension.max_money == Money{} || extension.max == Duration{0}) {
    context.problems.error(node->mark,
                           fmt::format("'max' is {}: nothing could be added", found_words(*node)));
  }
}

}  // namespace

std::optional<Extension> read_extension(Context& context, const Node& node) {
  const Fields fields(context, Section::extension, node);
  if (node.kind != Node::Kind::map) return {};
  Extension extension;
  read_most(context, fields, extension);
  if (const auto times = fields.integer("times")) extension.times = static_cast<int>(*times);
  if (!fields.has("max") && !fields.has("times")) {
    context.problems.error(node.mark, "'extend' needs 'max', 'times' or both");
  }
  return extension;
}

void check_extension(Context& context, const Fields& fields, const Condition& when,
                     const Extension& own) {
  const Node* most = fields.find("extend")->find("max");  // there: `own` was read from it
  const bool budget = budget_of(when) != nullptr;
  if (most != nullptr && (budget ? own.max.has_value() : own.max_money.has_value())) {
    context.problems.error(
        most->mark, budget ? fmt::format("'max' is {}; a budget is extended by money, such as $500",
                                         found_words(*most))
                           : fmt::format("'max' is {}; a condition is extended by time, such as "
                                         "12h",
                                         found_words(*most)));
  }
  if (!budget && !has_time_limit(when)) {
    context.problems.warning(fields.mark("extend"),
                             "'extend' has no effect without a limit of time or a 'budget'");
  }
}

std::optional<Extension> fitting(Extension extension, const Condition& when) {
  if (budget_of(when) != nullptr) {
    extension.max.reset();
  } else {
    extension.max_money.reset();
  }
  return extension == Extension{} ? std::nullopt : std::optional(extension);
}

}  // namespace trainstop::policy
