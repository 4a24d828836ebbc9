// Selectors: which jobs a rule, an exemption or a sink speaks of. Three-valued: an absent attribute
// is unknown.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/job.hpp"
#include "model/phase.hpp"
#include "model/truth.hpp"

namespace trainstop::policy {

/// What a selector can ask of a job; views into the owner's strings, valid during one call.
struct JobAttributes {
  std::string_view account;
  std::string_view project_id;
  std::string_view project_name;
  std::string_view job_id;
  std::optional<std::string_view> job_name;
  std::optional<std::string_view> team;
  std::optional<std::string_view> user;
  std::string_view instance_type;
  std::optional<std::string_view> gpu_type;
  std::string_view availability = "dedicated";
  std::int64_t priority = 0;
  std::string_view status;  ///< as the API sends it
  Phase phase = Phase::unknown;
  std::int64_t gpus = 0;  ///< of all nodes together
  std::int64_t nodes = 1;
};

/// What one reply said of the job, with what the API's documents say of absent fields; without
/// account, team and phase. Views the snapshot.
JobAttributes attributes_of(const JobSnapshot& job);

/// A glob with `*`, `?` and `[a-z]`, matched against the whole text. `fold_case` compares ASCII
/// letters without case.
bool glob_matches(std::string_view pattern, std::string_view text, bool fold_case);

/// The first range of a glob's sets that runs backwards, such as `z-a`: no character is in it.
/// Empty when there is none. Sets that are never closed are looked at like closed ones.
std::string_view reversed_range(std::string_view glob);

/// One map of a selector: every key that is present must fit, any value of a key's list fits. Lists
/// `{list: NAME}` are expanded by the reader.
struct SelectorMap {
  std::vector<std::string> account, project, job, team, user, instance_type, gpu_type, availability,
      status;
  std::vector<std::int64_t> priority;
  std::optional<std::int64_t> min_gpus, max_gpus, min_nodes;
  bool operator==(const SelectorMap&) const = default;
};

/// A list of maps is an OR. No map at all fits nothing; a rule without `match` has no selector
/// instead.
struct Selector {
  std::vector<SelectorMap> any_of;
  bool operator==(const Selector&) const = default;
};

/// Whether the job fits. `status` values fit a phase's name (`running`), the API's name, or that
/// without its prefix TRAINING_JOB_; job, project: by name or id, with case; everything else
/// without case.
Truth matches(const Selector& selector, const JobAttributes& job);

/// The first key whose answer for the job is not yes, with that answer: why a selector said no or
/// unknown. Empty when it said yes.
struct Mismatch {
  std::string_view key;
  Truth answer = Truth::no;
};
std::optional<Mismatch> first_mismatch(const Selector& selector, const JobAttributes& job);

}  // namespace trainstop::policy
