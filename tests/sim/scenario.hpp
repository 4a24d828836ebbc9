// The JSON forms of scenarios, jobs, faults and the truth (README.md of this folder).
#pragma once

#include <string>
#include <vector>

#include "sim/fault.hpp"
#include "sim/types.hpp"

namespace trainstop::sim {

/// What a scenario file says.
struct Scenario {
  Settings settings;
  std::vector<JobScript> jobs;
  std::vector<Fault> faults;
};

/// Each throws std::invalid_argument with a place and a reason when the text is not what it should
/// be; unknown keys are refused.
Scenario read_scenario(const std::string& json);
JobScript read_job(const std::string& json);
Fault read_fault(const std::string& json);

/// `{"job":"j1","status":"TRAINING_JOB_RUNNING"}`
struct StatusOrder {
  std::string job, status;
};
StatusOrder read_status_order(const std::string& json);

std::string render_truth(const Truth& truth);

}  // namespace trainstop::sim
