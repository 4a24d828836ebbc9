// A certificate that does not verify: nothing is sent, and the words say what is wrong with it.
#include <gmock/gmock.h>

#include "integration/client/fixture.hpp"

namespace trainstop::test {
namespace {

struct BadCertificate {
  CertificateKind kind;
  const char* words;
};

class Certificates : public ClientTest, public testing::WithParamInterface<BadCertificate> {};

TEST_P(Certificates, SendNothingAndSayWhy) {
  start(GetParam().kind);
  add_job("job1");

  const auto reply = stop("job1");

  ASSERT_FALSE(reply.value);
  EXPECT_EQ(reply.value.error().kind, FailureKind::tls);
  EXPECT_EQ(reply.value.error().message, GetParam().words);
  EXPECT_FALSE(reply.was_sent);
  EXPECT_EQ(server->truth().request_count, 0U);
  EXPECT_EQ(server->job("job1").stop_requests, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Each, Certificates,
    testing::Values(BadCertificate{CertificateKind::expired, "certificate has expired"},
                    BadCertificate{CertificateKind::not_yet_valid, "certificate is not valid yet"},
                    BadCertificate{CertificateKind::wrong_host,
                                   "wrong host name: certificate is for other.example, 192.0.2.1"},
                    BadCertificate{CertificateKind::self_signed, "certificate is self-signed"},
                    BadCertificate{CertificateKind::unknown_issuer,
                                   "certificate issuer is unknown"}),
    [](const auto& test) { return std::string(to_string(test.param.kind)); });

class Trust : public ClientTest {};

TEST_F(Trust, WithoutTheExtraAnchorTheIssuerIsUnknown) {
  start();
  add_job("job1");
  net::ClientOptions options = client_options();
  options.extra_ca_file.reset();
  api = make_api(std::chrono::seconds(10), options);
  const auto reply = read("job1");
  ASSERT_FALSE(reply.value);
  EXPECT_EQ(reply.value.error().message, "certificate issuer is unknown");
  EXPECT_EQ(server->truth().request_count, 0U);
}

TEST_F(Trust, AnAnchorThatCannotBeReadIsRefusedAtOnce) {
  start();
  net::ClientOptions options = client_options();
  options.extra_ca_file = "/nonexistent/ca.pem";
  const auto client = net::make_client(loop.get_executor(), resolver, options);
  ASSERT_TRUE(client.has_error());
  EXPECT_THAT(client.error().message, testing::HasSubstr("/nonexistent/ca.pem"));
}

TEST_F(Trust, APlainServerBehindHttpsFailsWithoutARequest) {
  start(std::nullopt);
  net::ClientOptions options = client_options();
  options.origin.tls = true;
  api = make_api(std::chrono::seconds(10), options);
  const auto reply = read("job1");
  ASSERT_FALSE(reply.value);
  EXPECT_FALSE(reply.was_sent);
  EXPECT_EQ(reply.value.error().kind, FailureKind::transport);
}

}  // namespace
}  // namespace trainstop::test
