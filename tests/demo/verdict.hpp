// What became of each job, by the simulated API's truth; the daemon's log only says which rule it
// was and what was due when.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "demo/log_lines.hpp"
#include "demo/scenario.hpp"
#include "model/money.hpp"
#include "model/time.hpp"
#include "sim/types.hpp"

namespace trainstop::demo {

/// What the log said of one job.
struct Said {
  std::string rule;            ///< of its stop, or of the stop that would have been
  std::optional<Instant> due;  ///< when its stop was to leave, UTC
  bool would_stop = false;
  bool held_exempt = false;
  bool confirmed = false;
};

/// Takes note of a line that speaks of a job.
void take_note(const LogLine& line, std::map<std::string, Said>& said);

/// One line of the closing table.
struct Row {
  std::string job, happened, rule;
  std::optional<std::chrono::microseconds> late;
  std::optional<Money> cost, limit;
  std::string wrong;  ///< why this is not what had to happen; empty when it is
};

/// Whether nothing more has to happen to the job.
bool is_over(const Role& role, const sim::JobTruth& truth, const Said& said, sim::WallTime now);

Row judge(const Role& role, const sim::JobTruth& truth, const Said& said, sim::WallTime now);

/// What the jobs that the rule stopped cost together, by their rows.
Row judge_together(const SharedLimit& shared, const std::vector<Row>& rows);

/// The rows as text in columns, with a last line that says whether all is as it had to be.
std::string table(const std::vector<Row>& rows);

}  // namespace trainstop::demo
