// A budget: so much money in a window, for all jobs of a group together.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/money.hpp"
#include "policy/period.hpp"
#include "policy/selector.hpp"

namespace re2 {
class RE2;
}

namespace trainstop::policy {

/// A regular expression (RE2) on a job's name with one capture at least.
class NamePattern {
 public:
  /// Empty when the text is no such expression; then `error` says why.
  static std::optional<NamePattern> compile(const std::string& text, std::string& error);

  /// What the first capture takes of the name; empty when the expression is not found in it, or the
  /// capture took no part.
  std::optional<std::string> capture(std::string_view name) const;
  const std::string& text() const;
  bool operator==(const NamePattern& other) const { return text() == other.text(); }

 private:
  explicit NamePattern(std::shared_ptr<const re2::RE2> expression);
  std::shared_ptr<const re2::RE2> expression_;  // immutable: copies of a rule share it
};

enum class GroupKey : std::uint8_t { account, project, team, user, job };

/// How the jobs of a rule are told apart. No key and no pattern: all together.
struct GroupBy {
  std::vector<GroupKey> keys;          ///< in the order of writing, each once
  std::optional<NamePattern> pattern;  ///< alone, without keys
  bool operator==(const GroupBy&) const = default;
};

/// One job's place.
struct Group {
  /// The values, joined by '/': `ml/ana@corp.example`; `all` without a key; for a pattern the
  /// project and what it captured. A backslash stands before what would read as something else.
  std::string name;
  bool unknown = false;  ///< an attribute is absent: it may belong elsewhere, so nothing is stopped
};

/// The job's group; empty when it is in none: its name does not fit the pattern, or it has no name.
/// Projects stand by id, an absent value as `(unknown)`.
std::optional<Group> group_of(const GroupBy& by, const JobAttributes& job);

/// `all`, `team`, `team,user`, `job ~ ^(sweep-[0-9]+)-`.
std::string to_string(const GroupBy& by);

struct Budget {
  Money limit;
  Period period;
  GroupBy group_by;
  bool stops_queued = false;  ///< an exhausted pot stops jobs that cost nothing yet as well
  bool operator==(const Budget&) const = default;
};

}  // namespace trainstop::policy
