// Rules in plain words.
#include "policy/describe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

using testing::HasSubstr;

std::string words(const std::string& rule, Mode mode = Mode::enforce) {
  Config config;
  config.mode = mode;
  return describe(read_sound_rule(rule), config);
}

std::string condition(const std::string& when) {
  return describe(read_sound_rule("{name: r, mode: observe, when: {" + when + "}}").when);
}

TEST(Describe, SaysConditionsInWords) {
  EXPECT_EQ(condition("running_for: 48h"), "running for 2d");
  EXPECT_EQ(condition("running_for: 1h, cost: $400"), "running for 1h and cost at least $400.00");
  EXPECT_EQ(condition("any: [{queued_for: 1h}, {deploying_for: 45m, age: 1d}]"),
            "queued for 1h or (deploying for 45m and created 1d ago)");
  EXPECT_EQ(condition("not: {in_status: {status: [running, queued], for: 1h}}"),
            "not (in status RUNNING or QUEUED for 1h)");
  EXPECT_EQ(condition("schedule: {outside: [Mon-Fri 09:00-18:00], timezone: Europe/Berlin}"),
            "outside Mon-Fri 09:00-18:00 (Europe/Berlin)");
  EXPECT_EQ(condition("deadline: 2026-12-01T18:00:00Z"), "the time is past 2026-12-01T18:00:00Z");
}

TEST(Describe, SaysWhatIsShedAndTheBreakerOfItsOwn) {
  EXPECT_THAT(words("{name: pot, budget: {limit: $20, per: day}, shed: {at: 90%, order: "
                    "lowest_priority}, max_stops: {count: 15, per: 1h}}"),
              HasSubstr("From 90% of the limit on it stops single jobs, lowest priority first, as "
                        "long as the others would exhaust it before its reset. It has a breaker of "
                        "its own: at most 15 jobs in 1h."));
}

TEST(Describe, SaysWhatPeopleMayAddAndThatNoFreezeHoldsIt) {
  EXPECT_THAT(
      words("{name: r, when: {age: 1d}, extend: {max: 12h, times: 2}}"),
      HasSubstr(" By hand at most 12h at once may be added to its limit, at most 2 times."));
  EXPECT_THAT(words("{name: r, budget: {limit: $5, per: day}, extend: {max: $500}}"),
              HasSubstr(" By hand at most $500.00 at once may be added to its limit."));
  EXPECT_THAT(words("{name: r, when: {age: 1d}, extend: {times: 1}, through_freeze: true}"),
              HasSubstr(" By hand its limit may be extended once. No freeze holds its stops."));
  EXPECT_THAT(words("{name: r, when: {age: 1d}}"), testing::Not(HasSubstr("hand")));
  EXPECT_THAT(words("{name: r, when: {age: 1d}}"), testing::Not(HasSubstr("freeze")));
}

TEST(Describe, SaysWhoIsAlwaysTold) {
  const Config config = read_sound(kHead +
                                   "notify: [{name: oncall, url: {env: U}}, {name: page, exec: "
                                   "[/p]}]\nrules: [{name: r, when: {age: 1d}, notify: [page, "
                                   "oncall]}]\n");
  EXPECT_THAT(describe(config.rules.at(0), config),
              HasSubstr(" It is always told to page, oncall."));
}

TEST(Describe, SaysWhatARuleWatchesAndDoes) {
  EXPECT_EQ(words("{name: two-days, match: {project: [llm-*], gpu_type: H100}, exclude: [{job: "
                  "\"*-keep\"}], "
                  "when: {running_for: 48h}, warn_before: [4h, 30m], warn_at: [80%], grace: 10m}"),
            "two-days: watches jobs whose project is llm-* and GPU type is H100, except those "
            "whose name or id is "
            "*-keep. It trips when: running for 2d. It stops the job 10m later, unless the "
            "condition no longer "
            "holds. Warnings: 4h before the stop, 30m before the stop, at 80% of the limit.");
}

TEST(Describe, SaysWhereACostLands) {
  EXPECT_THAT(words("{name: r, when: {cost: $400}}"), HasSubstr("the stop leaves early enough"));
  EXPECT_THAT(words("{name: r, when: {cost: $400}, landing: at}"), HasSubstr("may cost more"));
  EXPECT_THAT(words("{name: r, when: {age: 1d}}"), testing::Not(HasSubstr("cost")));
}

TEST(Describe, SaysWhenNothingIsStopped) {
  EXPECT_THAT(words("{name: r, when: {age: 1d}, action: warn, repeat: 1h}"),
              HasSubstr("again every 1h; it stops nothing"));
  EXPECT_THAT(words("{name: r, when: {age: 1d}, mode: observe}"), HasSubstr("Its mode is observe"));
  EXPECT_THAT(words("{name: r, when: {age: 1d}}", Mode::observe),
              HasSubstr("The daemon's mode is observe"));
  EXPECT_THAT(words("{name: r, when: {age: 1d}, enforce_from: 2026-12-24}"),
              HasSubstr("Until 2026-12-24T00:00:00Z"));
}

}  // namespace
}  // namespace trainstop::policy
