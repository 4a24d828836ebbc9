// How long to wait before trying again: exponential back-off with full jitter, from a seeded
// source.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "model/time.hpp"

namespace trainstop::core {

/// A small deterministic source of randomness (splitmix64; Steele, Lea, Flood 2014). The only one
/// the core has.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// A duration in [low, high]; `low` when the range is empty.
  Duration between(Duration low, Duration high);
  /// Digits and small letters but those that are mistaken for others, 5 bits each; at most 12.
  std::string word(int characters);

 private:
  std::uint64_t state_;
};

struct BackOff {
  Duration first;  ///< the upper bound of the first wait
  Duration most;   ///< the upper bound of every wait
};

// A stop whose reply was lost: soon, because money burns, but never a hammer.
inline constexpr BackOff kLostReply{std::chrono::milliseconds(500), std::chrono::seconds(30)};
// A stop that was refused: somebody has to mend something first.
inline constexpr BackOff kRefused{std::chrono::seconds(5), std::chrono::minutes(1)};
// A read: at most as slow as a patient poll.
inline constexpr BackOff kRead{std::chrono::milliseconds(500), std::chrono::seconds(15)};
// No server's wish keeps a stop waiting longer than this.
inline constexpr Duration kMostRetryAfter = std::chrono::minutes(1);

/// The wait after the `failures`-th failure in a row (from 1): between half of the bound and the
/// bound, which doubles from `back_off.first` to `back_off.most`; a server's `retry_after`, capped
/// at kMostRetryAfter, is waited for in full.
Duration wait_after(int failures, BackOff back_off, std::optional<Duration> retry_after,
                    Random& random);

}  // namespace trainstop::core
