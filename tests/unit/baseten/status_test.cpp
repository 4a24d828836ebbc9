#include "baseten/status.hpp"

#include <gtest/gtest.h>

namespace trainstop::baseten {
namespace {

using namespace std::chrono_literals;

std::string words(unsigned status, const std::string& body = "", const std::string& location = "") {
  net::Response response;
  response.status = status;
  response.body = body;
  response.location = location;
  const auto failure = failure_of(response);
  if (!failure) return "fine";
  return std::string(to_string(failure->kind)) + ": " + failure->message;
}

TEST(Status, BecomesAKindAndWords) {
  EXPECT_EQ(words(200), "fine");
  EXPECT_EQ(words(202), "fine");
  EXPECT_EQ(words(401), "unauthorized: key refused (401)");
  EXPECT_EQ(words(403, R"({"message":"no"})"), "unauthorized: key refused (403): no");
  EXPECT_EQ(words(404), "not_found: not found (404)");
  EXPECT_EQ(words(400, R"({"code":"X","message":"unknown status"})"),
            "client_error: request refused (400): unknown status");
  EXPECT_EQ(words(429), "rate_limited: rate limited (429)");
  EXPECT_EQ(words(429, R"({"error":"slow","retry_after":37})"),
            "rate_limited: rate limited (429), retry after 37s: slow");
  EXPECT_EQ(words(503, "<html>"), "server_error: server error (503)");
  EXPECT_EQ(words(101), "unusable: unexpected status 101");
  EXPECT_EQ(words(999), "unusable: unexpected status 999");
}

TEST(Status, ARedirectNamesTheHostOnly) {
  EXPECT_EQ(words(302, "", "https://evil.example/path?key=1"),
            "unusable: unexpected redirect to evil.example");
  EXPECT_EQ(words(307, "", "/elsewhere"), "unusable: unexpected redirect (307)");
  EXPECT_EQ(words(301, "", "::::"), "unusable: unexpected redirect (301)");
  EXPECT_EQ(words(304), "unusable: unexpected redirect (304)");
}

TEST(Status, TheLaterOfHeaderAndBodySaysWhenToRetry) {
  net::Response response;
  response.status = 429;
  response.body = R"({"error":"slow","retry_after":5})";
  response.retry_after = 7s;
  EXPECT_EQ(failure_of(response)->retry_after, Duration(7s));
  response.retry_after = 2s;
  EXPECT_EQ(failure_of(response)->retry_after, Duration(5s));
}

}  // namespace
}  // namespace trainstop::baseten
