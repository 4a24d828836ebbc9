// The command line: exit codes, places of problems, and what `check` finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

test::Ran run_with(std::vector<std::string> arguments,
                   std::map<std::string, std::string> environment = {}) {
  test::ChildOptions options;
  options.command = {binary()};
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  options.environment = std::move(environment);
  options.unset = {"E2E_KEY", "BASETEN_API_KEY", "CREDENTIALS_DIRECTORY"};
  return test::run(options, 20s);
}

constexpr const char* kConfig = R"(mode: observe
accounts: [{name: sim, api_key: {env: E2E_KEY}}]
rules:
  - {name: two-days, when: {running_for: 48h}}
)";

TEST(Commands, HelpAndVersionSucceed) {
  EXPECT_EQ(run_with({"--help"}).ending.code, 0);
  EXPECT_THAT(run_with({"--help"}).out, AllOf(HasSubstr("run"), HasSubstr("check")));
  EXPECT_THAT(run_with({"--version"}).out, HasSubstr("trainstop 0."));
  EXPECT_EQ(run_with({"run", "--help"}).ending.code, 0);
}

TEST(Commands, WrongUsageIsTwo) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"walk"}, {"run", "--fast"}, {"check", "a", "b"}}) {
    const auto ran = run_with(arguments);
    EXPECT_EQ(ran.ending.code, 2);
    EXPECT_NE(ran.err, "");
  }
}

TEST(Commands, CheckSaysThatAGoodFileIsGood) {
  const test::TempDir directory;
  const std::string file = directory.write("good.yaml", kConfig).string();
  const auto ran = run_with({"check", file, "--explain"});
  EXPECT_EQ(ran.ending.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr(file + ": ok, 1 rule\n"), HasSubstr("\ntwo-days: watches")));
}

TEST(Commands, EveryMistakeIsNamedWithItsPlaceInOnePass) {
  const test::TempDir directory;
  const std::string file = directory
                               .write("bad.yaml",
                                      "mode: enforce\n"
                                      "accounts: [{name: sim, api_key: {env: E2E_KEY}}]\n"
                                      "rules:\n"
                                      "  - name: a\n"
                                      "    when: {running_for: soon}\n"
                                      "    gracee: 1m\n")
                               .string();
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"check", file}, {"run", "--config", file}}) {
    const auto ran = run_with(command);
    EXPECT_EQ(ran.ending.code, 78);
    EXPECT_THAT(ran.err, AllOf(HasSubstr(file + ":5:"), HasSubstr(file + ":6:"),
                               HasSubstr("error:"), HasSubstr("'grace'")));
  }
}

TEST(Commands, AFileThatIsNotThereIsAConfigurationError) {
  EXPECT_EQ(run_with({"run", "--config", "/nonexistent/trainstop.yaml"}).ending.code, 78);
  EXPECT_THAT(run_with({"check", "/nonexistent/trainstop.yaml"}).err,
              HasSubstr("/nonexistent/trainstop.yaml"));
}

TEST(Commands, AMissingKeyNamesAccountAndSource) {
  const test::TempDir directory;
  const std::string file = directory.write("good.yaml", kConfig).string();
  const auto ran = run_with({"run", "--config", file});
  EXPECT_EQ(ran.ending.code, 78);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("account 'sim'"), HasSubstr("E2E_KEY is not set")));
}

/// By a shell that can redirect: the binary is "$1" there, and the file "$2".
test::Ran run_in_shell(const std::string& script, const std::string& file) {
  test::ChildOptions options;
  options.command = {"sh", "-c", script, "sh", binary(), file};
  options.unset = {"E2E_KEY", "BASETEN_API_KEY", "CREDENTIALS_DIRECTORY"};
  return test::run(options, 20s);
}

TEST(Commands, WhatStderrDoesNotTakeChangesNoExitCode) {
  const test::TempDir directory;
  const std::string file = directory.write("bad.yaml", "mode: enforc\n").string();
  for (const char* command : {"check \"$2\"", "run --config \"$2\""}) {
    for (const char* redirected : {" 2>/dev/full", " 2>&-", " >&- 2>&-", " <&- >&- 2>&-"}) {
      const auto ran = run_in_shell(std::string("\"$1\" ") + command + redirected, file);
      EXPECT_EQ(ran.ending.code, 78) << command << redirected;
    }
  }
  EXPECT_EQ(run_in_shell("\"$1\" walk 2>/dev/full", file).ending.code, 2);
}

TEST(Commands, OutputThatIsLostIsAFailure) {
  const test::TempDir directory;
  const std::string file = directory.write("good.yaml", kConfig).string();
  for (const char* command :
       {"check \"$2\"", "check --explain \"$2\"", "completion bash", "--help", "--version"}) {
    const auto full = run_in_shell(std::string("\"$1\" ") + command + " >/dev/full", file);
    EXPECT_EQ(full.ending.code, 1) << command;
    EXPECT_THAT(full.err, HasSubstr("standard output can't be written: No space left")) << command;
    const auto closed = run_in_shell(std::string("\"$1\" ") + command + " >&-", file);
    EXPECT_EQ(closed.ending.code, 1) << command;
  }
}

TEST(Commands, AnotherFailureKeepsItsCodeWhenOutputIsLost) {
  const test::TempDir directory;
  const std::string file = directory.write("bad.yaml", "mode: enforc\n").string();
  EXPECT_EQ(run_in_shell("\"$1\" check \"$2\" >/dev/full", file).ending.code, 78);
}

TEST(Commands, AnUnusableKeyIsNotShown) {
  const test::TempDir directory;
  const std::string file = directory.write("good.yaml", kConfig).string();
  const auto ran = run_with({"run", "--config", file}, {{"E2E_KEY", "two words"}});
  EXPECT_EQ(ran.ending.code, 78);
  EXPECT_THAT(ran.err + ran.out, Not(HasSubstr("two words")));
}

TEST(Commands, ATrustAnchorThatCannotBeReadIsAConfigurationError) {
  const test::TempDir directory;
  const std::string file =
      directory
          .write("ca.yaml",
                 "mode: observe\naccounts: [{name: sim, api_key: {env: E2E_KEY}, "
                 "ca_file: /nonexistent/ca.pem}]\nstate_dir: " +
                     directory.path().string() + "\n")
          .string();
  const auto ran = run_with({"run", "--config", file}, {{"E2E_KEY", kKey}});
  EXPECT_EQ(ran.ending.code, 78);
  EXPECT_THAT(ran.err, HasSubstr("/nonexistent/ca.pem"));
}

test::Ran check_online(const World& world) {
  return run_with({"check", world.config_file(), "--online"}, {{"E2E_KEY", kKey}});
}

TEST(CheckOnline, FindsKeyClockPricesAndProjects) {
  WorldOptions options;
  options.settings.projects = {{"proj1", "llm", "research"}};
  options.rules = "  - {name: cap, when: {cost: $400}}\n";
  World world(options);
  const auto ran = check_online(world);
  EXPECT_EQ(ran.ending.code, 0) << ran.err;
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("key: accepted"), HasSubstr("clock: agrees"),
                    HasSubstr("prices: 1 instance type"), HasSubstr("projects: 1 visible")));
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr(kKey)));
}

TEST(CheckOnline, SaysWhichLimitWouldStopAJobAtBirth) {
  WorldOptions options;
  options.rules = "  - {name: tiny, when: {all: [{cost: $1.50}, {running_for: 1m}]}}\n";
  World world(options);
  const auto ran = check_online(world);
  EXPECT_EQ(ran.ending.code, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("rule 'tiny'"), HasSubstr("H100:8x80"), HasSubstr("$1.73")));
}

TEST(CheckOnline, SaysWhichPriceNobodyKnows) {
  WorldOptions options;
  options.settings.instance_types.push_back(
      {"B200:8", "B200:8", 8, std::string("B200"), "1.33", false});
  options.rules =
      "  - {name: pot, budget: {limit: $400, per: day}}\n  - {name: old, when: {age: 9d}}\n";
  World world(options);
  sim::JobScript script;
  script.id = "costly";
  script.instance_type = "B200:8";
  world.add_job(script);
  world.add_running("priced");
  const auto ran = check_online(world);
  EXPECT_EQ(ran.ending.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("jobs: 2 alive"));
  EXPECT_THAT(ran.err,
              HasSubstr("none is known for instance type B200:8 (1 job alive), so that pot "
                        "can't count its cost"));
}

TEST(CheckOnline, SaysHowFarTheClocksAreApart) {
  WorldOptions options;
  options.settings.clock_offset = 1h;
  options.rules = "  - {name: cap, when: {cost: $400}}\n";
  World world(options);
  const auto ran = check_online(world);
  EXPECT_EQ(ran.ending.code, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("clock: 59m"), HasSubstr("behind the API's")));
}

TEST(CheckOnline, SaysThatTheKeyIsRefused) {
  WorldOptions options;
  options.rules = "  - {name: cap, when: {cost: $400}}\n";
  World world(options);
  world.api().change([](sim::Settings& settings) { settings.key = "another"; });
  const auto ran = check_online(world);
  EXPECT_EQ(ran.ending.code, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("key refused"), Not(HasSubstr(kKey))));
}

}  // namespace
}  // namespace trainstop::e2e
