// Runs many seeds, shrinks a failing one, and tells how fast it went.
#pragma once

#include <string>

#include "proof/world.hpp"

namespace trainstop::proof {

struct Search {
  std::uint64_t from = 1, count = UINT64_MAX;
  double seconds = 0;  ///< 0: without an end
  bool values = false, dense = false, keep_going = false, no_shrink = false;
  Mask mask;
  /// One seed in fifty is looked at every second.
  Options options(std::uint64_t seed) const;
};

/// 0 when no seed failed.
int run_seeds(const Search& search);
int run_regressions(const Search& search, const std::string& file);
/// The smallest mask found under which the seed still breaks the same property.
Mask shrink(const Search& search, std::uint64_t seed, const std::string& property);
bool read_mask(const std::string& jobs, const std::string& harms, long longest, Mask& mask);

}  // namespace trainstop::proof
