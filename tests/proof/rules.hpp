// Rule sets as the proof itself understands them: made by dice, written as YAML for the daemon, and
// read naively by the checker. Nothing of daemon/policy is used here but values.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/job.hpp"
#include "model/money.hpp"
#include "model/time.hpp"
#include "model/truth.hpp"
#include "proof/dice.hpp"

namespace trainstop::proof {

struct Cond {
  enum class Kind {
    running_for,
    deploying_for,
    queued_for,
    age,
    in_status,
    cost,
    deadline,
    during,
    outside,
    all,
    any,
    negation
  };
  Kind kind = Kind::running_for;
  std::optional<Duration> limit;       ///< of a stay or an age
  Money money;                         ///< of cost
  std::vector<std::string> statuses;   ///< of in_status
  Instant utc;                         ///< of deadline
  int from_minute = 0, to_minute = 0;  ///< of during and outside: minutes of every day, UTC
  std::vector<Cond> parts;

  bool has(Kind wanted) const;
};

/// One map: every key must fit, any of its values fits.
using Wants = std::vector<std::pair<std::string, std::vector<std::string>>>;

struct Selects {
  std::vector<Wants> any_of;
};

struct RuleText {
  std::string name;
  std::optional<Selects> match, exclude;
  Cond when;
  bool stops = true;
  bool observes = false;
  std::optional<Instant> enforce_from;
  std::vector<Duration> warn_before;
  std::vector<int> warn_at;
  Duration grace{0};
  bool lands_at = false;
  bool through_freeze = false;
  std::string text;  ///< its YAML
};

struct ExemptText {
  Wants who;
  std::optional<Instant> until;
};

/// Nothing is stopped in these minutes of every day, UTC.
struct FreezeText {
  int from_minute = 0, to_minute = 0;
  std::optional<Selects> match;
};

struct RuleSet {
  bool observes = false;
  Duration poll = std::chrono::seconds(15);
  Duration confirm_every = std::chrono::seconds(3);
  Duration confirm_within = std::chrono::minutes(3);
  Duration verify_timeout = std::chrono::seconds(30);
  int concurrency = 8;
  std::string billing = "deploying";
  int max_stops = 10;
  Duration max_stops_per = std::chrono::hours(1);
  Duration first_notice = std::chrono::minutes(30);
  std::vector<ExemptText> exempt;
  std::vector<FreezeText> freezes;
  std::vector<std::pair<std::string, Money>> prices;  ///< a minute, by what stands under prices:
  std::vector<RuleText> rules;

  const RuleText* find(const std::string& name) const;
};

/// `index` tells the sets of one world apart; later ones resemble the first.
RuleSet make_rules(std::uint64_t seed, int index, Instant start, Duration length);

/// The configuration file of the set.
std::string to_yaml(const RuleSet& set);

/// The rule alone, in the same words.
std::string to_yaml(const RuleText& rule);

/// What a selector can ask of a job, absent where no reply told it.
struct Asked {
  std::string project_id, project, job_id, type, availability, status, phase;
  std::optional<std::string> job, user, team, gpu_type;
  std::int64_t priority = 0, gpus = 0, nodes = 1;
};

/// Whether a job fits, read naively.
Truth fits(const Selects& selects, const Asked& job);

}  // namespace trainstop::proof
