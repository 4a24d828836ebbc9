// Chance from one seed. Each matter throws its own dice, so that leaving one matter out does not
// change the others.
#pragma once

#include <cstdint>
#include <vector>

#include "model/time.hpp"

namespace trainstop::proof {

class Dice {
 public:
  explicit Dice(std::uint64_t seed, std::uint64_t matter = 0, std::uint64_t number = 0)
      : state_(seed * 0x9e3779b97f4a7c15ULL ^ mix(matter * 0xd1342543de82ef95ULL + number)) {}

  std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    if (high <= low) return low;
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }
  int number(int low, int high) { return static_cast<int>(between(low, high)); }
  Duration between(Duration low, Duration high) {
    return Duration{between(low.count(), high.count())};
  }
  /// Small ones as often as large ones: each doubling is as likely as the one before.
  Duration spread(Duration low, Duration high) {
    Duration top = low;
    std::vector<Duration> tops;
    while (top < high) tops.push_back(top = std::min(top * 2, high));
    if (tops.empty()) return low;
    const Duration most = pick(tops);
    return between(std::max(low, most / 2), most);
  }
  bool chance(int permille) { return between(0, 999) < permille; }
  template <class T>
  const T& pick(const std::vector<T>& of) {
    return of[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(of.size()) - 1))];
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

}  // namespace trainstop::proof
