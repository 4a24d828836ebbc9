#include "baseten/json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <limits>

namespace trainstop::baseten {

namespace {

using boost::json::string_view;
using boost::system::error_code;

/// Builds the tree. The callbacks' names and results are those that basic_parser asks for.
class TreeBuilder {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  JsonValue root;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return open(JsonValue::Kind::object); }
  bool on_object_end(std::size_t, error_code&) { return close(); }
  bool on_array_begin(error_code&) { return open(JsonValue::Kind::array); }
  bool on_array_end(std::size_t, error_code&) { return close(); }
  bool on_key_part(string_view part, std::size_t, error_code&) { return append(part); }
  bool on_key(string_view part, std::size_t, error_code&) {
    append(part);
    open_.back()->keys.push_back(std::move(text_));
    text_.clear();
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) { return append(part); }
  bool on_string(string_view part, std::size_t, error_code&) {
    append(part);
    return add_text(JsonValue::Kind::string);
  }
  bool on_number_part(string_view part, error_code&) { return append(part); }
  bool on_int64(std::int64_t, string_view part, error_code&) { return add_number(part); }
  bool on_uint64(std::uint64_t, string_view part, error_code&) { return add_number(part); }
  bool on_double(double, string_view part, error_code&) { return add_number(part); }
  bool on_bool(bool value, error_code&) {
    JsonValue& added = add();
    added.kind = JsonValue::Kind::boolean;
    added.boolean = value;
    return true;
  }
  bool on_null(error_code&) {
    add();
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  bool append(string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool add_number(string_view part) {
    append(part);
    return add_text(JsonValue::Kind::number);
  }
  bool add_text(JsonValue::Kind kind) {
    JsonValue& added = add();
    added.kind = kind;
    added.text = std::move(text_);
    text_.clear();
    return true;
  }
  /// The place of the next value: the root, or the next item of what is open.
  JsonValue& add() {
    if (open_.empty()) return root;
    return open_.back()->items.emplace_back();
  }
  bool open(JsonValue::Kind kind) {
    JsonValue& added = add();
    added.kind = kind;
    open_.push_back(&added);
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  // A parent grows only after its child is closed, so the pointers stay valid.
  std::vector<JsonValue*> open_;
  std::string text_;
};

}  // namespace

std::optional<JsonValue> parse_json(std::string_view text, std::size_t max_depth) {
  boost::json::parse_options options;
  options.max_depth = max_depth;
  boost::json::basic_parser<TreeBuilder> parser(options);
  error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (error || read != text.size()) return {};
  return std::move(parser.handler().root);
}

}  // namespace trainstop::baseten
