// What people ask for.
#include "core/machine.hpp"

namespace trainstop::core {

std::vector<std::string> Core::find(std::string_view) const {
  return {};
}
Value::Object Core::status(std::size_t, std::optional<Duration>) const {
  return {};
}
std::optional<Value::Object> Core::explain(std::string_view) const {
  return {};
}
Value::Object Core::rules() const {
  return {};
}
Value::Object Core::budgets() const {
  return {};
}
Value::Object Core::overrides() const {
  return {};
}
Value::Object Core::breaker() const {
  return {};
}

}  // namespace trainstop::core
