// A daemon that dies and is started again over one state directory, and what must be true in the
// end: by the simulated API's own record and by the journal.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "e2e/world.hpp"
#include "journal/reader.hpp"

namespace trainstop::e2e {

class Crash {
 public:
  explicit Crash(WorldOptions options);

  World& world() { return world_; }
  /// Starts the daemon, with this failpoint in the builds that have them.
  void start(const std::string& failpoint = {});
  /// Kills it and takes over what it had told.
  void kill();
  /// Waits until it has died by itself; false when it lives on.
  bool wait_for_death(std::chrono::milliseconds within);
  int deaths() const { return deaths_; }

  /// Every `stop-*` job was stopped and its stop confirmed, and no other was asked to stop; nothing
  /// was asked after its end; what was told is in the journal, which is whole; nothing that is told
  /// once was told twice. The daemon must have ended.
  void check();

 private:
  void collect();
  void check_truth();
  void check_told(const std::vector<journal::Entry>& entries);
  void check_stops(const std::vector<journal::Entry>& entries);

  World world_;
  int deaths_ = 0;
  std::map<std::uint64_t, std::string> told_;  ///< what the logs of all lives say: seq, event
};

/// Quick rules: what is named `stop-*` is stopped after it ran for `limit`.
WorldOptions crash_options(const std::string& limit);

}  // namespace trainstop::e2e
