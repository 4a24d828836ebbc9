// Kleene's three-valued logic. Missing data is unknown, and unknown never trips anything.
#pragma once

#include <algorithm>
#include <cstdint>

namespace trainstop {

/// Ordered so that Kleene-and is the minimum and Kleene-or the maximum.
enum class Truth : std::uint8_t { no, unknown, yes };

constexpr Truth truth(bool value) {
  return value ? Truth::yes : Truth::no;
}
constexpr Truth operator&&(Truth a, Truth b) {
  return std::min(a, b);
}
constexpr Truth operator||(Truth a, Truth b) {
  return std::max(a, b);
}
constexpr Truth operator!(Truth a) {
  return a == Truth::yes ? Truth::no : a == Truth::no ? Truth::yes : Truth::unknown;
}

}  // namespace trainstop
