// The one place that reads clocks.
#pragma once

#include "model/time.hpp"

namespace trainstop::service {

/// The daemon's line: CLOCK_BOOTTIME, which also runs while the machine sleeps and never steps,
/// aligned with the wall clock when this is made, or with an earlier process's line.
class BootClock {
 public:
  BootClock();
  Instant now() const;
  /// The line's distance from CLOCK_BOOTTIME: with it another process goes on with the same line
  /// while the machine is not booted anew.
  Duration offset() const { return offset_; }
  void set_offset(Duration offset) { offset_ = offset; }
  /// CLOCK_BOOTTIME.
  static Duration boot_time();
  /// What the wall clock says, right or wrong.
  static Instant wall();

 private:
  Duration offset_;  ///< line minus CLOCK_BOOTTIME
};

/// Processor time of the calling thread so far: what a handler took, without its waits.
Duration thread_time();

}  // namespace trainstop::service
