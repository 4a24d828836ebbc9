// decode(): Boost.JSON reads the grammar, this builds the values.
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <limits>
#include <utility>

#include "journal/encoding.hpp"
#include "journal/records_tags.hpp"

namespace trainstop::journal {

namespace {

/// The escaped form of an object takes three levels of text for one of values, a tag one more.
constexpr std::size_t kDeepestText = 3 * std::size_t{kDeepest} + 4;

/// Of valid UTF-8; empty when a code point is no byte.
std::optional<std::string> text_as_bytes(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      bytes += text[at];
    } else if (lead <= 0xC3 && at + 1 < text.size()) {
      const auto low = static_cast<unsigned char>(text[++at]);
      bytes += static_cast<char>(((lead & 0x03) << 6) | (low & 0x3F));
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

/// What an escaped object's `[[key, value], …]` stands for; empty when it is anything else.
std::optional<Value> object_of_pairs(Value::Array& pairs) {
  Value::Object fields;
  for (Value& item : pairs) {
    auto* pair = std::get_if<Value::Array>(&item.data);
    if (pair == nullptr || pair->size() != 2) return std::nullopt;
    auto* key = std::get_if<std::string>(&(*pair)[0].data);
    if (key == nullptr) return std::nullopt;
    fields.emplace_back(std::move(*key), std::move((*pair)[1]));
  }
  return Value(std::move(fields));
}

/// The value that a JSON object stands for; empty when a tag holds what it can't.
std::optional<Value> untag(Value::Object fields) {
  if (fields.size() != 1 || !is_tag(fields[0].first)) return Value(std::move(fields));
  const std::string& tag = fields[0].first;
  auto& held = fields[0].second.data;
  if (auto* pairs = std::get_if<Value::Array>(&held); pairs != nullptr && tag == kObject)
    return object_of_pairs(*pairs);
  if (const auto* count = std::get_if<std::int64_t>(&held)) {
    if (tag == kMoney) return Value(Money::from_nano(*count));
    if (tag == kDuration) return Value(Duration(*count));
    if (tag == kInstant) return Value(Instant(Duration(*count)));
  }
  if (const auto* text = std::get_if<std::string>(&held)) {
    if (tag == kBytes) {
      auto bytes = text_as_bytes(*text);
      return bytes ? std::optional(Value(std::move(*bytes))) : std::nullopt;
    }
    if (tag == kDouble && *text == "nan") return Value(std::numeric_limits<double>::quiet_NaN());
    if (tag == kDouble && *text == "inf") return Value(std::numeric_limits<double>::infinity());
    if (tag == kDouble && *text == "-inf") return Value(-std::numeric_limits<double>::infinity());
  }
  return std::nullopt;
}

/// Receives Boost.JSON's events. The library's own value type would round doubles and drop
/// duplicate keys.
class Builder {
 public:
  using Code = boost::json::error_code;
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) {
    open_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, Code& code) {
    Value::Object fields = std::move(open_.back().fields);
    open_.pop_back();
    auto value = untag(std::move(fields));
    return value ? add(std::move(*value)) : refuse(code);
  }
  bool on_array_begin(Code&) {
    open_.emplace_back().array = true;
    return true;
  }
  bool on_array_end(std::size_t, Code&) {
    Value::Array items = std::move(open_.back().items);
    open_.pop_back();
    return add(Value(std::move(items)));
  }
  bool on_key_part(std::string_view part, std::size_t, Code&) {
    text_ += part;
    return true;
  }
  bool on_key(std::string_view part, std::size_t, Code&) {
    open_.back().key = take(part);
    return true;
  }
  bool on_string_part(std::string_view part, std::size_t, Code&) {
    text_ += part;
    return true;
  }
  bool on_string(std::string_view part, std::size_t, Code&) { return add(Value(take(part))); }
  bool on_number_part(std::string_view part, Code&) {
    text_ += part;
    return true;
  }
  bool on_int64(std::int64_t value, std::string_view, Code&) {
    text_.clear();
    return add(Value(value));
  }
  bool on_uint64(std::uint64_t, std::string_view, Code& code) { return refuse(code); }
  bool on_double(double, std::string_view part, Code& code) {
    // The library's own double may be off by one unit in the last place.
    const std::string text = take(part);
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return refuse(code);
    return add(Value(value));
  }
  bool on_bool(bool value, Code&) { return add(Value(value)); }
  bool on_null(Code& code) { return refuse(code); }
  bool on_comment_part(std::string_view, Code& code) { return refuse(code); }
  bool on_comment(std::string_view, Code& code) { return refuse(code); }

  std::optional<Value> root;

 private:
  struct Open {
    bool array = false;
    Value::Object fields;
    Value::Array items;
    std::string key;
  };

  static bool refuse(Code& code) {
    code = boost::json::error::syntax;
    return false;
  }
  std::string take(std::string_view part) {
    text_ += part;
    return std::exchange(text_, std::string());
  }
  bool add(Value value) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (open_.back().array) {
      open_.back().items.push_back(std::move(value));
    } else {
      open_.back().fields.emplace_back(std::move(open_.back().key), std::move(value));
    }
    return true;
  }

  std::vector<Open> open_;
  std::string text_;
};

}  // namespace

Outcome<Value::Object> decode(std::string_view text) {
  const Error corrupt{Error::Kind::corrupt, "it does not hold what is written here"};
  boost::json::parse_options options;
  options.max_depth = kDeepestText;
  boost::json::basic_parser<Builder> parser(options);
  boost::json::error_code code;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  if (code || used != text.size() || !parser.handler().root) return corrupt;
  auto* fields = std::get_if<Value::Object>(&parser.handler().root->data);
  if (fields == nullptr) return corrupt;
  // One value has one text: spaces, other escapes and other forms of numbers are not ours.
  if (try_encode(*fields) != text) return corrupt;
  return std::move(*fields);
}

}  // namespace trainstop::journal
