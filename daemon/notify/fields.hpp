// How an event's fields are read here, and the names of this folder's own events.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/event.hpp"

namespace trainstop::notify {

inline constexpr const char* kFailedEvent = "notify.failed";
inline constexpr const char* kRecoveredEvent = "notify.recovered";
inline constexpr const char* kTestEvent = "notify.test";

/// The field of that name and type; nullptr when there is none.
template <class T>
const T* field(const Event& event, std::string_view name) {
  const Value* value = event.find(name);
  return value == nullptr ? nullptr : std::get_if<T>(&value->data);
}

/// The text of a field; empty when there is none. Valid as long as the event.
inline std::string_view text_field(const Event& event, std::string_view name) {
  const auto* text = field<std::string>(event, name);
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

}  // namespace trainstop::notify
