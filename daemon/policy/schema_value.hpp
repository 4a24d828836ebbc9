// The values of the configuration's keys as JSON Schema: what the reader takes for each type of the
// table, as far as a schema can say it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/keys.hpp"

namespace trainstop::policy {

/// The members of a JSON object, in order; each value is JSON already.
using JsonMembers = std::vector<std::pair<std::string_view, std::string>>;

/// A JSON string, object or array on one line.
std::string json_quote(std::string_view text);
std::string json_object(const JsonMembers& members);
std::string json_array(const std::vector<std::string>& items);

/// How the schema calls a section among its definitions.
std::string_view definition_of(Section section);

/// The schema of one key's value, with its description, and its default unless `in_defaults`: a key
/// that is absent from `defaults` has none.
std::string value_schema(const KeySpec& key, bool in_defaults);

}  // namespace trainstop::policy
