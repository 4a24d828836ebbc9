// Feeds the clock decider with what the shell reads: the wall clock and the replies.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "baseten/api.hpp"
#include "core/clock.hpp"
#include "service/boot_clock.hpp"

namespace trainstop::service {

class ClockFeed {
 public:
  ClockFeed(const BootClock& clock, std::vector<std::string> account_names);

  /// Forgets what was read: the line has been set.
  void begin();
  void read_wall();
  /// What a reply's timing says of the account's clock.
  void read_reply(AccountIndex account, const baseten::Timing& timing);
  /// Moves a decoded job's timestamps onto the daemon's line and learns from them.
  void translate(AccountIndex account, JobSnapshot& job, Instant received);
  /// Whether timestamps are translated otherwise than when this was last asked: then what was
  /// translated is to be done anew.
  bool translation_moved(AccountIndex account);
  /// What the core is to know before any later fact.
  std::optional<core::ClockRead> take_change();

  Instant now() const { return clock_.now(); }
  /// Now in UTC, as the core has it.
  Instant utc_now() const { return saturating_add(clock_.now(), shift_); }
  Duration utc_shift() const { return shift_; }

 private:
  const BootClock& clock_;
  std::vector<Duration> api_shifts_;  ///< by account, as last asked for
  std::vector<std::string> account_names_;
  core::ClockDecider decider_;
  Duration shift_{0};
};

}  // namespace trainstop::service
