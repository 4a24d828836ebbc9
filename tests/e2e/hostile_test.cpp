// Surroundings that do not cooperate: certificates, a log that nobody reads, an API that is away,
// names that want to be log lines, signals.
#include <gtest/gtest.h>
#include <signal.h>

#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

constexpr const char* kLimitRule = R"(  - name: limit
    match: {job: "trip-*"}
    when: {running_for: 2s}
)";

void refuse(test::CertificateKind kind, const std::string& words) {
  SCOPED_TRACE(std::string(test::to_string(kind)));
  WorldOptions options;
  options.certificate = kind;
  options.rules = kLimitRule;
  World world(options);
  world.add_running("trip-1");
  world.start();
  EXPECT_TRUE(world.wait_until([](const sim::Truth& truth) { return truth.failed_handshakes >= 2; },
                               kPatience))
      << world.daemon().err();
  EXPECT_TRUE(world.wait_for_event("api.poll_failed", kPatience)) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
  EXPECT_EQ(world.api().truth().request_count, 0U) << "a request was sent";
  EXPECT_NE(world.daemon().err().find(words), std::string::npos) << world.daemon().err();
  world.expect_key_hidden();
}

TEST(Certificates, ThatDoNotVerifyGetNoRequest) {
  run_together({[] { refuse(test::CertificateKind::expired, "expired"); },
                [] { refuse(test::CertificateKind::not_yet_valid, "not valid yet"); },
                [] { refuse(test::CertificateKind::wrong_host, "host"); },
                [] { refuse(test::CertificateKind::self_signed, "self"); },
                [] { refuse(test::CertificateKind::unknown_issuer, "issuer"); }},
               5);
}

TEST(Log, AStderrThatNobodyReadsDelaysNoStop) {
  WorldOptions options;
  options.rules = kLimitRule;
  options.read_err = false;
  options.log = "{level: debug, format: text}";
  World world(options);
  // Each first sight is a line of some 300 bytes: together several times a pipe's 64 KiB.
  for (int i = 0; i < 2000; ++i) world.add_running("keep-" + std::to_string(i));
  world.start();
  ASSERT_TRUE(world.wait_for_requests(sim::Endpoint::search, 2, kPatience));
  world.add_running("trip-1");
  EXPECT_TRUE(world.wait_until_stopped("trip-1", kPatience));
  EXPECT_GE(lateness(world.api().job("trip-1"), 2s), 0us);
  EXPECT_LE(lateness(world.api().job("trip-1"), 2s), 1s);
  EXPECT_EQ(world.end(), 0);
}

TEST(Key, IsNeitherInTheEnvironmentNorInTheArguments) {
  WorldOptions options;
  options.rules = kLimitRule;
  World world(options);
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  const std::string process = "/proc/" + std::to_string(world.daemon().pid());
  const std::string environment = test::read_file(process + "/environ");
  EXPECT_NE(environment.find("E2E_KEY="), std::string::npos) << "not the daemon's environment";
  EXPECT_EQ(environment.find(kKey), std::string::npos);
  EXPECT_EQ(test::read_file(process + "/cmdline").find(kKey), std::string::npos);
  EXPECT_EQ(world.end(), 0);
  world.expect_key_hidden();
}

TEST(Log, GoesToItsFile) {
  WorldOptions options;
  options.rules = kLimitRule;
  const test::TempDir directory;
  const std::string file = (directory.path() / "trainstop.log").string();
  options.log = "{level: info, format: logfmt, file: " + file + "}";
  World world(options);
  world.start();
  world.add_running("trip-1");
  EXPECT_TRUE(world.wait_until_stopped("trip-1", kPatience));
  EXPECT_EQ(world.end(), 0);
  const std::string text = test::read_file(file);
  EXPECT_NE(text.find(" event=stop.sent "), std::string::npos) << text;
  EXPECT_NE(text.find(" event=daemon.stopping "), std::string::npos) << text;
  EXPECT_EQ(world.daemon().err(), "");
}

TEST(Log, AJobNameForgesNoLine) {
  WorldOptions options;
  options.rules = kLimitRule;
  World world(options);
  sim::JobScript script;
  script.id = "trip-1";
  script.name = "x\n{\"v\":1,\"event\":\"stop.confirmed\",\"job\":\"keep-1\"}\x1b[2J";
  world.add_job(script);
  world.start();
  EXPECT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "trip-1")) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
  EXPECT_EQ(world.count("stop.confirmed", "keep-1"), 0U);
  EXPECT_EQ(world.daemon().err().find('\x1b'), std::string::npos);
}

TEST(Api, ThatComesBackAfterAnOutageIsFollowedAgain) {
  WorldOptions options;
  options.rules = kLimitRule;
  options.safety = "unreachable_after: 2s";
  World world(options);
  world.api().set_listening(false);
  world.start();
  EXPECT_TRUE(world.wait_for_event("api.unreachable", kPatience)) << world.daemon().err();
  world.api().set_listening(true);
  world.add_running("trip-1");
  EXPECT_TRUE(world.wait_until_stopped("trip-1", kPatience)) << world.daemon().err();
  EXPECT_TRUE(world.wait_for_event("api.recovered", kPatience)) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
}

TEST(Api, ThatAnswersOnlyAboutJobsIsWatchedAllTheSame) {
  WorldOptions options;
  options.rules = kLimitRule;
  options.call_timeout = "1s";
  World world(options);
  for (const sim::Endpoint endpoint :
       {sim::Endpoint::me, sim::Endpoint::prices, sim::Endpoint::projects}) {
    sim::Fault hang;
    hang.kind = sim::FaultKind::hang;
    hang.endpoint = endpoint;
    hang.count = sim::kAlways;
    world.api().add_fault(hang);
  }
  world.start();
  world.add_running("trip-1");
  EXPECT_TRUE(world.wait_until_stopped("trip-1", kPatience)) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
}

TEST(Api, ThatIsMuteEndsNoDaemonAndHoldsUpNoEnd) {
  WorldOptions options;
  options.rules = kLimitRule;
  options.call_timeout = "1s";
  World world(options);
  world.api().set_mute(true);
  world.start();
  EXPECT_TRUE(
      world.wait_until([](const sim::Truth& truth) { return truth.connections >= 3; }, kPatience))
      << world.daemon().err();
  EXPECT_EQ(world.end(5s), 0);
}

TEST(Api, ThatRefusesTheKeyIsToldAndNothingIsConcluded) {
  WorldOptions options;
  options.rules = kLimitRule;
  World world(options);
  world.add_running("trip-1");
  world.api().change([](sim::Settings& settings) { settings.key = "another"; });
  world.start();
  EXPECT_TRUE(world.wait_for_event("api.auth_failed", kPatience)) << world.daemon().err();
  world.api().change([](sim::Settings& settings) { settings.key = kKey; });
  EXPECT_TRUE(world.wait_until_stopped("trip-1", kPatience)) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
  world.expect_only_stopped("trip-1");
}

TEST(Signals, HangUpReloadsAndInterruptEndsInOrder) {
  WorldOptions options;
  options.rules = kLimitRule;
  World world(options);
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  world.daemon().send_signal(SIGHUP);
  const auto is_loaded_twice = [](const std::string& log) {
    const auto first = log.find("\"config.loaded\"");
    return first != std::string::npos &&
           log.find("\"config.loaded\"", first + 1) != std::string::npos;
  };
  EXPECT_TRUE(world.daemon().wait_for_err(is_loaded_twice, kPatience)) << world.daemon().err();
  ASSERT_TRUE(world.wait_for_requests(sim::Endpoint::search, 1, kPatience));
  world.daemon().send_signal(SIGINT);
  const auto ending = world.daemon().wait(kPatience);
  ASSERT_TRUE(ending && ending->exited);
  EXPECT_EQ(ending->code, 0);
}

TEST(Signals, AStopUnderWayIsFinishedBeforeTheEnd) {
  WorldOptions options;
  options.rules = kLimitRule;
  World world(options);
  world.api().set_latency(sim::Endpoint::stop, 700ms);
  world.start();
  world.add_running("trip-1");
  ASSERT_TRUE(world.wait_for_event("stop.sent", kPatience, "trip-1")) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
  EXPECT_TRUE(world.api().job("trip-1").stop_applied);
  EXPECT_EQ(world.count("stop.accepted", "trip-1"), 1U) << world.daemon().err();
}

}  // namespace
}  // namespace trainstop::e2e
