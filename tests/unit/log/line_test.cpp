// Lines in all three formats: the same keys, the exact numbers, and nothing from outside that acts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

#include "log/sink.hpp"

namespace trainstop::log {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

Event stop_sent() {
  Event event{"stop.sent",
              Level::info,
              *parse_rfc3339("2026-11-23T20:56:04.123Z"),
              "Stop request for job \"a b\" left",
              {}};
  event.with("job", "p7qr9qv").with("cost", Money::from_nano(866'666'667));
  event.with("late_s", Duration(milliseconds(41))).with("verified", true).with("attempt", 1);
  event.with("due_at", *parse_rfc3339("2026-11-23T20:56:04Z")).with("ratio", 0.25);
  event.with("evidence", Value::Array{Value::Object{{"key", "cost"}, {"limit", 400}}});
  return event;
}

constexpr Format kFormats[] = {Format::logfmt, Format::json, Format::text};

TEST(Line, LogfmtHasTheStableOrder) {
  EXPECT_EQ(format_line(stop_sent(), 7, Format::logfmt),
            "v=1 seq=7 at=2026-11-23T20:56:04.123Z level=info event=stop.sent "
            R"(msg="Stop request for job \"a b\" left" job=p7qr9qv cost=0.866666667 late_s=0.041 )"
            "verified=true attempt=1 due_at=2026-11-23T20:56:04.000Z ratio=0.25 "
            R"(evidence="[{\"key\":\"cost\",\"limit\":400}]")");
}

TEST(Line, JsonCarriesTheSame) {
  const std::string line = format_line(stop_sent(), 7, Format::json);
  EXPECT_EQ(line,
            R"({"v":1,"seq":7,"at":"2026-11-23T20:56:04.123Z","level":"info","event":"stop.sent",)"
            R"("msg":"Stop request for job \"a b\" left","job":"p7qr9qv","cost":0.866666667,)"
            R"("late_s":0.041,"verified":true,"attempt":1,"due_at":"2026-11-23T20:56:04.000Z",)"
            R"("ratio":0.25,"evidence":[{"key":"cost","limit":400}]})");
  EXPECT_NO_THROW(boost::json::parse(line));
}

TEST(Line, TextBeginsWithTheSentence) {
  EXPECT_THAT(format_line(stop_sent(), 7, Format::text),
              HasSubstr("2026-11-23T20:56:04.123Z info    stop.sent          Stop request for job "
                        R"(\"a b\" left v=1 seq=7 job=p7qr9qv)"));
}

TEST(Line, DurationsAreSecondsAndNeverRoundedUp) {
  Event event{"e", Level::info, Instant{}, "m", {}};
  event.with("a", Duration(seconds(90))).with("b", Duration(1'999)).with("c", Duration(-1'500'000));
  event.with("d", Duration(250'000)).with("e", Duration(999));
  EXPECT_THAT(format_line(event, 1, Format::logfmt), HasSubstr(" a=90 b=0.001 c=-1.5 d=0.25 e=0"));
}

TEST(Line, WhatIsNotKnownIsAbsent) {
  Event event{"e", Level::info, Instant{}, "m", {}};
  event.with("infinite", std::numeric_limits<double>::infinity()).with("never", kNever);
  event.with("list", Value::Array{Value(std::numeric_limits<double>::quiet_NaN()), Value(1)});
  for (const Format format : kFormats) {
    const std::string line = format_line(event, 1, format);
    EXPECT_THAT(line, Not(HasSubstr("infinite"))) << line;
    EXPECT_THAT(line, Not(HasSubstr("never"))) << line;
    EXPECT_THAT(line, HasSubstr("[1]")) << line;
  }
}

/// The line without its backslashes and what each of them escapes.
std::string without_escapes(const std::string& line) {
  std::string rest;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else {
      rest += line[i];
    }
  }
  return rest;
}

class Hostile : public testing::TestWithParam<std::string> {};

TEST_P(Hostile, TextFromOutsideForgesNothing) {
  Event event{"job.seen", Level::info, Instant{}, "Job " + GetParam() + " seen", {}};
  event.with("job_name", GetParam()).with("names", Value::Array{Value(GetParam())});
  for (const Format format : kFormats) {
    const std::string line = format_line(event, 1, format);
    for (const char c : line) {
      EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line;
      EXPECT_NE(c, '\x7f') << line;
    }
    EXPECT_THAT(line, Not(HasSubstr("\xe2\x80\xa8"))) << "U+2028";
    EXPECT_THAT(line, Not(HasSubstr("\xc2\x9b"))) << "C1 CSI";
    EXPECT_THAT(line, Not(HasSubstr("\xe2\x80\xae"))) << "right-to-left override";
    EXPECT_THAT(without_escapes(line), Not(HasSubstr("\" event=stop.sent"))) << line;
  }
  const auto parsed = boost::json::parse(format_line(event, 1, Format::json)).as_object();
  EXPECT_EQ(parsed.size(), 8U);
  EXPECT_EQ(parsed.at("event"), "job.seen");
}

INSTANTIATE_TEST_SUITE_P(Texts, Hostile,
                         testing::Values("a\nv=1 seq=2 event=stop.sent", "a\r\nb",
                                         "a\" event=stop.sent x=\"", "\",\"event\":\"stop.sent",
                                         "\x1b[2J\x1b[31mred", "\xe2\x80\xa8line",
                                         "\xc2\x9b"
                                         "31m",
                                         "\xe2\x80\xae"
                                         "gnp",
                                         "\x7f", std::string("nul\0nul", 7), "\\", "\xff\xfe",
                                         "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82",
                                         "tab\t"));

TEST(Line, InvalidUtf8BecomesTheReplacementCharacter) {
  Event event{"e", Level::info, Instant{}, "m", {}};
  event.with("x", std::string("a\xff"
                              "b"));
  EXPECT_THAT(format_line(event, 1, Format::logfmt), HasSubstr("x=\"a\xef\xbf\xbd"
                                                               "b\""));
}

TEST(Line, ForeignLettersStay) {
  Event event{"e", Level::info, Instant{}, "m", {}};
  event.with("x", "größe-😀-列");
  EXPECT_THAT(format_line(event, 1, Format::json), HasSubstr("\"größe-😀-列\""));
}

TEST(Line, LongValuesAreCutAndStayWellFormed) {
  Event event{"e", Level::info, Instant{}, std::string(9000, 'm'), {}};
  std::string umlauts;
  for (int i = 0; i < 5000; ++i) umlauts += "ü";
  event.with("a", umlauts).with("b", Value::Array(3000, Value("0123456789")));
  for (const Format format : kFormats) {
    EXPECT_LT(format_line(event, 1, format).size(), 32'000U);
  }
  const auto parsed = boost::json::parse(format_line(event, 1, Format::json));
  EXPECT_EQ(parsed.at("a").as_string().size(), 4096U + 3U);
  EXPECT_TRUE(parsed.at("a").as_string().ends_with("…"));
  EXPECT_EQ(parsed.at("b").as_array().back(), "…");
}

}  // namespace
}  // namespace trainstop::log
