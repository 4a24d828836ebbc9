// JSON as a tree, and the fields of an object.
#include "baseten/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "baseten/fields.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/render.hpp"
#include "model/job.hpp"

namespace trainstop::fuzz {
namespace {

using baseten::Fields;
using baseten::JsonValue;
using baseten::parse_json;

std::size_t depth_of(const JsonValue& value) {
  std::size_t deepest = 0;
  for (const JsonValue& item : value.items) deepest = std::max(deepest, depth_of(item));
  return value.kind == JsonValue::Kind::array || value.kind == JsonValue::Kind::object ? deepest + 1
                                                                                       : 0;
}

bool is_same(const JsonValue& a, const JsonValue& b) {
  return a.kind == b.kind && a.boolean == b.boolean && a.text == b.text && a.keys == b.keys &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), is_same);
}

void check_tree(const JsonValue& value) {
  const bool is_object = value.kind == JsonValue::Kind::object;
  require(value.keys.size() == (is_object ? value.items.size() : 0), "a key for each value");
  require(value.items.empty() || is_object || value.kind == JsonValue::Kind::array,
          "only objects and arrays hold values");
  for (const JsonValue& item : value.items) check_tree(item);
}

void check_fields(const JsonValue& value) {
  for (const std::string& key : value.keys) {
    Fields text(value), id(value), time(value), number(value), inner(value);
    const std::string is = text.text(key, 100);
    require(is.empty() != text.problem().empty(), "a text, or a problem");
    require(is.size() <= 100, "a text is within its bound");
    require(is_api_id(id.id(key)) == id.problem().empty(), "an id, or a problem");
    const Instant at = time.time(key);
    require(time.problem().empty() || at == Instant{}, "a time, or a problem");
    const std::int32_t count = number.integer(key, -5, 1000);
    require(count >= -5 && count <= 1000, "a number is within its bounds");
    Fields object = inner.object(key);
    require(object.find(key) == nullptr || object.problem().empty(), "a value, or a problem");
  }
  for (const JsonValue& item : value.items) check_fields(item);
}

}  // namespace
}  // namespace trainstop::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainstop;
  using namespace trainstop::fuzz;
  fuzz::Input input(data, size);
  const auto shallow = input.between<std::size_t>(0, 4);
  const std::string text = input.rest();
  const auto value = parse_json(text);
  boost::json::error_code error;
  boost::json::parse(text, error);
  require(value.has_value() == !error, "what is JSON to the library is so here");
  const auto low = parse_json(text, shallow);
  require(low.has_value() == (value && depth_of(*value) <= shallow), "the depth is bounded");
  if (!value) return 0;
  check_tree(*value);
  if (low) require(is_same(*low, *value), "a bound changes nothing else");
  const auto again = parse_json(rendered(*value));
  require(again && is_same(*again, *value), "parse(render(v)) == v");
  require(!parse_json(text + "x") && !parse_json(text + ","), "nothing stands behind it");
  check_fields(*value);
  return 0;
}
