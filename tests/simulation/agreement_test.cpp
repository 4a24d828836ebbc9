// What `status` sums up of all jobs is what `explain` says of each, at every moment of any history.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "simulation/view.hpp"

namespace trainstop::test::agreement {
namespace {

using core::Command;

constexpr const char* kFirst =
    "poll: {interval: 1m}\n"
    "safety: {max_stops: {count: 2, per: 1h}, first_notice: 7m}\n"
    "rules: [{name: long, when: {running_for: 30m}, grace: 4m},\n"
    "        {name: queue, when: {queued_for: 20m}, mode: observe},\n"
    "        {name: cap, match: {job: 'a*'}, when: {cost: $20}, warn_before: [5m]},\n"
    "        {name: told, when: {age: 15m}, action: warn},\n"
    "        {name: old, when: {age: 30m}, mode: observe}]\n";
constexpr const char* kSecond =
    "poll: {interval: 1m}\n"
    "safety: {max_stops: {count: 2, per: 1h}, first_notice: 7m,\n"
    "         exempt: [{job: b1, reason: demo}]}\n"
    "rules: [{name: aged, when: {age: 30m}},\n"
    "        {name: long, when: {running_for: 30m}, grace: 4m},\n"
    "        {name: shared, budget: {limit: $90, per: day}},\n"
    "        {name: queue, when: {queued_for: 20m}}]\n";

/// A rule of `explain` that stops, or would.
bool may_stop(const Value& rule) {
  return get(rule, "action") == Value("stop") && get(rule, "due_at") != Value("(absent)");
}

bool is_one_of(const Value& value, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return value == Value(name); });
}

/// Rule and due of the stop that comes next.
std::pair<Value, Value> next_of(const Value& explained) {
  const Value* next = nullptr;
  const Value::Array rules = items(explained, "rules");
  const auto rank = [](const Value& rule) {
    return std::tuple(is_one_of(get(rule, "hold"), {"observe", "exempt", "pause"}),
                      std::get<Instant>(get(rule, "due_at").data), text(get(rule, "rule")));
  };
  for (const Value& rule : rules) {
    if (may_stop(rule) && (next == nullptr || rank(rule) < rank(*next))) next = &rule;
  }
  if (next == nullptr) return {Value("(absent)"), Value("(absent)")};
  return {get(*next, "rule"), get(*next, "due_at")};
}

/// What holds the first stop that is held.
Value held_by(const Value& explained, Instant now) {
  for (const Value& rule : items(explained, "rules")) {
    if (!may_stop(rule) || get(rule, "tripped_at") == Value("(absent)")) continue;
    const bool late = std::get<Instant>(get(rule, "due_at").data) <= now;
    const bool notice = get(rule, "not_before") != Value("(absent)");
    const bool waits = late || notice;
    if (!waits || get(rule, "holds") == Value("no")) continue;
    if (get(rule, "hold") != Value("(absent)")) return get(rule, "hold");
  }
  return Value("(absent)");
}

bool would_be_stopped(const Value& explained) {
  const Value::Array rules = items(explained, "rules");
  return std::any_of(rules.begin(), rules.end(), [](const Value& rule) {
    return get(rule, "action") == Value("stop") && get(rule, "hold") == Value("observe") &&
           get(rule, "holds") == Value("yes");
  });
}

void check(core::Core& core) {
  const Value status(core.status(100, {}));
  const Instant now = std::get<Instant>(get(status, "at").data);
  std::map<std::string, std::int64_t> held;
  std::int64_t over = 0;
  for (const Value& line : items(status, "jobs")) {
    const std::string id = text(get(line, "job"));
    const Value explained(*core.explain(World::key_of(id)));
    if (const Value by = held_by(explained, now); by != Value("(absent)")) ++held[text(by)];
    over += would_be_stopped(explained);
    const bool is_ordered = get(line, "ordered_by") != Value("(absent)");
    if (is_ordered || get(line, "stop", "stage") == Value("requested")) continue;
    const auto [rule, due] = next_of(explained);
    EXPECT_TRUE(get(line, "rule") == rule) << id;
    EXPECT_TRUE(get(line, "due_at") == due) << id;
  }
  std::map<std::string, std::int64_t> counted;
  const Value of_all = get(status, "counts", "held");
  for (const auto& [name, count] : std::get<Value::Object>(of_all.data))
    counted[name] = std::get<std::int64_t>(count.data);
  EXPECT_TRUE(counted == held);
  const Value count = get(status, "over", "count");
  EXPECT_TRUE((over == 0 ? get(status, "over") == Value("(absent)") : count == Value(over)));
}

/// What persons, jobs and deaths do at one moment.
void happen(World& world) {
  const auto id = *rc::gen::element<std::string>("a1", "a2", "b1", "b2", "b3");
  const auto lasts = std::chrono::minutes(*rc::gen::inRange(1, 60));
  switch (*rc::gen::inRange(0, 10)) {
    case 0:
      world.order(Command::Exempt{World::key_of(id), {}, lasts});
      return;
    case 1:
      world.order(Command::Exempt{World::key_of(id), "long", lasts});
      return;
    case 2:
      world.order(Command::Extend{World::key_of(id), {}, lasts, 2 * lasts});
      return;
    case 3:
      world.order(Command::Pause{{}, lasts});
      return;
    case 4:
      world.order(Command::Resume{});
      return;
    case 5:
      world.order(Command::StopJob{World::key_of(id)});
      return;
    case 6:
      world.reload(*rc::gen::element<std::string>(kFirst, kSecond));
      return;
    case 7:
      world.restart(lasts / 4);
      return;
    default:
      if (phase_of(world.job(id).now.status) != Phase::ended)
        world.set_status(id, *rc::gen::element<std::string>("PENDING", "RUNNING", "COMPLETED"));
  }
}

RC_GTEST_PROP(Agreement, StatusSumsUpWhatExplainSays, ()) {
  World world(*rc::gen::element<std::string>(kFirst, kSecond),
              *rc::gen::arbitrary<std::uint64_t>());
  for (const char* id : {"a1", "a2", "b1", "b2", "b3"})
    world.add(id, -std::chrono::minutes(*rc::gen::inRange(0, 25)),
              *rc::gen::element<std::string>("PENDING", "RUNNING"));
  world.on_batch = [&](const core::Batch&) { check(world.core()); };
  Duration at{0};
  for (int i = *rc::gen::inRange(1, 20); i > 0; --i) {
    at += std::chrono::seconds(*rc::gen::inRange(1, 1200));
    world.run_until(at);
    if (world.alive()) happen(world);
  }
  world.run_until(at + 20min);
}

// More jobs than are judged in one call: what is asked between two calls sees some of them as they
// were.
struct Many : ::testing::Test {
  World world{
      "safety: {max_stops: {count: 1, per: 1h}}\n"
      "rules: [{name: b-long, when: {running_for: 2h}},\n"
      "        {name: a-llm, match: {team: research}, when: {running_for: 1h}, mode: observe},\n"
      "        {name: c-llm, match: {team: research}, when: {running_for: 1h}}]\n"};
  int checked = 0;

  void watch() {
    for (int i = 0; i < 300; ++i) world.add("a" + std::to_string(i), -30min);
    world.run_until(5min);
    world.on_batch = [&](const core::Batch&) {
      check(world.core());
      ++checked;
    };
  }
};

TEST_F(Many, AgreeWhileTheRulesChange) {
  watch();
  world.reload("rules: [{name: b-long, when: {running_for: 2h}}]\n");
  world.run_until(6min);
  EXPECT_GT(checked, 2);
}

TEST_F(Many, AgreeWhileTheirTeamChanges) {
  watch();
  world.projects = {{"proj1", "llm", "other"}};
  world.run_until(20min);
  EXPECT_GT(checked, 2);
}

}  // namespace
}  // namespace trainstop::test::agreement
