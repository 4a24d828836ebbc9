// Notifications on the real binary: receivers that take them, hang, refuse and lie, a program, a
// dead-man service; and stops that leave in time whatever they do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "e2e/world.hpp"
#include "support/receiver.hpp"

namespace trainstop::e2e {
namespace {

using test::Received;
using test::Receiver;
using test::Reply;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kLimit = 3s;
constexpr const char* kRule = R"(  - name: limit
    match: {job: "trip-*"}
    when: {running_for: 3s}
    warn_before: [2s]
)";

std::vector<std::string> names_of(const std::vector<Received>& all) {
  std::vector<std::string> names;
  for (const Received& each : all) names.push_back(each.headers.at("x-trainstop-event"));
  return names;
}

std::string sink(const std::string& name, const std::string& rest) {
  return "  - {name: " + name + ", " + rest + "}\n";
}

TEST(Notify, ReceiversAreToldAndNoneOfThemDelaysAStop) {
  Receiver good, chat, liar([](const Received&) {
    Reply reply;
    reply.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n";
    reply.forever = std::string(4096, 'x');
    return reply;
  });
  Receiver deaf([](const Received&) {
    Reply reply;
    reply.hang = true;
    return reply;
  });
  Receiver beats;
  std::string refusing;
  {
    Receiver gone;
    refusing = gone.url("/secret-gone");
  }
  WorldOptions options;
  options.rules = kRule;
  options.settings.stop_latency = 100ms;
  const test::TempDir files;
  const std::string told = (files.path() / "told").string();
  const std::string script =
      files.write("page", "#!/bin/sh\ncat >> '" + told + "'\nenv >> '" + told + "'\n").string();
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const std::string events = "events: [rule.warned, rule.tripped, stop.*]";
  options.top =
      "people: {\"ana@corp.example\": U012ABCDE}\n"
      "heartbeat: {url: {env: BEAT}, every: 10s}\n"
      "notify:\n" +
      sink("good", "url: {env: GOOD}, hmac: {env: HMAC}, " + events) +
      sink("chat", "format: slack, url: {env: CHAT}, match: {job: \"trip-*\"}, events: [rule.*]") +
      sink("liar", "url: {env: LIAR}, " + events) + sink("deaf", "url: {env: DEAF}, " + events) +
      sink("gone", "url: {env: GONE}, " + events) +
      sink("page", "exec: [" + script + ", --json], events: [stop.confirmed]");
  options.environment = {{"GOOD", good.url("/secret-good")}, {"HMAC", "secret-signing"},
                         {"CHAT", chat.url("/secret-chat")}, {"LIAR", liar.url("/secret-liar")},
                         {"DEAF", deaf.url("/secret-deaf")}, {"GONE", refusing},
                         {"BEAT", beats.url("/secret-beat")}};
  World world(std::move(options));
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  for (const char* id : {"trip-1", "trip-2", "trip-3", "keep-1"}) world.add_running(id);
  for (const char* id : {"trip-1", "trip-2", "trip-3"}) {
    ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, id)) << world.daemon().err();
    EXPECT_GE(lateness(world.api().job(id), kLimit), 0us);
    EXPECT_LE(lateness(world.api().job(id), kLimit), 1s) << "beside receivers that hang";
  }
  EXPECT_EQ(world.api().job("keep-1").stop_requests, 0);
  world.expect_key_hidden();
  ASSERT_TRUE(good.wait_for(18, kPatience)) << good.all().size();
  for (const char* id : {"trip-1", "trip-2", "trip-3"}) {
    std::vector<Received> of_job;
    for (const Received& each : good.all()) {
      const auto body = boost::json::parse(each.body).as_object();
      if (body.at("event").at("job").as_string() == id) of_job.push_back(each);
    }
    EXPECT_THAT(names_of(of_job), ElementsAre("rule.warned", "rule.tripped", "stop.intended",
                                              "stop.sent", "stop.accepted", "stop.confirmed"));
  }
  EXPECT_THAT(good.all()[0].headers.at("x-trainstop-signature"), StartsWith("sha256="));
  EXPECT_THAT(good.all()[0].body, HasSubstr("trainstop extend trip-"));
  ASSERT_TRUE(chat.wait_for(6, kPatience));
  EXPECT_THAT(chat.all()[0].body, StartsWith("{\"text\":\""));
  ASSERT_TRUE(liar.wait_for(18, kPatience)) << liar.all().size();
  EXPECT_TRUE(world.wait_for_event("notify.failed", kPatience)) << "of the one that is gone";
  ASSERT_TRUE(beats.wait_for(1, kPatience));
  EXPECT_EQ(beats.all()[0].method, "GET");
  for (int i = 0; i < 500 && !std::filesystem::exists(told); ++i) usleep(10'000);
  EXPECT_EQ(world.end(), 0);
  EXPECT_EQ(liar.all().size(), 18u) << "what was taken is not told again";
  const std::string program = test::read_file(told);
  EXPECT_THAT(program, AllOf(HasSubstr("\"event\":\"stop.confirmed\""), HasSubstr("PATH=")));
  EXPECT_EQ(program.find("secret-"), std::string::npos) << program;
  EXPECT_EQ(program.find(kKey), std::string::npos) << program;
  EXPECT_EQ(world.daemon().err().find("secret-"), std::string::npos) << world.daemon().err();
}

TEST(Notify, WhatWasNotDeliveredSurvivesAKillAndIsDecidedOnce) {
  Receiver receiver([](const Received&) { return test::status(503); });
  WorldOptions options;
  options.rules = kRule;
  options.top =
      "notify:\n" + sink("hook", "url: {env: HOOK}, events: [rule.warned, stop.confirmed]");
  options.environment = {{"HOOK", receiver.url()}};
  World world(std::move(options));
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  world.add_running("trip-1");
  ASSERT_TRUE(receiver.wait_for(1, kPatience)) << world.daemon().err();
  const std::string id = receiver.all()[0].headers.at("x-trainstop-id");
  world.daemon().send_signal(SIGKILL);
  ASSERT_TRUE(world.daemon().wait(kPatience));
  receiver.set_answer([](const Received&) { return test::status(200); });
  const std::size_t before = receiver.all().size();
  world.start();
  ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "trip-1")) << world.daemon().err();
  ASSERT_TRUE(receiver.wait_for(before + 2, kPatience));
  EXPECT_EQ(world.end(), 0);
  const auto all = receiver.all();
  ASSERT_EQ(all.size(), before + 2);
  EXPECT_EQ(all[before].headers.at("x-trainstop-id"), id) << "the same message";
  EXPECT_EQ(all[before].headers.at("x-trainstop-event"), "rule.warned");
  EXPECT_EQ(all[before + 1].headers.at("x-trainstop-event"), "stop.confirmed");
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
  EXPECT_EQ(receiver.all().size(), before + 2) << "and never again";
}

TEST(Notify, ADaemonThatObservesTellsOnlyThoseWhoAsk) {
  Receiver asks, does_not;
  WorldOptions options;
  options.rules = kRule;
  options.mode = "observe";
  options.top = "notify:\n" + sink("asks", "url: {env: ASKS}, events: [rule.would_stop]") +
                sink("other", "url: {env: OTHER}, events: [rule.warned, rule.tripped, stop.*]");
  options.environment = {{"ASKS", asks.url()}, {"OTHER", does_not.url()}};
  World world(std::move(options));
  world.start();
  world.add_running("trip-1");
  ASSERT_TRUE(asks.wait_for(1, kPatience)) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
  EXPECT_THAT(names_of(asks.all()), ElementsAre("rule.would_stop"));
  EXPECT_TRUE(does_not.all().empty());
  EXPECT_EQ(world.api().job("trip-1").stop_requests, 0);
}

TEST(Notify, ASinkThatCantBeUsedEndsTheStart) {
  WorldOptions options;
  options.rules = kRule;
  options.top = "notify:\n" + sink("hook", "url: {env: HOOK}");
  World world(options);
  world.start({{"HOOK", "ftp://secret.example/x"}});
  auto ending = world.daemon().wait(kPatience);
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code, 78);
  EXPECT_THAT(world.daemon().err(), HasSubstr("notify 'hook': the URL must begin with https://"));
  EXPECT_EQ(world.daemon().err().find("secret"), std::string::npos);
  world.start();
  ending = world.daemon().wait(kPatience);
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code, 78);
  EXPECT_THAT(world.daemon().err(), HasSubstr("environment variable HOOK is not set"));
}

}  // namespace
}  // namespace trainstop::e2e
