// Tells the service manager how the daemon is (sd_notify(3)); silent where there is none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/time.hpp"

namespace trainstop::service {

class NotifySocket {
 public:
  /// Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID from the environment and removes them.
  NotifySocket();
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  /// Sends lines such as `READY=1`; never blocks, and a manager that is away is no error.
  void send(std::string_view state) const;
  void status(std::string_view words) const;
  /// How often WATCHDOG=1 is to be sent, if at all: half of what the manager waits for.
  std::optional<Duration> watchdog() const { return watchdog_; }

 private:
  int socket_ = -1;
  std::string address_;
  std::optional<Duration> watchdog_;
};

}  // namespace trainstop::service
