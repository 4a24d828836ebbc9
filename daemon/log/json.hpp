// Values as JSON: one form for the log's lines and for what the control socket answers.
#pragma once

#include <limits>
#include <string>

#include "model/event.hpp"

namespace trainstop::log {

/// Whether there is anything to tell: no number that is none, no instant that means never.
bool is_known(const Value& value);

/// Appends the value (is_known): money as a number of dollars, a duration as a number of seconds,
/// an instant as RFC 3339. What is unknown in a list or an object is left out. One list or object
/// takes about `longest` bytes; `…` stands for the rest of it.
void append_json(std::string& text, const Value& value,
                 std::size_t longest = std::numeric_limits<std::size_t>::max());

}  // namespace trainstop::log
