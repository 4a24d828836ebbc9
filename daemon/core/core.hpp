// The decision machine: facts in, effects out, time an argument. No clock, no I/O, no thread; the
// same calls in the same order give the same batches.
#pragma once

#include <cstdint>
#include <memory>

#include "core/effects.hpp"
#include "core/facts.hpp"
#include "policy/config.hpp"

namespace trainstop::core {

/// A price a minute as the `rate` of events: USD an hour.
Value dollars_per_hour(Money per_minute);

class Core {
 public:
  /// `start` is the first instant; `utc_shift` as in ClockRead; `seed` feeds all jitter.
  Core(policy::Config config, Instant start, Duration utc_shift, std::uint64_t seed);
  ~Core();
  Core(Core&&) noexcept;
  Core& operator=(Core&&) noexcept;

  /// Takes one fact at `now` (never earlier than at the last call; an earlier one counts as the
  /// last) and answers with one batch. Never blocks; bounded work: more than that is continued by a
  /// wake at once.
  Batch handle(const Fact& fact, Instant now);

  /// The numbers of `daemon.summary` and `status`, at the last instant handled.
  struct Counts {
    std::size_t live_jobs = 0, open_stops = 0, overdue = 0;
    Money per_minute;  ///< what the live jobs burn, as far as prices are known
  };
  Counts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trainstop::core
