// Kleene's tables, all nine cells.
#include "model/truth.hpp"

#include <gtest/gtest.h>

namespace trainstop {
namespace {

constexpr Truth N = Truth::no;
constexpr Truth U = Truth::unknown;
constexpr Truth Y = Truth::yes;

TEST(Truth, FollowsKleenesTables) {
  constexpr Truth kValues[] = {N, U, Y};
  constexpr Truth kAnd[3][3] = {{N, N, N}, {N, U, U}, {N, U, Y}};
  constexpr Truth kOr[3][3] = {{N, U, Y}, {U, U, Y}, {Y, Y, Y}};
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      EXPECT_EQ(kValues[a] && kValues[b], kAnd[a][b]);
      EXPECT_EQ(kValues[a] || kValues[b], kOr[a][b]);
    }
  }
  EXPECT_EQ(!Y, N);
  EXPECT_EQ(!N, Y);
  EXPECT_EQ(!U, U);
  EXPECT_EQ(truth(true), Y);
  EXPECT_EQ(truth(false), N);
}

}  // namespace
}  // namespace trainstop
