// What hands have changed, as people see it.
#include "cli/show_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace trainstop::cli {
namespace {

using testing::ContainsRegex;
using testing::Not;

std::string shown(const char* overrides) {
  const std::string answer =
      std::string(R"({"v":1,"at":"2026-12-01T12:00:00.000Z","overrides":[)") + overrides + "]}";
  return show_overrides(boost::json::parse(answer).as_object(), Screen());
}

TEST(ShowOverrides, SaysByHowMuchAJobIsExtended) {
  EXPECT_THAT(shown(R"({"id":"o1","kind":"extend","job":"j1","rule":"two-days","by_s":5400})"),
              ContainsRegex("o1 +extend +1h30m +j1 +two-days"));
}

TEST(ShowOverrides, SaysByHowMuchWhichGroupOfABudgetIsRaised) {
  EXPECT_THAT(shown(R"({"id":"o2","kind":"raise","rule":"day","group":"ml","by":200})"),
              ContainsRegex("o2 +raise +\\$200.00 .*day/ml"));
  EXPECT_THAT(
      shown(R"({"id":"o3","kind":"raise","rule":"day","by":0.5})"),
      testing::AllOf(ContainsRegex("o3 +raise +\\$0.50 .*day"), Not(ContainsRegex("day/"))));
}

TEST(ShowOverrides, SaysNothingOfWhatAddsNothing) {
  EXPECT_THAT(shown(R"({"id":"o4","kind":"pause","rule":"day"})"), Not(ContainsRegex("[$]|MORE")));
}

}  // namespace
}  // namespace trainstop::cli
