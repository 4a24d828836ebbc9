// The demo's verdict can fail: whatever is not as it had to be is called wrong.
#include "demo/verdict.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace trainstop::demo {
namespace {

using namespace std::chrono_literals;

constexpr sim::WallTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

const Role& role_of(Fate fate) {
  for (const Role& role : cast()) {
    if (role.fate == fate) return role;
  }
  throw std::logic_error("no such role");
}

const Role& costly() {
  for (const Role& role : cast()) {
    if (role.cost_limit) return role;
  }
  throw std::logic_error("no such role");
}

sim::StatusChange change(sim::WallTime at, const char* status) {
  return {{at, {}}, status};
}

/// A job that ran for 80 s and was stopped, 5 ms after its due.
struct Stopped {
  sim::JobTruth truth;
  Said said;

  explicit Stopped(const Role& role) {
    truth.changes = {change(kNow - 80s, sim::kRunning), change(kNow, sim::kStopped)};
    truth.stop_requests = 1;
    truth.first_stop_received = sim::Moment{kNow - 1s, {}};
    truth.ended = sim::Moment{kNow, {}};
    truth.ended_by_stop = true;
    said = {.rule = role.rule,
            .due = kNow - 1005ms,
            .would_stop = false,
            .held_exempt = false,
            .confirmed = true};
  }
  Row judged(const Role& role) const { return judge(role, truth, said, kNow); }
};

TEST(Verdict, SumsUpWhatABudgetStopped) {
  Row row;
  row.rule = sweep().rule;
  row.cost = Money::from_dollars(2);
  Row other = row;
  other.rule = "another";
  EXPECT_EQ(judge_together(sweep(), {row, other, row}).wrong, "");
  EXPECT_EQ(judge_together(sweep(), {row, other, row}).cost, Money::from_dollars(4));
  EXPECT_NE(judge_together(sweep(), {row, row, row}).wrong, "");
  EXPECT_NE(judge_together(sweep(), {other}).wrong, "") << "it has stopped nothing";
}

TEST(Verdict, PraisesAStopAsItHadToBe) {
  const Stopped stopped(costly());
  const Row row = stopped.judged(costly());
  EXPECT_EQ(row.wrong, "");
  EXPECT_EQ(row.late, 5ms);
  EXPECT_EQ(row.cost, Money::from_nano(2 * 2 * 866'670'000LL));
}

TEST(Verdict, FindsEveryWayInWhichAStopCanBeWrong) {
  const std::function<void(Stopped&)> spoils[] = {
      [](Stopped& s) { s.truth.ended_by_stop = false; },
      [](Stopped& s) { s.truth.stop_requests = 2; },
      [](Stopped& s) { s.said.rule = "another"; },
      [](Stopped& s) { s.said.confirmed = false; },
      [](Stopped& s) { s.said.due.reset(); },
      [](Stopped& s) { s.said.due = kNow - 999ms; },
      [](Stopped& s) { s.said.due = kNow - 2s; },
      [](Stopped& s) { s.truth.changes.front().at.wall = kNow - 121s; },
  };
  for (const auto& spoil : spoils) {
    Stopped stopped(costly());
    spoil(stopped);
    EXPECT_NE(stopped.judged(costly()).wrong, "") << (&spoil - spoils);
  }
}

TEST(Verdict, WantsAnObservedJobAliveAndTold) {
  const Role& role = role_of(Fate::observed);
  sim::JobTruth truth;
  truth.changes = {change(kNow - 20s, sim::kRunning)};
  Said said{
      .rule = role.rule, .due = {}, .would_stop = true, .held_exempt = false, .confirmed = false};
  EXPECT_EQ(judge(role, truth, said, kNow).wrong, "");
  truth.stop_requests = 1;
  EXPECT_NE(judge(role, truth, said, kNow).wrong, "");
  truth.stop_requests = 0;
  said.would_stop = false;
  EXPECT_NE(judge(role, truth, said, kNow).wrong, "");
}

TEST(Verdict, WantsAnExemptJobAliveAndHeld) {
  const Role& role = role_of(Fate::exempt);
  sim::JobTruth truth;
  Said said{
      .rule = role.rule, .due = {}, .would_stop = false, .held_exempt = true, .confirmed = false};
  EXPECT_EQ(judge(role, truth, said, kNow).wrong, "");
  truth.ended = sim::Moment{kNow, {}};
  EXPECT_NE(judge(role, truth, said, kNow).wrong, "");
  truth.ended.reset();
  said.held_exempt = false;
  EXPECT_NE(judge(role, truth, said, kNow).wrong, "");
}

TEST(Verdict, WantsTheEndOfAJobThatEndsByItself) {
  const Role& role = role_of(Fate::ended_itself);
  sim::JobTruth truth;
  EXPECT_NE(judge(role, truth, {}, kNow).wrong, "");
  truth.ended = sim::Moment{kNow, {}};
  EXPECT_EQ(judge(role, truth, {}, kNow).wrong, "");
  truth.stop_requests = 1;
  EXPECT_NE(judge(role, truth, {}, kNow).wrong, "");
}

TEST(VerdictTable, CountsWhatWentWrong) {
  Row good;
  good.cost = Money{};
  Row bad = good;
  bad.wrong = "was not stopped";
  EXPECT_NE(table({good, good}).find("All of it"), std::string::npos);
  EXPECT_NE(table({good, bad}).find("1 of 2 jobs went WRONG"), std::string::npos);
}

}  // namespace
}  // namespace trainstop::demo
