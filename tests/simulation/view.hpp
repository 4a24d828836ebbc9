// What the tests of the core's answers say again and again: asking, and looking into an answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulation/world.hpp"

namespace trainstop::test {

/// What get() and field() give for what is not there.
inline const Value kAbsent("(absent)");

/// The member of that name, or kAbsent.
inline Value get(const Value& object, std::string_view key) {
  const auto* members = std::get_if<Value::Object>(&object.data);
  if (members == nullptr) return Value("(no object)");
  for (const auto& [name, value] : *members) {
    if (name == key) return value;
  }
  return kAbsent;
}

template <class... Keys>
Value get(const Value& object, std::string_view key, Keys... more) {
  return get(get(object, key), more...);
}

inline Value::Array items(const Value& object, std::string_view key) {
  const Value value = get(object, key);
  const auto* array = std::get_if<Value::Array>(&value.data);
  return array == nullptr ? Value::Array{Value("(no array)")} : *array;
}

inline std::string text(const Value& value) {
  const auto* text = std::get_if<std::string>(&value.data);
  return text == nullptr ? "(no text)" : *text;
}

inline std::vector<std::string> texts(const Value::Array& values) {
  std::vector<std::string> all;
  for (const Value& value : values) all.push_back(text(value));
  return all;
}

inline std::vector<std::string> names(const Value& object, std::string_view list,
                                      std::string_view key) {
  std::vector<std::string> all;
  for (const Value& each : items(object, list)) all.push_back(text(get(each, key)));
  return all;
}

inline Value status(World& world, std::size_t most = 100, std::optional<Duration> within = {}) {
  return world.core().status(most, within);
}

inline Value explain(World& world, const std::string& job) {
  const auto keys = world.core().find(job);
  if (keys.size() != 1) return Value("(not found)");
  return Value(world.core().explain(keys[0]).value_or(Value::Object{}));
}

/// What explain says of one rule.
inline Value rule_of(const Value& explained, std::string_view name) {
  for (const Value& each : items(explained, "rules")) {
    if (get(each, "rule") == Value(name)) return each;
  }
  return Value("(no rule)");
}

}  // namespace trainstop::test
