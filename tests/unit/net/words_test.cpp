#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <chrono>
#include <memory>

#include "net/certificate_words.hpp"
#include "net/failure_words.hpp"
#include "support/pki.hpp"

namespace trainstop::net {
namespace {

using namespace std::chrono_literals;
namespace error = boost::asio::error;
namespace http = boost::beast::http;

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate certificate_of(test::CertificateKind kind) {
  const std::string pem = test::shared_pki().issue(kind).certificate;
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free};
}

TEST(CertificateWords, NameEachCause) {
  EXPECT_EQ(certificate_words(X509_V_ERR_CERT_HAS_EXPIRED, nullptr), "certificate has expired");
  EXPECT_EQ(certificate_words(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, nullptr),
            "certificate is self-signed");
  EXPECT_EQ(certificate_words(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, nullptr),
            "certificate issuer is unknown");
  EXPECT_EQ(certificate_words(X509_V_ERR_HOSTNAME_MISMATCH, nullptr), "wrong host name");
  EXPECT_THAT(certificate_words(X509_V_ERR_CERT_SIGNATURE_FAILURE, nullptr),
              testing::StartsWith("certificate is not valid: "));
}

TEST(CertificateWords, SayWhoseCertificateItIs) {
  const Certificate other = certificate_of(test::CertificateKind::wrong_host);
  EXPECT_EQ(certificate_words(X509_V_ERR_HOSTNAME_MISMATCH, other.get()),
            "wrong host name: certificate is for other.example, 192.0.2.1");
  const Certificate good = certificate_of(test::CertificateKind::good);
  EXPECT_EQ(certificate_words(X509_V_ERR_IP_ADDRESS_MISMATCH, good.get()),
            "wrong host name: certificate is for localhost, 127.0.0.1, ::1");
}

TEST(FailureWords, NameEachCauseWithoutSourcePaths) {
  const Deadline deadline(10s);
  const auto words = [&](boost::system::error_code code, std::string_view at) {
    const Failure failure = describe(code, at, deadline);
    return std::string(to_string(failure.kind)) + ": " + failure.message;
  };
  EXPECT_EQ(words(error::connection_refused, step::kConnect),
            "transport: connection refused while connecting");
  EXPECT_EQ(words(error::connection_reset, step::kReply),
            "transport: connection reset while waiting for the reply");
  EXPECT_EQ(words(boost::beast::error::timeout, step::kConnect),
            "timeout: timed out after 10s while connecting");
  EXPECT_EQ(words(error::operation_aborted, step::kReply), "cancelled: cancelled");
  EXPECT_EQ(words(http::error::partial_message, step::kBody),
            "transport: reply was cut short: the server closed the connection");
  EXPECT_EQ(words(boost::asio::ssl::error::stream_truncated, step::kReply),
            "transport: the server closed the connection without a reply");
  EXPECT_EQ(words(http::error::header_limit, step::kBody),
            "unusable: reply header is larger than 32 KiB");
  EXPECT_EQ(words(http::error::bad_version, step::kBody),
            "unusable: reply is not HTTP (bad version)");
}

}  // namespace
}  // namespace trainstop::net
