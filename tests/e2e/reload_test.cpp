// Other rules for a daemon that runs: what they would do is said before, a broken file changes
// nothing, and what was told of unchanged rules stays told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

class Reload : public testing::Test {
 protected:
  void begin(const std::string& rules, const std::string& first_notice = "0s") {
    WorldOptions options;
    options.rules = rules_ = rules;
    options.first_notice = first_notice;
    world_ = std::make_unique<World>(options);
    for (const char* job : {"j1", "j2"}) world_->add_running(job);
    world_->start();
    for (const char* job : {"j1", "j2"})
      ASSERT_TRUE(world_->wait_for_event("job.seen", kPatience, job)) << world_->daemon().err();
  }
  /// The file's rules are these from now on.
  void write(const std::string& rules) {
    std::stringstream text;
    text << std::ifstream(world_->config_file()).rdbuf();
    std::string changed = text.str();
    changed.replace(changed.find(rules_), rules_.size(), rules);
    rules_ = rules;
    std::ofstream(world_->config_file()) << changed;
  }
  test::Ran run(const Strings& arguments) const {
    test::ChildOptions options;
    options.command = {binary()};
    options.command.insert(options.command.end(), arguments.begin(), arguments.end());
    options.unset = {"TRAINSTOP_SOCKET", "STATE_DIRECTORY"};
    return test::run(options, kPatience);
  }
  test::Ran reload(const Strings& more) const {
    Strings arguments{"reload", "--socket", world_->socket().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }

  std::string rules_;
  std::unique_ptr<World> world_;
};

constexpr const char* kLong = "  - {name: long, when: {running_for: 48h}}\n";
constexpr const char* kShort =
    "  - {name: long, when: {running_for: 48h}}\n"
    "  - {name: short, match: {job: j1}, when: {running_for: 1s}}\n";

TEST_F(Reload, SaysWhatItWouldDoAndThenDoesIt) {
  begin(kLong);
  write(kShort);
  const auto dry = reload({"--dry-run"});
  EXPECT_EQ(dry.ending.code, 0) << dry.err;
  EXPECT_THAT(dry.out, AllOf(HasSubstr("rules: 1 added"), HasSubstr("  added: short\n"),
                             HasSubstr("j1"), HasSubstr("rule short"), Not(HasSubstr("j2"))));
  EXPECT_EQ(world_->api().job("j1").stop_requests, 0);
  const auto done = reload({"--yes"});
  EXPECT_EQ(done.ending.code, 0) << done.err;
  EXPECT_TRUE(world_->wait_until_stopped("j1", kPatience)) << world_->daemon().err();
  EXPECT_EQ(world_->end(), 0);
  world_->expect_only_stopped("j1");
  EXPECT_EQ(world_->count("config.loaded"), 2U);
}

TEST_F(Reload, ShowsWhatItWouldDoToWhomItAsksAlsoWithJson) {
  begin(kLong);
  write(kShort);
  test::ChildOptions options;
  options.command = {
      "script", "-qec",
      binary() + " reload --json --socket " + world_->socket().string() + " >/dev/null",
      "/dev/null"};
  options.input = "n\n";
  const auto ran = test::run(options, kPatience);
  EXPECT_EQ(ran.ending.code, 1);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("added: short"), HasSubstr("rule short"),
                             HasSubstr("Take the new configuration? [y/N]")));
  EXPECT_EQ(world_->end(), 0);
  EXPECT_EQ(world_->count("config.loaded"), 1U);
}

TEST_F(Reload, GivesNoticeToWhatIsOverAlready) {
  begin(kLong, "1h");
  // At one a second: by then it has run for longer than the new rule allows.
  ASSERT_TRUE(world_->wait_for_requests(sim::Endpoint::search, 3, kPatience));
  write(kShort);
  EXPECT_EQ(reload({"--yes"}).ending.code, 0);
  EXPECT_TRUE(world_->wait_for_event("rule.tripped", kPatience, "j1")) << world_->daemon().err();
  EXPECT_EQ(world_->end(), 0);
  EXPECT_EQ(world_->api().job("j1").stop_requests, 0);
}

TEST_F(Reload, ABrokenFileChangesNothingAndIsTold) {
  begin(kLong);
  write("  - {name: long, when: {running_fro: 48h}}\n");
  const auto dry = reload({"--dry-run"});
  EXPECT_EQ(dry.ending.code, 78);
  EXPECT_THAT(dry.err, HasSubstr("running_for"));
  const auto ran = reload({});
  EXPECT_EQ(ran.ending.code, 78);
  EXPECT_THAT(ran.err, HasSubstr("running_for"));
  EXPECT_EQ(ran.err.find("running_fro"), ran.err.rfind("running_fro")) << "once: " << ran.err;
  EXPECT_TRUE(world_->wait_for_event("config.rejected", kPatience)) << world_->daemon().err();
  world_->daemon().send_signal(SIGHUP);
  ASSERT_TRUE(world_->wait_for_requests(sim::Endpoint::search, 2, kPatience));
  EXPECT_EQ(world_->end(), 0);
  EXPECT_EQ(world_->count("config.rejected"), 2U) << "a dry run is not told, a signal is";
  EXPECT_EQ(world_->count("config.loaded"), 1U);
}

TEST(Log, AFileThatWasMovedAwayIsOpenedAnewOnASignal) {
  const test::TempDir directory;
  const auto file = directory.path() / "log", moved = directory.path() / "log.1";
  WorldOptions options;
  options.rules = kLong;
  options.log = "{file: " + file.string() + "}";
  World world(options);
  world.start();
  ASSERT_TRUE(world.wait_for_requests(sim::Endpoint::search, 2, kPatience));
  std::filesystem::rename(file, moved);
  world.daemon().send_signal(SIGUSR1);
  // Of two signals that wait the later is served first: it must be past this one before its end.
  ASSERT_TRUE(world.wait_for_requests(sim::Endpoint::search, 4, kPatience));
  EXPECT_EQ(world.end(), 0);
  EXPECT_THAT(test::read_file(moved), HasSubstr("event=daemon.started"));
  EXPECT_THAT(test::read_file(moved), Not(HasSubstr("event=daemon.stopping")));
  EXPECT_THAT(test::read_file(file), HasSubstr("event=daemon.stopping"));
}

TEST_F(Reload, ASignalDoesItWithoutAsking) {
  begin(kLong);
  write(kShort);
  world_->daemon().send_signal(SIGHUP);
  EXPECT_TRUE(world_->wait_until_stopped("j1", kPatience)) << world_->daemon().err();
  EXPECT_EQ(world_->end(), 0);
  world_->expect_only_stopped("j1");
}

TEST_F(Reload, AFileThatIsNotInstalledIsCheckedAgainstTheRunningDaemon) {
  begin(kLong);
  write(kShort);
  const auto ran =
      run({"check", "--live", "--socket", world_->socket().string(), world_->config_file()});
  EXPECT_EQ(ran.ending.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("j1"), HasSubstr("rule short")));
  ASSERT_TRUE(world_->wait_for_requests(sim::Endpoint::search, 2, kPatience));
  EXPECT_EQ(world_->end(), 0);
  EXPECT_EQ(world_->api().job("j1").stop_requests, 0);
}

TEST_F(Reload, OtherAccountsNeedARestart) {
  begin(kLong);
  std::stringstream text;
  text << std::ifstream(world_->config_file()).rdbuf();
  std::string changed = text.str();
  const auto name = changed.find("name: sim");
  ASSERT_NE(name, std::string::npos) << changed;
  changed.replace(name, 9, "name: two");
  std::ofstream(world_->config_file()) << changed;
  const auto ran = reload({"--yes"});
  EXPECT_NE(ran.ending.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("restart"));
  EXPECT_EQ(world_->end(), 0);
}

}  // namespace
}  // namespace trainstop::e2e
