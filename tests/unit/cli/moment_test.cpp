// Times on the command line.
#include "cli/moment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trainstop::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Instant kNow{1796126400s};  // 2026-12-01T12:00:00Z

std::optional<Instant> parse(const std::string& text) {
  std::string error;
  const auto instant = parse_moment(text, kNow, error);
  EXPECT_EQ(instant.has_value(), error.empty());
  return instant;
}

TEST(Moment, IsADurationBack) {
  EXPECT_EQ(parse("2h"), kNow - 2h);
  EXPECT_EQ(parse("1h30m"), kNow - 90min);
  EXPECT_EQ(parse("7d"), kNow - 7 * 24h);
}

TEST(Moment, IsAnInstant) {
  EXPECT_EQ(parse("2026-12-01T12:00:00Z"), kNow);
  EXPECT_EQ(parse("2026-12-01T13:00:00.5+01:00"), kNow + 500ms);
}

TEST(Moment, IsTheBeginOfADay) {
  EXPECT_EQ(parse("2026-12-01"), kNow - 12h);
}

TEST(Moment, IsNothingElse) {
  for (const char* text : {"", "yesterday", "2", "-2h", "2 h", "2026-13-01", "2026-12-32",
                           "2026-12-01T12:00", "2026-12-1", "12:00", "1m1h"}) {
    std::string error;
    EXPECT_EQ(parse_moment(text, kNow, error), std::nullopt) << text;
    EXPECT_THAT(error, HasSubstr("2026-12-01T18:00:00Z")) << text;
  }
}

}  // namespace
}  // namespace trainstop::cli
