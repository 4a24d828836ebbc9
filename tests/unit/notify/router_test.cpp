// Who is told of what.
#include "notify/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/notify/events.hpp"

namespace trainstop::notify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct RouterTest : testing::Test {
  policy::NotifySink& add(const std::string& name, std::vector<std::string> events) {
    policy::NotifySink sink;
    sink.name = name;
    sink.events = std::move(events);
    return config.notify.emplace_back(std::move(sink));
  }
  void add_rule(std::vector<std::string> sinks) {
    policy::Rule rule;
    rule.name = "two-days";
    rule.notify = std::move(sinks);
    config.rules.push_back(std::move(rule));
  }
  std::vector<std::string> route(const Event& told) const { return Router(config).route(told); }

  policy::Config config;
};

TEST_F(RouterTest, GlobsChooseAmongEvents) {
  add("stops", {"stop.*"});
  add("two", {"rule.warned", "stop.sent"});
  add("none", {});
  EXPECT_THAT(route(job_event("stop.sent")), ElementsAre("stops", "two"));
  EXPECT_THAT(route(job_event("rule.warned")), ElementsAre("two"));
  EXPECT_THAT(route(job_event("rule.warned2")), IsEmpty());
}

TEST_F(RouterTest, MatchChoosesAmongJobsAndLeavesWhatIsOfNoJob) {
  policy::SelectorMap map;
  map.project = {"llm-*"};
  map.team = {"ML"};
  add("llm", {"*"}).match = policy::Selector{{map}};
  EXPECT_THAT(route(job_event("stop.sent")), ElementsAre("llm"));
  EXPECT_THAT(route(job_event("stop.sent", "p7qr9qv", "vision")), IsEmpty());
  EXPECT_THAT(route(event("api.unreachable", Level::error)), ElementsAre("llm"));
}

TEST_F(RouterTest, AMatchOnWhatIsUnknownDoesNotFit) {
  policy::SelectorMap map;
  map.gpu_type = {"H100"};
  add("gpu", {"*"}).match = policy::Selector{{map}};
  Event told = job_event("stop.sent");
  EXPECT_THAT(route(told), ElementsAre("gpu"));
  Subject subject = *told.subject;
  JobSnapshot snapshot = *subject.job;
  snapshot.gpu_type.reset();
  subject.job = std::make_shared<const JobSnapshot>(snapshot);
  told.subject = std::make_shared<const Subject>(subject);
  EXPECT_THAT(route(told), IsEmpty());
}

TEST_F(RouterTest, ARulesOwnSinksAreToldWhateverTheyChose) {
  policy::SelectorMap map;
  map.project = {"vision"};
  add("own", {"breaker.*"}).match = policy::Selector{{map}};
  add_rule({"own"});
  EXPECT_THAT(route(rule_event("rule.warned")), ElementsAre("own"));
  EXPECT_THAT(route(rule_event("stop.confirmed")), ElementsAre("own"));
  EXPECT_THAT(route(job_event("rule.warned")), IsEmpty()) << "of no rule";
}

TEST_F(RouterTest, AnObservedRuleTellsOnlyThoseWhoAskForWouldStop) {
  add("all", {"*"});
  add("rules", {"rule.*"});
  add("named", {"rule.would_stop"});
  add("warned", {"rule.warned"});
  add("own", {"stop.*"});
  add_rule({"own"});
  EXPECT_THAT(route(rule_event("rule.warned", "observe")), ElementsAre("all", "rules"));
  EXPECT_THAT(route(rule_event("rule.would_stop", "observe")),
              ElementsAre("all", "rules", "named"));
  EXPECT_THAT(route(rule_event("rule.warned")), ElementsAre("all", "rules", "warned", "own"));
}

TEST_F(RouterTest, ADaemonThatObservesStillTellsOfItself) {
  add("daemon", {"daemon.*"});
  EXPECT_THAT(route(event("daemon.started").with("mode", "observe")), ElementsAre("daemon"));
}

TEST_F(RouterTest, DebugGoesToNobody) {
  add("all", {"*"});
  EXPECT_THAT(route(event("api.polled", Level::debug)), IsEmpty());
}

TEST_F(RouterTest, NoSinkIsToldOfItsOwnFailure) {
  add("one", {"*"});
  add("other", {"notify.*"});
  EXPECT_THAT(route(event("notify.failed").with("sink", "one")), ElementsAre("other"));
  EXPECT_THAT(route(event("notify.recovered").with("sink", "one")), ElementsAre("one", "other"));
}

}  // namespace
}  // namespace trainstop::notify
