#include "baseten/fields.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "model/job.hpp"

namespace trainstop::baseten {

namespace {

using Kind = JsonValue::Kind;

const JsonValue kNothing;

}  // namespace

Fields::Fields(const JsonValue& object, std::string path)
    : object_(&object), path_(std::move(path)) {
  if (object.kind == Kind::object) return;
  const std::string_view name =
      path_.empty() ? "it" : std::string_view(path_).substr(0, path_.size() - 1);
  problem_ = fmt::format("{} is not an object", name);
}

void Fields::fail(std::string_view key, std::string_view what) {
  if (problem_.empty()) problem_ = fmt::format("{}{} {}", path_, key, what);
}

void Fields::absorb(const Fields& inner) {
  if (problem_.empty()) problem_ = inner.problem_;
}

const JsonValue* Fields::find(std::string_view key) {
  const JsonValue* found = nullptr;
  for (std::size_t i = 0; i < object_->keys.size(); ++i) {
    if (object_->keys[i] != key) continue;
    if (found) {
      fail(key, "is given twice");
      return nullptr;
    }
    found = &object_->items[i];
  }
  return found && found->kind != Kind::null ? found : nullptr;
}

const JsonValue* Fields::required(std::string_view key) {
  const JsonValue* const found = find(key);
  if (!found) fail(key, "is missing");
  return found;
}

std::string Fields::text(std::string_view key, std::size_t longest) {
  const JsonValue* const value = required(key);
  if (!value) return {};
  if (value->kind != Kind::string) {
    fail(key, "is not a string");
  } else if (value->text.empty()) {
    fail(key, "is empty");
  } else if (value->text.size() > longest) {
    fail(key, fmt::format("is longer than {} bytes", longest));
  } else {
    return value->text;
  }
  return {};
}

std::optional<std::string> Fields::optional_text(std::string_view key, std::size_t longest) {
  const JsonValue* const value = find(key);
  if (!value) return {};
  if (value->kind == Kind::string && value->text.size() <= longest) return value->text;
  fail(key, value->kind == Kind::string ? fmt::format("is longer than {} bytes", longest)
                                        : "is not a string");
  return {};
}

std::string Fields::id(std::string_view key) {
  const JsonValue* const value = required(key);
  if (!value) return {};
  if (value->kind == Kind::string && is_api_id(value->text)) return value->text;
  fail(key, "is not an id");
  return {};
}

Instant Fields::time(std::string_view key) {
  const JsonValue* const value = required(key);
  if (!value) return {};
  const auto at = value->kind == Kind::string ? parse_rfc3339(value->text) : std::nullopt;
  if (!at) fail(key, "is not a time");
  return at.value_or(Instant{});
}

std::optional<std::int32_t> Fields::optional_integer(std::string_view key, std::int32_t least,
                                                     std::int32_t most) {
  const JsonValue* const value = find(key);
  if (!value) return {};
  std::int32_t number = 0;
  const char* const end = value->text.data() + value->text.size();
  const auto [rest, error] = std::from_chars(value->text.data(), end, number);
  if (value->kind != Kind::number || error != std::errc{} || rest != end) {
    fail(key, "is not a whole number");
  } else if (number < least || number > most) {
    fail(key, fmt::format("is not within {} to {}", least, most));
  } else {
    return number;
  }
  return {};
}

std::int32_t Fields::integer(std::string_view key, std::int32_t least, std::int32_t most) {
  const auto number = optional_integer(key, least, most);
  if (!number) fail(key, "is missing");
  return number.value_or(least);
}

Fields Fields::object(std::string_view key) {
  const JsonValue* const value = required(key);
  return Fields(value ? *value : kNothing, fmt::format("{}{}.", path_, key));
}

std::optional<Fields> Fields::optional_object(std::string_view key) {
  const JsonValue* const value = find(key);
  if (!value) return {};
  return Fields(*value, fmt::format("{}{}.", path_, key));
}

}  // namespace trainstop::baseten
