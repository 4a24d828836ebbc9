// Runs a Core as the shell does, with replies that come at once: the benchmark says what the lists
// show.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "core/core.hpp"
#include "model/job.hpp"
#include "policy/config.hpp"

namespace trainstop::bench {

class CoreDriver {
 public:
  CoreDriver(policy::Config config, Instant start);

  struct Took {
    std::chrono::duration<double> all{0};      ///< in `handle`, all calls together
    std::chrono::duration<double> longest{0};  ///< the longest call: so long the loop is held
  };
  /// Moves time on to the next list and answers all else on the way. The list waits for its answer.
  Took run_to_list();

  /// Answers the list that waits, up to the core having taken all of it.
  Took answer_list(const std::vector<JobRef>& jobs);
  /// Answers the read of one job that the last list has made the core ask for. Throws
  /// std::logic_error when there is none.
  Took answer_read(const JobRef& job);
  /// Takes other rules, up to every job having been matched against them.
  Took reload(policy::Config config);

  Instant now() const { return now_; }
  const core::Core& core() const { return core_; }

 private:
  void step(const core::Fact& fact);
  /// Measures the fact with all that the core asks to do at once after it.
  Took take(const core::Fact& fact);

  core::Core core_;
  Instant now_;
  Instant wake_;
  std::vector<core::Act> acts_;
  std::optional<core::FetchList> list_;
  Took took_;
};

}  // namespace trainstop::bench
