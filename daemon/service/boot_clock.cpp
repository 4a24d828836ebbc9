#include "service/boot_clock.hpp"

#include <chrono>
#include <ctime>

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

Duration BootClock::boot_time() {
  return read_clock(CLOCK_BOOTTIME);
}

Instant BootClock::wall() {
  return Instant(read_clock(CLOCK_REALTIME));
}

Duration thread_time() {
  return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

}  // namespace trainstop::service
