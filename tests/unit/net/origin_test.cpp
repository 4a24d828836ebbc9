#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http.hpp"

namespace trainstop::net {
namespace {

TEST(Origin, OfAPlainUrlHasTheDefaults) {
  const auto origin = parse_origin("https://api.baseten.co");
  ASSERT_TRUE(origin);
  EXPECT_TRUE(origin->tls);
  EXPECT_EQ(origin->host, "api.baseten.co");
  EXPECT_EQ(origin->port, 443);
  EXPECT_EQ(origin->base_path, "");
}

TEST(Origin, KeepsPortAndPathAndLowersTheHost) {
  const auto origin = parse_origin("HTTPS://API.Example:8443/proxy/baseten//");
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->host, "api.example");
  EXPECT_EQ(origin->port, 8443);
  EXPECT_EQ(origin->base_path, "/proxy/baseten");
}

TEST(Origin, ReadsAddresses) {
  const auto four = parse_origin("https://127.0.0.1:9000");
  const auto six = parse_origin("https://[::1]:9000/");
  ASSERT_TRUE(four && six);
  EXPECT_EQ(four->host, "127.0.0.1");
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->base_path, "");
}

TEST(Origin, AllowsHttpOnLoopbackOnly) {
  for (const char* url :
       {"http://localhost:1", "http://127.0.0.1:1", "http://127.8.8.8", "http://[::1]:1"}) {
    const auto origin = parse_origin(url);
    ASSERT_TRUE(origin) << url;
    EXPECT_FALSE(origin->tls);
  }
  for (const char* url :
       {"http://api.baseten.co", "http://10.0.0.1", "http://localhost.evil.example"}) {
    const auto origin = parse_origin(url);
    ASSERT_TRUE(origin.has_error()) << url;
    EXPECT_THAT(origin.error().message, testing::HasSubstr("https://"));
  }
}

TEST(Origin, RefusesWhatIsNoBase) {
  for (const char* url :
       {"", "api.baseten.co", "ftp://a.example", "https://", "https:///path",
        "https://user@a.example", "https://user:pass@a.example", "https://a.example?x=1",
        "https://a.example#x", "https://a.example:0", "https://a.example:99999",
        "https://a b.example", "https://a%20b", "https://a.example/x y",
        "https://a.example/\r\nHost: b", "//a.example"}) {
    EXPECT_TRUE(parse_origin(url).has_error()) << url;
  }
  EXPECT_TRUE(parse_origin("https://a.example/" + std::string(3000, 'x')).has_error());
}

TEST(Origin, NeverRepeatsAPasswordInItsWords) {
  const auto origin = parse_origin("https://user:hunter2@a.example");
  ASSERT_TRUE(origin.has_error());
  EXPECT_THAT(origin.error().message, testing::Not(testing::HasSubstr("hunter2")));
}

}  // namespace
}  // namespace trainstop::net
