// The demo's cast: the jobs, how they live, and what has to become of each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/money.hpp"
#include "sim/types.hpp"

namespace trainstop::demo {

enum class Fate : std::uint8_t {
  stopped,       ///< by the daemon, by the named rule
  observed,      ///< a rule in observe mode would have stopped it; it lives
  exempt,        ///< over a rule's limit, and lives
  ended_itself,  ///< nobody asked for a stop
};

struct Role {
  std::string id;
  std::string name;
  Fate fate = Fate::stopped;
  std::string rule;                 ///< that stops it, would stop it, or is held by the exemption
  std::optional<Money> cost_limit;  ///< of that rule
  std::vector<sim::Step> life;      ///< from the moment the daemon starts
  std::int32_t nodes = 1;
  std::string instance_type = "H100:1x80";
  /// When `exempt`: it must live this long after running began, so that the rule was really over.
  sim::Duration outlives{0};
};

const std::vector<Role>& cast();

/// The budget of demo.yaml: what the jobs that it stops may cost together.
struct SharedLimit {
  std::string rule;
  Money limit;
};
const SharedLimit& sweep();

/// Settings of the simulated API: a key, a team, instance types with prices, stops that take a
/// while.
sim::Settings settings(const std::string& key);

/// The job's script for the simulated API.
sim::JobScript script(const Role& role);

}  // namespace trainstop::demo
