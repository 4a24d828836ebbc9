// The bugs that are planted in daemon/ (model/planted.hpp), and the switch.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace trainstop::proof {

struct PlantedBug {
  std::string_view name;
  std::uint64_t caught_by;  ///< a seed that caught it once
};

/// Every name that stands in daemon/; tests/proof/names compares.
const std::vector<PlantedBug>& planted_bugs();

/// Switches one on; empty: none.
void plant(std::string_view name);

}  // namespace trainstop::proof
