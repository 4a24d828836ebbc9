// The warning of rules whose jobs all fall due at one instant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kDeadline = "deadline: 2026-12-31";
constexpr const char* kNight = "schedule: {outside: \"09:00-18:00\"}";

/// Whether a rule with these keys and a breaker of two jobs is warned of.
bool warned(const std::string& rule) {
  const ReadResult result =
      read_config({"F", kHead + "safety: {max_stops: {count: 2, per: 1h}}\nrules: [{name: r, " +
                            rule + "}]\n"});
  EXPECT_TRUE(result.config.has_value()) << rule;
  if (result.problems.empty()) return false;
  EXPECT_THAT(problems_of(result), ElementsAre(HasSubstr("fall due at one instant"))) << rule;
  return true;
}
bool warned_when(const std::string& condition) {
  return warned("when: {" + condition + "}");
}
std::string one(const std::string& condition) {
  return "{" + condition + "}";
}

TEST(WarnTogether, AnInstantOfTheCalendarHitsEveryJob) {
  const std::string deadline = one(kDeadline);
  const std::string night = one(kNight);
  EXPECT_TRUE(warned_when(kDeadline));
  EXPECT_TRUE(warned_when(kNight));
  EXPECT_TRUE(warned_when("not: " + night));
  EXPECT_TRUE(warned_when("all: [" + deadline + ", " + night + "]"));
  EXPECT_TRUE(warned_when("any: [{cost: $5}, " + deadline + "]"));
  EXPECT_TRUE(warned_when("not: {all: [{age: 1d}, " + night + "]}"));
  EXPECT_TRUE(warned_when("not: {not: " + deadline + "}"));
}

TEST(WarnTogether, WhatIsOfEachJobDoesNot) {
  EXPECT_FALSE(warned_when("age: 1d"));
  EXPECT_FALSE(warned_when("cost: $5"));
  EXPECT_FALSE(warned_when("age: 1d, " + std::string(kDeadline)));
  EXPECT_FALSE(warned_when("any: [{age: 1d}, {cost: $5}]"));
  EXPECT_FALSE(warned_when("not: {any: [{age: 1d}, " + one(kNight) + "]}"));
  // True until then, and not from then on.
  EXPECT_FALSE(warned_when("not: " + one(kDeadline)));
}

TEST(WarnTogether, ABudgetIsOneStopForTheBreaker) {
  EXPECT_FALSE(warned("budget: {limit: $5, per: day}"));
}

TEST(WarnTogether, ARuleThatStopsNothingIsFine) {
  EXPECT_FALSE(warned(std::string("action: warn, when: ") + one(kDeadline)));
  EXPECT_FALSE(warned(std::string("mode: observe, when: ") + one(kDeadline)));
  EXPECT_TRUE(warned(std::string("enforce_from: 2026-12-01, when: ") + one(kDeadline)));
}

TEST(WarnTogether, WhoNamesFewJobsOrBoundsThemIsFine) {
  const std::string when = std::string(", when: ") + one(kDeadline);
  EXPECT_FALSE(warned("match: {job: [a, b]}" + when));
  EXPECT_TRUE(warned("match: {job: [a, b, c]}" + when));
  EXPECT_FALSE(warned("match: [{job: a}, {job: b}]" + when));
  EXPECT_TRUE(warned("match: [{job: [a, b]}, {job: c}]" + when));
  EXPECT_TRUE(warned("match: {job: [a, \"b*\"]}" + when));
  EXPECT_TRUE(warned("match: [{job: a}, {project: b}]" + when));
  EXPECT_FALSE(warned("max_stops: {count: 1, per: 1h}" + when));
  EXPECT_TRUE(warned("max_stops: {count: 1, per: 1h}, match: {job: [a, b]}" + when));
  EXPECT_FALSE(warned("max_stops: {count: 3, per: 1h}, match: {job: [a, b, c]}" + when));
}

TEST(WarnTogether, ABreakerOfTheDefaultsIsOneOfItsOwn) {
  const ReadResult result = read_config(
      {"F", kHead + "defaults: {max_stops: {count: 1, per: 1h}}\nrules: [{name: r, when: {" +
                kDeadline + "}}]\n"});
  EXPECT_TRUE(result.problems.empty());
}

}  // namespace
}  // namespace trainstop::policy
