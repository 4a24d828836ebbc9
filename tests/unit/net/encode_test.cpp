#include "net/encode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trainstop::net {
namespace {

ClientOptions options_for(const char* url) {
  ClientOptions options;
  options.origin = *parse_origin(url);
  options.authorization = "Api-Key k";
  options.user_agent = "trainstop/1";
  return options;
}

TEST(Encode, APostBearsItsBodyAndTheKey) {
  Request request;
  request.post = true;
  request.target = "/v1/x/stop";
  request.body = "{}";
  EXPECT_EQ(encode(options_for("https://a.example/base"), request),
            "POST /base/v1/x/stop HTTP/1.1\r\n"
            "Host: a.example\r\n"
            "User-Agent: trainstop/1\r\n"
            "Accept: application/json\r\n"
            "Accept-Encoding: identity\r\n"
            "Authorization: Api-Key k\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: 2\r\n\r\n"
            "{}");
}

TEST(Encode, AGetHasNoBodyAndTheHostItsPort) {
  Request request;
  request.target = "/v1/users/me";
  request.body = "ignored";
  const std::string text = encode(options_for("https://[::1]:8443"), request);
  EXPECT_THAT(text, testing::StartsWith("GET /v1/users/me HTTP/1.1\r\nHost: [::1]:8443\r\n"));
  EXPECT_THAT(text, testing::EndsWith("Authorization: Api-Key k\r\n\r\n"));
}

TEST(Encode, ARequestMayBearHeadersOfItsOwn) {
  Request request;
  request.post = true;
  request.target = "/hook";
  request.headers.emplace_back("X-Id", "42");
  EXPECT_THAT(encode(options_for("https://a.example"), request),
              testing::HasSubstr("\r\nX-Id: 42\r\nContent-Type: application/json\r\n"));
  EXPECT_TRUE(is_sound(request));
  request.headers.emplace_back("X-Forged", "a\r\nHost: b");
  EXPECT_FALSE(is_sound(request));
}

TEST(Encode, KnowsTargetsAndHeadersThatAreUnsound) {
  EXPECT_TRUE(is_sound_target("/v1/x"));
  for (const char* target : {"", "v1", "/a b", "/a\r\nX: y", "/\x7f"}) {
    EXPECT_FALSE(is_sound_target(target)) << target;
  }
  EXPECT_FALSE(is_sound_target("/" + std::string(2000, 'x')));
  EXPECT_TRUE(is_sound_header("Api-Key abc"));
  EXPECT_FALSE(is_sound_header("Api-Key abc\n"));
}

}  // namespace
}  // namespace trainstop::net
