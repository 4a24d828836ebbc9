#include "sim/scenario.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace trainstop::sim {
namespace {

using namespace std::chrono_literals;

TEST(Scenario, Everything_that_a_scenario_can_say_is_read) {
  const Scenario scenario = read_scenario(R"({
    "settings": {"key": "k", "stop_latency_ms": 1500, "stop_of_ended": 409,
                 "refuse_unknown_statuses": true, "error_shape": "error_only",
                 "latency_ms": {"search": 20}, "clock_offset_ms": -5000},
    "instance_types": [{"id": "L4", "gpu_count": 1, "gpu_type": "L4", "price": "1e400"}],
    "projects": [{"id": "p", "name": "Project", "team": "team-a"}],
    "jobs": [{"id": "j1", "project": "p", "name": "n", "instance_type": "L4", "node_count": 2,
              "stop_latency_ms": "never", "offset_minutes": 330, "fraction_digits": 3,
              "life": [{"after_ms": -1000, "status": "TRAINING_JOB_RUNNING"}]}],
    "faults": [{"kind": "hang", "endpoint": "stop", "job": "j1", "count": "always", "skip": 1,
                "applies": true, "duration_ms": 200}]})");
  EXPECT_EQ(scenario.settings.key, "k");
  EXPECT_EQ(scenario.settings.stop_latency, 1500ms);
  EXPECT_EQ(scenario.settings.error_shape, ErrorShape::error_only);
  EXPECT_EQ(scenario.settings.latency[static_cast<std::size_t>(Endpoint::search)], 20ms);
  EXPECT_EQ(scenario.settings.instance_types.at(0).price, "1e400");
  EXPECT_EQ(scenario.settings.projects.at(0).team, "team-a");
  const JobScript& job = scenario.jobs.at(0);
  EXPECT_EQ(job.life.at(0).after, -1s);
  EXPECT_EQ(job.stop_latency, kNeverEnds);
  EXPECT_EQ(job.offset, 330min);
  EXPECT_EQ(job.node_count, 2);
  const Fault& fault = scenario.faults.at(0);
  EXPECT_EQ(fault.kind, FaultKind::hang);
  EXPECT_EQ(fault.endpoint, Endpoint::stop);
  EXPECT_EQ(fault.count, kAlways);
  EXPECT_EQ(fault.applies, true);
}

std::string refusal(const std::string& json) {
  try {
    read_scenario(json);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Scenario, Errors_tell_the_place) {
  EXPECT_EQ(refusal(R"({"jobs":[{"id":"a"},{"idd":"b"}]})"), "jobs[1].id: required");
  EXPECT_EQ(refusal(R"({"jobs":[{"id":"a","x":1}]})"), "jobs[0].x: unknown key");
  EXPECT_EQ(refusal(R"({"faults":[{"kind":"x"}]})"), "faults[0].kind: is no fault: x");
  EXPECT_EQ(refusal(R"({"jobs":[{"id":"a","life":[{"after_ms":1.5,"status":"R"}]}]})"),
            "jobs[0].life[0].after_ms: must be a whole number in range");
  EXPECT_TRUE(refusal("{").starts_with("not JSON"));
}

TEST(Scenario, The_truth_is_told_as_JSON) {
  Truth truth;
  truth.by_endpoint[static_cast<std::size_t>(Endpoint::stop)] = 3;
  truth.jobs["j1"].stop_requests = 3;
  truth.jobs["j1"].ended = Moment{WallTime(1s), 2us};
  truth.requests.emplace_back().job_id = "j1";
  const auto json = boost::json::parse(render_truth(truth));
  EXPECT_EQ(json.at("by_endpoint").at("stop").as_int64(), 3);
  EXPECT_EQ(json.at("jobs").at("j1").at("ended").at("wall_us").as_int64(), 1'000'000);
  EXPECT_TRUE(json.at("jobs").at("j1").at("stop_applied").is_null());
  EXPECT_EQ(json.at("requests").at(0).at("job_id").as_string(), "j1");
}

}  // namespace
}  // namespace trainstop::sim
