// Rule sets by dice.
#include "proof/rules.hpp"

namespace trainstop::proof {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kMatter = 11;

Cond timed(Cond::Kind kind, Duration limit) {
  Cond cond;
  cond.kind = kind;
  cond.limit = std::chrono::floor<seconds>(limit);
  return cond;
}

Cond make_leaf(Dice& dice, Instant start, Duration length) {
  using Kind = Cond::Kind;
  Cond cond;
  const int which = dice.number(0, 99);
  if (which < 26) return timed(Kind::running_for, dice.spread(minutes(5), length / 2));
  if (which < 36) return timed(Kind::deploying_for, dice.spread(minutes(2), hours(1)));
  if (which < 44) return timed(Kind::queued_for, dice.spread(minutes(2), hours(2)));
  if (which < 54) return timed(Kind::age, dice.spread(minutes(10), length));
  if (which < 80) {
    cond.kind = Kind::cost;
    // Some limits are met exactly at a minute's end.
    const std::int64_t exact =
        dice.pick(std::vector<std::int64_t>{866'670'000, 40'240'000, 1'330'640'000});
    const std::int64_t cents = dice.spread(Duration{100}, Duration{60'000}).count();
    cond.money = dice.chance(300) ? Money::from_nano(exact * dice.between(3, 400))
                                  : Money::from_nano(cents * 10'000'000);
    return cond;
  }
  if (which < 87) {
    cond.kind = Kind::in_status;
    cond.statuses = dice.chance(500) ? std::vector<std::string>{"RUNNING"}
                                     : std::vector<std::string>{"PENDING", "CREATED", "DEPLOYING"};
    if (dice.chance(850)) cond.limit = dice.spread(minutes(5), hours(4));
    if (cond.limit) cond.limit = std::chrono::floor<seconds>(*cond.limit);
    return cond;
  }
  if (which < 93) {
    cond.kind = Kind::deadline;
    cond.utc = std::chrono::floor<seconds>(start + dice.between(minutes(30), length));
    return cond;
  }
  cond.kind = dice.chance(500) ? Kind::during : Kind::outside;
  cond.from_minute = dice.number(0, 23) * 60 + dice.number(0, 3) * 15;
  cond.to_minute = (cond.from_minute + dice.number(1, 20) * 60) % (24 * 60);
  return cond;
}

Cond make_cond(Dice& dice, Instant start, Duration length, int depth) {
  const int which = dice.number(0, 99);
  if (depth == 0 || which < 66) return make_leaf(dice, start, length);
  Cond cond;
  if (which < 95) {
    cond.kind = which < 83 ? Cond::Kind::all : Cond::Kind::any;
    const int parts = dice.number(2, 3);
    for (int i = 0; i < parts; ++i) cond.parts.push_back(make_cond(dice, start, length, depth - 1));
    return cond;
  }
  cond.kind = Cond::Kind::negation;
  cond.parts.push_back(make_leaf(dice, start, length));
  // A `not` alone is true of nearly every job at once.
  Cond both;
  both.kind = Cond::Kind::all;
  both.parts = {timed(Cond::Kind::running_for, dice.spread(minutes(5), length / 3)), cond};
  return both;
}

Wants make_wants(Dice& dice) {
  const std::vector<Wants> usual{
      {{"project", {"llm-*"}}},
      {{"project", {"prod", "llm-b"}}},
      {{"job", {"*-keep"}}},
      {{"user", {"ana@corp.example"}}},
      {{"user", {"BO@corp.example", "cy@*"}}},
      {{"team", {"research"}}},
      {{"gpu_type", {"h100"}}},
      {{"min_gpus", {"9"}}},
      {{"max_gpus", {"8"}}},
      {{"min_nodes", {"2"}}},
      {{"availability", {"spot"}}},
      {{"priority", {"0", "2"}}},
      {{"project", {"llm-*"}}, {"gpu_type", {"H100"}}},
      {{"status", {"running", "deploying"}}},
      {{"instance_type", {"A10G*"}}},
  };
  return dice.pick(usual);
}

Selects make_selects(Dice& dice) {
  Selects selects;
  selects.any_of.push_back(make_wants(dice));
  if (dice.chance(300)) selects.any_of.push_back(make_wants(dice));
  return selects;
}

RuleText make_rule(Dice& dice, int number, Instant start, Duration length) {
  RuleText rule;
  rule.name = "r" + std::to_string(number);
  if (dice.chance(450)) rule.match = make_selects(dice);
  if (dice.chance(250)) rule.exclude = make_selects(dice);
  rule.when = make_cond(dice, start, length, 2);
  rule.stops = dice.chance(850);
  rule.observes = dice.chance(120);
  if (rule.stops && dice.chance(60))
    rule.enforce_from = std::chrono::floor<seconds>(start + dice.between(hours(1), length));
  if (dice.chance(500)) rule.warn_before.push_back(minutes(dice.number(2, 90)));
  if (dice.chance(250)) rule.warn_before.push_back(seconds(dice.number(10, 110)));
  if (dice.chance(300)) rule.warn_at.push_back(dice.number(30, 95));
  if (rule.stops && dice.chance(400)) rule.grace = seconds(dice.number(5, 900));
  rule.lands_at = rule.stops && rule.when.has(Cond::Kind::cost) && dice.chance(200);
  rule.through_freeze = rule.stops && Dice(dice).chance(150);
  return rule;
}

RuleSet make_set(std::uint64_t seed, int index, Instant start, Duration length) {
  Dice dice(seed, kMatter);
  RuleSet set;
  set.observes = dice.chance(30);
  set.poll = seconds(dice.pick(std::vector<int>{5, 10, 15, 15, 15, 30, 60}));
  set.confirm_every = seconds(dice.pick(std::vector<int>{1, 3, 3, 5}));
  set.confirm_within = seconds(dice.pick(std::vector<int>{60, 120, 180, 180}));
  set.verify_timeout = seconds(dice.pick(std::vector<int>{10, 30, 30}));
  set.concurrency = dice.pick(std::vector<int>{1, 2, 8, 8});
  set.billing = dice.pick(std::vector<std::string>{"deploying", "deploying", "running", "created"});
  set.max_stops = dice.pick(std::vector<int>{2, 4, 8, 20, 20, 20, 20});
  set.max_stops_per = minutes(dice.pick(std::vector<int>{20, 60, 60, 180}));
  set.first_notice = minutes(dice.pick(std::vector<int>{1, 5, 30, 30}));
  if (dice.chance(350)) set.prices.emplace_back("H100x8", Money::from_nano(866'666'667));
  if (dice.chance(200)) set.prices.emplace_back("spot/H100x8", Money::from_nano(333'333'333));
  if (dice.chance(300)) {
    set.exempt.push_back({make_wants(dice), {}});
    if (dice.chance(500))
      set.exempt.back().until = std::chrono::floor<seconds>(start + dice.between(hours(1), length));
  }
  Dice cold(seed, kMatter + 4, static_cast<std::uint64_t>(index));
  for (int i = cold.number(1, 2); i > 0; --i) {
    FreezeText& freeze = set.freezes.emplace_back();
    freeze.from_minute = cold.number(0, 95) * 15;
    freeze.to_minute = (freeze.from_minute + cold.number(1, 24) * 15) % (24 * 60);
    if (cold.chance(300)) freeze.match = make_selects(cold);
  }
  const int rules = dice.number(1, 5);
  for (int i = 0; i < rules; ++i) {
    Dice own(seed, kMatter + 1, static_cast<std::uint64_t>(i));
    set.rules.push_back(make_rule(own, i, start, length));
  }
  if (index == 0) return set;
  Dice other(seed, kMatter + 2, static_cast<std::uint64_t>(index));
  if (other.chance(300)) set.rules.erase(set.rules.begin());
  if (other.chance(500) && !set.rules.empty()) set.rules.back().observes ^= true;
  if (other.chance(300)) set.exempt.push_back({make_wants(other), {}});
  if (other.chance(300)) set.exempt.clear();
  if (other.chance(500) || set.rules.empty())
    set.rules.push_back(make_rule(other, 10 + index, start, length));
  Dice changes(seed, kMatter + 3, static_cast<std::uint64_t>(index));
  if (changes.chance(300)) {
    RuleText& changed = set.rules[static_cast<std::size_t>(
        changes.number(0, static_cast<int>(set.rules.size()) - 1))];
    changed.when = make_cond(changes, start, length, 2);
    changed.lands_at = changed.lands_at && changed.when.has(Cond::Kind::cost);
  }
  return set;
}

}  // namespace

RuleSet make_rules(std::uint64_t seed, int index, Instant start, Duration length) {
  RuleSet set = make_set(seed, index, start, length);
  for (RuleText& rule : set.rules) rule.text = to_yaml(rule);
  return set;
}

}  // namespace trainstop::proof
