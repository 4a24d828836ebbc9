// Reading one member back, for the tests of what is remembered.
#pragma once

#include <utility>

#include "core/memory.hpp"

namespace trainstop::core {

/// Whether a body with this value reads as a `T`.
template <class T>
bool reads_as(Value value) {
  const Value::Object body{{"member", std::move(value)}};
  MemberReader reader(body);
  T target{};
  reader("member", target);
  return !reader.failed();
}

}  // namespace trainstop::core
