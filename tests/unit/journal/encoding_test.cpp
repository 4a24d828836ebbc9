// The text of values: what it looks like, and what is refused. That all values return is a property
// test.
#include "journal/encoding.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace trainstop::journal {
namespace {

using namespace std::chrono_literals;

TEST(Encoding, ReadsLikeJson) {
  const Value::Object fields{{"job", "j1"},
                             {"due_at", Instant(1767571200s)},
                             {"cost", Money::from_nano(3'470'000'000)},
                             {"late", 1100us},
                             {"open", true},
                             {"attempt", 2},
                             {"share", 1.0},
                             {"list", Value::Array{1, "a"}}};

  EXPECT_EQ(encode(fields),
            R"({"job":"j1","due_at":{"@":1767571200000000},"cost":{"$":3470000000},)"
            R"("late":{"s":1100},"open":true,"attempt":2,"share":1.0,"list":[1,"a"]})");
}

TEST(Encoding, KeepsWhatJsonLacks) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  const Value::Object fields{{"never", kNever},
                             {"long_ago", kLongAgo},
                             {"most", kMost},
                             {"least", kLeast},
                             {"money", Money::from_nano(kLeast)},
                             {"inf", std::numeric_limits<double>::infinity()},
                             {"minus", -std::numeric_limits<double>::infinity()},
                             {"zero", -0.0},
                             {"tiny", std::numeric_limits<double>::denorm_min()},
                             {"third", 1.0 / 3},
                             {"path", std::string("/x/\xff\xfe\x80/\xc3\xa9\0z", 12)},
                             {"same", 1},
                             {"same", 2},
                             {"\xf0\x28", 3},
                             {"", Value::Object{{"$", 5}}},
                             {"nested", Value::Object{{"o", Value::Array{}}}}};

  const auto back = decode(encode(fields));

  ASSERT_TRUE(back);
  EXPECT_EQ(*back, fields);
  EXPECT_TRUE(std::signbit(std::get<double>((*back)[7].second.data)));
}

TEST(Encoding, KeepsThatANumberIsNone) {
  const auto back = decode(encode({{"x", std::nan("")}}));

  ASSERT_TRUE(back);
  EXPECT_TRUE(std::isnan(std::get<double>((*back)[0].second.data)));
}

class Refused : public ::testing::TestWithParam<const char*> {};

TEST_P(Refused, IsCorrupt) {
  const auto decoded = decode(GetParam());

  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().kind, Error::Kind::corrupt);
}

INSTANTIATE_TEST_SUITE_P(
    Encoding, Refused,
    ::testing::Values("", "{", "[]", "1", R"("x")", "null", R"({"a":null})", R"({"a":1} )",
                      R"({"a": 1})", R"({"a":1}{})", R"({"a":01})", R"({"a":-0})",
                      R"({"a":9223372036854775808})", R"({"a":18446744073709551615})",
                      R"({"a":99999999999999999999})", R"({"a":1e400})", R"({"a":1E5})",
                      R"({"a":1.50})", R"({"a":"\u0041"})", R"({"a":"\/"})", R"({"a":NaN})",
                      R"({"a":{"$":1.5}})", R"({"a":{"$":"5"}})", R"({"a":{"@":true}})",
                      R"({"a":{"#":"1"}})", R"({"a":{"#":1}})", R"({"a":{"b":"ascii"}})",
                      R"({"a":{"b":"€"}})", R"({"a":{"b":1}})", R"({"a":{"o":[]}})",
                      R"({"a":{"o":[["x",1]]}})", R"({"a":{"o":[["$"]]}})",
                      R"({"a":{"o":[[1,2]]}})", R"({"a":{"o":5}})", R"({"$":5})",
                      "{\"a\":\"\xff\"}", "\xef\xbb\xbf{}", "/**/{}"));

TEST(Encoding, BoundsTheDepth) {
  const auto nested = [](int levels) {
    Value value(1);
    for (int level = 1; level < levels; ++level) value = Value(Value::Array{std::move(value)});
    return Value::Object{{"x", std::move(value)}};
  };
  const std::string deepest = encode(nested(31));

  EXPECT_TRUE(decode(deepest));
  EXPECT_THROW(encode(nested(32)), std::logic_error);
  EXPECT_FALSE(decode(R"({"x":)" + std::string(40, '[') + std::string(40, ']') + "}"));
  EXPECT_FALSE(decode(R"({"x":)" + std::string(100'000, '[')));
}

}  // namespace
}  // namespace trainstop::journal
