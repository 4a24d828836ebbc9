// Collects a list's jobs: a record whose bytes are those of last time is the same object again, any
// other is decoded.
#pragma once

#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "baseten/api.hpp"
#include "model/job.hpp"

namespace trainstop::baseten {

/// 128 bits over a record's bytes, with a seed of the process, so that nobody can craft two jobs
/// that look the same.
struct RecordHash {
  std::uint64_t low = 0, high = 0;
  bool operator==(const RecordHash&) const = default;
  struct Hasher {
    std::size_t operator()(const RecordHash& hash) const noexcept { return hash.low; }
  };
};

using KnownJobs = std::unordered_map<RecordHash, JobRef, RecordHash::Hasher>;

class JobCollector {
 public:
  JobCollector(std::shared_ptr<const KnownJobs> last, std::uint64_t seed);

  /// One element's bytes, empty for one that was too long. False when the whole list is unusable:
  /// the element is not JSON, or there is too much of it; `problem` says which.
  bool add(std::string_view raw);
  const std::string& problem() const { return problem_; }

  /// After the last element: calls `translate` for each record that is new, and gives the list.
  JobList finish(const std::function<void(JobSnapshot&)>& translate);
  /// What the next list is compared with; after finish.
  std::shared_ptr<const KnownJobs> known() { return known_; }

 private:
  bool add_known(const JobRef& job);
  bool decode(std::string_view raw, const RecordHash& hash);
  void skip(const std::string& why);
  bool fail(std::string problem);

  std::shared_ptr<const KnownJobs> last_;
  std::uint64_t seed_;
  std::shared_ptr<KnownJobs> known_;
  std::unordered_set<std::string_view> ids_;  ///< of the jobs in list_
  std::vector<std::shared_ptr<JobSnapshot>> fresh_;
  JobList list_;
  std::size_t elements_ = 0;
  std::size_t decoded_bytes_ = 0;
  std::string problem_;
};

}  // namespace trainstop::baseten
