#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/sim.hpp"
#include "support/raw_http.hpp"

namespace trainstop::sim {
namespace {

using namespace std::chrono_literals;
using test::CertificateKind;

ServerOptions with(CertificateKind kind) {
  ServerOptions options;
  options.tls = test::shared_pki().issue(kind);
  return options;
}

TEST(SimTls, A_good_certificate_verifies_and_the_API_answers) {
  Server server(with(CertificateKind::good));
  EXPECT_TRUE(server.base_url().starts_with("https://127.0.0.1:"));
  test::RawHttp client(server.port(), test::shared_pki().ca());
  EXPECT_EQ(client.verify_result(), X509_V_OK);
  client.send(test::request_bytes("POST", "/v1/training_jobs/search", "{}"));
  EXPECT_EQ(client.receive(20s).body(), R"({"training_jobs":[]})");
}

TEST(SimTls, Each_bad_certificate_fails_for_its_own_reason_before_a_request) {
  const std::map<CertificateKind, long> reasons{
      {CertificateKind::expired, X509_V_ERR_CERT_HAS_EXPIRED},
      {CertificateKind::not_yet_valid, X509_V_ERR_CERT_NOT_YET_VALID},
      {CertificateKind::wrong_host, X509_V_ERR_IP_ADDRESS_MISMATCH},
      {CertificateKind::self_signed, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT},
      {CertificateKind::unknown_issuer, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
  };
  for (const auto& [kind, reason] : reasons) {
    Server server(with(kind));
    const test::RawHttp client(server.port(), test::shared_pki().ca());
    EXPECT_EQ(client.verify_result(), reason) << to_string(kind);
    EXPECT_TRUE(
        server.wait_until([](const Truth& truth) { return truth.failed_handshakes == 1; }, 20s));
    EXPECT_EQ(server.truth().request_count, 0U);
  }
}

TEST(SimTls, A_truncated_reply_ends_with_a_goodbye_or_rudely) {
  Server server(with(CertificateKind::good));
  const auto end_after = [&](FaultKind kind) {
    Fault fault;
    fault.kind = kind;
    server.add_fault(fault);
    test::RawHttp client(server.port(), test::shared_pki().ca());
    client.send(test::request_bytes("GET", "/v1/users/me"));
    const auto reply = client.receive(20s);
    EXPECT_FALSE(reply.body().empty());
    return reply.end;
  };
  EXPECT_EQ(end_after(FaultKind::truncate), test::End::closed);
  EXPECT_EQ(end_after(FaultKind::truncate_unsized), test::End::closed);
  EXPECT_EQ(end_after(FaultKind::truncate_rude), test::End::rude);
}

TEST(SimTls, The_server_ends_while_connections_are_in_every_state) {
  auto server = std::make_unique<Server>(with(CertificateKind::good));
  std::vector<std::unique_ptr<test::RawHttp>> clients;
  const auto connect = [&](bool tls) -> test::RawHttp& {
    const std::optional<std::string> ca(test::shared_pki().ca());
    clients.push_back(std::make_unique<test::RawHttp>(server->port(), tls ? ca : std::nullopt));
    return *clients.back();
  };
  for (const auto kind : {FaultKind::hang, FaultKind::hang_midway, FaultKind::drip,
                          FaultKind::oversize, FaultKind::delay, FaultKind::close_after_idle}) {
    Fault fault;
    fault.kind = kind;
    fault.duration = 1h;
    server->add_fault(fault);
    connect(true).send(test::request_bytes("GET", "/v1/users/me"));
    const auto number = clients.size();
    ASSERT_TRUE(
        server->wait_until([&](const Truth& truth) { return truth.request_count == number; }, 20s));
  }
  connect(true).send("GET /v1/users/me HT");
  connect(false).send("\x16\x03\x01");
  server->set_mute(true);
  connect(false);
  server.reset();
  for (const auto& client : clients) EXPECT_NE(client->receive(20s).end, test::End::timeout);
}

TEST(SimTls, A_certificate_that_is_none_is_refused_at_the_start) {
  ServerOptions options;
  options.tls = test::Identity{"no", "pem"};
  EXPECT_THROW(Server{std::move(options)}, std::runtime_error);
}

}  // namespace
}  // namespace trainstop::sim
