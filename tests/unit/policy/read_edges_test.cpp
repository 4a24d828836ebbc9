// What configurations hold where something else is expected, and the control socket out of broken
// ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "policy/condition.hpp"
#include "policy/nearest.hpp"
#include "policy/selector.hpp"
#include "unit/policy/dollars.hpp"
#include "unit/policy/read_text.hpp"
#include "unit/policy/times.hpp"

namespace trainstop::policy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> with_rule(const std::string& rule) {
  return problems_of(read_config({"F", kHead + "rules: [{" + rule + "}]\n"}));
}

TEST(ReadEdges, AWrongValueIsShownUpToSixtyCharacters) {
  const std::string sixty(60, 'x');
  EXPECT_THAT(with_rule("name: r, when: {age: 1d}, mode: " + sixty),
              ElementsAre(HasSubstr("'mode' is '" + sixty + "';")));
  EXPECT_THAT(with_rule("name: r, when: {age: 1d}, mode: " + sixty + "yz"),
              ElementsAre(HasSubstr("'mode' is '" + sixty + "…';")));
}

TEST(ReadEdges, ABudgetThatIsNoMapIsOneProblem) {
  EXPECT_THAT(with_rule("name: r, budget: $50"),
              ElementsAre(HasSubstr("must be a map of keys and values, but is '$50'")));
  EXPECT_THAT(with_rule("name: r, budget: [$50]"),
              ElementsAre(HasSubstr("must be a map of keys and values, but is a list")));
}

TEST(ReadEdges, WhatIsShedFirstIsAMapToo) {
  EXPECT_THAT(with_rule("name: r, budget: {limit: $50, per: day}, shed: newest"),
              ElementsAre(HasSubstr("must be a map of keys and values, but is 'newest'")));
}

TEST(ReadEdges, AWrongShareToShedAtIsOneProblem) {
  const auto shed_at = [](const std::string& at) {
    return with_rule("name: r, budget: {limit: $50, per: day}, shed: {at: " + at + "}");
  };
  EXPECT_THAT(shed_at("100%"), ElementsAre(HasSubstr("'at' is '100%'; it must be from 1% to 99%")));
  EXPECT_THAT(shed_at("[100%]"), ElementsAre(HasSubstr("it must be from 1% to 99%")));
  EXPECT_THAT(shed_at("90"), ElementsAre(HasSubstr("'at' is '90'")));
  EXPECT_THAT(shed_at("[]"), ElementsAre(HasSubstr("'at' is one share, not a list")));
  EXPECT_THAT(shed_at("[80%, 90%]"), ElementsAre(HasSubstr("'at' is one share, not a list")));
  EXPECT_THAT(shed_at("[90%]"), testing::IsEmpty());
}

TEST(ReadEdges, AWordOfAProgramThatIsNoWordIsAProblemAndTheRestIsStillRead) {
  EXPECT_THAT(problems_with("notify: [{name: s, exec: [/s, [x], {a: b}], format: json}]\n"),
              ElementsAre(HasSubstr("a word of 'exec' must be a single value, but is a list"),
                          HasSubstr("a word of 'exec' must be a single value, but is a map"),
                          HasSubstr("'format' is possible only with 'url'")));
}

TEST(ReadEdges, PeopleAndTheHeartbeatAreMaps) {
  EXPECT_THAT(problems_with("people: [ana@corp.example]\n"),
              ElementsAre(HasSubstr("'people' must be a map of keys and values, but is a list")));
  EXPECT_THAT(problems_with("heartbeat: https://beat.example\n"),
              ElementsAre(HasSubstr("must be a map of keys and values")));
}

TEST(ReadEdges, AMentionThatIsAnAliasIsToldAsSuchAndOneThatIsNothingAsMissing) {
  EXPECT_THAT(problems_with("people: {a@b.example: }\n"),
              ElementsAre(HasSubstr("'a@b.example' has no mention")));
  EXPECT_THAT(problems_with("people: {a@b.example: &x U1, c@d.example: *x}\n"),
              ElementsAre(HasSubstr("anchors (&name) are not supported"),
                          HasSubstr("aliases are not supported")));
}

TEST(ReadEdges, TheSocketsPathAndModeAreSingleValues) {
  EXPECT_THAT(problems_with("control: {mode: [0660]}\n"),
              ElementsAre(HasSubstr("'mode' must be a single value, but is a list")));
  EXPECT_THAT(problems_with("control: {socket: [/run/x.sock]}\n"),
              ElementsAre(HasSubstr("'socket' must be a single value, but is a list")));
  EXPECT_THAT(problems_with("control: {mode: \"06/0\"}\n"),
              ElementsAre(HasSubstr("four octal digits")));
}

TEST(Nearest, ATextThatIsTooLongForAKeyIsNearNone) {
  const std::string longest(64, 'k');
  EXPECT_EQ(nearest(longest, {longest}), longest);
  EXPECT_EQ(nearest(longest + 'k', {longest}), "");
}

TEST(Glob, ACharacterAboveTheLargestIsItsBytes) {
  EXPECT_TRUE(glob_matches("?", "\xF4\x8F\xBF\xBF", false));  // U+10FFFF
  EXPECT_FALSE(glob_matches("?", "\xF4\x90\x80\x80", false));
  EXPECT_TRUE(glob_matches("????", "\xF4\x90\x80\x80", false));
}

TEST(Spent, ARaiseBeyondAllMoneyLeavesALimitThatIsNeverReached) {
  RunningJob job;
  Tally tally{{minute(0), minute(120)}, minute(30)};
  tally.add(job.times.bill);
  job.times.pot.tally = &tally;
  const Condition condition{Spent{{dollars(50), {}, {}, false}}};
  EXPECT_EQ(value_at(condition, job.times, minute(119)), Truth::yes);
  job.times.pot.raised = dollars(20);
  EXPECT_EQ(value_at(condition, job.times, minute(60)), Truth::no);
  EXPECT_EQ(value_at(condition, job.times, minute(119)), Truth::yes);
  job.times.pot.raised = Money::from_nano(INT64_MAX);
  EXPECT_EQ(value_at(condition, job.times, minute(119)), Truth::no);
  EXPECT_EQ(next_change(condition, job.times, minute(30)), kNever);
}

class ReadSocket : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "trainstop-socket-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory = pattern;
  }
  void TearDown() override { fs::remove_all(directory); }
  /// The socket's path that commands use, or what is told instead.
  std::string socket(const std::string& text) {
    const fs::path file = directory / "trainstop.yaml";
    std::ofstream(file) << text;
    std::string error;
    const auto found = read_socket(file, error);
    return found ? found->string() : "error: " + error;
  }

  fs::path directory;
};

TEST_F(ReadSocket, IsThatOfTheConfigurationHoweverWrongTheRestIs) {
  EXPECT_EQ(socket("control: {socket: /run/x.sock}\n"), "/run/x.sock");
  EXPECT_EQ(socket("control: {socket: /run/x.sock}\nrules: 7\n"), "/run/x.sock");
  EXPECT_EQ(socket("mode: [\ncontrol: {socket: /run/x.sock}\n"), "/run/x.sock")
      << "no YAML, but for that line";
}

TEST_F(ReadSocket, IsTheStandardOneWhenTheConfigurationNamesNone) {
  EXPECT_EQ(socket("mode: enforce\n"), "/run/trainstop/control.sock");
  EXPECT_EQ(socket("control: {group: ops}\n"), "/run/trainstop/control.sock");
}

TEST_F(ReadSocket, ThatIsNoPathIsAProblemOfItsPlace) {
  EXPECT_THAT(socket("control: {group: ops,\n  socket: [x]}\n"),
              AllOf(HasSubstr("trainstop.yaml:2:11: error: "), HasSubstr("'socket' is no path")));
  EXPECT_THAT(socket("mode: [\ncontrol: {group: ops}\n"), HasSubstr("error: not valid YAML"));
}

}  // namespace
}  // namespace trainstop::policy
