// Budgets for tests, and what jobs truly cost.
#pragma once

#include <string>
#include <vector>

#include "simulation/world.hpp"

namespace trainstop::test {

/// One budget rule named `pot`: the keys of its budget, and more of the rule.
inline std::string budget(const std::string& keys, const std::string& more = {}) {
  return "rules: [{name: pot, budget: {" + keys + "}" + more + "}]\n";
}

inline Money nano(std::int64_t amount) {
  return Money::from_nano(amount);
}

inline constexpr std::int64_t kMinuteOfH100x8 = 866'670'000;  // the world's price, in nano-dollars

/// What the jobs were billed for minutes that began in [from, until), minute by minute.
inline Money bill_of(World& world, const std::vector<std::string>& ids, Duration from,
                     Duration until) {
  std::int64_t sum = 0;
  for (const std::string& id : ids) {
    const TrueJob& job = world.job(id);
    if (job.began == kNever) continue;
    for (Instant minute = job.began; minute < job.ended.value_or(world.now()); minute += 1min) {
      if (minute >= kStart + from && minute < kStart + until)
        sum += kMinuteOfH100x8 * job.now.node_count.value_or(1);
    }
  }
  return nano(sum);
}

}  // namespace trainstop::test
