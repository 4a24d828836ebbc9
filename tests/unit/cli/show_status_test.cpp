// `status` in words: what a person must see is there, fits the window, and can do no harm to it.
#include "cli/show_status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <sstream>

#include "cli/show_rules.hpp"

namespace trainstop::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace json = boost::json;

json::object parsed(std::string_view text) {
  return json::parse(text).as_object();
}

json::object sample_status() {
  return parsed(R"({"v":1, "at":"2026-11-24T14:00:00.000Z", "mode":"enforce", "journal":"ok",
    "since":"2026-11-24T11:00:00.000Z",
    "accounts":[{"name":"research","reachable":true,"facts_age_s":4.2,"jobs":2}],
    "breaker":{"open":false,"stops_in_window":3,"max_stops":10,"per_s":3600},
    "paused":[], "frozen":[],
    "counts":{"live":2,"open_stops":0,"overdue":0,"unconfirmed":0,"unknown_status":0,"held":{"observe":1}},
    "rate":104.0,
    "next_due":{"at":"2026-11-24T17:12:30.000Z","job":"j1","job_name":"llama-sft","rule":"two-days"},
    "impaired":[],
    "jobs":[
      {"account":"research","project":"llm","project_id":"p1","job":"j1","job_name":"llama-sft",
       "user":"ana@corp.example","phase":"running","age_s":160000,"running_s":150000,"cost":2200.5,
       "rate":52.0,"progress":0.93,"due_at":"2026-11-24T17:12:30.000Z","rule":"two-days","mode":"enforce"},
      {"account":"research","project":"llm","project_id":"p1","job":"j2","phase":"queued","age_s":59}],
    "more":0,
    "budgets":[{"rule":"team-day","group":"ml","action":"stop","mode":"enforce","limit":2000,"spent":1266.4,
      "spent_at_most":1266.4,"estimated":1266.4,"rate":104.0,"as_of":"2026-11-24T14:00:00.000Z",
      "due_at":"2026-11-24T20:59:00.000Z","resets_at":"2026-11-25T06:00:00.000Z","jobs":2,"partial":false}],
    "more_budgets":0, "overrides":[]})");
}

Screen window(std::size_t columns, std::size_t rows) {
  Screen screen;
  screen.columns = columns;
  screen.rows = rows;
  screen.terminal = true;
  return screen;
}

std::size_t widest(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) widest = std::max(widest, width_of(line));
  return widest;
}

TEST(ShowStatus, SaysWhatIsDueAndHowWellJobsAreProtected) {
  const std::string text = show_status(sample_status(), Screen());
  EXPECT_THAT(text, AllOf(HasSubstr("enforces, since 11:00 UTC (3h)"),
                          HasSubstr("research: facts are 4s old"),
                          HasSubstr("2 live, $104.00/h; 0 stops open, 0 overdue; held: 1 observe"),
                          HasSubstr("closed, 3 of 10 stops in 1h"),
                          HasSubstr("in 3h12m (17:12 UTC): llama-sft by rule two-days")));
  EXPECT_THAT(text, AllOf(HasSubstr("#########.  93%"), HasSubstr("$2200.50"), HasSubstr("\nj2 "),
                          HasSubstr("$1266.40 of $2000.00"), HasSubstr("exhausted in 6h59m")));
  EXPECT_FALSE(is_impaired(sample_status()));
}

TEST(ShowStatus, FitsTheWindow) {
  for (const std::size_t columns : {80U, 100U, 140U}) {
    json::object many = sample_status();
    const json::value job = many.at("jobs").as_array().at(0);
    for (int i = 0; i < 100; ++i) many["jobs"].as_array().push_back(job);
    many["more"] = 9898;
    const std::string text = show_status(many, window(columns, 40));
    EXPECT_LE(widest(text), columns) << text;
    EXPECT_LE(std::ranges::count(text, '\n'), 40) << text;
    EXPECT_THAT(text, HasSubstr("team-day"));
    EXPECT_THAT(text, HasSubstr(" more jobs\n"));
  }
}

TEST(ShowStatus, KeepsTheDueWhereThereIsLittleRoom) {
  json::object small = sample_status();
  small["jobs"].as_array().at(0).as_object()["job_name"] =
      "a-name-that-is-far-too-long-for-any-column";
  EXPECT_THAT(show_status(small, window(60, 40)),
              AllOf(HasSubstr("a-name-that-is"), HasSubstr("…"), HasSubstr("in 3h12m  two-days")));
}

TEST(ShowStatus, SaysFirstWhatImpairsTheProtection) {
  json::object bad = sample_status();
  bad["impaired"] = json::array{"account research: the key is refused"};
  EXPECT_TRUE(is_impaired(bad));
  EXPECT_THAT(show_status(bad, Screen()), HasSubstr("\n! account research: the key is refused\n"));
  json::object degraded = sample_status();
  degraded["journal"] = "degraded";
  EXPECT_TRUE(is_impaired(degraded));
}

TEST(ShowStatus, MakesNoNumberOfWhatIsNotKnown) {
  json::object unknown = sample_status();
  unknown.erase("rate");
  unknown["counts"].as_object()["unpriced"] = 2;
  unknown["next_due"].as_object()["hold"] = "breaker";
  unknown["jobs"].as_array().at(0).as_object()["estimated"] = true;
  unknown["jobs"].as_array().at(1).as_object()["estimated"] = true;
  const std::string text = show_status(unknown, Screen());
  EXPECT_THAT(text, AllOf(HasSubstr("2 live, 2 of unknown cost; 0 stops open"), HasSubstr("~$2200"),
                          HasSubstr(" ?"), Not(HasSubstr("~ ")),
                          HasSubstr("llama-sft by rule two-days, held: breaker\n")));
}

TEST(ShowStatus, TellsAnAccountThatWasNeverReadFromOneWithoutJobs) {
  json::object unread = sample_status();
  unread["jobs"] = json::array();
  EXPECT_THAT(show_status(unread, Screen()), HasSubstr("No job is live.\n"));
  unread["accounts"] = json::array{json::object{{"name", "research"}, {"reachable", true}}};
  EXPECT_THAT(show_status(unread, Screen()), AllOf(HasSubstr("research: no list was read yet"),
                                                   HasSubstr("No job list was read yet.\n")));
}

TEST(ShowStatus, NamesTheCallsThatAKeyIsRefusedFor) {
  json::object refused = sample_status();
  json::object& account = refused["accounts"].as_array().at(0).as_object();
  account["auth_failed"] = "2026-11-24T13:00:00.000Z";
  account["refused"] = json::array{"read", "prices"};
  EXPECT_THAT(show_status(refused, Screen()),
              HasSubstr("research: its key is refused (read, prices) since 13:00 UTC\n"));
  account["unreachable_since"] = "2026-11-24T13:30:00.000Z";
  EXPECT_THAT(show_status(refused, Screen()),
              HasSubstr("(read, prices) since 13:00 UTC; out of reach since 13:30 UTC\n"));
}

TEST(ShowStatus, SaysWhatWouldBeStoppedAndHowToEnforce) {
  json::object observing = sample_status();
  observing["mode"] = "observe";
  observing["over"] = parsed(R"({"count":7,"rate":364.0,"jobs":[
    {"job":"j1","job_name":"llama-sft","rule":"two-days","since":"2026-11-24T12:00:00.000Z","rate":52.0}]})");
  EXPECT_THAT(show_status(observing, Screen()),
              AllOf(HasSubstr("observes: nothing is stopped"),
                    HasSubstr("7 jobs are over a rule that only observes, and burn $364.00/h"),
                    HasSubstr("llama-sft  two-days  12:00 UTC (2h ago)  $52.00/h"),
                    HasSubstr("and 6 more\n"), HasSubstr("`mode: enforce`")));
}

TEST(ShowStatus, ForetellsTheBreaker) {
  json::object tight = sample_status();
  tight["breaker"].as_object()["foreseen"] =
      parsed(R"({"at":"2026-11-24T18:00:00.000Z","stops":14})");
  EXPECT_THAT(
      show_status(tight, Screen()),
      HasSubstr(
          "will open in 4h (18:00 UTC) if nothing changes: 14 stops within 1h, 10 are allowed"));
}

TEST(ShowStatus, EscapesWhatComesFromOutside) {
  json::object evil = sample_status();
  evil["jobs"].as_array().at(0).as_object()["job_name"] = "a\x1b[2J\nb";
  evil["next_due"].as_object()["job_name"] = "a\x1b[2J\nb";
  EXPECT_THAT(show_status(evil, Screen()),
              AllOf(Not(HasSubstr("\x1b")), HasSubstr("a\\u001b[2J\\nb")));
}

TEST(ShowStatus, MarksColourOnlyOnAScreenThatHasIt) {
  EXPECT_THAT(show_status(sample_status(), window(120, 40)), Not(HasSubstr("\x1b")));
  Screen screen = window(120, 40);
  screen.colour = true;
  EXPECT_THAT(show_status(sample_status(), screen), HasSubstr("\x1b[1m"));
}

TEST(ShowAgenda, TellsInTheOrderOfTimeWhatIsToHappen) {
  const std::string text = show_agenda(sample_status(), std::chrono::hours(24), Screen());
  const auto stop = text.find("llama-sft"), budget = text.find("budget exhausted");
  ASSERT_NE(stop, std::string::npos) << text;
  ASSERT_NE(budget, std::string::npos) << text;
  EXPECT_LT(stop, budget);
  EXPECT_EQ(show_agenda(sample_status(), std::chrono::hours(1), Screen()),
            "Nothing is due within 1h.\n");
}

TEST(ShowAgenda, NamesWhatHandsHaveChangedOnce) {
  auto status = sample_status();
  const json::object pause{{"kind", "pause"}, {"until", "2026-11-24T14:30:00.000Z"}};
  status["paused"] = json::array{pause};
  status["overrides"] = json::array{pause};
  status["frozen"] =
      json::array{json::object{{"until", "2026-11-24T14:40:00.000Z"}, {"what", "project llm"}}};
  const std::string text = show_agenda(status, std::chrono::hours(1), Screen());
  const auto pause_at = text.find("pause ends");
  ASSERT_NE(pause_at, std::string::npos) << text;
  EXPECT_EQ(text.find("pause", pause_at + 1), std::string::npos) << text;
  EXPECT_THAT(text, AllOf(HasSubstr("freeze ends"), HasSubstr("project llm")));
}

TEST(ShowRules, TellsModeCountsAndNextDue) {
  const auto rules = parsed(R"({"at":"2026-11-24T14:00:00.000Z","mode":"enforce","rules":[
    {"rule":"idea","action":"stop","mode":"observe","condition":"running for 24h","matches":12,
     "unknown":0,"over":3,"would_stop":2},
    {"rule":"two-days","action":"stop","mode":"enforce","condition":"running for 48h","matches":4,
     "unknown":1,"over":0,"would_stop":0,
     "next_due":{"at":"2026-11-24T17:12:30.000Z","job":"j1","job_name":"llama-sft"}}]})");
  EXPECT_THAT(show_rules(rules, Screen()),
              AllOf(HasSubstr("idea      observes    12     3           2"),
                    HasSubstr("two-days  enforces     4"), HasSubstr("in 3h12m  llama-sft")));
}

}  // namespace
}  // namespace trainstop::cli
