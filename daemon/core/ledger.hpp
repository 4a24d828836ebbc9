// What the core knows of an account's invoice: figures by job and day, and what was told of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "model/time.hpp"
#include "policy/invoice.hpp"

namespace trainstop::core {

/// The longest window, and what a clock may be wrong: what is older is in no window but that of all
/// time.
inline constexpr std::chrono::days kInvoicesKept(31 + 4);

struct Ledger {
  using Day = std::chrono::sys_days;

  /// By job id, as they were read: whether a figure is believed is decided at each use.
  std::map<std::string, policy::Invoice, std::less<>> invoices;
  /// ledger.unusable was told of it.
  std::set<std::pair<Day, std::string>> doubted;
  /// The days of which an image is kept, and its digest.
  std::map<Day, std::uint64_t> remembered;
  /// The first day that was not final when last read; zero before the first answer.
  Day open_from{};
  /// The last job that had been seen when it was asked for; by Job::serial.
  std::uint32_t asked_up_to = 0;
  bool unavailable = false;  ///< ledger.unavailable was told
  Instant unusable_told = kLongAgo;
  int drifting = 0;  ///< reads in a row that differed
  Instant drift_since = kNever, drift_told = kLongAgo;
};

/// `2026-01-05`
inline std::string date_of(Ledger::Day day) {
  return format_rfc3339(Instant(day)).substr(0, std::string_view("2026-01-05").size());
}

}  // namespace trainstop::core
