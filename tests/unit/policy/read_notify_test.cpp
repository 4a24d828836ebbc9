// Sinks, people and heartbeat as they are read; what is refused is in the corpus.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/event_names.hpp"
#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ReadNotify, AWebhookIsReadWithItsSecretsEventsAndJobs) {
  const Config config = read_sound_with(
      "notify:\n  - {name: hook, url: {credential: hook-url}, hmac: {file: /etc/key}, events: "
      "[stop.*, rule.warned], match: {project: llm-*}}\n");
  ASSERT_THAT(config.notify, SizeIs(1));
  const NotifySink& sink = config.notify[0];
  EXPECT_EQ(sink.name, "hook");
  EXPECT_EQ(sink.format, NotifySink::Format::json);
  EXPECT_EQ(sink.url->from, SecretSource::From::credential);
  EXPECT_EQ(sink.url->name, "hook-url");
  EXPECT_EQ(sink.hmac->from, SecretSource::From::file);
  EXPECT_EQ(sink.hmac->name, "/etc/key");
  EXPECT_THAT(sink.events, ElementsAre("stop.*", "rule.warned"));
  EXPECT_THAT(sink.match->any_of.at(0).project, ElementsAre("llm-*"));
  EXPECT_THAT(sink.exec, IsEmpty());
  EXPECT_EQ(sink.place.line, 7);
}

TEST(ReadNotify, SlackAndProgramsAreTold) {
  const Config config = read_sound_with(
      "notify:\n  - {name: a, url: {env: U}, format: slack}\n"
      "  - {name: b, exec: [/bin/page, --json, \"a b\"]}\n  - {name: c, exec: /bin/page}\n");
  ASSERT_THAT(config.notify, SizeIs(3));
  EXPECT_EQ(config.notify[0].format, NotifySink::Format::slack);
  EXPECT_EQ(config.notify[0].hmac.has_value(), false);
  EXPECT_EQ(config.notify[1].format, NotifySink::Format::exec);
  EXPECT_THAT(config.notify[1].exec, ElementsAre("/bin/page", "--json", "a b"));
  EXPECT_FALSE(config.notify[1].url.has_value());
  EXPECT_THAT(config.notify[2].exec, ElementsAre("/bin/page"));
}

TEST(ReadNotify, WithoutEventsASinkIsToldOfTheDefaults) {
  const Config config = read_sound_with("notify: [{name: a, url: {env: U}}]\n");
  EXPECT_THAT(config.notify.at(0).events, testing::ElementsAreArray(default_events()));
  EXPECT_FALSE(config.notify.at(0).match.has_value());
}

TEST(ReadNotify, ARuleNamesSinksOrTakesThoseOfTheDefaults) {
  const std::string sinks = "notify: [{name: a, exec: [/a]}, {name: b, exec: [/b]}]\n";
  const Config config =
      read_sound(kHead + sinks +
                 "defaults: {notify: [a]}\nrules: [{name: r, when: {age: 1d}}, {name: s, "
                 "when: {age: 1d}, notify: [b, a]}, {name: t, when: {age: 1d}, notify: b}, "
                 "{name: u, when: {age: 1d}, notify: []}]\n");
  EXPECT_THAT(config.rules.at(0).notify, ElementsAre("a"));
  EXPECT_THAT(config.rules.at(1).notify, ElementsAre("b", "a"));
  EXPECT_THAT(config.rules.at(2).notify, ElementsAre("b"));
  EXPECT_THAT(config.rules.at(3).notify, IsEmpty());
}

TEST(ReadNotify, ASinkThatIsWrongIsStillThereForRules) {
  EXPECT_THAT(problems_of(read_config(
                  {"F", kHead + "notify: [{name: a}]\nrules: [{name: r, when: {age: 1d}, "
                                "notify: [a]}]\n"})),
              ElementsAre(HasSubstr("either 'url'")));
}

TEST(ReadNotify, PeopleAreKeptInLowerCase) {
  const Config config =
      read_sound_with("people: {Ana@Corp.Example: U012, bo@corp.example: '@bo'}\n");
  EXPECT_EQ(config.people, (std::map<std::string, std::string>{{"ana@corp.example", "U012"},
                                                               {"bo@corp.example", "@bo"}}));
}

TEST(ReadNotify, AnAddressHasOneAtWithSomethingOnBothSides) {
  for (const char* address : {"a@b", "a.b+c@d-e", "é@ü"})
    EXPECT_THAT(problems_with("people: {\"" + std::string(address) + "\": U}\n"), IsEmpty());
  for (const char* address : {"a", "@", "@b", "a@", "a@b@c", "a b@c", "a@b\\t"}) {
    EXPECT_THAT(problems_with("people: {\"" + std::string(address) + "\": U}\n"),
                ElementsAre(HasSubstr("is no e-mail address")))
        << address;
  }
}

TEST(ReadNotify, AHeartbeatIsEveryMinuteUnlessItSaysOtherwise) {
  EXPECT_FALSE(read_sound_with("").heartbeat.has_value());
  const Config plain = read_sound_with("heartbeat: {url: {env: BEAT}}\n");
  EXPECT_EQ(plain.heartbeat->url.name, "BEAT");
  EXPECT_EQ(plain.heartbeat->every, 1min);
  EXPECT_EQ(read_sound_with("heartbeat: {url: {env: BEAT}, every: 10s}\n").heartbeat->every, 10s);
  EXPECT_EQ(read_sound_with("heartbeat: {url: {env: BEAT}, every: 1d}\n").heartbeat->every, 24h);
  for (const char* wrong : {"9s", "1d1ms"}) {
    EXPECT_THAT(problems_with("heartbeat: {url: {env: B}, every: " + std::string(wrong) + "}\n"),
                ElementsAre(HasSubstr("it must be from 10s to 1d")));
  }
}

TEST(ReadNotify, HasBounds) {
  const auto sinks = [](int count) {
    std::string text = "notify:\n";
    for (int i = 0; i < count; ++i) text += "  - {name: s" + std::to_string(i) + ", exec: [/s]}\n";
    return text;
  };
  EXPECT_THAT(problems_with(sinks(50)), IsEmpty());
  EXPECT_THAT(problems_with(sinks(51)), ElementsAre(HasSubstr("more than 50 sinks")));
  const auto list = [](std::string_view item, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += std::string(item) + ",";
    return '[' + text + ']';
  };
  EXPECT_THAT(problems_with("notify: [{name: s, exec: " + list("/s", 100) + "}]\n"), IsEmpty());
  EXPECT_THAT(problems_with("notify: [{name: s, exec: " + list("/s", 101) + "}]\n"),
              ElementsAre(HasSubstr("'exec' has more than 100 items")));
  EXPECT_THAT(problems_with("notify: [{name: s, exec: /s, events: " + list("'*'", 100) + "}]\n"),
              IsEmpty());
  EXPECT_THAT(problems_with("notify: [{name: s, exec: /s, events: " + list("'*'", 101) + "}]\n"),
              ElementsAre(HasSubstr("'events' has more than 100 items")));
}

TEST(ReadNotify, KeepsSecretsOutOfEveryMessage) {
  for (const char* rest :
       {"notify: [{name: a, url: hunter2}]\n", "notify: [{name: a, url: [hunter2]}]\n",
        "notify: [{name: a, url: {env: U}, hmac: hunter2}]\n", "heartbeat: {url: hunter2}\n"}) {
    const auto problems = problems_with(rest);
    EXPECT_THAT(problems, ElementsAre(HasSubstr("not written into the configuration itself")));
    EXPECT_THAT(problems, testing::Each(testing::Not(HasSubstr("hunter2")))) << rest;
  }
}

}  // namespace
}  // namespace trainstop::policy
