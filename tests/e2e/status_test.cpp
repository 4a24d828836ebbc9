// status, explain, rules and budgets of the real binary: from the running daemon over its socket,
// and from the journal when it is away. Exit codes are what scripts decide by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace json = boost::json;

constexpr int kImpaired = 4;
constexpr int kUnreachable = 69;

WorldOptions options() {
  WorldOptions options;
  options.rules =
      "  - {name: two-days, when: {running_for: 48h}}\n"
      "  - {name: at-once, match: {job: \"stop-*\"}, when: {running_for: 2s}}\n";
  options.settings.stop_latency = 200ms;
  return options;
}

test::ChildOptions command(const World& world, const std::vector<std::string>& arguments) {
  test::ChildOptions options;
  options.command = {binary()};
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  options.command.insert(options.command.end(), {"--config", world.config_file()});
  options.unset = {"E2E_KEY", "STATE_DIRECTORY", "TRAINSTOP_SOCKET"};
  return options;
}

test::Ran ask(const World& world, const std::vector<std::string>& arguments) {
  return test::run(command(world, arguments), kPatience);
}

/// Standard output goes to a full disk.
test::Ran ask_in_vain(const World& world, const std::vector<std::string>& arguments) {
  test::ChildOptions options = command(world, arguments);
  const std::vector<std::string> shell{"sh", "-c", "\"$@\" >/dev/full", "sh"};
  options.command.insert(options.command.begin(), shell.begin(), shell.end());
  return test::run(options, kPatience);
}

json::object parsed(const test::Ran& ran) {
  boost::system::error_code error;
  const auto value = json::parse(ran.out, error);
  if (!error && value.is_object()) return value.as_object();
  ADD_FAILURE() << "no JSON object: " << ran.out << ran.err;
  return {};
}

TEST(Status, IsTheDaemonsAndThenItsJournals) {
  World world(options());
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  world.add_running("train-1");
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "train-1"));
  const auto well = ask(world, {"status"});
  EXPECT_EQ(well.ending.code, 0) << well.err;
  EXPECT_THAT(well.out, AllOf(HasSubstr("enforces"), HasSubstr("1 live, $52.00/h"),
                              HasSubstr("train-1"), HasSubstr("two-days"), HasSubstr("closed")));
  EXPECT_THAT(well.out, Not(HasSubstr("\x1b"))) << "no terminal, no colour";
  const json::object status = parsed(ask(world, {"status", "--json"}));
  EXPECT_EQ(status.at("jobs").as_array().size(), 1U);
  EXPECT_TRUE(status.at("impaired").as_array().empty());
  EXPECT_THAT(ask(world, {"status", "--next", "72h"}).out, HasSubstr("train-1"));
  EXPECT_THAT(ask(world, {"rules"}).out, AllOf(HasSubstr("two-days"), HasSubstr("train-1")));

  const auto explained = ask(world, {"explain", "train-1"});
  EXPECT_EQ(explained.ending.code, 0) << explained.err;
  EXPECT_THAT(explained.out,
              AllOf(HasSubstr("by rule two-days if nothing changes"),
                    HasSubstr("at-once does not apply: match: its job does not fit")));
  EXPECT_EQ(ask(world, {"explain", "nobody"}).ending.code, 3);

  world.daemon().send_signal(SIGKILL);
  ASSERT_TRUE(world.daemon().wait(kPatience));
  const auto away = ask(world, {"status"});
  EXPECT_EQ(away.ending.code, kUnreachable);
  EXPECT_THAT(away.out, AllOf(HasSubstr("train-1"), HasSubstr("two-days")));
  EXPECT_THAT(away.err, HasSubstr("from the journal"));
  const auto known = ask(world, {"explain", "train-1"});
  EXPECT_EQ(known.ending.code, kUnreachable);
  EXPECT_THAT(known.out, HasSubstr("by rule two-days if nothing changes"));
  world.expect_key_hidden();
}

TEST(Status, IsImpairedWhileTheKeyIsRefused) {
  World world(options());
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  sim::Fault refused;
  refused.kind = sim::FaultKind::status;
  refused.status = 401;
  refused.count = sim::kAlways;
  world.api().add_fault(refused);
  ASSERT_TRUE(world.wait_for_event("api.auth_failed", kPatience)) << world.daemon().err();
  const auto ran = ask(world, {"status"});
  EXPECT_EQ(ran.ending.code, kImpaired) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("the key is refused"));
  EXPECT_EQ(world.end(), 0);
}

TEST(Status, AnAnswerThatIsLostIsAFailure) {
  World world(options());
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  world.add_running("train-1");
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "train-1"));
  using Strings = std::vector<std::string>;
  for (const Strings& arguments :
       {Strings{"status"}, Strings{"rules"}, Strings{"explain", "train-1"}, Strings{"budgets"},
        Strings{"overrides"}, Strings{"events"}, Strings{"journal", "info"},
        Strings{"journal", "check"}, Strings{"rules", "--json"}}) {
    const auto ran = ask_in_vain(world, arguments);
    EXPECT_EQ(ran.ending.code, 1) << arguments[0] << ": " << ran.err;
  }
  EXPECT_EQ(ask_in_vain(world, {"explain", "nobody"}).ending.code, 3) << "it has a code already";
  EXPECT_EQ(world.end(), 0);
  EXPECT_EQ(ask_in_vain(world, {"rules"}).ending.code, kUnreachable);
}

TEST(Explain, SaysNothingOfAConfigurationThatItNeedsNot) {
  World world(options());
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  world.add_running("done-1");
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "done-1"));
  world.api().set_status("done-1", sim::kCompleted);
  ASSERT_TRUE(world.wait_for_event("job.ended", kPatience, "done-1"));
  const auto explain = [&](const std::string& job) {
    test::ChildOptions options;
    options.command = {binary(), "explain", job, "--config", "/nonexistent/trainstop.yaml"};
    options.environment = {{"TRAINSTOP_SOCKET", world.socket().string()}};
    options.unset = {"E2E_KEY", "STATE_DIRECTORY"};
    return test::run(options, kPatience);
  };
  const auto ended = explain("done-1");
  EXPECT_EQ(ended.ending.code, 0);
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(ended.out, HasSubstr("by itself"));
  const auto unknown = explain("nobody");
  EXPECT_EQ(unknown.ending.code, 3);
  EXPECT_EQ(unknown.err, "no job is known by 'nobody'\n");
  EXPECT_EQ(world.end(), 0);
}

TEST(Events, OfOneOfSeveralJobsOfANameAreFoundByWhatMessagesPrint) {
  World world(options());
  world.start();
  for (const char* id : {"a1", "a2"}) {
    sim::JobScript script;
    script.id = id;
    script.name = "twin";
    world.add_job(std::move(script));
    ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, id)) << world.daemon().err();
  }
  EXPECT_EQ(world.end(), 0);
  for (const char* name : {"sim/a1", "sim/proj1/a1"}) {
    const auto ran = ask(world, {"events", "--json", "--job", name});
    EXPECT_EQ(ran.ending.code, 0) << ran.err;
    EXPECT_THAT(ran.out, AllOf(HasSubstr("\"job\":\"a1\""), Not(HasSubstr("\"job\":\"a2\""))));
  }
  EXPECT_EQ(ask(world, {"events", "--job", "sim/proj1/a3"}).ending.code, 3);
  EXPECT_EQ(ask(world, {"events", "--job", ""}).ending.code, 2);
  const auto twins = ask(world, {"explain", "twin"});
  EXPECT_EQ(twins.ending.code, 5);
  EXPECT_THAT(twins.err, HasSubstr("\n  sim/proj1/a1\n"));
  EXPECT_EQ(ask(world, {"explain", "sim/proj1/a1"}).ending.code, kUnreachable);
}

TEST(Explain, TellsWhyAJobWasStoppedAndWhyAnotherWasNot) {
  World world(options());
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  world.add_running("stop-1");
  world.add_running("done-1");
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "done-1"));
  world.api().set_status("done-1", sim::kCompleted);
  ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "stop-1"));
  ASSERT_TRUE(world.wait_for_event("job.ended", kPatience, "done-1"));
  const auto stopped = ask(world, {"explain", "stop-1"});
  EXPECT_EQ(stopped.ending.code, 0) << stopped.err;
  EXPECT_THAT(stopped.out, AllOf(HasSubstr("stopped by trainstop"), HasSubstr("by rule at-once"),
                                 HasSubstr("running_for"), HasSubstr("stop.confirmed")));
  EXPECT_THAT(ask(world, {"explain", "done-1"}).out, HasSubstr("no rule tripped"));
  EXPECT_EQ(world.end(), 0);
  // The daemon is gone, and the job with it from what is present; its events are not.
  EXPECT_THAT(ask(world, {"explain", "stop-1"}).out, HasSubstr("It was stopped by rule at-once"));
}

}  // namespace
}  // namespace trainstop::e2e
