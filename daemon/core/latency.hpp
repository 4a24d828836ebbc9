// The latency allowance: how long a stop may take from its first request to the job's seen end, by
// what was learned.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>

#include "model/time.hpp"

namespace trainstop::core {

/// Durations of recent stops and reads of one account.
class Latency {
 public:
  explicit Latency(Duration confirm_within) : confirm_within_(confirm_within) {}

  /// What money rules allow for. The prior until stops have been learned from.
  Duration allowance() const {
    return std::clamp(kPrior, kLeast, std::max(kLeast, confirm_within_));
  }

  /// A read of one job took this long.
  void learn_read(Duration took) {
    reads_.push_back(took);
    if (reads_.size() > kReads) reads_.pop_front();
  }

  /// How far ahead of a due its verifying read goes out: the 99th percentile of recent reads, at
  /// least 2 s.
  Duration verify_lead() const {
    Duration slowest = kLeastVerifyLead;
    for (const Duration took : reads_) slowest = std::max(slowest, took);
    return std::min(slowest, kMostVerifyLead);
  }

  static constexpr Duration kPrior = std::chrono::seconds(60);
  static constexpr Duration kLeast = std::chrono::seconds(5);
  static constexpr Duration kLeastVerifyLead = std::chrono::seconds(2);
  // A verifying read is fresh for 5 s: sent earlier it would be stale at the due.
  static constexpr Duration kMostVerifyLead = std::chrono::milliseconds(4500);

 private:
  // The slowest of 64 stands for the 99th percentile: with so few samples the two are the same, and
  // it forgets soon.
  static constexpr std::size_t kReads = 64;
  Duration confirm_within_;
  std::deque<Duration> reads_;
};

}  // namespace trainstop::core
