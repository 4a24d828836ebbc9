// Looking into events, for assertions.
#pragma once

#include <string_view>

#include "model/event.hpp"

namespace trainstop::test {

/// The field's value, or the text `(absent)`.
inline Value field(const Event& event, std::string_view key) {
  const Value* value = event.find(key);
  return value == nullptr ? Value("(absent)") : *value;
}

}  // namespace trainstop::test
