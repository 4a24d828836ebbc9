// Why a certificate did not verify, in words; OpenSSL prints the same text for all of them.
#pragma once

#include <openssl/x509.h>

#include <string>

namespace trainstop::net {

/// For a result of the verification (X509_V_ERR_…) and the server's certificate, which may be null:
/// `certificate has expired`, `wrong host name: certificate is for a.example`, …
std::string certificate_words(long verify_result, const X509* certificate);

}  // namespace trainstop::net
