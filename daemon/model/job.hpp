// A training job as one reply showed it, and the names by which jobs and accounts go.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "model/time.hpp"

namespace trainstop {

/// The place of an account in the configuration's list: 0 for the first.
using AccountIndex = std::uint16_t;

/// What one reply said of one job (schema TrainingJobV1). Fields that a reply may lack are
/// optional; defaults that the API documents (node_count 1, priority 0, dedicated) are applied by
/// whoever reads them, so that a later reply without the field does not undo an earlier one with
/// it.
struct JobSnapshot {
  std::string id;
  std::string project_id;
  std::string project_name;
  std::optional<std::string> name;
  std::string status;  ///< as sent, e.g. TRAINING_JOB_RUNNING
  Instant created_at;  ///< by the API's clock in UTC; translated to the daemon's line before the
                       ///< core sees it
  Instant updated_at;  ///< likewise
  std::string instance_type;            ///< instance_type.id
  std::int32_t gpu_count = 0;           ///< GPUs of ONE node
  std::optional<std::string> gpu_type;  ///< e.g. H100
  std::optional<std::int32_t> node_count;
  std::optional<std::int32_t> priority;
  std::optional<std::string> availability;  ///< lower case: dedicated, spot
  std::optional<std::string> user;          ///< user.email

  bool operator==(const JobSnapshot&) const = default;
};

/// Snapshots are immutable and shared: an unchanged record of a list is the same object as last
/// time, so that comparing pointers answers "did anything change" for most of a list.
using JobRef = std::shared_ptr<const JobSnapshot>;

/// A job is known by account, project and id.
struct JobKey {
  AccountIndex account = 0;
  std::string project_id;
  std::string job_id;
  auto operator<=>(const JobKey&) const = default;
};

/// A page for people: https://app.baseten.co/training/{project_id}/logs/{job_id}
std::string job_url(const std::string& project_id, const std::string& job_id);

/// Whether a text has the form of an API id: `[A-Za-z0-9][A-Za-z0-9_-]{0,127}`. Anything else never
/// reaches a URL.
bool is_api_id(std::string_view text);

}  // namespace trainstop

template <>
struct std::hash<trainstop::JobKey> {
  std::size_t operator()(const trainstop::JobKey& key) const noexcept {
    const std::size_t job = std::hash<std::string>()(key.job_id);
    return job * 31 + std::hash<std::string>()(key.project_id) * 7 + key.account;
  }
};
