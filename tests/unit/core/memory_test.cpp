// How members are read back that were not written so.
#include "core/memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/core/reads_as.hpp"

namespace trainstop::core {
namespace {

constexpr Instant kNoon{std::chrono::seconds(1767614400)};

TEST(MemberReader, TakesBoundsOnlyAsTwoInstants) {
  EXPECT_TRUE(reads_as<Bounds>(Value::Array{kNoon, kNoon}));
  EXPECT_FALSE(reads_as<Bounds>("noon"));
  EXPECT_FALSE(reads_as<Bounds>(Value::Array{kNoon}));
  EXPECT_FALSE(reads_as<Bounds>(Value::Array{"noon", kNoon}));
  EXPECT_FALSE(reads_as<Bounds>(Value::Array{kNoon, "noon"}));
}

TEST(MemberReader, TakesListsOnlyOfTheirOwnType) {
  using Names = std::vector<std::string>;
  EXPECT_TRUE(reads_as<Names>(Value::Array{}));
  EXPECT_TRUE(reads_as<Names>(Value::Array{"a"}));
  EXPECT_FALSE(reads_as<Names>("a"));
  EXPECT_FALSE(reads_as<Names>(Value::Array{"a", 1}));
}

TEST(MemberReader, RemembersAFailureOverWhatCouldBeReadAfterIt) {
  const Value::Object body{{"first", "one"}, {"second", 2}};
  MemberReader reader(body);
  int first = 0, second = 0;
  reader("first", first);
  reader("second", second);
  EXPECT_EQ(second, 2);
  EXPECT_TRUE(reader.failed());
}

TEST(MemberReader, FindsMembersInAnyOrder) {
  const Value::Object body{{"second", 2}, {"first", 1}};
  MemberReader reader(body);
  int first = 0, second = 0, third = 7;
  reader("first", first);
  reader("second", second);
  reader("third", third, 3);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
  EXPECT_EQ(third, 3);
  EXPECT_FALSE(reader.failed());
}

}  // namespace
}  // namespace trainstop::core
