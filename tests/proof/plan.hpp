// What one seed means: jobs with their lives, rule sets, the adversary's strength and its appointed
// hours. A mask leaves parts of it out, for shrinking a failing seed.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proof/rules.hpp"

namespace trainstop::proof {

/// 2026-01-05 00:00 UTC, a Monday: the start of every world.
inline constexpr Instant kStart{std::chrono::seconds(1767571200)};

/// What an adversary can do; each kind can be masked alone.
enum class Harm : std::uint8_t {
  slow_replies,  ///< seconds instead of milliseconds: replies overtake one another
  lost_requests,
  lost_replies,  ///< of what was applied
  failures,      ///< of every FailureKind
  stale_lists,
  partial_lists,
  empty_lists,
  duplicates,
  malformed,
  missing_fields,
  price_changes,
  absurd_prices,
  wall_jumps,
  wall_drift,
  date_off,
  suspends,
  crashes,
  other_rules,  ///< at a restart
  slow_disk,
  broken_disk,
  stubborn_stops,  ///< accepted, and nothing happens
  reloads,         ///< other rules without a restart
  hands,           ///< persons' commands
  freezes,         ///< in rule sets
  count
};
inline constexpr std::size_t kHarms = static_cast<std::size_t>(Harm::count);
std::string_view to_string(Harm harm);

struct Mask {
  std::set<int> jobs;         ///< left out
  std::bitset<kHarms> harms;  ///< left out
  Duration longest = Duration::max();
  int fleet = 0;  ///< so many jobs in a calm world that is polled every 30 s: for measuring
  /// As options of the command line; empty when nothing is masked.
  std::string options() const;
};

struct JobPlan {
  int number = 0;
  std::string id, project_id, project, team, name, user, type, gpu_type, availability;
  int gpus = 8, nodes = 1, priority = 0;
  bool bare = false;    ///< no reply has its optional fields
  int digits = 6;       ///< of timestamps
  Duration created{0};  ///< after the start
  struct Step {
    Duration after;      ///< after its creation
    std::string status;  ///< without TRAINING_JOB_
  };
  std::vector<Step> steps;
  Duration stop_latency{0};
  int ignored_stops = 0;  ///< so many are accepted and do nothing
  bool vanishes = false;  ///< is deleted a while after its last step
};

struct Death {
  Duration at, away;
  std::string event;         ///< instead of at once: when a batch with it is handed to the journal
  bool after_write = false;  ///< then after it is durable, before its acts leave
  int rules = 0;             ///< index of the set with which the next life begins; 0: as loaded
  bool orderly = false;
};

/// Other rules while the daemon runs.
struct ReloadPlan {
  Duration at;
  std::string event;  ///< then after the next batch with it
  Duration after{0};
  int rules = 0;
};

/// A person's command.
struct HandPlan {
  enum class Kind : std::uint8_t { exempt, extend, pause, resume, revoke, stop, reset };
  Kind kind = Kind::exempt;
  Duration at;
  std::string event;  ///< then after the next batch with it, and about its job
  Duration after{0};
  std::string job;  ///< key
  bool one_rule = false;
  std::size_t pick = 0;  ///< which rule, which override
  Duration lasts{0}, by{0};
  bool force = false;
};

struct Span {
  Duration from, to;
  std::int64_t value = 0;
};

struct Plan {
  std::uint64_t seed = 0;
  Duration active{0}, length{0};  ///< the adversary rests from `active` on
  std::vector<JobPlan> jobs;
  std::vector<RuleSet> rules;
  std::array<int, kHarms> strength{};  ///< in a thousand, of calls; 0: never
  std::vector<Death> deaths;
  std::vector<ReloadPlan> reloads;
  std::vector<HandPlan> hands;
  std::vector<Span> suspends, wall_errors, slow_disk, broken_disk;  ///< wall: value in microseconds
  Duration date_error{0};
  int drift_ppm = 0;
  struct PriceChange {
    Duration at;
    std::string type;
    std::string price;  ///< as JSON text
  };
  std::vector<PriceChange> prices;
  bool has(Harm harm) const { return strength[static_cast<std::size_t>(harm)] != 0; }
};

/// The machine's clock minus the truth.
Duration wall_error_at(const Plan& plan, Instant now);

Plan make_plan(std::uint64_t seed, const Mask& mask);

/// Instance types and their first prices.
struct TypePlan {
  std::string id, gpu;
  int gpus = 0;
  std::string price;
};
const std::vector<TypePlan>& types();

/// Parts of make_plan (plan_hands.cpp).
void make_reloads(Plan& plan);
void make_hands(Plan& plan);

}  // namespace trainstop::proof
