// Runs a Core as the shell does, with replies that come at once: the benchmark says what the lists
// show.
#pragma once

#include <vector>

#include "core/core.hpp"
#include "model/job.hpp"
#include "policy/config.hpp"

namespace trainstop::bench {

class CoreDriver {
 public:
  CoreDriver(policy::Config config, Instant start);

  /// Moves time on to the next list and answers all else on the way. The list waits for its answer.
  void run_to_list();

  /// Answers the list that waits, up to the core having taken all of it. The number of calls of
  /// `handle`.
  std::size_t answer_list(const std::vector<JobRef>& jobs);

  Instant now() const { return now_; }

 private:
  core::Batch step(const core::Fact& fact);

  core::Core core_;
  Instant now_;
  Instant wake_;
  std::vector<core::Act> acts_;
  std::optional<core::FetchList> list_;
};

}  // namespace trainstop::bench
