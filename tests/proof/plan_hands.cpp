// What persons do in a history: reloads to other rules, and commands.
#include <fmt/format.h>

#include <algorithm>

#include "proof/plan.hpp"

namespace trainstop::proof {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// Go on where those of plan.cpp end.
enum : std::uint64_t { kReloads = 9, kHands };

}  // namespace

void make_reloads(Plan& plan) {
  if (!plan.has(Harm::reloads)) return;
  Dice dice(plan.seed, kReloads);
  const std::vector<std::string> places{"rule.warned", "rule.tripped",  "stop.intended",
                                        "stop.sent",   "stop.accepted", "stop.held",
                                        "job.seen",    "rule.cleared"};
  const int count = dice.number(1, 8);
  for (int i = 0; i < count; ++i) {
    ReloadPlan reload;
    reload.at = dice.between(seconds(5), plan.active - minutes(2));
    if (dice.chance(600)) reload.event = dice.pick(places);
    if (dice.chance(600)) reload.after = dice.spread(milliseconds(1), minutes(5));
    reload.rules = dice.number(0, static_cast<int>(plan.rules.size()) - 1);
    plan.reloads.push_back(reload);
  }
}

void make_hands(Plan& plan) {
  if (!plan.has(Harm::hands)) return;
  using Kind = HandPlan::Kind;
  Dice dice(plan.seed, kHands);
  const std::vector<std::string> places{"rule.warned", "rule.tripped", "stop.intended", "stop.sent",
                                        "stop.held",   "job.seen",     "breaker.opened"};
  const std::vector<Kind> kinds{Kind::exempt, Kind::exempt, Kind::exempt, Kind::extend,
                                Kind::extend, Kind::pause,  Kind::pause,  Kind::resume,
                                Kind::revoke, Kind::revoke, Kind::stop,   Kind::reset};
  const int count = dice.number(1, 16);
  for (int i = 0; i < count; ++i) {
    HandPlan hand;
    hand.kind = dice.pick(kinds);
    hand.at = dice.between(seconds(5), plan.active - minutes(2));
    if (dice.chance(500)) hand.event = dice.pick(places);
    if (hand.kind == Kind::reset && dice.chance(700)) hand.event = "breaker.opened";
    if (dice.chance(700)) hand.after = dice.spread(milliseconds(1), minutes(10));
    hand.job = "main/p0/j99";
    if (!plan.jobs.empty()) {
      const JobPlan& job = dice.pick(plan.jobs);
      hand.job = "main/" + job.project_id + "/" + job.id;
    }
    hand.one_rule = dice.chance(400);
    hand.pick = static_cast<std::size_t>(dice.number(0, 20));
    hand.lasts = std::chrono::floor<seconds>(dice.spread(seconds(30), hours(8)));
    hand.by = std::chrono::floor<seconds>(dice.spread(minutes(1), hours(6)));
    hand.force = dice.chance(400);
    plan.hands.push_back(hand);
  }
}

}  // namespace trainstop::proof
