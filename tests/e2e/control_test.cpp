// The control socket of the real daemon: who gets what, and what its commands say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using Strings = std::vector<std::string>;

test::Ran run_command(Strings command, std::map<std::string, std::string> environment = {}) {
  test::ChildOptions options;
  options.command = std::move(command);
  options.environment = std::move(environment);
  options.unset = {"E2E_KEY", "BASETEN_API_KEY", "TRAINSTOP_SOCKET", "STATE_DIRECTORY"};
  return test::run(options, kPatience);
}

test::Ran trainstop(Strings arguments, std::map<std::string, std::string> environment = {}) {
  arguments.insert(arguments.begin(), binary());
  return run_command(std::move(arguments), std::move(environment));
}

test::Ran curl(const World& world, const std::string& target, const std::string& body = {}) {
  Strings command{"curl",
                  "-s",
                  "-w",
                  " %{http_code}",
                  "--unix-socket",
                  world.socket().string(),
                  "http://trainstop" + target};
  if (!body.empty()) command.insert(command.end(), {"-d", body});
  return run_command(std::move(command));
}

WorldOptions quiet() {
  WorldOptions options;
  options.rules = "  - {name: long, when: {running_for: 48h}}\n";
  return options;
}

void begin(World& world) {
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
}

TEST(Control, AnswersAnyHttpClient) {
  World world(quiet());
  begin(world);
  const auto status = curl(world, "/v1/status?jobs=5");
  EXPECT_THAT(status.out, AllOf(HasSubstr(R"("journal":"ok","loop_lag_s":)"), HasSubstr(" 200")));
  EXPECT_NO_THROW(boost::json::parse(status.out.substr(0, status.out.rfind(' '))));
  for (const char* target : {"/v1/rules", "/v1/budgets", "/v1/overrides", "/v1/breaker"})
    EXPECT_THAT(curl(world, target).out, HasSubstr(" 200")) << target;
  EXPECT_THAT(curl(world, "/v1/jobs/none").out, AllOf(HasSubstr("no_such_job"), HasSubstr(" 404")));
  EXPECT_THAT(curl(world, "/v1/pause", R"({"for":"2h"})").out,
              AllOf(HasSubstr("bad_request"), HasSubstr(" 400")));
  EXPECT_EQ(world.end(), 0);
  EXPECT_FALSE(std::filesystem::exists(world.socket()));
  world.expect_key_hidden();
}

TEST(Control, ItsFileIsForOwnerAndGroup) {
  World world(quiet());
  begin(world);
  struct stat about {};
  ASSERT_EQ(::stat(world.socket().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777U, 0660U);
  EXPECT_EQ(about.st_uid, ::geteuid());
  EXPECT_EQ(world.end(), 0);
}

TEST(Control, AJobThatNobodyKnowsIsThree) {
  World world(quiet());
  begin(world);
  for (const Strings& command :
       {Strings{"stop", "none", "--yes"}, Strings{"exempt", "none", "--for", "2h"},
        Strings{"extend", "none", "--by", "2h"}}) {
    Strings all = command;
    all.insert(all.end(), {"--reason", "x", "--socket", world.socket().string()});
    const auto ran = trainstop(all);
    EXPECT_EQ(ran.ending.code, 3) << command[0] << ": " << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("no job is known by 'none'")) << command[0];
  }
  EXPECT_EQ(world.end(), 0);
}

TEST(Control, IsFoundByOptionEnvironmentAndConfiguration) {
  World world(quiet());
  begin(world);
  const Strings command{"exempt", "none", "--for", "2h", "--reason", "x"};
  const auto with = [&](Strings more) {
    more.insert(more.begin(), command.begin(), command.end());
    return more;
  };
  const std::string socket = world.socket().string();
  EXPECT_EQ(trainstop(with({"--socket", socket})).ending.code, 3);
  EXPECT_EQ(trainstop(command, {{"TRAINSTOP_SOCKET", socket}}).ending.code, 3);
  EXPECT_EQ(trainstop(with({"--config", world.config_file()})).ending.code, 3);
  EXPECT_EQ(
      trainstop(with({"--socket", "/nonexistent"}), {{"TRAINSTOP_SOCKET", socket}}).ending.code,
      69);
  EXPECT_EQ(world.end(), 0);
}

TEST(Control, AnotherUserIsNotPermitted) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  World world(quiet());
  begin(world);
  ::chmod(world.directory().path().c_str(), 0755);
  const auto as_nobody = [&](Strings command) {
    Strings all{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
    all.insert(all.end(), command.begin(), command.end());
    return run_command(std::move(all));
  };
  const auto ran = as_nobody(
      {binary(), "pause", "--for", "2h", "--reason", "x", "--socket", world.socket().string()});
  if (ran.ending.code == 127 || ran.ending.code == 126)
    GTEST_SKIP() << "nobody can't reach the binary: " << ran.err;
  EXPECT_EQ(ran.ending.code, 77) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("Permission denied"));
  for (const char* command : {"status", "rules", "budgets"}) {
    const auto asked = as_nobody({binary(), command, "--socket", world.socket().string()});
    EXPECT_EQ(asked.ending.code, 77) << command << asked.err;
  }
  EXPECT_EQ(world.end(), 0);
}

TEST(Control, WithoutADaemonEachCommandSaysSo) {
  const test::TempDir directory;
  const std::string socket = (directory.path() / "c.sock").string();
  for (const Strings& command :
       {Strings{"stop", "acct/p7qr9qv", "--yes", "--reason", "x"},
        Strings{"exempt", "j", "--for", "2h", "--reason", "x"},
        Strings{"extend", "j", "--by", "2h", "--reason", "x"},
        Strings{"pause", "--for", "2h", "--reason", "x"},
        Strings{"resume", "--yes", "--reason", "x"}, Strings{"revoke", "o1", "--reason", "x"},
        Strings{"budgets", "raise", "day/ml", "--by", "$5", "--reason", "x"},
        Strings{"breaker", "reset", "--yes", "--reason", "x"}, Strings{"reload", "--yes"},
        Strings{"notify", "test"}}) {
    Strings all = command;
    all.insert(all.end(), {"--socket", socket});
    const auto ran = trainstop(all);
    EXPECT_EQ(ran.ending.code, 69) << command[0] << ": " << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(socket + ": No such file")) << command[0];
    if (command[0] == "stop") {
      EXPECT_THAT(ran.err, HasSubstr("truss train stop --job-id p7qr9qv\n"));
    }
  }
}

TEST(Control, ThePlatformsCommandNamesTheIdThatTheJournalKnows) {
  World world(quiet());
  const auto add = [&](const char* id, const char* name) {
    sim::JobScript script;
    script.id = id;
    script.name = name;
    world.add_job(std::move(script));
  };
  add("q1w2", "ana's run");
  add("a1", "twin");
  add("a2", "twin");
  begin(world);
  for (const char* id : {"q1w2", "a1", "a2"})
    ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, id)) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
  const auto stop = [&](const std::string& job) {
    return trainstop({"stop", job, "--yes", "--reason", "x", "--config", world.config_file()});
  };
  const auto one = stop("ana's run");
  EXPECT_EQ(one.ending.code, 69);
  EXPECT_THAT(one.err, HasSubstr("truss train stop --job-id q1w2\n"));
  EXPECT_THAT(stop("sim/a2").err, HasSubstr("truss train stop --job-id a2\n"));
  EXPECT_THAT(stop("twin").err,
              AllOf(HasSubstr("\n  sim/proj1/a1\n  sim/proj1/a2\n"), HasSubstr("--job-id ID\n")));
}

TEST(Control, ThePlatformsCommandIsSafeInAShellWhereNobodyKnowsTheId) {
  const test::TempDir directory;
  const std::string socket = (directory.path() / "c.sock").string();
  const auto ran = trainstop({"stop", "it's $(here)", "--yes", "--reason", "x", "--socket", socket},
                             {{"STATE_DIRECTORY", directory.path().string()}});
  EXPECT_EQ(ran.ending.code, 69);
  EXPECT_THAT(ran.err,
              AllOf(HasSubstr("truss train stop --job-id 'it'\\''s $(here)'\n"),
                    HasSubstr("must be the job's id"), testing::Not(HasSubstr("state directory"))));
}

TEST(Control, WrongUsageIsTwo) {
  for (const Strings& command :
       {Strings{"stop", "j"}, Strings{"stop", "--reason", "x"},
        Strings{"stop", "j", "--reason", " "}, Strings{"exempt", "j", "--reason", "x"},
        Strings{"exempt", "j", "--for", "soon", "--reason", "x"},
        Strings{"exempt", "j", "--for", "0s", "--reason", "x"},
        Strings{"budgets", "raise", "day", "--by", "much", "--reason", "x"},
        Strings{"budgets", "raise", "day", "--by", "$0", "--reason", "x"}, Strings{"notify"},
        Strings{"pause", "--reason", "x"}, Strings{"events", "--job", ""}}) {
    const auto ran = trainstop(command);
    EXPECT_EQ(ran.ending.code, 2) << command[0] << ": " << ran.err;
    EXPECT_NE(ran.err, "");
  }
}

TEST(Control, TheManualNamesEveryCommand) {
  const std::string manual = test::read_file(TRAINSTOP_SOURCE "/daemon/cli/trainstop.1");
  std::istringstream help(trainstop({"--help"}).out);
  std::string line;
  while (std::getline(help, line) && line != "Subcommands:") continue;
  int commands = 0;
  while (std::getline(help, line) && line.size() > 2) {
    const std::string name = line.substr(2, line.find(' ', 2) - 2);
    EXPECT_THAT(manual, HasSubstr("\n.It Cm " + name)) << name;
    ++commands;
  }
  EXPECT_GE(commands, 14);
}

TEST(Control, WhereNobodyCanBeAskedAllButStopGoOn) {
  World world(quiet());
  begin(world);
  world.add_running("j1");
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "j1")) << world.daemon().err();
  const auto run = [&](Strings arguments) {
    arguments.insert(arguments.end(), {"--socket", world.socket().string()});
    return trainstop(std::move(arguments));
  };
  const auto stop = run({"stop", "j1", "--reason", "x"});
  EXPECT_EQ(stop.ending.code, 2);
  EXPECT_THAT(stop.err, HasSubstr("--yes"));
  EXPECT_EQ(world.api().job("j1").stop_requests, 0);
  EXPECT_EQ(run({"pause", "--for", "2h", "--reason", "x"}).ending.code, 0);
  const auto resume = run({"resume", "--reason", "x"});
  EXPECT_EQ(resume.ending.code, 0) << resume.err;
  EXPECT_THAT(resume.out, AllOf(HasSubstr("sim/j1 (j1), rule long"), HasSubstr("resumed")));
  EXPECT_EQ(resume.err, "");
  const auto reload = run({"reload"});
  EXPECT_EQ(reload.ending.code, 0) << reload.err;
  EXPECT_THAT(reload.out, HasSubstr("0 changed, 0 removed"));
  EXPECT_EQ(run({"breaker", "reset", "--reason", "x"}).ending.code, 0);
  EXPECT_EQ(world.end(), 0);
  EXPECT_EQ(world.count("config.loaded"), 2U);
  EXPECT_EQ(world.count("operator.resume"), 1U);
}

TEST(Control, TooLongAnOverrideIsWrongUsage) {
  World world(quiet());
  begin(world);
  const auto ran =
      trainstop({"pause", "--for", "8d", "--reason", "x", "--socket", world.socket().string()});
  EXPECT_EQ(ran.ending.code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("--for"), HasSubstr("7 days")));
  EXPECT_EQ(world.end(), 0);
}

TEST(Control, ACommandIsAnswered) {
  World world(quiet());
  begin(world);
  const auto ran = trainstop(
      {"pause", "--for", "2h", "--reason", "moving", "--json", "--config", world.config_file()});
  EXPECT_THAT(ran.ending.code, AnyOf(0, 1)) << ran.err;  // done, or refused with a sentence
  EXPECT_NE(ran.ending.code == 0 ? ran.out : ran.err, "");
  EXPECT_EQ(world.end(), 0);
}

TEST(Control, AStaleSocketIsReplacedAfterAKill) {
  World world(quiet());
  begin(world);
  world.daemon().send_signal(SIGKILL);
  ASSERT_TRUE(world.daemon().wait(kPatience));
  EXPECT_TRUE(std::filesystem::is_socket(world.socket()));
  begin(world);
  EXPECT_THAT(curl(world, "/v1/status").out, HasSubstr(" 200"));
  EXPECT_EQ(world.count("control.unavailable"), 0U);
  EXPECT_EQ(world.end(), 0);
}

TEST(Control, ALivingDaemonsSocketIsNotTakenAndTheOtherGoesOn) {
  World first(quiet());
  begin(first);
  WorldOptions options = quiet();
  World second(options);
  // The second one is to listen where the first does.
  const std::string text = test::read_file(second.config_file());
  const std::string own = second.socket().string();
  std::string changed = text;
  changed.replace(changed.find(own), own.size(), first.socket().string());
  second.directory().write("trainstop.yaml", changed);
  begin(second);
  ASSERT_TRUE(second.wait_for_event("control.unavailable", kPatience)) << second.daemon().err();
  EXPECT_THAT(second.daemon().err(), HasSubstr("another process listens there"));
  EXPECT_THAT(curl(first, "/v1/status").out, HasSubstr(" 200"));
  EXPECT_EQ(first.end(), 0);
  EXPECT_TRUE(second.wait_for_event("control.available", kPatience)) << second.daemon().err();
  EXPECT_EQ(second.end(), 0);
}

TEST(Control, ReloadAndCheckLiveSayWhatIsNotAvailable) {
  World world(quiet());
  begin(world);
  const auto reload = trainstop({"reload", "--yes", "--socket", world.socket().string()});
  EXPECT_THAT(reload.ending.code, AnyOf(0, 1)) << reload.err;
  const auto live = trainstop({"check", world.config_file(), "--live"});
  EXPECT_THAT(live.ending.code, AnyOf(0, 1)) << live.err;
  EXPECT_EQ(world.end(), 0);
}

}  // namespace
}  // namespace trainstop::e2e
