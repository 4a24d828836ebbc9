// The latency allowance: how long a stop may take from its first request to the job's seen end, by
// what was learned.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <vector>

#include "model/time.hpp"

namespace trainstop::core {

/// Durations of recent stops and reads of one account.
class Latency {
 public:
  explicit Latency(Duration confirm_within) : confirm_within_(confirm_within) {}

  /// What money rules allow for: the 99th percentile of the last stops and of the prior, which
  /// weighs as much as kPriorWeight of them; within its bounds.
  Duration allowance() const { return allowance_; }

  /// From the first byte of a stop's first request to the receipt of what showed the end.
  void learn_stop(Duration took) {
    stops_.push_back(took);
    if (stops_.size() > kStops) stops_.pop_front();
    reckon();
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

  /// Another bound from now on.
  void bound(Duration confirm_within) {
    confirm_within_ = confirm_within;
    reckon();
  }

  /// What is remembered over a restart (memory.hpp).
  template <class Archive, class Self>
  static void members(Archive& archive, Self& latency) {
    archive("stops_took", latency.stops_);
  }
  /// After the members have been read.
  void recalled() {
    while (stops_.size() > kStops) stops_.pop_front();
    reckon();
  }

  static constexpr Duration kPrior = std::chrono::seconds(60);
  static constexpr Duration kLeast = std::chrono::seconds(5);
  static constexpr std::size_t kPriorWeight = 10;
  static constexpr std::size_t kStops = 100;
  static constexpr Duration kLeastVerifyLead = std::chrono::seconds(2);
  // A verifying read is fresh for 5 s: sent earlier it would be stale at the due.
  static constexpr Duration kMostVerifyLead = std::chrono::milliseconds(4500);

 private:
  void reckon() {
    std::vector<Duration> all(stops_.begin(), stops_.end());
    all.insert(all.end(), kPriorWeight, kPrior);
    std::sort(all.begin(), all.end());
    // The smallest that at least 99 of 100 do not pass.
    const Duration most = all[(all.size() * 99 + 99) / 100 - 1];
    allowance_ = std::clamp(most, kLeast, std::max(kLeast, confirm_within_));
  }

  // The slowest of 64 stands for the 99th percentile: with so few samples the two are the same, and
  // it forgets soon.
  static constexpr std::size_t kReads = 64;
  Duration confirm_within_;
  Duration allowance_ = std::clamp(kPrior, kLeast, std::max(kLeast, confirm_within_));
  std::deque<Duration> stops_;
  std::deque<Duration> reads_;
};

}  // namespace trainstop::core
