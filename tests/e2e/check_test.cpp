// `trainstop check`: what it warns of, and its one JSON object in every form of the command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>

#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSoundHead = "mode: observe\naccounts: [{name: sim, api_key: ";

test::Ran run_check(std::vector<std::string> arguments,
                    std::map<std::string, std::string> environment = {}) {
  test::ChildOptions options;
  options.command = {binary(), "check"};
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  options.environment = std::move(environment);
  options.unset = {"E2E_KEY", "BASETEN_API_KEY", "CREDENTIALS_DIRECTORY", "TRAINSTOP_SOCKET"};
  return test::run(options, 20s);
}

class Check : public testing::Test {
 protected:
  /// A configuration whose account has that source of its key.
  std::string config(const std::string& rest, const std::string& key = "{env: E2E_KEY}") {
    return directory.write("c.yaml", kSoundHead + key + "}]\n" + rest).string();
  }
  /// A file with these permissions.
  std::string secret(const std::string& name, fs::perms permissions) {
    const fs::path path = directory.write(name, "sk-abc");
    fs::permissions(path, permissions);
    return path.string();
  }

  test::TempDir directory;
};

/// stdout as one JSON object; an empty one when it is none.
json::object object_of(const test::Ran& ran) {
  boost::system::error_code error;
  const json::value value = json::parse(ran.out, error);
  EXPECT_FALSE(error) << ran.out;
  return value.is_object() ? value.as_object() : json::object{};
}

TEST_F(Check, WarnsOfLimitsThatThePricesOfTheFileMakeTooSmall) {
  const std::string file = config(
      "prices: {\"H100:8x80\": $0.86667/min, A100x8: $52.00/h}\n"
      "rules:\n"
      "  - {name: tiny, match: {gpu_type: A100}, when: {cost: $0.01}}\n"
      "  - {name: pot, match: {instance_type: \"H100*\"}, exclude: {gpu_type: A100}, budget: "
      "{limit: $0.50, per: hour}}\n"
      "  - {name: fine, when: {cost: $5}}\n");
  const auto ran = run_check({file});
  EXPECT_EQ(ran.ending.code, 0);
  EXPECT_THAT(ran.out, HasSubstr(": ok, 3 rules\n"));
  EXPECT_THAT(ran.err, AllOf(HasSubstr(file + ":5:5: warning: rule 'tiny': cost $0.01 would stop a "
                                              "job on A100x8 at birth"),
                             HasSubstr(file + ":6:5: warning: rule 'pot': a budget of $0.50 would "
                                              "stop a job on H100:8x80 at birth")));
  EXPECT_THAT(ran.err, Not(HasSubstr("'fine'")));
}

TEST_F(Check, WarnsOfSecretsThatTheDaemonWouldRefuse) {
  using fs::perms;
  const perms others = perms::owner_read | perms::owner_write | perms::others_read;
  const std::string rest =
      "notify: [{name: n, url: {file: " + secret("url", perms::owner_read | perms::group_read) +
      "}, hmac: {file: " + secret("hmac", others) +
      "}}]\nheartbeat: {url: {file: " + secret("beat", others) +
      "}}\nrules: [{name: r, when: {age: 1d}}]\n";
  const std::string file = config(rest, "{file: " + secret("key", others) + "}");
  const auto ran = run_check({file});
  EXPECT_EQ(ran.ending.code, 0) << ran.err;
  for (const char* name : {"key", "url", "hmac", "beat"}) {
    const std::string path = (directory.path() / name).string();
    EXPECT_THAT(ran.err, AllOf(HasSubstr("warning: file '" + path + "': others can read it (mode "),
                               HasSubstr("chmod 600 " + path + "\n")));
  }
  EXPECT_THAT(ran.err, HasSubstr(file + ":2:33: warning: file "));
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr("sk-abc")));
}

TEST_F(Check, IsSilentOfSecretsThatAreFineOrThatItCannotSee) {
  const std::string rules = "rules: [{name: r, when: {age: 1d}}]\n";
  for (const std::string& path :
       {secret("key", fs::perms::owner_read), (directory.path() / "none").string(),
        directory.path().string()}) {
    const auto ran = run_check({config(rules, "{file: " + path + "}")});
    EXPECT_EQ(ran.ending.code, 0) << path;
    EXPECT_EQ(ran.err, "") << path;
  }
}

TEST_F(Check, OfAGoodFileIsAnObjectToo) {
  const std::string file = config("rules: [{name: two-days, when: {running_for: 48h}}]\n");
  const auto plain = run_check({file, "--json"});
  EXPECT_EQ(plain.ending.code, 0);
  EXPECT_EQ(plain.err, "");
  EXPECT_EQ(object_of(plain), (json::object{{"v", 1}, {"ok", true}, {"problems", json::array{}}}));
  const auto explained = run_check({"--explain", "--json", file});
  const json::object answer = object_of(explained);
  EXPECT_TRUE(answer.at("ok").as_bool());
  const json::array& rules = answer.at("rules").as_array();
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].at("name"), json::value("two-days"));
  EXPECT_THAT(std::string(rules[0].at("words").as_string()), HasSubstr("two-days: watches"));
}

TEST_F(Check, OfAWrongFileIsAnObjectToo) {
  const std::string file =
      config("lists: {l: [x]}\nrules: [{name: a, when: {running_for: soon}}]\n");
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{}, {"--explain"}, {"--online"}, {"--live"}}) {
    std::vector<std::string> arguments{file, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto ran = run_check(arguments);
    EXPECT_EQ(ran.ending.code, 78);
    EXPECT_EQ(ran.err, "");
    const json::object answer = object_of(ran);
    EXPECT_EQ(answer.size(), 3U);
    EXPECT_FALSE(answer.at("ok").as_bool());
    const json::array& problems = answer.at("problems").as_array();
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(problems[0].at("severity"), json::value("warning"));
    EXPECT_EQ(problems[1].at("severity"), json::value("error"));
    EXPECT_EQ(problems[1].at("file"), json::value(file));
    EXPECT_EQ(problems[1].at("line"), json::value(4));
    EXPECT_EQ(problems[1].at("column"), json::value(39));
    EXPECT_THAT(std::string(problems[1].at("message").as_string()), HasSubstr("'running_for' is"));
  }
  const auto none = run_check({"/nonexistent/trainstop.yaml", "--json"});
  EXPECT_EQ(none.ending.code, 78);
  EXPECT_EQ(object_of(none).at("problems").as_array().size(), 1U);
}

TEST_F(Check, OfAnApiIsAnObjectToo) {
  WorldOptions options;
  options.rules = "  - {name: cap, when: {cost: $400}}\n";
  World world(options);
  const auto good = run_check({world.config_file(), "--online", "--json"}, {{"E2E_KEY", kKey}});
  EXPECT_EQ(good.ending.code, 0) << good.out;
  EXPECT_EQ(good.err, "");
  const json::object answer = object_of(good);
  EXPECT_TRUE(answer.at("ok").as_bool());
  const json::array& online = answer.at("online").as_array();
  ASSERT_FALSE(online.empty());
  EXPECT_EQ(online[0],
            json::value({{"ok", true}, {"message", "key: accepted"}, {"account", "sim"}}));
  const auto keyless = run_check({world.config_file(), "--online", "--json"});
  EXPECT_EQ(keyless.ending.code, 78);
  const json::object without = object_of(keyless);
  EXPECT_FALSE(without.at("ok").as_bool());
  ASSERT_EQ(without.at("online").as_array().size(), 1U);
  EXPECT_FALSE(without.at("online").at(0).as_object().contains("account"));
}

TEST_F(Check, OfALimitAgainstTheApisPricesSaysItOnce) {
  WorldOptions options;
  options.top = "prices: {A100x8: $52.00/h}";
  options.rules =
      "  - {name: tiny, when: {cost: $0.01}}\n"
      "  - {name: other, match: {instance_type: none-such}, exclude: {gpu_type: A100}, when: "
      "{cost: $0.01}}\n";
  World world(options);
  const auto ran = run_check({world.config_file(), "--online", "--json"}, {{"E2E_KEY", kKey}});
  EXPECT_EQ(ran.ending.code, 1);
  const json::object answer = object_of(ran);
  EXPECT_FALSE(answer.at("ok").as_bool());
  EXPECT_TRUE(answer.at("problems").as_array().empty());
  std::vector<std::string> wrong;
  for (const json::value& found : answer.at("online").as_array()) {
    if (!found.at("ok").as_bool()) wrong.emplace_back(found.at("message").as_string());
  }
  EXPECT_THAT(wrong, testing::ElementsAre(HasSubstr("rule 'tiny': cost $0.01 would stop a job on "
                                                    "A100x8"),
                                          HasSubstr("a job on H100:8x80")));
}

TEST_F(Check, OfADaemonIsAnObjectToo) {
  WorldOptions options;
  options.rules = "  - {name: long, when: {running_for: 9d}}\n";
  World world(options);
  const std::vector<std::string> command{world.config_file(), "--live", "--json"};
  const auto away = run_check(command);
  EXPECT_EQ(away.ending.code, 69);
  EXPECT_FALSE(object_of(away).at("ok").as_bool());
  EXPECT_THAT(std::string(object_of(away).at("error").as_string()), HasSubstr("No such file"));
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  const auto ran = run_check(command);
  EXPECT_EQ(ran.ending.code, 0) << ran.err;
  const json::object answer = object_of(ran);
  EXPECT_TRUE(answer.at("ok").as_bool());
  EXPECT_TRUE(answer.at("problems").as_array().empty());
  for (const char* member : {"message", "stops", "warns"})
    EXPECT_TRUE(answer.contains(member)) << member << ran.out;
  EXPECT_EQ(world.end(), 0);
}

}  // namespace
}  // namespace trainstop::e2e
