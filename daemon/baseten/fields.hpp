// Reads the fields of one JSON object: what is asked for must be of its type and within its bounds;
// what nobody asks for is ignored. The first problem is kept, in words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "baseten/json.hpp"
#include "model/time.hpp"

namespace trainstop::baseten {

class Fields {
 public:
  /// `object` must outlive it; `path` is put before the fields' names in words (`user.`).
  explicit Fields(const JsonValue& object, std::string path = {});

  /// A text of 1 to `longest` bytes.
  std::string text(std::string_view key, std::size_t longest);
  /// Absent and null are the same.
  std::optional<std::string> optional_text(std::string_view key, std::size_t longest);
  /// An API id (is_api_id).
  std::string id(std::string_view key);
  Instant time(std::string_view key);
  std::int32_t integer(std::string_view key, std::int32_t least, std::int32_t most);
  std::optional<std::int32_t> optional_integer(std::string_view key, std::int32_t least,
                                               std::int32_t most);
  /// The fields of an object in a field.
  Fields object(std::string_view key);
  /// Empty when the field is absent or null.
  std::optional<Fields> optional_object(std::string_view key);
  /// Whatever stands there; nullptr when it is absent, null or doubled.
  const JsonValue* find(std::string_view key);
  /// Takes over the problem of an inner object.
  void absorb(const Fields& inner);
  void fail(std::string_view key, std::string_view what);

  const std::string& problem() const { return problem_; }

 private:
  const JsonValue* required(std::string_view key);

  const JsonValue* object_;
  std::string path_;
  std::string problem_;
};

}  // namespace trainstop::baseten
