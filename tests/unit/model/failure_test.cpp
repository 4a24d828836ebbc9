// Results that hold a value or a failure.
#include "model/failure.hpp"

#include <gtest/gtest.h>

namespace trainstop {
namespace {

TEST(FailedResult, CarriesItsFailureAndThrowsWhenItsValueIsTaken) {
  const Result<int> result = Failure{FailureKind::unauthorized, "key refused (401)", 401, {}};
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 401U);
  try {
    static_cast<void>(result.value());
    FAIL() << "a failed result gave a value";
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(), "value of a failed result: key refused (401)");
  }
}

TEST(FailureKindName, IsWhatTheLogShows) {
  EXPECT_EQ(to_string(FailureKind::transport), "transport");
  EXPECT_EQ(to_string(FailureKind::timeout), "timeout");
  EXPECT_EQ(to_string(FailureKind::tls), "tls");
  EXPECT_EQ(to_string(FailureKind::rate_limited), "rate_limited");
  EXPECT_EQ(to_string(FailureKind::server_error), "server_error");
  EXPECT_EQ(to_string(FailureKind::unauthorized), "unauthorized");
  EXPECT_EQ(to_string(FailureKind::not_found), "not_found");
  EXPECT_EQ(to_string(FailureKind::client_error), "client_error");
  EXPECT_EQ(to_string(FailureKind::unusable), "unusable");
  EXPECT_EQ(to_string(FailureKind::cancelled), "cancelled");
}

}  // namespace
}  // namespace trainstop
