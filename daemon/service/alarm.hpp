// Wakes the loop at an instant of the daemon's line, never before it, also after a suspend.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "service/boot_clock.hpp"

namespace trainstop::service {

class Alarm {
 public:
  /// Throws std::system_error when the kernel has no timer left.
  Alarm(boost::asio::any_io_executor executor, const BootClock& clock);
  /// Rings at `at` (at once when it has passed) instead of any earlier setting; kNever: not at all.
  void set(Instant at);
  /// Waits for the next ring; throws boost::system::system_error when cancelled.
  boost::asio::awaitable<void> wait();
  /// Ends a wait.
  void cancel();

 private:
  /// Rings after this much of CLOCK_BOOTTIME; zero disarms.
  void arm(Duration wait);

  const BootClock& clock_;
  boost::asio::posix::stream_descriptor timer_;
};

}  // namespace trainstop::service
