// Collects a list's jobs: a record whose bytes are those of last time is the same object again, any
// other is decoded.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "baseten/api.hpp"
#include "baseten/packed_jobs.hpp"
#include "model/job.hpp"

namespace trainstop::baseten {

/// 128 bits over a record's bytes, with a seed of the process, so that nobody can craft two jobs
/// that look the same.
struct RecordHash {
  std::uint64_t low = 0, high = 0;
  bool operator==(const RecordHash&) const = default;
  struct Hasher {
    using is_avalanching = void;
    std::size_t operator()(const RecordHash& hash) const noexcept { return hash.low; }
  };
};

using KnownJobs = boost::unordered_flat_map<RecordHash, JobRef, RecordHash::Hasher>;

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
  /// A job of the list; one that is new has no object before the list is complete.
  struct Item {
    RecordHash hash;
    JobRef job;
  };

  bool decode(std::string_view raw, const RecordHash& hash);
  /// Whether this job is the first of its id in the list; `id` must live as long as this does.
  bool is_first(std::string_view id, const RecordHash& hash);
  bool keep(std::string_view id, const RecordHash& hash, JobRef job);
  void skip(const std::string& why);
  bool fail(std::string problem);

  std::shared_ptr<const KnownJobs> last_;
  std::uint64_t seed_;
  std::vector<Item> items_;
  PackedJobs fresh_;  ///< those of items_ without an object, in order
  boost::unordered_flat_map<std::string_view, std::uint32_t> places_;  ///< in items_, by id
  std::shared_ptr<const KnownJobs> known_;
  JobList list_;
  std::size_t elements_ = 0;
  std::string problem_;
};

}  // namespace trainstop::baseten
