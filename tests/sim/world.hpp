// The state of the simulated platform: jobs, their scripted lives, stops under way, and the truth
// log. No I/O and no clock: the time comes with each call.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "sim/types.hpp"

namespace trainstop::sim {

/// One job as it is now.
struct JobState {
  JobScript script;
  Project project;
  WallTime created, updated;
  Duration added_boot{};  ///< boot time from which the script's steps count
  std::size_t next_step = 0;
  std::string status;               ///< empty until the first step
  Duration ends_boot = kNeverEnds;  ///< when a stop under way takes effect
  bool removed = false;
  std::string record;  ///< rendered JSON, empty when to be made anew
  bool exists() const { return !status.empty() && !removed; }
};

/// What a project's own record needs of its jobs.
struct ProjectSummary {
  JobState* newest = nullptr;
  WallTime created, updated;
};

/// What came of a stop request.
enum class StopResult : std::uint8_t { applied, already_under_way, already_ended };

class World {
 public:
  explicit World(Settings settings);

  void add_job(JobScript script, Moment now);
  void set_status(const std::string& id, const std::string& status, Moment now);
  void touch(const std::string& id, Moment now);
  void set_removed(const std::string& id, bool removed);
  void change(const std::function<void(Settings&)>& change);

  /// Carries out every scripted step and end of a stop that is due by `now`. All below expect it to
  /// have been called for their time.
  void advance(Moment now);
  /// Boot time of the next change, kNeverEnds without one.
  Duration next_change() const;

  StopResult stop(JobState& job, Moment now);
  /// Null when it does not exist, or not in that project.
  JobState* find(std::string_view project_id, std::string_view id);
  const JobState* find_anywhere(std::string_view id) const;
  /// The rendered record of a job, from its cache.
  const std::string& record(JobState& job);
  /// Jobs that exist, by creation, newest first; ties by id.
  const std::vector<JobState*>& by_creation();
  /// Empty for a project without jobs.
  ProjectSummary summary(const std::string& project_id);
  /// Settings' projects and those of jobs, in order of id.
  std::map<std::string, Project> projects() const;
  const InstanceType* instance_type(std::string_view id) const;
  const std::map<std::string, std::unique_ptr<JobState>, std::less<>>& jobs() const {
    return jobs_;
  }

  /// Changes with everything that replies may show.
  std::uint64_t version() const { return version_; }
  const Settings& settings() const { return settings_; }
  Truth& truth() { return truth_; }
  const Truth& truth() const { return truth_; }

 private:
  struct Due {
    Duration boot;
    std::string id;
    bool operator>(const Due& other) const { return boot > other.boot; }
  };

  JobState& at(const std::string& id);
  void apply(JobState& job, const std::string& status, Moment at);
  void schedule(const JobState& job);
  void changed(JobState& job);

  Settings settings_;
  std::map<std::string, std::unique_ptr<JobState>, std::less<>> jobs_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<JobState*> sorted_;
  std::map<std::string, ProjectSummary> summaries_;  ///< made with sorted_
  std::uint64_t version_ = 1;
  bool sorted_is_stale_ = true;
  Truth truth_;
};

}  // namespace trainstop::sim
