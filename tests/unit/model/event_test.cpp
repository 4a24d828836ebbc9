// Events as values: fields keep their order and their types.
#include "model/event.hpp"

#include <gtest/gtest.h>

namespace trainstop {
namespace {

using namespace std::chrono_literals;

TEST(EventFields, AreFoundByNameInTheOrderOfAdding) {
  Event event;
  event.with("job", "j1").with("cost", Money::from_dollars(3)).with("job", "j2");
  ASSERT_NE(event.find("job"), nullptr);
  EXPECT_EQ(*event.find("job"), Value("j1"));
  EXPECT_EQ(event.fields[1].first, "cost");
  EXPECT_EQ(event.find("jo"), nullptr);
}

TEST(EventValue, KeepsTheTypeItWasGiven) {
  EXPECT_TRUE(std::holds_alternative<std::string>(Value("text").data));
  EXPECT_TRUE(std::holds_alternative<bool>(Value(true).data));
  EXPECT_TRUE(std::holds_alternative<std::int64_t>(Value(3).data));
  EXPECT_TRUE(std::holds_alternative<std::int64_t>(Value(std::size_t{3}).data));
  EXPECT_TRUE(std::holds_alternative<double>(Value(0.5).data));
  EXPECT_TRUE(std::holds_alternative<Duration>(Value(Duration(5s)).data));
  EXPECT_TRUE(std::holds_alternative<Instant>(Value(Instant{5s}).data));
  EXPECT_NE(Value(1), Value(1.0));
}

TEST(LevelName, IsOneWord) {
  EXPECT_EQ(to_string(Level::debug), "debug");
  EXPECT_EQ(to_string(Level::info), "info");
  EXPECT_EQ(to_string(Level::warning), "warning");
  EXPECT_EQ(to_string(Level::error), "error");
}

}  // namespace
}  // namespace trainstop
