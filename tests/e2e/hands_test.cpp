// A person's commands, from the command line to the API's own record.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <ctime>

#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

namespace json = boost::json;

class Hands : public testing::Test {
 protected:
  void begin(WorldOptions options, const Strings& jobs) {
    if (options.rules.empty()) options.rules = "  - {name: long, when: {running_for: 48h}}\n";
    world_ = std::make_unique<World>(options);
    for (const std::string& job : jobs) world_->add_running(job);
    world_->start();
    for (const std::string& job : jobs)
      ASSERT_TRUE(world_->wait_for_event("job.seen", kPatience, job)) << world_->daemon().err();
  }
  test::ChildOptions command(const Strings& arguments) const {
    test::ChildOptions options;
    options.command = {binary()};
    options.command.insert(options.command.end(), arguments.begin(), arguments.end());
    options.command.insert(options.command.end(),
                           {"--reason", "by hand", "--config", world_->config_file()});
    options.unset = {"TRAINSTOP_SOCKET", "STATE_DIRECTORY"};
    return options;
  }
  test::Ran run(const Strings& arguments) const { return test::run(command(arguments), kPatience); }
  /// With somebody at a terminal who gives this answer.
  test::Ran run_at_terminal(const std::string& arguments, const std::string& answer) const {
    test::ChildOptions options;
    options.command = {
        "script", "-qec",
        binary() + " " + arguments + " --reason x --socket " + world_->socket().string(),
        "/dev/null"};
    options.input = answer + "\n";
    return test::run(options, kPatience);
  }
  static json::object answer_of(const std::string& out) {
    boost::system::error_code error;
    const auto answer = json::parse(out, error);
    if (!error && answer.is_object()) return answer.as_object();
    ADD_FAILURE() << "no JSON object: " << out;
    return {};
  }
  static std::string text(const json::object& answer, const char* key) {
    const auto* const found = answer.if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
  }
  static std::string id_of(const test::Ran& ran) { return text(answer_of(ran.out), "id"); }
  void end() {
    EXPECT_EQ(world_->end(), 0);
    world_->expect_key_hidden();
  }

  std::unique_ptr<World> world_;
};

TEST_F(Hands, StopEndsTheJobAndWaitsUntilThatIsSeen) {
  begin({}, {"j1", "j2"});
  const auto ran = run({"stop", "j1", "--yes"});
  EXPECT_EQ(ran.ending.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("j1"), HasSubstr("ended at 20")));
  EXPECT_TRUE(world_->api().job("j1").ended_by_stop);
  world_->expect_only_stopped("j1");
  EXPECT_EQ(run({"stop", "j1", "--yes"}).ending.code, 1) << "it has ended";
  end();
}

TEST_F(Hands, StopAsksAtATerminalAndNoIsNo) {
  begin({}, {"j1"});
  const auto no = run_at_terminal("stop j1", "n");
  EXPECT_EQ(no.ending.code, 1);
  EXPECT_THAT(no.out, AllOf(HasSubstr("Stop job sim/j1 now? [y/N]"), HasSubstr("Nothing was")));
  EXPECT_EQ(world_->api().job("j1").stop_requests, 0);
  const auto nobody = run({"stop", "j1"});
  EXPECT_EQ(nobody.ending.code, 2);
  EXPECT_EQ(world_->api().job("j1").stop_requests, 0);
  const auto yes = run_at_terminal("stop j1", "y");
  EXPECT_EQ(yes.ending.code, 0) << yes.out;
  EXPECT_TRUE(world_->api().job("j1").ended_by_stop);
  end();
}

TEST_F(Hands, StopTellsAScriptWhatCameOfIt) {
  begin({}, {"j1", "j2"});
  const json::object stopped = answer_of(run({"stop", "j1", "--yes", "--json"}).out);
  EXPECT_EQ(text(stopped, "outcome"), "confirmed");
  EXPECT_EQ(text(stopped, "message"), "the stop is under way");
  EXPECT_EQ(text(stopped, "status"), "STOPPED");
  EXPECT_THAT(text(stopped, "ended_at"), testing::StartsWith("20"));
  EXPECT_THAT(text(stopped, "upshot"), HasSubstr("stopped by trainstop"));
  EXPECT_NE(text(stopped, "stop"), "");
  const json::object sent = answer_of(run({"stop", "j2", "--yes", "--json", "--no-wait"}).out);
  EXPECT_FALSE(sent.contains("outcome"));
  EXPECT_FALSE(sent.contains("status"));
  EXPECT_TRUE(world_->wait_until_stopped("j2", kPatience)) << world_->daemon().err();
  end();
}

TEST_F(Hands, AJobThatEndsByItselfBeforeItsStopIsToldApart) {
  WorldOptions options;
  options.settings.stop_latency = kPatience;
  begin(options, {"j1"});
  test::ChildOptions stop = command({"stop", "j1", "--yes", "--json"});
  test::Child child(stop);
  ASSERT_TRUE(world_->wait_for_event("stop.accepted", kPatience, "j1")) << world_->daemon().err();
  world_->api().set_status("j1", sim::kCompleted);
  const auto ending = child.wait(kPatience);
  ASSERT_TRUE(ending && ending->exited) << child.err();
  EXPECT_EQ(ending->code, 0);
  const json::object answer = answer_of(child.out());
  EXPECT_EQ(text(answer, "outcome"), "ended");
  EXPECT_EQ(text(answer, "status"), "COMPLETED");
  end();
}

TEST_F(Hands, AStopThatNothingCanBeToldOfIsCarriedOut) {
  begin({}, {"j1"});
  test::ChildOptions options = command({"stop", "j1", "--yes", "--json"});
  const Strings shell{"sh", "-c", "\"$@\" >/dev/full 2>/dev/full", "sh"};
  options.command.insert(options.command.begin(), shell.begin(), shell.end());
  EXPECT_EQ(test::run(options, kPatience).ending.code, 1);
  EXPECT_TRUE(world_->api().job("j1").ended_by_stop);
  end();
}

TEST_F(Hands, WhoIsAskedSeesWhatIsAboutToHappenAlsoWithJson) {
  begin({}, {"j1"});
  const std::string file = (world_->directory().path() / "answer").string();
  const auto stop = run_at_terminal("stop j1 --json --no-wait >" + file, "n");
  EXPECT_EQ(stop.ending.code, 1);
  EXPECT_THAT(stop.out, AllOf(HasSubstr("by rule long"), HasSubstr("Stop job sim/j1 now? [y/N]")));
  EXPECT_EQ(test::read_file(file), "");
  EXPECT_EQ(run({"pause", "--for", "1h"}).ending.code, 0);
  const auto resume = run_at_terminal("resume --json >" + file, "y");
  EXPECT_EQ(resume.ending.code, 0) << resume.out;
  EXPECT_THAT(resume.out, AllOf(HasSubstr("sim/j1 (j1), rule long"), HasSubstr("[y/N]")));
  EXPECT_THAT(text(answer_of(test::read_file(file)), "message"), HasSubstr("resumed"));
  const auto yes = run_at_terminal("stop j1 --json --yes --no-wait >" + file, "");
  EXPECT_EQ(yes.ending.code, 0) << yes.out;
  EXPECT_THAT(yes.out, Not(HasSubstr("by rule long")));
  EXPECT_EQ(text(answer_of(test::read_file(file)), "message"), "the stop is under way");
  EXPECT_TRUE(world_->wait_until_stopped("j1", kPatience)) << world_->daemon().err();
  end();
}

TEST_F(Hands, AnExemptJobIsStoppedByForceAlone) {
  begin({}, {"j1"});
  const auto exempt = run({"exempt", "j1", "--for", "2h", "--json"});
  EXPECT_EQ(exempt.ending.code, 0) << exempt.err;
  EXPECT_NE(id_of(exempt), "");
  EXPECT_EQ(run({"stop", "sim/j1", "--yes"}).ending.code, 1);
  EXPECT_EQ(world_->api().job("j1").stop_requests, 0);
  EXPECT_EQ(run({"stop", "sim/j1", "--yes", "--force", "--no-wait"}).ending.code, 0);
  EXPECT_TRUE(world_->wait_until_stopped("j1", kPatience)) << world_->daemon().err();
  end();
}

TEST_F(Hands, AnOverrideIsRevokedOnce) {
  begin({}, {"j1"});
  const std::string pause = id_of(run({"pause", "--for", "1h", "--json"}));
  ASSERT_NE(pause, "");
  const auto revoked = run({"revoke", pause});
  EXPECT_EQ(revoked.ending.code, 0) << revoked.err;
  EXPECT_EQ(run({"revoke", pause}).ending.code, 3);
  EXPECT_EQ(run({"extend", "j1", "--rule", "long", "--by", "1h"}).ending.code, 0);
  EXPECT_EQ(run({"extend", "j1", "--rule", "none", "--by", "1h"}).ending.code, 3);
  end();
}

TEST_F(Hands, ANameThatTwoJobsBearIsFive) {
  begin({}, {});
  for (const char* id : {"a1", "a2"}) {
    sim::JobScript script;
    script.id = id;
    script.name = "twin";
    world_->add_job(script);
  }
  for (const char* id : {"a1", "a2"})
    ASSERT_TRUE(world_->wait_for_event("job.seen", kPatience, id)) << world_->daemon().err();
  const auto ran = run({"stop", "twin", "--yes"});
  EXPECT_EQ(ran.ending.code, 5);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("\n  sim/a1\n"), HasSubstr("\n  sim/a2\n")));
  world_->expect_only_stopped("");
  end();
}

TEST_F(Hands, ABreakerIsResetWhileTheDaemonRuns) {
  const std::time_t at = std::time(nullptr) + 5;
  std::tm parts{};
  ::gmtime_r(&at, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  WorldOptions options;
  options.safety = "max_stops: {count: 1, per: 1h}";
  options.rules = std::string("  - {name: limit, when: {deadline: \"") + text.data() + "\"}}\n";
  begin(options, {"j1", "j2"});
  for (const char* id : {"j1", "j2"})
    ASSERT_TRUE(world_->wait_for_event("stop.held", kPatience, id)) << world_->daemon().err();
  const auto what = AllOf(HasSubstr("The breaker is open since 20"), HasSubstr("It holds 2 stops:"),
                          HasSubstr("sim/j1 (j1), rule limit"));
  for (const char* to : {"", " --json >/dev/null"}) {
    const auto refused = run_at_terminal(std::string("breaker reset") + to, "n");
    EXPECT_EQ(refused.ending.code, 1) << refused.out;
    EXPECT_THAT(refused.out, AllOf(what, HasSubstr("[y/N]"))) << to;
  }
  world_->expect_only_stopped("");
  const auto done = run({"breaker", "reset"});  // nobody can be asked
  EXPECT_EQ(done.ending.code, 0) << done.err;
  EXPECT_THAT(done.out, what);
  for (const char* id : {"j1", "j2"})
    EXPECT_TRUE(world_->wait_until_stopped(id, kPatience)) << world_->daemon().err();
  const auto again = run({"breaker", "reset", "--yes"});
  EXPECT_EQ(again.ending.code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("not open"));
  end();
}

}  // namespace
}  // namespace trainstop::e2e
