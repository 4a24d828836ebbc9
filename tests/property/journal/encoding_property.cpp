// Every value returns from its text; no text makes the decoder fail otherwise than by refusing.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "journal/encoding.hpp"
#include "values.hpp"

namespace trainstop::journal::test {
namespace {

/// A case is quick: more of them than rapidcheck's hundred.
constexpr int kObjects = 50;

RC_GTEST_PROP(EncodingProperty, EveryValueReturns, ()) {
  for (int object = 0; object < kObjects; ++object) {
    const Value::Object fields = any_object(4);
    const auto back = decode(encode(fields));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == fields);
  }
}

RC_GTEST_PROP(EncodingProperty, AChangedTextIsAnotherValueOrRefused, ()) {
  const Value::Object fields = any_object(3);
  std::string text = encode(fields);
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  const char other = *rc::gen::arbitrary<char>();
  RC_PRE(other != text[at]);
  text[at] = other;
  const auto back = decode(text);
  if (back) {
    RC_ASSERT(encode(*back) == text);
    RC_ASSERT(!(*back == fields));
  }
}

RC_GTEST_PROP(EncodingProperty, WhatIsDecodedIsEncodedToTheSameText, (const std::string& tail)) {
  const std::string text = "{\"a\":" + tail;
  const auto back = decode(text);
  if (back) RC_ASSERT(encode(*back) == text);
}

}  // namespace
}  // namespace trainstop::journal::test
