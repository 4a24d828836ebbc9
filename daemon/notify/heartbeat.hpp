// When the dead-man service is called. Decides only.
#pragma once

#include <cstddef>
#include <vector>

#include "model/job.hpp"
#include "model/time.hpp"

namespace trainstop::notify {

/// A beat says that every account has been read since the last one: a daemon that is blind on one
/// side does not beat.
class Heartbeat {
 public:
  Heartbeat(Duration every, std::size_t accounts) : every_(every), read_(accounts, false) {}

  /// An account has answered with a list; whether a beat is to leave now. One at a time, at most
  /// once per `every`.
  bool polled(AccountIndex account, Instant now);
  /// The beat was answered; one that was not is sent again with the next good poll.
  void done(bool delivered);

 private:
  Duration every_;
  std::vector<bool> read_;
  Instant last_ = kLongAgo;
  bool under_way_ = false;
};

}  // namespace trainstop::notify
