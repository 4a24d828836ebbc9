// The demo reads the daemon's log in the form that the daemon writes.
#include "demo/log_lines.hpp"

#include <gtest/gtest.h>

#include "log/sink.hpp"

namespace trainstop::demo {
namespace {

TEST(LogLine, IsTakenApartAsItWasWritten) {
  Event event;
  event.name = "stop.sent";
  event.at = Instant{std::chrono::hours(24)};
  event.message = "the request is on its way";
  event.with("job", "j1")
      .with("job_name", "two words")
      .with("due_at", Instant{std::chrono::hours(23)});

  const auto line = parse_line(log::format_line(event, 7, log::Format::text));

  ASSERT_TRUE(line);
  EXPECT_EQ(line->event, "stop.sent");
  EXPECT_TRUE(line->sentence.ends_with("the request is on its way"));
  EXPECT_EQ(line->field("job"), "j1");
  EXPECT_EQ(line->field("job_name"), "two words");
  EXPECT_EQ(line->instant("due_at"), Instant{std::chrono::hours(23)});
  EXPECT_EQ(line->field("rule"), "");
}

TEST(LogLine, IsNotFoundInAForeignText) {
  EXPECT_FALSE(parse_line("==1==ERROR: AddressSanitizer: heap-use-after-free v=1 x"));
  EXPECT_FALSE(parse_line(""));
}

}  // namespace
}  // namespace trainstop::demo
