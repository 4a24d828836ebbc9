// Values of every kind, at the edges as often as in between.
#pragma once

#include "model/event.hpp"

namespace trainstop::journal::test {

/// 0 to `below` - 1, evenly at every size: rapidcheck's own range grows with the size, and so would
/// leave the last cases out.
int pick(int below);
/// Any bytes; often ASCII, often UTF-8, often the key of a tag.
std::string any_text();
/// At most so many levels.
Value any_value(int levels);
Value::Object any_object(int levels);

}  // namespace trainstop::journal::test
