// Limits that an instance type exceeds before a stop could end its job.
#include "policy/at_birth.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What is told of these rules at these prices.
std::vector<std::string> at_birth(const std::string& rules, const std::string& prices) {
  const Config config = read_sound(kHead + "prices: {" + prices + "}\nrules: [" + rules + "]\n");
  std::vector<std::string> messages;
  for (const LimitAtBirth& limit : limits_at_birth(config.rules, config.prices_per_minute))
    messages.push_back(limit.message);
  return messages;
}

/// Whether anything is told of a limit of a cent for jobs that these selectors are about.
bool told(const std::string& selectors, const std::string& name) {
  return !at_birth("{name: r, " + selectors + ", when: {cost: $0.01}}", name + ": $1/min").empty();
}

TEST(AtBirth, ALimitBelowWhatAStopTakesIsTold) {
  EXPECT_THAT(at_birth("{name: r, when: {cost: $0.01}}", "\"H100:8x80\": $0.86667/min"),
              ElementsAre(AllOf(HasSubstr("rule 'r': cost $0.01 would stop a job on H100:8x80 at "
                                          "birth, it needs at least $1.73"),
                                HasSubstr(" a node"))));
  EXPECT_THAT(at_birth("{name: r, budget: {limit: $0.50, per: hour}}", "H100x8: $52.00/h"),
              ElementsAre(HasSubstr("rule 'r': a budget of $0.50 would stop a job on H100x8")));
}

TEST(AtBirth, ALimitOfAsMuchAsAStopTakesIsEnough) {
  const char* const kPrice = "H100x8: $1/min";
  EXPECT_THAT(at_birth("{name: r, when: {cost: $2}}", kPrice), IsEmpty());
  EXPECT_THAT(at_birth("{name: r, when: {cost: $1.99}}", kPrice), testing::SizeIs(1));
  EXPECT_THAT(at_birth("{name: r, when: {cost: $1}, landing: at}", kPrice), IsEmpty());
  EXPECT_THAT(at_birth("{name: r, when: {cost: $0.99}, landing: at}", kPrice), testing::SizeIs(1));
  EXPECT_THAT(at_birth("{name: r, when: {age: 1d}}", kPrice), IsEmpty());
}

TEST(AtBirth, LimitsInsideAConditionAreLookedAt) {
  EXPECT_THAT(at_birth("{name: r, when: {all: [{cost: $0.01}, {running_for: 1m}]}}", "A: $1/min"),
              testing::SizeIs(1));
  EXPECT_THAT(
      at_birth("{name: r, when: {any: [{cost: $0.01}, {cost: $9}, {cost: $0.02}]}}", "A: $1/min"),
      ElementsAre(HasSubstr("$0.01"), HasSubstr("$0.02")));
  EXPECT_THAT(at_birth("{name: r, when: {age: 1d, not: {cost: $0.01}}}", "A: $1/min"), IsEmpty());
}

TEST(AtBirth, ARuleThatWarnsStopsNothing) {
  EXPECT_THAT(at_birth("{name: r, when: {cost: $0.01}, action: warn}", "A: $1/min"), IsEmpty());
}

TEST(AtBirth, EveryRuleAndTypeIsToldWithThePlaceOfTheRule) {
  const Config config = read_sound(
      kHead + "prices: {B: $1/min, A: $1/min}\nrules:\n  - {name: r, when: {cost: $0.01}}\n" +
      "  - {name: s, when: {cost: $0.01}}\n");
  const auto limits = limits_at_birth(config.rules, config.prices_per_minute);
  ASSERT_EQ(limits.size(), 4U);
  EXPECT_THAT(limits[0].message, AllOf(HasSubstr("'r'"), HasSubstr("on A ")));
  EXPECT_THAT(limits[1].message, AllOf(HasSubstr("'r'"), HasSubstr("on B ")));
  EXPECT_EQ(limits[1].place.line, 7);
  EXPECT_THAT(limits[3].message, AllOf(HasSubstr("'s'"), HasSubstr("on B ")));
  EXPECT_EQ(limits[3].place.line, 8);
}

TEST(AtBirth, APriceThatCannotBeDoubledIsTooDearForAnyLimit) {
  const Rule rule = read_sound_rule("{name: r, when: {cost: $9}}");
  const auto limits = limits_at_birth({rule}, {{"A", Money::from_nano(INT64_MAX)}});
  ASSERT_EQ(limits.size(), 1U);
  EXPECT_THAT(limits[0].message, HasSubstr("more than can be counted"));
}

TEST(AtBirth, ATypeThatARuleIsNotAboutIsPassedOver) {
  EXPECT_TRUE(told("match: {gpu_type: h100}", "H100x8"));
  EXPECT_FALSE(told("match: {gpu_type: A100}", "H100x8"));
  EXPECT_TRUE(told("match: {instance_type: \"H100:8x80\"}", "\"H100:8x80\""));
  EXPECT_FALSE(told("match: {instance_type: other}", "\"H100:8x80\""));
  EXPECT_TRUE(told("match: {max_gpus: 8}", "H100x8"));
  EXPECT_FALSE(told("match: {max_gpus: 7}", "H100x8"));
  EXPECT_TRUE(told("match: {min_gpus: 16}", "H100x8")) << "two nodes have as many";
  EXPECT_TRUE(told("match: [{gpu_type: A100}, {project: x}]", "H100x8"));
  EXPECT_FALSE(told("match: [{gpu_type: A100}, {max_gpus: 4}]", "H100x8"));
}

TEST(AtBirth, WhatANameDoesNotTellIsTakenToFit) {
  EXPECT_TRUE(told("match: {instance_type: other}", "H100x8"));
  EXPECT_TRUE(told("match: {gpu_type: A100, max_gpus: 1}", "\"H100:8x80\""));
  EXPECT_TRUE(told("match: {project: x, status: running}", "H100x8"));
  for (const char* id : {"4x16", "A10Gx4x16", "A10G.4x16", "x8", "8", "gpu-8xh100"}) {
    EXPECT_TRUE(told("match: {gpu_type: other}", id)) << id << " is an id";
    EXPECT_FALSE(told("match: {instance_type: other}", id)) << id;
  }
}

TEST(AtBirth, ATypeThatARuleLeavesOutForSureIsPassedOver) {
  EXPECT_FALSE(told("exclude: {gpu_type: H100}", "H100x8"));
  EXPECT_FALSE(told("exclude: [{job: x}, {gpu_type: H100}]", "H100x8"));
  EXPECT_TRUE(told("exclude: {gpu_type: A100}", "H100x8"));
  EXPECT_TRUE(told("exclude: {gpu_type: H100, project: x}", "H100x8"));
  EXPECT_TRUE(told("exclude: {max_gpus: 8}", "H100x8")) << "two nodes have more";
  EXPECT_FALSE(told("exclude: {instance_type: \"H100:8x80\"}", "\"H100:8x80\""));
  EXPECT_FALSE(told("match: {gpu_type: H100}, exclude: {gpu_type: \"H*\"}", "H100x8"));
}

TEST(AtBirth, ASpotJobHasThePriceOfSpotOrElseThePlainOne) {
  const auto rule = [](const std::string& availability) {
    return "{name: r, match: {availability: " + availability + "}, when: {cost: $0.01}}";
  };
  const char* const kBoth = "H100x8: $2/min, spot/H100x8: $1/min";
  EXPECT_THAT(at_birth(rule("spot"), kBoth), ElementsAre(HasSubstr("on spot/H100x8 at")));
  EXPECT_THAT(at_birth(rule("dedicated"), kBoth), ElementsAre(HasSubstr("on H100x8 at")));
  EXPECT_THAT(at_birth(rule("spot"), "H100x8: $2/min"), testing::SizeIs(1));
  EXPECT_THAT(at_birth(rule("dedicated"), "spot/4x16: $2/min"), IsEmpty());
}

}  // namespace
}  // namespace trainstop::policy
