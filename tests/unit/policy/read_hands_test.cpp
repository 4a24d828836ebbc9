// What people may do: the socket they come by, freezes, and what they may add to a rule. What is
// refused is in the corpus.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ReadControl, HasDefaultsAndTakesWhatIsSaid) {
  const Config::Control plain = read_sound_with("").control;
  EXPECT_EQ(plain.socket, "/run/trainstop/control.sock");
  EXPECT_EQ(plain.mode, 0660);
  EXPECT_FALSE(plain.group.has_value());
  const Config::Control part = read_sound_with("control: {group: ops}\n").control;
  EXPECT_EQ(part.socket, plain.socket);
  EXPECT_EQ(part.mode, plain.mode);
  EXPECT_EQ(part.group, "ops");
  const Config::Control all =
      read_sound_with("control: {socket: /run/x.sock, mode: \"0600\"}\n").control;
  EXPECT_EQ(all.socket, "/run/x.sock");
  EXPECT_EQ(all.mode, 0600);
}

TEST(ReadControl, AModeIsOctalAndGivesOthersNothing) {
  EXPECT_EQ(read_sound_with("control: {mode: 0770}\n").control.mode, 0770);
  EXPECT_EQ(read_sound_with("control: {mode: 0620}\n").control.mode, 0620);
  for (const char* mode : {"0661", "0662", "0664", "0777", "0607"}) {
    EXPECT_THAT(problems_with("control: {mode: " + std::string(mode) + "}\n"),
                ElementsAre(HasSubstr("lets everybody")))
        << mode;
  }
  for (const char* mode : {"660", "0668", "00660", "1660", "0460", "0260", "0000", "rw", "0x1b0"}) {
    EXPECT_THAT(problems_with("control: {mode: " + std::string(mode) + "}\n"),
                ElementsAre(HasSubstr("four octal digits")))
        << mode;
  }
}

TEST(ReadControl, APathFitsIntoASocketsAddress) {
  const auto path = [](std::size_t size) { return '/' + std::string(size - 1, 's'); };
  EXPECT_THAT(problems_with("control: {socket: " + path(107) + "}\n"), IsEmpty());
  EXPECT_THAT(problems_with("control: {socket: " + path(108) + "}\n"),
              ElementsAre(HasSubstr("at most 107 characters")));
}

TEST(ReadFreeze, HasWindowsAZoneAndJobs) {
  const Config config = read_sound(
      "timezone: Europe/Berlin\n" + kHead + kOneRule +
      "safety: {freeze: [{during: Fri 18:00 - Mon 08:00}, {during: [Sat, \"22:00-06:00\"], "
      "timezone: UTC, match: {team: x}}]}\n");
  const auto& freezes = config.safety.freeze;
  ASSERT_THAT(freezes, SizeIs(2));
  EXPECT_EQ(format_windows(freezes[0].during.spans()), "Fri 18:00 - Mon 08:00");
  EXPECT_EQ(freezes[0].during.zone_name(), "Europe/Berlin");
  EXPECT_FALSE(freezes[0].match.has_value());
  EXPECT_TRUE(freezes[1].during.contains(*parse_rfc3339("2026-11-28T12:00:00Z")));
  EXPECT_TRUE(freezes[1].during.contains(*parse_rfc3339("2026-11-24T23:00:00Z")));
  EXPECT_FALSE(freezes[1].during.contains(*parse_rfc3339("2026-11-24T12:00:00Z")));
  EXPECT_EQ(freezes[1].during.zone_name(), Schedule({{0, 1}}, find_zone("UTC")).zone_name());
  EXPECT_THAT(freezes[1].match->any_of.at(0).team, ElementsAre("x"));
}

TEST(ReadFreeze, MayBeOneWithoutAList) {
  EXPECT_THAT(read_sound_with("safety: {freeze: {during: Sat}}\n").safety.freeze, SizeIs(1));
}

TEST(ReadExtend, IsOfTimeOrOfABudgetsMoney) {
  EXPECT_FALSE(read_sound_rule("{name: r, when: {age: 1d}}").extend.has_value());
  const Rule time = read_sound_rule("{name: r, when: {age: 1d}, extend: {max: 12h, times: 2}}");
  EXPECT_EQ(time.extend, (Extension{12h, {}, 2}));
  const Rule money =
      read_sound_rule("{name: r, budget: {limit: $9, per: day}, extend: {max: $500}}");
  EXPECT_EQ(money.extend, (Extension{{}, Money::from_dollars(500), {}}));
  const Rule plain =
      read_sound_rule("{name: r, budget: {limit: $9, per: day}, extend: {max: 500}}");
  EXPECT_EQ(plain.extend, money.extend);
  const Rule often = read_sound_rule("{name: r, when: {age: 1d}, extend: {times: 1000}}");
  EXPECT_EQ(often.extend, (Extension{{}, {}, 1000}));
}

TEST(ReadExtend, OfTheDefaultsAppliesAsFarAsItFits) {
  const auto rules = [](const std::string& extend) {
    return read_sound(kHead + "defaults: {extend: " + extend +
                      "}\nrules: [{name: t, when: {age: 1d}}, {name: m, budget: {limit: $9, per: "
                      "day}}, {name: own, when: {age: 1d}, extend: {times: 7}}]\n")
        .rules;
  };
  const auto time = rules("{max: 12h}");
  EXPECT_EQ(time.at(0).extend, (Extension{12h, {}, {}}));
  EXPECT_FALSE(time.at(1).extend.has_value());
  EXPECT_EQ(time.at(2).extend, (Extension{{}, {}, 7}));
  const auto money = rules("{max: $5, times: 3}");
  EXPECT_EQ(money.at(0).extend, (Extension{{}, {}, 3}));
  EXPECT_EQ(money.at(1).extend, (Extension{{}, Money::from_dollars(5), 3}));
}

TEST(ReadThroughFreeze, IsFalseUnlessSaidAndNeverOfARuleThatWarns) {
  const auto rules = read_sound(kHead +
                                "defaults: {through_freeze: true}\nrules: [{name: r, when: "
                                "{age: 1d}}, {name: s, when: {age: 1d}, through_freeze: "
                                "false}, {name: w, when: {age: 1d}, action: warn}]\n")
                         .rules;
  EXPECT_TRUE(rules.at(0).through_freeze);
  EXPECT_FALSE(rules.at(1).through_freeze);
  EXPECT_FALSE(rules.at(2).through_freeze);
  EXPECT_FALSE(read_sound_rule("{name: r, when: {age: 1d}}").through_freeze);
}

}  // namespace
}  // namespace trainstop::policy
