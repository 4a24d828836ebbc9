// What the simulated API is told (settings, job scripts) and what it tells (the truth). Plain
// values.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trainstop::sim {

using Duration = std::chrono::microseconds;
using WallTime = std::chrono::sys_time<Duration>;

/// As a stop latency: the stop is accepted and never takes effect.
inline constexpr Duration kNeverEnds = Duration::max();

/// One instant on two clocks: UTC and CLOCK_BOOTTIME.
struct Moment {
  WallTime wall;
  Duration boot{};
};

/// Reads both clocks.
Moment read_clocks();

/// The class of a request, by which latencies and faults are chosen.
enum class Endpoint : std::uint8_t {
  any,           ///< in faults and latencies: every endpoint of the API
  search,        ///< POST /v1/training_jobs/search
  read,          ///< GET  /v1/training_projects/{pid}/jobs/{id}
  stop,          ///< POST /v1/training_projects/{pid}/jobs/{id}/stop
  prices,        ///< GET  /v1/instance_type_prices
  projects,      ///< GET  /v1/training_projects
  project_jobs,  ///< GET  /v1/training_projects/{pid}/jobs
  me,            ///< GET  /v1/users/me
  usage,         ///< GET  /v1/billing/usage_summary
  other,         ///< anything else: 404
};
inline constexpr std::size_t kEndpoints = 10;

std::string_view to_string(Endpoint endpoint);
std::optional<Endpoint> endpoint_named(std::string_view name);

inline constexpr const char* kPending = "TRAINING_JOB_PENDING";
inline constexpr const char* kCreated = "TRAINING_JOB_CREATED";
inline constexpr const char* kDeploying = "TRAINING_JOB_DEPLOYING";
inline constexpr const char* kRunning = "TRAINING_JOB_RUNNING";
inline constexpr const char* kCompleted = "TRAINING_JOB_COMPLETED";
inline constexpr const char* kFailed = "TRAINING_JOB_FAILED";
inline constexpr const char* kDeployFailed = "TRAINING_JOB_DEPLOY_FAILED";
inline constexpr const char* kStopped = "TRAINING_JOB_STOPPED";

/// Whether a job with this status has ended (a stop of it is then answered by `stop_of_ended`).
bool is_ended(std::string_view status);

/// An instance type and its price as JSON text (USD per minute), so that it can also be absurd:
/// `0.86667`, `1e400`, `"12"`, `null`. An empty text leaves the price out.
struct InstanceType {
  std::string id = "H100:8x80";
  std::string name = "H100:8x80";
  int gpu_count = 8;
  std::optional<std::string> gpu_type = "H100";
  std::string price = "0.86667";
  bool priced = true;  ///< listed by /v1/instance_type_prices
};

struct Project {
  std::string id;
  std::string name;
  std::optional<std::string> team;
};

/// From `after` (counted from the moment the script was added; negative: it already happened) the
/// job bears `status`. Before its first step a job does not exist.
struct Step {
  Duration after{};
  std::string status;
};

struct JobScript {
  std::string id;
  std::string project_id = "proj1";
  std::optional<std::string> name;
  std::vector<Step> life = {{Duration{0}, kRunning}};
  std::string instance_type = "H100:8x80";  ///< an id of Settings::instance_types
  std::optional<Duration> created_before;   ///< age at adding; absent: created at the first step
  std::optional<int> node_count;
  std::optional<int> priority;
  std::optional<std::string> availability;
  std::optional<std::string> user;             ///< e-mail
  bool old_schema = false;                     ///< all optional fields are absent
  bool updated_at_moves = true;                ///< false: updated_at stays at created_at
  int fraction_digits = 6;                     ///< of timestamps: 0 to 6
  std::optional<std::chrono::minutes> offset;  ///< timestamps with this UTC offset; absent: Z
  std::optional<Duration> stop_latency;        ///< absent: Settings::stop_latency
  std::string extra_members;                   ///< raw JSON, e.g. `"future":{"a":1}`
};

enum class ErrorShape : std::uint8_t { code_and_message, error_only };

struct Settings {
  std::string key = "sim-key";
  std::vector<InstanceType> instance_types = {InstanceType{}};
  std::vector<Project> projects;       ///< others appear with their jobs, without a team
  Duration stop_latency{0};            ///< from an applied stop to STOPPED; the old status goes on
  unsigned stop_of_ended = 200;        ///< 200, 400 or 409
  bool stop_reply_is_stopped = false;  ///< the stop's reply already says STOPPED
  bool refuse_unknown_statuses = false;  ///< 400 when a search names a status not in known_statuses
  std::vector<std::string> known_statuses = {kPending,   kCreated, kDeploying,    kRunning,
                                             kCompleted, kFailed,  kDeployFailed, kStopped};
  unsigned wrong_key_status = 401;  ///< or 403; the body is not JSON
  ErrorShape error_shape = ErrorShape::code_and_message;
  int rate_limit = 0;        ///< requests a second and endpoint, then 429; 0: none
  Duration clock_offset{0};  ///< of the API's clock: Date headers and timestamps in bodies
  Duration usage_lag = std::chrono::hours(1);  ///< of the invoice behind what happened
  int usage_percent = 100;                     ///< its figures, of what is due
  bool usage_as_text = false;                  ///< its money as strings
  std::array<Duration, kEndpoints> latency{};  ///< by Endpoint; `any` is added to each
};

/// One request as it was received. `status` is what was answered: 0 when no reply was sent.
struct RequestTruth {
  std::uint64_t number = 0;
  std::uint64_t connection = 0;
  Endpoint endpoint = Endpoint::other;
  std::string method, target, project_id, job_id;
  std::string body;           ///< at most 4 KiB
  std::string authorization;  ///< the scheme only: `Api-Key`, `Bearer`, other words, or empty
  bool key_accepted = false;
  Moment first_byte;  ///< when the first byte of the request was read
  unsigned status = 0;
  bool applied = false;  ///< the stop was applied, or the answer showed the true state
  std::string fault;     ///< the kind that struck, empty without one
};

struct StatusChange {
  Moment at;
  std::string status;
};

struct JobTruth {
  std::string project_id;
  std::string status;
  bool removed = false;
  int stop_requests = 0;                      ///< received with a good key, applied or not
  std::optional<Moment> first_stop_received;  ///< first byte
  std::optional<Moment> stop_applied;         ///< the first that was
  std::optional<Moment> ended;                ///< absent while alive
  bool ended_by_stop = false;
  std::vector<StatusChange> changes;
};

struct Truth {
  std::vector<RequestTruth> requests;  ///< the first kMaxRequests; more are only counted
  std::uint64_t request_count = 0;
  std::array<std::uint64_t, kEndpoints> by_endpoint{};
  std::map<std::string, JobTruth, std::less<>> jobs;  ///< by id
  std::uint64_t connections = 0;
  std::uint64_t failed_handshakes = 0;
  std::vector<std::uint64_t> fault_strikes;  ///< by the number that add_fault gave

  std::uint64_t count(Endpoint endpoint) const {
    return by_endpoint[static_cast<std::size_t>(endpoint)];
  }
};

/// About 100 MB of log; a bench that sends more needs no log of each.
inline constexpr std::size_t kMaxRequests = 200'000;

}  // namespace trainstop::sim
