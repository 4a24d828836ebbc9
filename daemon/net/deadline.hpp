// The one deadline of a call: what bounds every step of it, and how long it was, for the words.
#pragma once

#include <chrono>

#include "model/time.hpp"

namespace trainstop::net {

struct Deadline {
  explicit Deadline(Duration timeout)
      : total(timeout), at(std::chrono::steady_clock::now() + timeout) {}

  /// What is left; zero when it has passed.
  Duration left() const {
    const auto rest = std::chrono::duration_cast<Duration>(at - std::chrono::steady_clock::now());
    return rest > Duration::zero() ? rest : Duration::zero();
  }

  Duration total;
  std::chrono::steady_clock::time_point at;
};

}  // namespace trainstop::net
