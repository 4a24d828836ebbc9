// The decision machine: facts in, effects out, time an argument. No clock, no I/O, no thread; the
// same calls in the same order give the same batches.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
    /// What the live jobs burn, as far as it is known; empty when nothing is.
    std::optional<Money> per_minute;
  };
  Counts counts() const;

  /// What one line can tell, at the last instant handled. Looks at no job that is not overdue: it
  /// may be asked for after every list.
  struct Brief {
    std::size_t live_jobs = 0, overdue = 0;
    std::optional<Instant> next_due;  ///< UTC; of the stop that is to leave next
    bool breaker_open = false;        ///< the daemon's own
  };
  Brief brief() const;

  // What people ask for. Nothing is changed by asking; all instants in UTC, as of the last instant
  // handled. Jobs go by their key: account/project id/job id.

  /// The keys of the jobs that a person may mean: by id, ACCOUNT/ID or page URL any that is
  /// remembered, by name those alive. More than one: ambiguous.
  std::vector<std::string> find(std::string_view job) const;
  /// What `status` shows: at most so many jobs, by next due, and with `within` only those due so
  /// soon.
  Value::Object status(std::size_t most_jobs, std::optional<Duration> within) const;
  /// Every rule against one job; empty when it is not known.
  std::optional<Value::Object> explain(std::string_view key) const;
  Value::Object rules() const;
  Value::Object budgets() const;
  Value::Object overrides() const;
  /// The open breakers and the stops they hold, each with its id.
  Value::Object breaker() const;

 private:
  friend class View;  // reads it for people
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trainstop::core
