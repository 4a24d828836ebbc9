// The journal's text of values: what is written returns, and what is read was written so.
#include <bit>
#include <cmath>

#include "fuzz/fuzz.hpp"
#include "fuzz/images.hpp"
#include "journal/encoding.hpp"

namespace trainstop::fuzz {
namespace {

void check_text(const std::string& text) {
  const auto fields = journal::decode(text);
  if (!fields) {
    require(fields.error().kind == journal::Error::Kind::corrupt, "what is refused is corrupt");
    return;
  }
  require(journal::encode(*fields) == text, "encode(decode(text)) == text");
}

void check_value(const Value::Object& fields) {
  const std::string text = journal::encode(fields);
  require(text.find('\n') == std::string::npos, "a text is one line");
  const auto back = journal::decode(text);
  require(back.has_value(), "what is written can be read");
  // By text, because NaN is not equal to itself.
  require(journal::encode(*back) == text, "the same text");
  require(has_nan(fields) || *back == fields, "decode(encode(v)) == v");
}

}  // namespace
}  // namespace trainstop::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainstop::fuzz;
  Input input(data, size);
  if (input.flag()) {
    check_value(any_object(input, 4));
  } else {
    check_text(input.rest());
  }
  return 0;
}
