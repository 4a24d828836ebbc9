// The clock decider: from readings of the wall clock and from replies it concludes UTC minus the
// daemon's line, and translates the API's timestamps onto that line. The earlier candidate decides
// every trip.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/facts.hpp"
#include "model/job.hpp"
#include "model/time.hpp"

namespace trainstop::core {

class ClockDecider {
 public:
  /// `account_names` for the words of a skew. The first wall reading aligns the line: shift zero.
  ClockDecider(std::vector<std::string> account_names, Instant line, Instant wall);
  ~ClockDecider();
  ClockDecider(ClockDecider&&) noexcept;
  ClockDecider& operator=(ClockDecider&&) noexcept;

  /// A reading of both clocks: the line (boot time) and the wall. Call at least at every poll.
  void read_wall(Instant line, Instant wall);

  /// A reply dated `date` (whole seconds), sent and received at these instants of the line. Not for
  /// replies with an Age.
  void read_date(AccountIndex account, Instant date, Instant sent, Instant received);

  /// A timestamp (UTC by the API's clock) of a job in a reply received at `received`: no candidate
  /// may lie more than 5 s behind it.
  void read_timestamp(AccountIndex account, Instant timestamp, Instant received);

  /// The clock of the API's timestamps minus the line, as translate takes it: of what is known the
  /// side on which jobs are younger.
  Duration api_shift(AccountIndex account) const;

  /// The API's timestamp on the daemon's line.
  Instant translate(AccountIndex account, Instant timestamp) const;

  /// What the core is to know; empty while it is what was last taken.
  std::optional<ClockRead> take_change(Instant line);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trainstop::core
