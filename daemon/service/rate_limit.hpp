// How fast requests may leave, decided with time as an argument.
#pragma once

#include <deque>

#include "model/time.hpp"

namespace trainstop::service {

/// At most so many requests in any one second. A sliding window and not a token bucket: a full
/// bucket would let twice the limit through in a second, and the API counts too.
class RateLimit {
 public:
  explicit RateLimit(int per_second);

  /// When the next request may leave: `now` or later. Requests that are not urgent leave the last
  /// fifth of the limit to those that are.
  Instant next_at(bool urgent, Instant now) const;

  /// A request leaves at `now`; next_at() allowed it.
  void take(bool urgent, Instant now);

 private:
  std::size_t most_;
  std::size_t most_calm_;
  std::deque<Instant> all_, calm_;  ///< of the last second, oldest first
};

}  // namespace trainstop::service
