// The commands that read the journal, and the one that resets the breaker, on the real binary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::Ge;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

using Strings = std::vector<std::string>;

test::ChildOptions command(Strings arguments) {
  test::ChildOptions options;
  options.command = {binary()};
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  options.unset = {"E2E_KEY", "STATE_DIRECTORY"};
  return options;
}

test::Ran run_with(Strings arguments) {
  return test::run(command(std::move(arguments)), 20s);
}

Strings lines_of(const std::string& text) {
  Strings lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The lines that contain all of these.
Strings with(const std::string& text, const Strings& wanted) {
  Strings found;
  for (const std::string& line : lines_of(text)) {
    const auto has = [&](const std::string& part) { return line.find(part) != std::string::npos; };
    if (std::all_of(wanted.begin(), wanted.end(), has)) found.push_back(line);
  }
  return found;
}

constexpr const char* kLimit = "  - {name: limit, match: {job: j1}, when: {running_for: 2s}}\n";

/// A daemon has stopped j1 and seen j2.
class Events : public testing::Test {
 protected:
  Events() : world_(options()) {
    world_.start();
    world_.add_running("j1");
    world_.add_running("j2");
    EXPECT_TRUE(world_.wait_for_event("stop.confirmed", kPatience, "j1")) << world_.daemon().err();
    EXPECT_TRUE(world_.wait_for_event("job.seen", kPatience, "j2"));
  }
  static WorldOptions options() {
    WorldOptions options;
    options.rules = kLimit;
    return options;
  }
  test::Ran events(const Strings& arguments) const {
    Strings all{"events", "--state-dir", world_.state().string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_with(all);
  }
  std::string journal() const { return (world_.state() / "journal.db").string(); }

  World world_;
};

TEST_F(Events, AreTheLogsLinesWhileADaemonRunsAndAfterwards) {
  const Strings wanted = with(world_.daemon().err(), {"\"job\":\"j1\""});
  ASSERT_THAT(wanted, SizeIs(Ge(6U)));
  Strings live;  // a line is in the log a little before it is on the disk
  for (int i = 0; i < 50 && live != wanted; ++i)
    live = lines_of(events({"--job", "j1", "--json"}).out);
  EXPECT_EQ(live, wanted);
  EXPECT_EQ(world_.end(), 0);
  EXPECT_EQ(lines_of(events({"--job", "j1", "--json"}).out), wanted);
  EXPECT_EQ(lines_of(events({"--json", "--since", "1h"}).out), lines_of(world_.daemon().err()));
}

TEST_F(Events, AreChosenByJobRuleTimeAndCount) {
  EXPECT_EQ(world_.end(), 0);
  const std::string log = world_.daemon().err();
  EXPECT_EQ(lines_of(events({"--job", "sim/j2", "--json"}).out), with(log, {"\"job\":\"j2\""}));
  EXPECT_EQ(lines_of(events({"--rule", "limit", "--json"}).out), with(log, {"\"rule\":\"limit\""}));
  EXPECT_EQ(lines_of(events({"-n", "1", "--json"}).out), Strings{lines_of(log).back()});
  EXPECT_THAT(events({"--last", "3"}).out, EndsWith("\n"));
  EXPECT_THAT(lines_of(events({"--last", "3"}).out), SizeIs(3));
  EXPECT_EQ(events({"--until", "1h"}).out, "");
  EXPECT_EQ(events({"--since", "2199-01-01"}).out, "");
  EXPECT_EQ(lines_of(events({"--since", "2026-01-01", "--json"}).out), lines_of(log));
  const auto text = events({"--job", "j1", "-n", "1"});
  EXPECT_THAT(text.out,
              AllOf(HasSubstr("stop.confirmed"), HasSubstr(" job=j1 "), Not(StartsWith("{"))));
}

TEST_F(Events, OfAJobThatNobodyKnowsAreAnErrorOfTheirOwn) {
  const auto ran = events({"--job", "j3"});
  EXPECT_EQ(ran.ending.code, 3);
  EXPECT_THAT(ran.err, AllOf(HasSubstr(journal()), HasSubstr("'j3'"), HasSubstr("ACCOUNT/ID")));
  EXPECT_EQ(events({"--job", "j2", "--until", "1h"}).ending.code, 0) << "it is known";
}

TEST_F(Events, FollowShowsWhatComesAndEndsWithASignal) {
  test::Child child(
      command({"events", "-f", "-n", "2", "--json", "--config", world_.config_file()}));
  const auto has = [](const char* text) {
    return [text](const std::string& out) { return out.find(text) != std::string::npos; };
  };
  const auto two = [](const std::string& out) { return std::ranges::count(out, '\n') >= 2; };
  ASSERT_TRUE(child.wait_for_out(two, kPatience)) << child.err();
  world_.add_running("j4");
  EXPECT_TRUE(child.wait_for_out(has("\"job\":\"j4\""), kPatience)) << child.out() << child.err();
  EXPECT_EQ(world_.end(), 0);
  EXPECT_TRUE(child.wait_for_out(has("daemon.stopping"), kPatience)) << child.out() << child.err();
  child.send_signal(SIGINT);
  const auto ending = child.wait(kPatience);
  ASSERT_TRUE(ending && ending->exited);
  EXPECT_EQ(ending->code, 0);
  const Strings log = lines_of(world_.daemon().err()), shown = lines_of(child.out());
  EXPECT_EQ(shown, Strings(log.end() - static_cast<std::ptrdiff_t>(shown.size()), log.end()));
}

TEST_F(Events, FollowEndsWhenNobodyReadsAnyMore) {
  test::ChildOptions piped;
  piped.command = {"sh", "-c",     "\"$1\" events -f --state-dir \"$2\" | head -n 1; echo ended",
                   "sh", binary(), world_.state().string()};
  const auto ran = test::run(piped, 20s);
  EXPECT_EQ(ran.ending.code, 0);
  EXPECT_THAT(lines_of(ran.out), AllOf(SizeIs(2), testing::Contains("ended")));
  EXPECT_EQ(ran.err, "");
}

TEST(EventsWithoutADaemon, NeedAJournal) {
  const test::TempDir directory;
  const auto ran = run_with({"events", "--state-dir", directory.path().string()});
  EXPECT_EQ(ran.ending.code, 1);
  EXPECT_THAT(ran.err,
              AllOf(StartsWith((directory.path() / "journal.db").string() + ": "),
                    HasSubstr("; a daemon that starts makes it"), HasSubstr("--state-dir")));
}

TEST(EventsWithoutADaemon, ThatMayNotBeReadAreNotPermitted) {
  const test::TempDir directory;
  std::filesystem::permissions(directory.write("journal.db", "x"), std::filesystem::perms::none);
  test::ChildOptions options = command({"events", "--state-dir", directory.path().string()});
  if (::geteuid() == 0) {  // root may read everything
    const Strings as_nobody{"setpriv", "--reuid=65534", "--clear-groups", "--"};
    options.command.insert(options.command.begin(), as_nobody.begin(), as_nobody.end());
  }
  const auto ran = test::run(options, 20s);
  EXPECT_EQ(ran.ending.code, 77);
  EXPECT_THAT(ran.err, HasSubstr("the user that runs the daemon"));
}

TEST(EventsWithoutADaemon, RefuseWhatIsNoTime) {
  for (const char* name : {"--since", "--until"}) {
    const auto ran = run_with({"events", name, "yesterday"});
    EXPECT_EQ(ran.ending.code, 2);
    EXPECT_THAT(ran.err, AllOf(HasSubstr(std::string(name) + ": 'yesterday' is no time: expected"),
                               HasSubstr("2026-12-01T18:00:00Z")));
  }
  EXPECT_EQ(run_with({"events", "-n", "-3"}).ending.code, 2);
  EXPECT_EQ(run_with({"events", "--follow", "--until", "1h"}).ending.code, 2);
}

TEST_F(Events, AreReadWhateverIsWrongWithTheRules) {
  EXPECT_EQ(world_.end(), 0);
  const std::string good = test::read_file(world_.config_file());
  std::ofstream(world_.config_file()) << good << "  - {name: [broken\n\t}";
  const auto ran = run_with({"events", "--config", world_.config_file(), "-n", "1"});
  EXPECT_EQ(ran.ending.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("daemon.stopping"));
  EXPECT_EQ(ran.err, "");
}

TEST_F(Events, AndTheJournalIsCheckedAndDescribed) {
  const std::string directory = world_.state().string();
  const auto live = run_with({"journal", "check", "--state-dir", directory});
  EXPECT_EQ(live.ending.code, 0) << live.out << live.err;
  EXPECT_THAT(live.out, StartsWith(journal() + ": ok, "));
  EXPECT_EQ(world_.end(), 0);
  const auto info = run_with({"journal", "info", "--json", "--state-dir", directory});
  ASSERT_EQ(info.ending.code, 0) << info.err;
  const auto object = boost::json::parse(info.out).as_object();
  EXPECT_EQ(object.at("path").as_string(), journal());
  EXPECT_EQ(object.at("starts").to_number<int>(), 1);
  EXPECT_EQ(object.at("live_jobs").to_number<int>(), 1);
  EXPECT_EQ(object.at("open_stops").to_number<int>(), 0);
  EXPECT_EQ(object.at("events_by_name").as_object().at("stop.confirmed").to_number<int>(), 1);
  EXPECT_GT(object.at("bytes").to_number<int>(), 4096);
  const auto check = run_with({"journal", "check", "--json", "--state-dir", directory});
  const auto checked = boost::json::parse(check.out).as_object();
  EXPECT_TRUE(checked.at("ok").as_bool());
  EXPECT_EQ(checked.at("events"), object.at("events"));
  EXPECT_TRUE(checked.at("problems").as_array().empty());
  EXPECT_THAT(run_with({"journal", "info", "--state-dir", directory}).out,
              AllOf(HasSubstr("live jobs   1\n"), HasSubstr("KiB ("), HasSubstr("  job.seen  ")));
}

TEST_F(Events, AndAFlippedByteIsFound) {
  EXPECT_EQ(world_.end(), 0);
  const std::string directory = world_.state().string();
  std::string text = test::read_file(journal());
  const std::size_t at = text.rfind("RUNNING");
  ASSERT_NE(at, std::string::npos);
  text[at] ^= 1;
  std::ofstream(journal(), std::ios::binary) << text;
  const auto ran = run_with({"journal", "check", "--state-dir", directory});
  EXPECT_EQ(ran.ending.code, 1);
  EXPECT_THAT(lines_of(ran.out), SizeIs(Ge(1U)));
  EXPECT_THAT(ran.out, HasSubstr("journal.db"));
  EXPECT_THAT(ran.err, HasSubstr("sets it aside"));
  const auto json = run_with({"journal", "check", "--json", "--state-dir", directory});
  EXPECT_EQ(json.ending.code, 1);
  const auto object = boost::json::parse(json.out).as_object();
  EXPECT_FALSE(object.at("ok").as_bool());
  EXPECT_EQ(object.at("problems").as_array().size(), lines_of(ran.out).size());
}

test::Ran reset(const World& world, const Strings& more) {
  Strings all{"breaker", "reset", "--reason", "looked at them", "--config", world.config_file()};
  all.insert(all.end(), more.begin(), more.end());
  return run_with(all);
}

/// The same with somebody at a terminal who gives this answer.
test::Ran reset_at_terminal(const World& world, const std::string& answer,
                            const std::string& more = {}) {
  test::ChildOptions options = command({});
  options.command = {
      "script", "-qec",
      binary() + " breaker reset --reason 'looked at them' --config " + world.config_file() + more,
      "/dev/null"};
  options.input = answer + "\n";
  return test::run(options, 20s);
}

/// RFC 3339, whole seconds.
std::string utc_in(std::chrono::seconds ahead) {
  const std::time_t at = std::time(nullptr) + ahead.count();
  std::tm parts{};
  ::gmtime_r(&at, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

TEST(BreakerReset, LetsWhatWasHeldLeaveAtTheNextStart) {
  WorldOptions options;
  options.safety = "max_stops: {count: 1, per: 1h}";
  options.rules = "  - {name: limit, when: {deadline: \"" + utc_in(4s) + "\"}}\n";  // both at once
  World world(options);
  for (const char* id : {"j1", "j2"}) world.add_running(id);
  world.start();
  for (const char* id : {"j1", "j2"})
    ASSERT_TRUE(world.wait_for_event("stop.held", kPatience, id)) << world.daemon().err();

  const auto busy = reset(world, {"--yes", "--state-dir", world.state().string()});
  EXPECT_EQ(busy.ending.code, 1);
  EXPECT_THAT(busy.err, HasSubstr("stop the daemon first (process " +
                                  std::to_string(world.daemon().pid()) + ")"));
  EXPECT_EQ(world.end(), 0);

  const auto refused = reset_at_terminal(world, "n");
  EXPECT_EQ(refused.ending.code, 1);
  EXPECT_THAT(refused.out,
              AllOf(HasSubstr("The breaker is open since 20"), HasSubstr("safety.max_stops"),
                    HasSubstr("It holds 2 stops:"), HasSubstr("/j1 (j1), rule limit, due 20"),
                    HasSubstr("/j2 (j2), rule limit, due 20"), HasSubstr("[y/N]"),
                    HasSubstr("Nothing was changed.")));
  const auto with_json = reset_at_terminal(world, "n", " --json >/dev/null");
  EXPECT_EQ(with_json.ending.code, 1);
  EXPECT_THAT(with_json.out, AllOf(HasSubstr("It holds 2 stops:"), HasSubstr("[y/N]")));
  const auto done = reset_at_terminal(world, "y");
  EXPECT_EQ(done.ending.code, 0) << done.out;
  EXPECT_THAT(done.out, HasSubstr("The breaker is closed."));
  const auto again = reset(world, {"--yes"});
  EXPECT_EQ(again.ending.code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("not open"));
  EXPECT_EQ(world.api().job("j1").stop_requests + world.api().job("j2").stop_requests, 0);
  const auto told = run_with({"events", "--config", world.config_file(), "--json", "-n", "1"});
  EXPECT_THAT(told.out, AllOf(HasSubstr("\"event\":\"breaker.reset\""),
                              HasSubstr("\"reason_opened\":\"max_stops\""),
                              HasSubstr("\"reason\":\"looked at them\""), HasSubstr("\"held\":2"),
                              HasSubstr("\"operator\":\"")));
  EXPECT_EQ(run_with({"journal", "check", "--config", world.config_file()}).ending.code, 0);

  world.start();
  for (const char* id : {"j1", "j2"})
    EXPECT_TRUE(world.wait_until_stopped(id, kPatience)) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
  EXPECT_EQ(world.count("breaker.opened"), 0U);
}

TEST(BreakerReset, GoesOnAfterALostJournal) {
  WorldOptions options;
  options.rules = "  - {name: limit, when: {running_for: 3s}}\n";
  World world(options);
  world.directory().write("state/journal.db", "no journal at all");
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  world.add_running("j1");
  ASSERT_TRUE(world.wait_for_event("stop.held", kPatience, "j1")) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
  const auto done = reset(world, {});  // nobody can be asked
  EXPECT_EQ(done.ending.code, 0) << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("the journal could not be read at a start"),
                              HasSubstr("It holds 1 stop:"), HasSubstr("is closed.")));
  world.start();
  EXPECT_TRUE(world.wait_until_stopped("j1", kPatience)) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
}

TEST(BreakerReset, NeedsAReasonAndAJournal) {
  EXPECT_EQ(run_with({"breaker", "reset", "--yes"}).ending.code, 2);
  EXPECT_EQ(run_with({"breaker", "reset", "--yes", "--reason", " "}).ending.code, 2);
  EXPECT_EQ(run_with({"breaker"}).ending.code, 2);
  const test::TempDir directory;
  const auto nowhere = directory.path() / "none";
  const auto ran =
      run_with({"breaker", "reset", "--yes", "--reason", "x", "--state-dir", nowhere.string()});
  EXPECT_EQ(ran.ending.code, 1);
  EXPECT_THAT(ran.err, HasSubstr(nowhere.string() + "/journal.db: No such file"));
  EXPECT_FALSE(std::filesystem::exists(nowhere)) << "a wrong path makes no directory";
}

}  // namespace
}  // namespace trainstop::e2e
