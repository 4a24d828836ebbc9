// One fleet under budgets, from a seed: jobs of several users, teams and prices, with pauses in the
// queue; restarts, prices that change, and stops that take as long as they like.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulation/histories/ledger.hpp"

namespace trainstop::test {

struct PlannedJob {
  std::string id, project, type;
  std::optional<std::string> user;
  int nodes = 1;
  std::vector<std::pair<Duration, std::string>> steps;  ///< the first creates it
  Duration stop_latency{0};
};

struct PlannedBudget {
  std::string name, per, group_by, timezone, resets_at;
  std::int64_t limit = 0;  ///< nano-dollars
  Duration grace{0};
};

struct PriceChange {
  Duration at{0};
  std::string type;
  std::int64_t nano = 0;
};

struct Plan {
  Duration poll{0}, length{0};
  std::vector<PlannedJob> jobs;
  std::vector<PlannedBudget> budgets;
  std::vector<PriceChange> prices;                      ///< those of the start are first, at zero
  std::vector<std::pair<Duration, Duration>> restarts;  ///< when, and for how long it is away
  std::vector<Duration> looks;                          ///< when the ledger is compared
};

Plan make_plan(std::uint64_t seed);

std::string config_of(const Plan& plan);

/// The job's group; `unknown` is set when an attribute is absent. Teams are those of `team_of`.
std::string group_of(const PlannedBudget& budget, const PlannedJob& job, bool& unknown);
std::optional<std::string> team_of(const std::string& project);

}  // namespace trainstop::test
