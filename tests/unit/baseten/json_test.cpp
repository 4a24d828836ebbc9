#include "baseten/json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>

namespace trainstop::baseten {
namespace {

using Kind = JsonValue::Kind;

TEST(Json, KeepsTheTextOfNumbers) {
  const auto value = parse_json(R"([0.1, -12, 1e400, 18446744073709551616, 0.86667000])");
  ASSERT_TRUE(value);
  ASSERT_EQ(value->items.size(), 5U);
  EXPECT_EQ(value->items[0].text, "0.1");
  EXPECT_EQ(value->items[1].text, "-12");
  EXPECT_EQ(value->items[2].text, "1e400");
  EXPECT_EQ(value->items[3].text, "18446744073709551616");
  EXPECT_EQ(value->items[4].text, "0.86667000");
  for (const JsonValue& item : value->items) EXPECT_EQ(item.kind, Kind::number);
}

TEST(Json, KeepsBothOfTwoEqualKeys) {
  const auto value = parse_json(R"( {"a": 1, "b": {"c": [true, null, "x"]}, "a": 2} )");
  ASSERT_TRUE(value);
  ASSERT_EQ(value->keys.size(), 3U);
  EXPECT_EQ(value->keys[2], "a");
  EXPECT_EQ(value->items[1].items[0].items[2].text, "x");
}

TEST(Json, UnescapesStringsAndKeys) {
  const auto value = parse_json(R"({"a\n\u00e4": "\ud83d\ude00\"\\"})");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->keys[0], "a\n\xc3\xa4");
  EXPECT_EQ(value->items[0].text, "\xf0\x9f\x98\x80\"\\");
}

TEST(Json, RefusesWhatIsNotStrictlyJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "[1] x",
                           "[1][2]",
                           "NaN",
                           "Infinity",
                           "01",
                           "+1",
                           ".5",
                           "'a'",
                           "\"\x01\"",
                           "\"\xff\"",
                           "\"\xc0\xaf\"",
                           "\"\xed\xa0\x80\"",
                           "\"\\ud800\"",
                           "// c\n1",
                           "\xef\xbb\xbf{}",
                           "nul",
                           "{a:1}"}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
}

TEST(Json, BoundsTheDepth) {
  EXPECT_TRUE(parse_json(std::string(32, '[') + std::string(32, ']')));
  EXPECT_FALSE(parse_json(std::string(33, '[') + std::string(33, ']')));
  EXPECT_FALSE(parse_json(std::string(2, '[') + std::string(2, ']'), 1));
}

RC_GTEST_PROP(Json, AcceptsExactlyWhatBoostAccepts, (std::string text)) {
  boost::system::error_code error;
  boost::json::parse(text, error);
  RC_ASSERT(parse_json(text).has_value() == !error);
}

}  // namespace
}  // namespace trainstop::baseten
