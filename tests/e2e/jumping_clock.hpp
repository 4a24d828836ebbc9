// A wall clock that a test sets, for a daemon that is run under libfaketime.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"

namespace trainstop::e2e {

inline constexpr const char* kFaketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// A daemon whose wall clock the test sets: seconds off the true one.
class JumpingClock {
 public:
  JumpingClock() { jump_to("+0s"); }
  void jump_to(const std::string& offset) const {
    // Renamed into place: the daemon reads it at every look at the clock.
    const auto next = directory_.write("next", offset + "\n");
    std::filesystem::rename(next, file());
  }
  std::map<std::string, std::string> environment() const {
    return {{"FAKETIME_TIMESTAMP_FILE", file().string()},
            {"FAKETIME_NO_CACHE", "1"},
            {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
            // The sanitizer's runtime would rather come first.
            {"ASAN_OPTIONS", "verify_asan_link_order=0"}};
  }
  /// Goes before the daemon's command. libfaketime shares memory and a semaphore under the
  /// process's id and leaves them behind when it is killed: who gets the same id later ends at
  /// once, or waits for the semaphore for ever.
  static std::vector<std::string> wrapper() {
    return {
        "/bin/sh", "-c",
        "rm -f /dev/shm/faketime_shm_$$ /dev/shm/sem.faketime_sem_$$; export LD_PRELOAD=\"$0\"; "
        "exec \"$@\"",
        kFaketime};
  }

 private:
  std::filesystem::path file() const { return directory_.path() / "offset"; }
  test::TempDir directory_;
};

}  // namespace trainstop::e2e
