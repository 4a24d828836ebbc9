#include "model/phase.hpp"

#include <algorithm>
#include <array>

namespace trainstop {

namespace {

constexpr std::string_view kPrefix = "TRAINING_JOB_";

struct Known {
  std::string_view name;
  Phase phase;
};

// Documented, or known to the clients (truss, baseten).
constexpr std::array kKnown{
    Known{"PENDING", Phase::queued},  Known{"CREATED", Phase::queued},
    Known{"QUEUED", Phase::queued},   Known{"DEPLOYING", Phase::deploying},
    Known{"RUNNING", Phase::running}, Known{"COMPLETED", Phase::ended},
    Known{"FAILED", Phase::ended},    Known{"DEPLOY_FAILED", Phase::ended},
    Known{"STOPPED", Phase::ended},   Known{"PREEMPTED", Phase::ended},
    Known{"EXPIRED", Phase::ended},
};

constexpr std::array<std::string_view, 7> kEndings{
    "_COMPLETED", "_FAILED", "_STOPPED", "_PREEMPTED", "_EXPIRED", "_CANCELED", "_CANCELLED"};

}  // namespace

Phase phase_of(std::string_view status) {
  const std::string_view name =
      status.starts_with(kPrefix) ? status.substr(kPrefix.size()) : status;
  for (const Known& known : kKnown) {
    if (name == known.name) return known.phase;
  }
  const bool over = std::any_of(kEndings.begin(), kEndings.end(),
                                [&](std::string_view ending) { return status.ends_with(ending); });
  return over ? Phase::ended : Phase::unknown;
}

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::queued:
      return "queued";
    case Phase::deploying:
      return "deploying";
    case Phase::running:
      return "running";
    case Phase::ended:
      return "ended";
    case Phase::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace trainstop
