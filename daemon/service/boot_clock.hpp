// The one place that reads clocks.
#pragma once

#include "model/time.hpp"

namespace trainstop::service {

/// The daemon's line: CLOCK_BOOTTIME, which also runs while the machine sleeps and never steps,
/// aligned with the wall clock when this is made.
class BootClock {
 public:
  BootClock();
  Instant now() const;
  /// What the wall clock says, right or wrong.
  static Instant wall();

 private:
  Duration offset_;  ///< line minus CLOCK_BOOTTIME
};

/// Processor time of the calling thread so far: what a handler took, without its waits.
Duration thread_time();

}  // namespace trainstop::service
