// The bugs that are planted in daemon/ (model/planted.hpp), and the switch.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trainstop::proof {

/// Every name that stands in daemon/; tests/proof/names compares.
const std::vector<std::string_view>& planted_bugs();

/// Switches one on; empty: none.
void plant(std::string_view name);

}  // namespace trainstop::proof
