// Values and images out of an input.
#pragma once

#include "fuzz/fuzz.hpp"
#include "model/event.hpp"
#include "model/image.hpp"

namespace trainstop::fuzz {

/// With values nested at most so many levels deep.
Value any_value(Input& input, int levels);
Value::Object any_object(Input& input, int levels);
bool has_nan(const Value::Object& fields);

/// An image of a job `a/p/j`, its account or anything else; members bear the names that the core
/// gives them, and mostly values of some other type or size.
Image any_image(Input& input);

/// `KIND KEY JSON` lines as images; a line that is none is left out.
std::vector<Image> read_images(const std::string& text);

}  // namespace trainstop::fuzz
