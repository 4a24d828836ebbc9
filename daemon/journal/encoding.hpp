// Typed values as text and back without loss: JSON, with Money, Duration and Instant as one-key
// objects.
#pragma once

#include <string>
#include <string_view>

#include "journal/store.hpp"
#include "model/event.hpp"

namespace trainstop::journal {

/// `{"job":"j1","due_at":{"@":1767571200000000},"cost":{"$":3470000000},"late_s":{"s":1100}}`:
/// instants in microseconds since 1970, money in nano-dollars, durations in microseconds.
std::string encode(const Value::Object& fields);

/// corrupt when it is anything that encode does not give.
Outcome<Value::Object> decode(std::string_view text);

}  // namespace trainstop::journal
