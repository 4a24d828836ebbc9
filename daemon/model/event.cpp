#include "model/event.hpp"

namespace trainstop {

std::string_view to_string(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

const Value* Event::find(std::string_view key) const {
  for (const auto& [name_of_field, value] : fields) {
    if (name_of_field == key) return &value;
  }
  return nullptr;
}

}  // namespace trainstop
