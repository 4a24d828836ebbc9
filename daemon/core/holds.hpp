// What keeps stops from leaving, and what persons have changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/money.hpp"
#include "model/time.hpp"

namespace trainstop::core {

/// What a rule may do to a job.
enum class Standing : std::uint8_t { enforcing, observed, exempt, paused };

/// What keeps a due stop from leaving.
enum class Hold : std::uint8_t { none, breaker, unknown, freeze };

/// As events and views say it.
std::string_view to_string(Standing standing);
std::string_view to_string(Hold hold);

/// What a person has changed for a while.
struct Override {
  enum class Kind : std::uint8_t { exempt, extend, pause, raise };

  std::string id;
  Kind kind = Kind::exempt;
  std::string job;                   ///< its key; empty: not of one job
  std::string rule;                  ///< empty: of every rule
  std::optional<std::string> group;  ///< of a raise; absent: every pot of the rule
  Duration by{0};                    ///< of an extension
  Money money;                       ///< of a raise
  Instant at, until;                 ///< UTC
  std::string user, reason;
  Instant told = kLongAgo;  ///< of a pause, which is told again

  bool covers(std::string_view name) const { return rule.empty() || rule == name; }

  /// What is remembered over a restart (memory.hpp).
  template <class Archive, class Self>
  static void members(Archive& archive, Self& made) {
    archive("kind", made.kind);
    archive("job", made.job);
    archive("rule", made.rule);
    archive("group", made.group);
    archive("by", made.by);
    archive("money", made.money);
    archive("at", made.at);
    archive("until", made.until);
    archive("user", made.user);
    archive("reason", made.reason);
    archive("told", made.told, kLongAgo);
  }
};

std::string_view to_string(Override::Kind kind);

}  // namespace trainstop::core
