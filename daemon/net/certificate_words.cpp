#include "net/certificate_words.hpp"

#include <fmt/format.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <memory>
#include <string_view>
#include <vector>

namespace trainstop::net {

namespace {

// Enough to see whose certificate it is.
constexpr std::size_t kMostNames = 3;
constexpr std::size_t kLongestName = 100;

/// A name from a certificate is text from outside: what is not plain becomes `?`.
std::string plain(std::string_view name) {
  std::string text(name.substr(0, kLongestName));
  for (char& c : text) {
    if (c <= ' ' || c >= 0x7f) c = '?';
  }
  return text;
}

std::string_view bytes_of(const ASN1_STRING* string) {
  const unsigned char* const data = ASN1_STRING_get0_data(string);
  return {reinterpret_cast<const char*>(data),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string address_text(std::string_view bytes) {
  boost::asio::ip::address_v4::bytes_type four{};
  boost::asio::ip::address_v6::bytes_type sixteen{};
  if (bytes.size() == four.size()) {
    std::copy(bytes.begin(), bytes.end(), four.begin());
    return boost::asio::ip::address_v4(four).to_string();
  }
  if (bytes.size() == sixteen.size()) {
    std::copy(bytes.begin(), bytes.end(), sixteen.begin());
    return boost::asio::ip::address_v6(sixteen).to_string();
  }
  return "?";
}

/// The names and addresses that the certificate is for (subjectAltName, RFC 5280 4.2.1.6).
std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  const int count = all ? sk_GENERAL_NAME_num(all.get()) : 0;
  for (int i = 0; i < count && names.size() < kMostNames; ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS) names.push_back(plain(bytes_of(name->d.dNSName)));
    if (name->type == GEN_IPADD) names.push_back(address_text(bytes_of(name->d.iPAddress)));
  }
  return names;
}

}  // namespace

std::string certificate_words(long verify_result, const X509* certificate) {
  switch (verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "certificate is not valid yet";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "certificate is self-signed";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
      return "certificate issuer is unknown";
    case X509_V_ERR_CERT_REVOKED:
      return "certificate has been revoked";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: {
      const auto names = certificate ? names_of(certificate) : std::vector<std::string>{};
      if (names.empty()) return "wrong host name";
      return fmt::format("wrong host name: certificate is for {}", fmt::join(names, ", "));
    }
    default:
      return fmt::format("certificate is not valid: {}",
                         X509_verify_cert_error_string(verify_result));
  }
}

}  // namespace trainstop::net
