// The configuration's JSON Schema (draft-07), made from the table of keys: editors complete and
// check by it. What no schema can say (names that must exist, keys that depend on others' values)
// only the reader tells.
#pragma once

#include <string>

#include "policy/keys.hpp"

namespace trainstop::policy {

/// The schema of the main file (Section::root) or of one of rules.d (Section::rules_file), as text
/// that ends with a newline.
std::string json_schema(Section file);

}  // namespace trainstop::policy
