#include "service/boot_clock.hpp"

#include <chrono>

namespace trainstop::service {

namespace {

/// Whole microseconds of a clock since its epoch.
Duration read_clock(clockid_t clock) {
  timespec at{};
  ::clock_gettime(clock, &at);
  return std::chrono::seconds(at.tv_sec) +
         std::chrono::floor<Duration>(std::chrono::nanoseconds(at.tv_nsec));
}

}  // namespace

BootClock::BootClock() : offset_(read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME)) {}

Instant BootClock::now() const {
  return Instant(read_clock(CLOCK_BOOTTIME) + offset_);
}

Instant BootClock::wall() {
  return Instant(read_clock(CLOCK_REALTIME));
}

timespec BootClock::boot_time(Instant at) const {
  const Duration since_boot = at.time_since_epoch() - offset_;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  timespec result{};
  result.tv_sec = seconds.count();
  result.tv_nsec = std::chrono::nanoseconds(since_boot - seconds).count();
  return result;
}

Duration thread_time() {
  return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

}  // namespace trainstop::service
