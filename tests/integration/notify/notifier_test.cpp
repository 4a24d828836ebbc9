// Notifications put together: from an event to its receiver, over failures, reloads and restarts.
#include "notify/notifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "integration/notify/loop.hpp"
#include "support/receiver.hpp"
#include "unit/notify/events.hpp"

namespace trainstop::notify {
namespace {

using test::Received;
using test::Receiver;
using test::Reply;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Reply hang() {
  Reply reply;
  reply.hang = true;
  return reply;
}

/// A notifier and a journal that remembers what is present.
struct Notifying : testing::Test {
  Notifying() { notifier = make(); }

  std::unique_ptr<Notifier> make() {
    Hooks hooks;
    hooks.now = [this] { return now(); };
    hooks.utc = [this] { return now(); };
    hooks.tell = [this](Event told) { tell(std::move(told)); };
    hooks.keep = [this](Image image) { keep(image); };
    hooks.random = [] { return 0.0; };
    return std::make_unique<Notifier>(loop.get_executor(), std::move(hooks));
  }
  /// The clock of the machine, and what a test adds to it.
  Instant now() const {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()) + ahead;
  }
  void keep(const Image& image) {
    if (image.change == Image::Change::close) {
      present.erase(image.key);
    } else {
      present[image.key] = image;
    }
  }
  /// As the gate does.
  void tell(Event told) {
    told.at = now();
    const std::uint64_t seq = next++;
    for (const Image& image : notifier->route(told, seq)) keep(image);
    notifier->release(told, seq);
    all_told.push_back(std::move(told));
  }
  void add_web(const std::string& name, const std::string& url,
               std::vector<std::string> events = {"stop.*"}) {
    policy::NotifySink sink;
    sink.name = name;
    sink.url.emplace();
    sink.events = std::move(events);
    config.notify.push_back(std::move(sink));
    secrets.urls[name] = url;
  }
  void configure() { ASSERT_FALSE(notifier->configure(config, secrets).has_error()); }
  std::vector<Image> images() const {
    std::vector<Image> all;
    for (const auto& [key, image] : present) all.push_back(image);
    return all;
  }
  bool until(const std::function<bool()>& holds, std::chrono::milliseconds within = 20s) {
    return run_until(loop, holds, within);
  }
  bool until_received(const Receiver& receiver, std::size_t count) {
    return until([&] { return receiver.all().size() >= count; });
  }
  std::size_t count(const std::string& name) const {
    return static_cast<std::size_t>(std::count_if(
        all_told.begin(), all_told.end(), [&](const Event& told) { return told.name == name; }));
  }
  static std::string id_of(const Received& received) {
    return received.headers.at("x-trainstop-id");
  }

  boost::asio::io_context loop;
  Duration ahead{0};
  policy::Config config;
  Secrets secrets;
  std::map<std::string, Image> present;
  std::uint64_t next = 1;
  std::vector<Event> all_told;
  std::unique_ptr<Notifier> notifier;
};

TEST_F(Notifying, AnEventReachesItsReceiverAndNeedsNoPlaceAnyMore) {
  Receiver receiver;
  add_web("hook", receiver.url());
  configure();
  tell(job_event("stop.sent"));
  tell(job_event("job.seen"));
  EXPECT_THAT(present, SizeIs(1));
  ASSERT_TRUE(until_received(receiver, 1));
  ASSERT_TRUE(until([&] { return present.empty(); }));
  EXPECT_TRUE(until([&] { return notifier->idle(); }));
  ASSERT_EQ(receiver.all().size(), 1u);
  const auto body = boost::json::parse(receiver.all()[0].body).as_object();
  EXPECT_EQ(body.at("event").at("event").as_string(), "stop.sent");
  EXPECT_EQ(body.at("event").at("seq").as_int64(), 1);
}

TEST_F(Notifying, WhatIsNotReleasedStays) {
  Receiver receiver;
  add_web("hook", receiver.url());
  configure();
  for (const Image& image : notifier->route(job_event("stop.sent"), 1)) keep(image);
  EXPECT_FALSE(until([&] { return !receiver.all().empty(); }, 200ms));
  EXPECT_THAT(present, SizeIs(1));
}

TEST_F(Notifying, ASinkThatHangsHoldsUpNoOther) {
  Receiver deaf([](const Received&) { return hang(); }), quick;
  add_web("deaf", deaf.url());
  add_web("quick", quick.url());
  configure();
  tell(job_event("stop.sent"));
  ASSERT_TRUE(until_received(deaf, 1));
  for (int i = 0; i < 20; ++i) tell(job_event("stop.accepted"));
  ASSERT_TRUE(until_received(quick, 21));
  EXPECT_EQ(deaf.all().size(), 1u) << "one job is told in order";
}

TEST_F(Notifying, AJobsEventsComeInOrderOverFailuresAndBearTheSameIdAgain) {
  int attempts = 0;
  Receiver receiver([&](const Received&) { return test::status(++attempts < 3 ? 503 : 200); });
  add_web("hook", receiver.url());
  configure();
  for (const char* name : {"stop.intended", "stop.sent", "stop.accepted"}) tell(job_event(name));
  ASSERT_TRUE(until_received(receiver, 5));
  std::vector<std::string> names;
  for (const Received& each : receiver.all()) names.push_back(each.headers.at("x-trainstop-event"));
  EXPECT_THAT(names, ElementsAre("stop.intended", "stop.intended", "stop.intended", "stop.sent",
                                 "stop.accepted"));
  EXPECT_EQ(id_of(receiver.all()[0]), id_of(receiver.all()[2]));
  EXPECT_NE(id_of(receiver.all()[2]), id_of(receiver.all()[3]));
  EXPECT_TRUE(until([&] { return present.empty(); }));
  EXPECT_EQ(count("notify.failed"), 0u) << "twice is not repeatedly";
}

TEST_F(Notifying, ASinkThatFailsRepeatedlyIsToldToTheOthersAndSoIsItsEnd) {
  bool broken = true;
  Receiver bad([&](const Received&) { return test::status(broken ? 500 : 200); }), other;
  add_web("bad", bad.url(), {"*"});
  add_web("other", other.url(), {"notify.*"});
  configure();
  tell(job_event("stop.sent"));
  ASSERT_TRUE(until_received(other, 1));
  EXPECT_EQ(count("notify.failed"), 1u);
  EXPECT_EQ(*all_told.back().find("sink"), Value("bad"));
  EXPECT_EQ(*all_told.back().find("waiting"), Value(1)) << "it is not told of itself";
  broken = false;
  ASSERT_TRUE(until_received(other, 2));
  EXPECT_EQ(count("notify.recovered"), 1u);
  EXPECT_TRUE(until([&] { return present.empty(); }));
}

TEST_F(Notifying, WhatWaitsSurvivesARestartAndIsToldUnderTheSameId) {
  Receiver receiver([](const Received&) { return test::status(500); });
  add_web("hook", receiver.url());
  configure();
  tell(job_event("stop.sent"));
  ASSERT_TRUE(until_received(receiver, 1));
  const std::string id = id_of(receiver.all()[0]);
  notifier->close();
  receiver.set_answer([](const Received&) { return test::status(200); });
  notifier = make();
  configure();
  notifier->recall(images());
  ASSERT_TRUE(until([&] { return present.empty(); }));
  EXPECT_EQ(id_of(receiver.all().back()), id);
}

TEST_F(Notifying, WhatWaitsForASinkThatIsGoneIsClosedAlsoAtARestart) {
  Receiver receiver([](const Received&) { return hang(); });
  add_web("hook", receiver.url());
  add_web("kept", receiver.url());
  configure();
  tell(job_event("stop.sent"));
  ASSERT_TRUE(until_received(receiver, 2));
  const auto before = images();
  config.notify.erase(config.notify.begin());
  configure();
  EXPECT_THAT(present, SizeIs(1)) << "what waits for one that is still there stays";
  for (const Image& image : before) keep(image);
  notifier->close();
  notifier = make();
  configure();
  notifier->recall(images());
  EXPECT_THAT(present, SizeIs(1));
  EXPECT_EQ(present.begin()->first.substr(0, 5), "kept/");
}

TEST_F(Notifying, AReloadEndsNothingThatIsUnderWay) {
  Receiver receiver;
  add_web("hook", receiver.url());
  configure();
  tell(job_event("stop.sent"));
  loop.poll();
  configure();
  ASSERT_TRUE(until([&] { return present.empty(); }));
  EXPECT_EQ(receiver.all().size(), 1u) << "and nothing is told twice for it";
}

TEST_F(Notifying, AChangedSinkTakesWhatWaits) {
  Receiver old([](const Received&) { return test::status(500); }), fresh;
  add_web("hook", old.url());
  configure();
  tell(job_event("stop.sent"));
  ASSERT_TRUE(until_received(old, 1));
  secrets.urls["hook"] = fresh.url();
  configure();
  ASSERT_TRUE(until_received(fresh, 1));
  EXPECT_TRUE(until([&] { return present.empty(); }));
  EXPECT_EQ(id_of(fresh.all()[0]), id_of(old.all()[0]));
}

TEST_F(Notifying, AWrongSinkChangesNothing) {
  Receiver receiver;
  add_web("hook", receiver.url());
  configure();
  add_web("wrong", "ftp://secret.example/");
  const auto taken = notifier->configure(config, secrets);
  ASSERT_TRUE(taken.has_error());
  EXPECT_THAT(taken.error().message, HasSubstr("notify 'wrong': the URL must begin with https"));
  tell(job_event("stop.sent"));
  EXPECT_TRUE(until_received(receiver, 1));
}

TEST_F(Notifying, ATestAsksEachSinkAndTellsWhatItSaid) {
  Receiver good, bad([](const Received&) { return test::status(404); });
  add_web("good", good.url(), {});
  add_web("bad", bad.url(), {});
  configure();
  std::optional<std::vector<Tested>> answers;
  const auto note = [&](std::vector<Tested> tested) { answers = std::move(tested); };
  EXPECT_FALSE(notifier->test("nobody", note));
  ASSERT_TRUE(notifier->test({}, note));
  ASSERT_TRUE(until([&] { return answers.has_value(); }));
  ASSERT_THAT(*answers, SizeIs(2));
  EXPECT_EQ((*answers)[0].sink, "bad");
  EXPECT_FALSE((*answers)[0].delivered);
  EXPECT_EQ((*answers)[0].problem, "it answers with 404");
  EXPECT_EQ((*answers)[1].sink, "good");
  EXPECT_TRUE((*answers)[1].delivered);
  answers.reset();
  ASSERT_TRUE(notifier->test("good", note));
  ASSERT_TRUE(until([&] { return answers.has_value(); }));
  EXPECT_THAT(*answers, SizeIs(1));
  EXPECT_EQ(good.all().back().headers.at("x-trainstop-event"), "notify.test");
  EXPECT_THAT(all_told, IsEmpty());
}

TEST_F(Notifying, AHeartbeatFollowsAGoodPollAndItsFailureIsTold) {
  bool broken = false;
  Receiver service([&](const Received&) { return test::status(broken ? 500 : 200); });
  config.accounts.resize(1);
  config.heartbeat.emplace();
  secrets.heartbeat = service.url("/beat");
  configure();
  notifier->polled(0);
  ASSERT_TRUE(until_received(service, 1));
  loop.run_for(50ms);
  notifier->polled(0);
  loop.run_for(50ms);
  EXPECT_EQ(service.all().size(), 1u) << "at most once a minute";
  ahead = 1min;
  broken = true;
  for (std::size_t beats = 2; beats <= 4; ++beats) {
    notifier->polled(0);
    ASSERT_TRUE(until_received(service, beats));
    loop.run_for(50ms);
  }
  EXPECT_EQ(count("notify.failed"), 1u);
  EXPECT_EQ(*all_told.back().find("sink"), Value("heartbeat"));
  broken = false;
  notifier->polled(0);
  EXPECT_TRUE(until([&] { return count("notify.recovered") == 1; }));
}

TEST_F(Notifying, AReloadNeitherRepeatsABeatNorForgetsAnAccount) {
  Receiver service;
  config.accounts.resize(2);
  config.heartbeat.emplace();
  secrets.heartbeat = service.url("/beat");
  configure();
  notifier->polled(0);
  notifier->polled(1);
  ASSERT_TRUE(until_received(service, 1));
  config.accounts.resize(1);  // the two are followed until a restart
  configure();
  notifier->polled(0);
  notifier->polled(1);
  loop.run_for(50ms);
  EXPECT_EQ(service.all().size(), 1u) << "at most once a minute";
  secrets.heartbeat = service.url("/other");
  configure();
  notifier->polled(0);
  loop.run_for(50ms);
  EXPECT_EQ(service.all().size(), 1u) << "the second account has not been read";
  notifier->polled(1);
  ASSERT_TRUE(until_received(service, 2));
  EXPECT_EQ(service.all().back().target, "/other");
}

}  // namespace
}  // namespace trainstop::notify
