// What people read.
#include "notify/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/notify/events.hpp"

namespace trainstop::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

Event warning() {
  Event told = rule_event("rule.warned");
  told.message = "rule two-days: stop due in 4h";
  told.with("due_at", kThen + 4h).with("value", Duration(44h)).with("limit", Duration(48h));
  told.with("unit", "s").with("url", "https://app.baseten.co/training/pr1/logs/p7qr9qv");
  return told;
}

Event budget_warning() {
  Event told = event("budget.warned", Level::warning);
  told.message = "budget team-day (the ml's): exhausted in 3h";
  told.with("rule", "team-day").with("mode", "enforce").with("action", "stop");
  told.with("group", "the ml's").with("value", Money::from_dollars(1266));
  told.with("limit", Money::from_dollars(2000)).with("unit", "USD");
  told.with("rate", Money::from_dollars(104)).with("due_at", kThen + 3h);
  told.with("resets_at", kThen + 12h);
  return told;
}

TEST(Text, AWarningSaysWhatToWhomWhyHowMuchHowLongAndHowToPutItOff) {
  EXPECT_EQ(text_of(warning()),
            "Warning: rule two-days: stop due in 4h. Job llama-sft (p7qr9qv) of project llm-team, "
            "owner Ana@corp.example, running. Rule two-days: 1d20h of 2d. The stop is due at "
            "2026-11-24T09:20:00.000Z, in 4h. To put the stop off: `trainstop extend p7qr9qv "
            "--rule two-days --by 4h --reason '…'`. To take the job out: `trainstop exempt p7qr9qv "
            "--rule two-days --for 1d --reason '…'`. "
            "https://app.baseten.co/training/pr1/logs/p7qr9qv");
}

TEST(Text, ABudgetIsRaisedByItsGroup) {
  EXPECT_EQ(text_of(budget_warning()),
            "Warning: budget team-day (the ml's): exhausted in 3h. Rule team-day, group the ml's: "
            "$1266.00 of $2000.00. It burns $104.00 an hour. The stop is due at "
            "2026-11-24T08:20:00.000Z, in 3h. The budget resets at 2026-11-24T17:20:00.000Z. To "
            "raise the budget: `trainstop budgets raise 'team-day/the ml'\\''s' --by '$100' "
            "--reason '…'`.");
}

TEST(Text, ALimitOfMoneyIsNotPutOffByTime) {
  Event told = rule_event("rule.tripped");
  told.with("due_at", kThen).with("value", Money::from_dollars(390));
  told.with("limit", Money::from_dollars(400)).with("unit", "USD");
  const std::string text = text_of(told);
  EXPECT_THAT(text, HasSubstr("$390.00 of $400.00"));
  EXPECT_THAT(text, HasSubstr("trainstop exempt"));
  EXPECT_THAT(text, Not(HasSubstr("trainstop extend")));
}

TEST(Text, OnlyWhatAnnouncesAStopBearsCommands) {
  Event observed = rule_event("rule.warned", "observe");
  observed.with("due_at", kThen + 4h);
  EXPECT_THAT(text_of(observed), Not(HasSubstr("`")));
  EXPECT_THAT(text_of(observed), HasSubstr("would be due at"));
  EXPECT_THAT(text_of(observed), HasSubstr("the rule observes and stops nothing"));
  Event warns = job_event("rule.warned");
  warns.with("rule", "r").with("mode", "enforce").with("action", "warn").with("due_at", kThen);
  EXPECT_THAT(text_of(warns), Not(HasSubstr("`")));
  Event without_due = rule_event("rule.warned");
  EXPECT_THAT(text_of(without_due), Not(HasSubstr("`")));
  Event sent = rule_event("stop.sent");
  sent.with("due_at", kThen);
  EXPECT_THAT(text_of(sent), Not(HasSubstr("`")));
}

TEST(Text, AStopThatIsOverSaysWhatItCost) {
  Event told = rule_event("stop.confirmed");
  told.level = Level::info;
  told.message = "the job is stopped";
  told.with("cost", Money::from_dollars(396)).with("margin", Money::from_dollars(4));
  told.with("late_s", Duration(13ms)).with("due_at", kThen - 1min);
  EXPECT_EQ(
      text_of(told),
      "the job is stopped. Job llama-sft (p7qr9qv) of project llm-team, owner "
      "Ana@corp.example, running. Rule two-days. It has cost $396.00 so far. The stop was due "
      "at 2026-11-24T05:19:00.000Z. The request left 13ms after it was due. $4.00 were left of the limit.");
}

TEST(Text, NoNameBeginsALineOrTurnsTheWriting) {
  Event told = event("job.seen");
  told.with("job", "x1").with("job_name", "a\nError: all is lost\x1b[2J\xe2\x80\xae\xe2\x81\xa6z");
  EXPECT_EQ(text_of(told), "something happened. Job a Error: all is lost [2J  z (x1).");
}

TEST(Text, WordsForAShellAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(shell_word("two-days/ml_1.x"), "two-days/ml_1.x");
  EXPECT_EQ(shell_word("$(reboot)"), "'$(reboot)'");
  EXPECT_EQ(shell_word("a'b"), "'a'\\''b'");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("-x"), "'-x'");
}

TEST(Text, PeopleAreFoundByTheirAddressWithoutCase) {
  EXPECT_EQ(mention_of(job_event("e"), {{"ana@CORP.example", "U012ABCDE"}}), "U012ABCDE");
  EXPECT_EQ(mention_of(job_event("e"), {{"ana@corp.exampl", "U012ABCDE"}}), "");
  EXPECT_EQ(mention_of(event("e"), {{"", "U012ABCDE"}}), "");
}

}  // namespace
}  // namespace trainstop::notify
