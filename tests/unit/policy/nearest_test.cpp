#include "policy/nearest.hpp"

#include <gtest/gtest.h>

namespace trainstop::policy {
namespace {

TEST(Nearest, CountsEdits) {
  EXPECT_EQ(edit_distance("grace", "grace"), 0U);
  EXPECT_EQ(edit_distance("Grace", "grace"), 0U);
  EXPECT_EQ(edit_distance("gracee", "grace"), 1U);
  EXPECT_EQ(edit_distance("mdoe", "mode"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Nearest, NamesOnlyWhatIsNear) {
  const std::vector<std::string_view> keys{"running_for", "queued_for", "age", "cost"};
  EXPECT_EQ(nearest("runing_for", keys), "running_for");
  EXPECT_EQ(nearest("cots", keys), "cost");
  EXPECT_EQ(nearest("budget", keys), "");
  EXPECT_EQ(nearest("", keys), "");
  EXPECT_EQ(did_you_mean("aeg", keys), "; did you mean 'age'?");
  EXPECT_EQ(did_you_mean("zzzzz", keys), "");
}

}  // namespace
}  // namespace trainstop::policy
