// Bodies of commands are read strictly, and what is wrong is named.
#include "service/bodies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/body.hpp"

namespace trainstop::service {
namespace {

using core::Command;
using std::chrono::hours;
using std::chrono::milliseconds;
using testing::HasSubstr;

Command read(std::string_view path, std::string_view body) {
  std::string error;
  auto command = read_command(path, body, error);
  EXPECT_TRUE(command.has_value()) << error;
  return command ? *command : Command{0, {}, {}, Command::Resume{}};
}

std::string error_of(std::string_view path, std::string_view body) {
  std::string error;
  EXPECT_FALSE(read_command(path, body, error).has_value()) << body;
  EXPECT_NE(error, "") << body;
  return error;
}

TEST(Bodies, EachCommandIsRead) {
  const auto stop = read("/v1/stop", R"({"job":"llm","force":true,"reason":"it hangs"})");
  EXPECT_EQ(stop.reason, "it hangs");
  EXPECT_EQ(std::get<Command::StopJob>(stop.what).job, "llm");
  EXPECT_TRUE(std::get<Command::StopJob>(stop.what).force);
  const auto exempt = read("/v1/exempt", R"({"job":"llm","for_s":7200,"reason":"paper"})");
  EXPECT_EQ(std::get<Command::Exempt>(exempt.what).lasts, hours(2));
  EXPECT_FALSE(std::get<Command::Exempt>(exempt.what).rule.has_value());
  const auto extend =
      read("/v1/extend", R"({"job":"a/b","rule":"two","by_s":1.5,"reason":"slow"})");
  EXPECT_EQ(std::get<Command::Extend>(extend.what).by, milliseconds(1500));
  EXPECT_EQ(std::get<Command::Extend>(extend.what).lasts, kLongestOverride);
  EXPECT_EQ(std::get<Command::Extend>(extend.what).rule, "two");
  const auto pause = read("/v1/pause", R"({"for_s":604800,"reason":"move"})");
  EXPECT_EQ(std::get<Command::Pause>(pause.what).lasts, hours(24 * 7));
  EXPECT_EQ(std::get<Command::Resume>(read("/v1/resume", R"({"reason":"x","rule":"r"})").what).rule,
            "r");
  EXPECT_EQ(std::get<Command::Revoke>(read("/v1/revoke", R"({"id":"o1","reason":"x"})").what).id,
            "o1");
  const auto reset = read("/v1/breaker/reset", R"({"shown":["s1","s2"],"reason":"fine"})");
  EXPECT_THAT(std::get<Command::ResetBreaker>(reset.what).shown, testing::ElementsAre("s1", "s2"));
}

TEST(Bodies, MoneyIsExactAsNumberAndAsText) {
  for (const char* by : {"0.1", "\"$0.10\"", "\"0.1\"", "1e-1"}) {
    const auto raise =
        read("/v1/budgets/raise", std::string(R"({"rule":"day","reason":"x","by":)") + by + "}");
    EXPECT_EQ(std::get<Command::Raise>(raise.what).by, Money::from_nano(100'000'000)) << by;
  }
  for (const char* by : {"0", "-1", "\"much\"", "1e400", "null", "true", "[1]"}) {
    EXPECT_THAT(error_of("/v1/budgets/raise",
                         std::string(R"({"rule":"day","reason":"x","by":)") + by + "}"),
                HasSubstr("'by'"));
  }
}

TEST(Bodies, WhatIsMissingIsNamed) {
  EXPECT_EQ(error_of("/v1/stop", R"({"reason":"x"})"), "'job' is missing");
  EXPECT_EQ(error_of("/v1/stop", R"({"job":"x"})"), "'reason' is missing");
  EXPECT_EQ(error_of("/v1/pause", R"({"reason":"x"})"), "'for_s' is missing");
  EXPECT_EQ(error_of("/v1/breaker/reset", R"({"reason":"x"})"), "'shown' is missing");
  EXPECT_EQ(error_of("/v1/resume", ""), "'reason' is missing");
}

TEST(Bodies, AnUnknownOrDoubledKeyIsNamed) {
  EXPECT_EQ(error_of("/v1/stop", R"({"job":"x","reason":"y","forse":true})"),
            "unknown key 'forse'");
  EXPECT_EQ(error_of("/v1/stop", R"({"job":"x","job":"z","reason":"y"})"),
            "more than one key 'job'");
}

TEST(Bodies, AWrongTypeIsNamed) {
  EXPECT_THAT(error_of("/v1/stop", R"({"job":7,"reason":"y"})"), HasSubstr("'job': expected"));
  EXPECT_THAT(error_of("/v1/stop", R"({"job":"","reason":"y"})"), HasSubstr("'job': expected"));
  EXPECT_THAT(error_of("/v1/stop", R"({"job":"x","force":"yes","reason":"y"})"),
              HasSubstr("'force': expected true or false"));
  EXPECT_THAT(error_of("/v1/breaker/reset", R"({"shown":"s1","reason":"y"})"),
              HasSubstr("'shown': expected a list"));
  EXPECT_THAT(error_of("/v1/breaker/reset", R"({"shown":[1],"reason":"y"})"),
              HasSubstr("'shown': expected the ids"));
  for (const char* text :
       {"[]", "7", "{", "{} {}", "\xff", R"({"a":{"a":{"a":{"a":{}}}}})", "null"})
    EXPECT_EQ(error_of("/v1/stop", text), "expected a JSON object as the body") << text;
}

TEST(Bodies, ADurationIsAboveZeroAndAtMostAWeek) {
  for (const char* bad : {"0", "-5", "604801", "1e400", "\"2h\"", "null", "1e-9"}) {
    EXPECT_THAT(error_of("/v1/pause", std::string(R"({"reason":"x","for_s":)") + bad + "}"),
                HasSubstr("'for_s': expected seconds"));
  }
}

TEST(Bodies, AReasonIsNotBlankAndAtMostAThousandCharacters) {
  std::string umlauts;
  for (int i = 0; i < 1000; ++i) umlauts += "ü";
  EXPECT_TRUE(is_reason(umlauts));
  EXPECT_FALSE(is_reason(umlauts + "x"));
  for (const char* bad : {"", " ", " \t\n", "7"}) {
    const std::string quoted = *bad == '7' ? "7" : std::string("\"") + bad + "\"";
    if (quoted.find_first_of("\t\n") != std::string::npos) continue;  // no JSON
    EXPECT_THAT(error_of("/v1/resume", "{\"reason\":" + quoted + "}"),
                HasSubstr("'reason': expected why"));
  }
  EXPECT_FALSE(is_reason(" \t\n"));
}

TEST(Bodies, TheJobOfACommandCanBeChanged) {
  auto stop = read("/v1/stop", R"({"job":"llm","reason":"x"})");
  ASSERT_NE(job_of(stop), nullptr);
  *job_of(stop) = "a/p/j";
  EXPECT_EQ(std::get<Command::StopJob>(stop.what).job, "a/p/j");
  auto pause = read("/v1/pause", R"({"for_s":1,"reason":"x"})");
  EXPECT_EQ(job_of(pause), nullptr);
}

TEST(Bodies, ACheckTakesFilesOrNone) {
  std::string error;
  EXPECT_FALSE(read_check("", error)->main.has_value());
  const auto two = read_check(
      R"({"files":[{"name":"a.yaml","text":"mode: observe"},{"name":"b.yaml","text":""}]})", error);
  ASSERT_TRUE(two.has_value()) << error;
  EXPECT_EQ(two->main->name, "a.yaml");
  EXPECT_EQ(two->rules.at(0).text, "");
  for (const char* bad : {R"({"files":[]})", R"({"files":[1]})", R"({"files":[{"name":"a"}]})",
                          R"({"files":[{"name":"a","text":"b","c":1}]})", R"({"path":"/etc"})"}) {
    EXPECT_FALSE(read_check(bad, error).has_value()) << bad;
    EXPECT_NE(error, "") << bad;
  }
}

TEST(Bodies, StatusTakesHowManyAndHowSoon) {
  std::string error;
  EXPECT_EQ(read_status({}, error)->jobs, 20U);
  const auto asked = read_status({{"jobs", "5"}, {"within", "3600"}}, error);
  EXPECT_EQ(asked->jobs, 5U);
  EXPECT_EQ(asked->within, hours(1));
  const std::vector<std::pair<std::string, std::string>> bad{
      {"jobs", "-1"},    {"jobs", ""},   {"jobs", "5x"},    {"jobs", "1000000"},
      {"within", "nan"}, {"within", ""}, {"within", "inf"}, {"limit", "5"}};
  for (const auto& each : bad) {
    error.clear();
    EXPECT_FALSE(read_status({each}, error).has_value()) << each.first << '=' << each.second;
    EXPECT_THAT(error, HasSubstr("'" + each.first + "'"));
  }
}

}  // namespace
}  // namespace trainstop::service
