#include "baseten/splitter.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "baseten/json.hpp"

namespace trainstop::baseten {
namespace {

using Elements = std::vector<std::string>;

constexpr std::size_t kLongest = 1000;

/// The elements under "jobs", or nothing when the text is no such list; cut at `cuts`.
std::optional<Elements> split(const std::string& text, const std::vector<std::size_t>& cuts = {},
                              const std::string& key = "jobs") {
  Elements elements;
  ListSplitter splitter(key, kLongest, [&](std::string_view raw) {
    elements.emplace_back(raw);
    return raw.empty() || parse_json(raw, kDeepest - 2).has_value();
  });
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    if (cut < begin || cut > text.size()) continue;
    if (!splitter.write(std::string_view(text).substr(begin, cut - begin))) return {};
    begin = cut;
  }
  if (!splitter.write(std::string_view(text).substr(begin)) || !splitter.is_complete()) return {};
  return elements;
}

/// The same by way of a whole parse.
std::optional<boost::json::array> parse_whole(const std::string& text) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  if (error || !value.is_object()) return {};
  const boost::json::value* const jobs = value.as_object().if_contains("jobs");
  if (!jobs || !jobs->is_array()) return {};
  return jobs->as_array();
}

TEST(ListSplitter, GivesEachElementsBytes) {
  EXPECT_EQ(split(R"({"jobs":[]})"), Elements());
  EXPECT_EQ(
      split(R"( {"a":[1,{"jobs":[9]}],"jobs" : [ {"b":"]}\"["} , [2] ,3,"x,]",null ],"c":{}} )"),
      (Elements{R"({"b":"]}\"["})", "[2]", "3", R"("x,]")", "null"}));
}

TEST(ListSplitter, RefusesWhatIsNotOneWholeListUnderTheKey) {
  for (const char* text : {"",
                           "{",
                           "[]",
                           "null",
                           R"({})",
                           R"({"jobs":null})",
                           R"({"jobs":{}})",
                           R"({"jobs":7})",
                           R"({"Jobs":[]})",
                           R"({"jobs":[)",
                           R"({"jobs":[1)",
                           R"({"jobs":[1])",
                           R"({"jobs":[1,]})",
                           R"({"jobs":[,1]})",
                           R"({"jobs":[1 2]})",
                           R"({"jobs":[{}{}]})",
                           R"({"jobs":[1}})",
                           R"({"jobs":[]]})",
                           R"({"jobs":[{]}]})",
                           R"({"jobs":[tru]})",
                           R"({"jobs":[]} x)",
                           R"({"jobs":[]}{"jobs":[]})",
                           R"({"jobs":[],"jobs":[]})",
                           R"({"jobs":[],"jobs":1})",
                           R"({"a":{"jobs":[]}})",
                           R"([{"jobs":[]}])",
                           R"({"jobs":[{"a":"b]})",
                           "\xef\xbb\xbf{\"jobs\":[]}"}) {
    EXPECT_FALSE(split(text)) << text;
  }
}

TEST(ListSplitter, GivesNothingForAnElementThatIsTooLong) {
  const std::string longest = "\"" + std::string(kLongest - 2, 'x') + "\"";
  EXPECT_EQ(split(R"({"jobs":[)" + longest + ",1]}"), (Elements{longest, "1"}));
  EXPECT_EQ(split(R"({"jobs":[)" + longest + "0,1]}"), std::nullopt);
  const std::string longer = "\"" + std::string(kLongest - 1, 'x') + "\"";
  EXPECT_EQ(split(R"({"jobs":[)" + longer + ",1]}"), (Elements{"", "1"}));
  EXPECT_EQ(split(R"({"jobs":[)" + longer + ",1]}", {100, 1005}), (Elements{"", "1"}));
}

TEST(ListSplitter, FindsAListInAnObject) {
  const auto in_object = [](const std::string& text) { return split(text, {}, "usage.jobs"); };
  EXPECT_EQ(in_object(R"({"jobs":[9],"other":{"jobs":[8]},"usage":{"a":[7],"jobs":[1,{}],)"
                      R"("b":{"jobs":[6]}},"x":[{"usage":{"jobs":[5]}}]})"),
            (Elements{"1", "{}"}));
  for (const char* none : {R"({"usage":null})", R"({"usage":{}})", R"({"usage":{"a":[1]}})"})
    EXPECT_EQ(in_object(none), Elements()) << none;
  for (const char* text :
       {"{}", R"({"jobs":[1]})", R"({"usage":{"jobs":[1]},"usage":null})",
        R"({"usage":{"jobs":[1],"jobs":[2]}})", R"({"usage":{"jobs":null}})",
        R"({"usage":{"jobs":{}}})", R"({"usage":{"jobs":[1]})", R"({"usage":{"jobs":[1}})"})
    EXPECT_EQ(in_object(text), std::nullopt) << text;
}

TEST(ListSplitter, EndsWhenTheCalleeSaysSo) {
  ListSplitter splitter("jobs", kLongest, [](std::string_view) { return false; });
  EXPECT_FALSE(splitter.write(R"({"jobs":[1,2]})"));
  EXPECT_FALSE(splitter.is_complete());
}

TEST(ListSplitter, RefusesAnEnvelopeWithoutEnd) {
  ListSplitter splitter("jobs", kLongest, [](std::string_view) { return true; });
  EXPECT_TRUE(splitter.write("{\"error\":\""));
  const std::string piece(std::size_t{64} * 1024, 'x');
  int pieces = 0;
  while (splitter.write(piece)) ASSERT_LT(++pieces, 100);
}

/// A random JSON value, nested at most so deep.
rc::Gen<boost::json::value> any_value(int depth) {
  using boost::json::value;
  const auto text = rc::gen::map(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\"\\[]{},:\n \x7f"))),
      [](const std::string& s) { return value(boost::json::string(s)); });
  const auto number =
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t n) { return value(n); });
  const auto simple =
      rc::gen::oneOf(text, number, rc::gen::element(value(nullptr), value(true), value(1.5e-7)));
  if (depth == 0) return simple;
  const auto items = rc::gen::map(rc::gen::container<std::vector<value>>(3, any_value(depth - 1)),
                                  [](const std::vector<value>& all) {
                                    return value(boost::json::array(all.begin(), all.end()));
                                  });
  const auto members = rc::gen::map(rc::gen::container<std::vector<value>>(2, any_value(depth - 1)),
                                    [](const std::vector<value>& all) {
                                      boost::json::object object;
                                      int number_of = 0;
                                      for (const value& one : all)
                                        object["k\"]" + std::to_string(number_of++)] = one;
                                      return value(object);
                                    });
  return rc::gen::oneOf(simple, items, members);
}

std::vector<std::size_t> sorted_cuts(const std::string& text) {
  auto cuts = *rc::gen::container<std::vector<std::size_t>>(
      rc::gen::inRange<std::size_t>(0, text.size() + 1));
  std::sort(cuts.begin(), cuts.end());
  return cuts;
}

void expect_same(const std::string& text) {
  const auto whole = parse_whole(text);
  const auto parts = split(text, sorted_cuts(text));
  RC_ASSERT(parts.has_value() == whole.has_value());
  if (!parts) return;
  RC_ASSERT(parts->size() == whole->size());
  for (std::size_t i = 0; i < parts->size(); ++i) {
    RC_ASSERT(boost::json::parse((*parts)[i]) == (*whole)[i]);
  }
}

RC_GTEST_PROP(ListSplitterProperty, AgreesWithAWholeParseHoweverTheTextIsCut, ()) {
  boost::json::object envelope;
  if (*rc::gen::arbitrary<bool>()) envelope["before"] = *any_value(2);
  boost::json::array jobs;
  const int count = *rc::gen::inRange(0, 6);
  for (int i = 0; i < count; ++i) jobs.push_back(*any_value(3));
  envelope["jobs"] = jobs;
  if (*rc::gen::arbitrary<bool>()) envelope["after"] = *any_value(2);
  expect_same(boost::json::serialize(envelope));
}

RC_GTEST_PROP(ListSplitterProperty, AgreesWithAWholeParseOfABrokenText, ()) {
  std::string text = R"({"x":["[{"],"jobs":[{"a":"\"]"}, [1,2] ,3,"}",null],"y":{"z":false}})";
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const std::string bytes = *rc::gen::elementOf(std::vector<std::string>{
        "", "\"", "\\", "[", "]", "{", "}", ",", ":", " ", "1", "null", "\n", "\xff"});
    text.replace(at, *rc::gen::inRange<std::size_t>(0, 2), bytes);
  }
  const auto whole = parse_whole(text);
  // A doubled or moved key is read differently on purpose: only one list may stand under it.
  RC_PRE(text.find("jobs") == text.rfind("jobs"));
  expect_same(text);
  RC_TAG(whole.has_value());
}

}  // namespace
}  // namespace trainstop::baseten
