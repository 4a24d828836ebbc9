// A place for a planted bug: `if (planted("name"))` is false and costs nothing, save in the one
// test binary that proves that tests/proof catches each of them (tests/proof/README.md).
#pragma once

#include <string_view>

namespace trainstop {

#ifdef TRAINSTOP_PLANTED_BUGS
/// Whether this bug is the one that is switched on.
bool planted(std::string_view name);
#else
constexpr bool planted(std::string_view) {
  return false;
}
#endif

}  // namespace trainstop
