// Who shares a pot with whom.
#include "policy/budget.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <array>

namespace trainstop::policy {

namespace {

constexpr std::int64_t kMostPatternMemory = 1 << 20;  // a pattern on short names needs kilobytes
constexpr std::string_view kUnknown = "(unknown)";

struct Value {
  std::string_view text;
  bool unknown = false;
};

Value value_of(GroupKey key, const JobAttributes& job) {
  const auto maybe = [](const std::optional<std::string_view>& text) {
    return text ? Value{*text} : Value{kUnknown, true};
  };
  switch (key) {
    case GroupKey::account:
      return {job.account};
    case GroupKey::project:
      return {job.project_id};
    case GroupKey::team:
      return maybe(job.team);
    case GroupKey::user:
      return maybe(job.user);
    case GroupKey::job:
      break;
  }
  return {job.job_id};
}

/// The value, spelt so that no two groups have one name: with a backslash before what would read as
/// the slash between two values, or as an absent one.
std::string spell(std::string_view text, bool is_alone) {
  std::string spelt = text == kUnknown ? "\\" : "";
  for (const char c : text) {
    if (c == '\\' || (c == '/' && !is_alone)) spelt += '\\';
    spelt += c;
  }
  return spelt;
}

std::string_view word_of(GroupKey key) {
  constexpr std::array<std::string_view, 5> kWords{"account", "project", "team", "user", "job"};
  return kWords[static_cast<std::size_t>(key)];
}

}  // namespace

NamePattern::NamePattern(std::shared_ptr<const re2::RE2> expression)
    : expression_(std::move(expression)) {}

std::optional<NamePattern> NamePattern::compile(const std::string& text, std::string& error) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostPatternMemory);
  auto expression = std::make_shared<const re2::RE2>(text, options);
  if (!expression->ok()) {
    error = fmt::format("expected a regular expression (RE2): {}", expression->error());
    return {};
  }
  if (expression->NumberOfCapturingGroups() < 1) {
    error =
        "expected a regular expression with the part in parentheses that names the group, such as "
        "'^(sweep-[0-9]+)-'";
    return {};
  }
  return NamePattern(std::move(expression));
}

std::optional<std::string> NamePattern::capture(std::string_view name) const {
  std::array<re2::StringPiece, 2> found;  // the whole match, and the first capture
  const bool matches = expression_->Match({name.data(), name.size()}, 0, name.size(),
                                          re2::RE2::UNANCHORED, found.data(), 2);
  if (!matches || found[1].data() == nullptr) return {};
  return std::string(found[1]);
}

const std::string& NamePattern::text() const {
  return expression_->pattern();
}

std::optional<Group> group_of(const GroupBy& by, const JobAttributes& job) {
  if (by.pattern) {
    const auto captured = job.job_name ? by.pattern->capture(*job.job_name) : std::nullopt;
    if (!captured) return {};
    return Group{fmt::format("{}/{}", spell(job.project_id, false), spell(*captured, false)),
                 false};
  }
  if (by.keys.empty()) return Group{"all", false};
  Group group;
  std::vector<std::string> names;
  for (const GroupKey key : by.keys) {
    const Value value = value_of(key, job);
    group.unknown = group.unknown || value.unknown;
    names.push_back(value.unknown ? std::string(kUnknown) : spell(value.text, by.keys.size() == 1));
  }
  group.name = fmt::format("{}", fmt::join(names, "/"));
  return group;
}

std::string to_string(const GroupBy& by) {
  if (by.pattern) return fmt::format("job ~ {}", by.pattern->text());
  if (by.keys.empty()) return "all";
  std::vector<std::string_view> words;
  for (const GroupKey key : by.keys) words.push_back(word_of(key));
  return fmt::format("{}", fmt::join(words, ","));
}

}  // namespace trainstop::policy
