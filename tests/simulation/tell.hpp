// What the simulation's tests say again and again: a small rule, and a look into events.
#pragma once

#include <string_view>

#include "model/event.hpp"

namespace trainstop::test {

/// One rule that stops what has run for ten minutes.
inline constexpr const char* kTenMinutes = "rules: [{name: short, when: {running_for: 10m}}]\n";

/// The field's value, or the text `(absent)`.
inline Value field(const Event& event, std::string_view key) {
  const Value* value = event.find(key);
  return value == nullptr ? Value("(absent)") : *value;
}

}  // namespace trainstop::test
