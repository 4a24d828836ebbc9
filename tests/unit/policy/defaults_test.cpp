// What rules take from `defaults`, and what is told of what does not fit them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> under(const std::string& defaults, const std::string& rules) {
  return problems_of(
      read_config({"F", kHead + "defaults: {" + defaults + "}\nrules: [" + rules + "]\n"}));
}

constexpr const char* kPot = "budget: {limit: $5, per: day}";

TEST(Defaults, OfShedAreForBudgetsThatStopAndHaveNoneOfTheirOwn) {
  const std::string pot = kPot;
  const auto rules =
      read_sound(kHead + "defaults: {shed: {at: 80%, order: oldest}}\nrules:\n" +  //
                 "  - {name: pot, " + pot + "}\n  - {name: own, " + pot +
                 ", shed: {at: 50%}}\n  - {name: time, when: {age: 1d}}\n  - {name: told, " + pot +
                 ", action: warn}\n")
          .rules;
  ASSERT_EQ(rules.size(), 4U);
  EXPECT_EQ(rules[0].shed, (Shed{80, Shed::Order::oldest}));
  EXPECT_THAT(rules[0].canonical, HasSubstr("shed: 80 oldest"));
  EXPECT_EQ(rules[1].shed, (Shed{50, Shed::Order::newest})) << "taken whole, never merged";
  EXPECT_FALSE(rules[2].shed.has_value());
  EXPECT_THAT(rules[2].canonical, testing::Not(HasSubstr("shed")));
  EXPECT_FALSE(rules[3].shed.has_value());
}

TEST(Defaults, TakeEveryKeyThatIsNotARulesOwn) {
  const Config config = read_sound(
      kHead + "notify: [{name: n, exec: /bin/n}]\n" +
      "defaults: {exclude: {job: x}, action: stop, mode: observe, enforce_from: 2027-01-15, "
      "warn_before: 1h, warn_at: 80%, grace: 1m, landing: at, max_stops: {count: 1, per: 1h}, "
      "extend: {times: 2}, notify: [n], shed: {at: 90%}, through_freeze: true}\nrules: [{name: "
      "r, " +
      kPot + "}, {name: w, action: warn, when: {age: 1d}, warn_at: []}]\n");
  const Rule& rule = config.rules.at(0);
  EXPECT_TRUE(rule.exclude.has_value());
  EXPECT_EQ(rule.mode, Mode::observe);
  EXPECT_TRUE(rule.enforce_from.has_value());
  EXPECT_THAT(rule.warn_before, ElementsAre(Duration(std::chrono::hours(1))));
  EXPECT_THAT(rule.warn_at_percent, ElementsAre(80));
  EXPECT_EQ(rule.grace, Duration(std::chrono::minutes(1)));
  EXPECT_EQ(rule.landing, Landing::at);
  EXPECT_EQ(rule.max_stops, (MaxStops{1, std::chrono::hours(1)}));
  EXPECT_EQ(rule.extend, (Extension{{}, {}, 2}));
  EXPECT_THAT(rule.notify, ElementsAre("n"));
  EXPECT_EQ(rule.shed, (Shed{90, Shed::Order::newest}));
  EXPECT_TRUE(rule.through_freeze);
  EXPECT_EQ(
      read_sound(kHead + "defaults: {action: warn, repeat: 1d}\n" + kOneRule).rules.at(0).repeat,
      Duration(std::chrono::hours(24)));
}

TEST(Defaults, WithAMistakeAreToldAtTheirPlace) {
  EXPECT_THAT(under("shed: {at: 100%}", std::string("{name: r, ") + kPot + "}"),
              ElementsAre(HasSubstr("F:5:23: error: 'at' is '100%'")));
}

TEST(Defaults, OfAnActionAreNamedWhereAKeyOfARuleDoesNotFitIt) {
  const char* const kOrigin = "; the rule has its action from 'defaults' at F:5";
  EXPECT_THAT(under("action: warn", "{name: r, when: {age: 1d}, grace: 10m}"),
              ElementsAre(AllOf(HasSubstr("F:6:36: error: 'grace' is possible only with"),
                                EndsWith(kOrigin))));
  EXPECT_THAT(under("action: warn", "{name: r, when: {cost: $5}, landing: at}"),
              ElementsAre(AllOf(HasSubstr("'landing' is possible only"), EndsWith(kOrigin))));
  EXPECT_THAT(under("action: stop", "{name: r, when: {age: 1d}, warn_at: [120%]}"),
              ElementsAre(AllOf(HasSubstr("'warn_at' above 100%"), EndsWith(kOrigin))));
  EXPECT_THAT(under("action: stop", "{name: r, when: {age: 1d}, repeat: 1d}"),
              ElementsAre(AllOf(HasSubstr("'repeat' is possible only"), EndsWith(kOrigin))));
  for (const char* defaults : {"action: stop", "grace: 1m"}) {
    EXPECT_THAT(under(defaults, "{name: r, when: {age: 1d}, action: stop, repeat: 1d}"),
                ElementsAre(testing::Not(HasSubstr("defaults"))));
  }
  EXPECT_THAT(under("grace: 1m", "{name: r, when: {age: 1d}, repeat: 1d}"),
              ElementsAre(testing::Not(HasSubstr("defaults"))));
}

TEST(Defaults, ThatReachNoRuleAreDoubtful) {
  const std::string stops = "{name: r, when: {age: 1d}}";
  const std::string warns = "{name: w, when: {age: 1d}, action: warn}";
  EXPECT_THAT(under("warn_at: [80%, 120%]", stops),
              ElementsAre("F:5:12: warning: 'warn_at' above 100% in 'defaults' reaches no rule: "
                          "none has 'action: warn'"));
  EXPECT_THAT(under("repeat: 1d", stops),
              ElementsAre("F:5:12: warning: 'repeat' in 'defaults' reaches no rule: none has "
                          "'action: warn'"));
  const auto shed = ElementsAre(
      "F:5:12: warning: 'shed' in 'defaults' reaches no rule: none has a 'budget' that it stops "
      "at");
  EXPECT_THAT(under("shed: {at: 90%}", stops), shed);
  EXPECT_THAT(under("shed: {at: 90%}", std::string("{name: p, action: warn, ") + kPot + "}"), shed);
  EXPECT_THAT(under("warn_at: [80%, 120%], repeat: 1d", stops + ", " + warns), IsEmpty());
  EXPECT_THAT(under("warn_at: [80%, 100%]", stops), IsEmpty());
  EXPECT_THAT(under("shed: {at: 90%}", std::string("{name: p, ") + kPot + "}, " + stops),
              IsEmpty());
}

TEST(Defaults, ThatReachNoRuleAreNotToldBesideWhatIsWorse) {
  EXPECT_THAT(under("repeat: 1d", "{name: r, when: {age: soon}}"),
              ElementsAre(HasSubstr("'age' is 'soon'")));
  EXPECT_THAT(problems_of(read_config({"F", kHead + "defaults: {repeat: 1d}\n"})),
              ElementsAre(HasSubstr("there are no rules")));
}

}  // namespace
}  // namespace trainstop::policy
