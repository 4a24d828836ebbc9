#include "support/pki.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "support/temp_dir.hpp"

namespace trainstop::test {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

constexpr long kDay = 86400;

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(std::string("OpenSSL refused: ") + what);
}

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Identity to_pem(X509* certificate, EVP_PKEY* key) {
  const Bio certificate_text(BIO_new(BIO_s_mem())), key_text(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(certificate_text.get(), certificate) == 1, "write a certificate");
  require(PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "write a key");
  return {text_of(certificate_text), text_of(key_text)};
}

Certificate certificate_of(const Identity& identity) {
  const Bio bio(
      BIO_new_mem_buf(identity.certificate.data(), static_cast<int>(identity.certificate.size())));
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  require(certificate != nullptr, "read a certificate");
  return certificate;
}

Key key_of(const Identity& identity) {
  const Bio bio(
      BIO_new_mem_buf(identity.private_key.data(), static_cast<int>(identity.private_key.size())));
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  require(key != nullptr, "read a key");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  require(extension != nullptr, value);
  require(X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

struct Wish {
  const char* common_name;
  const char* alternative_names;  ///< null: an authority
  long from, to;                  ///< seconds from now
};

/// Signed by `issuer`, or by itself when that is null.
Identity make(const Wish& wish, const Identity* issuer) {
  const Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "make a key");
  const Certificate certificate(X509_new());
  std::array<unsigned char, 15> serial{};
  require(RAND_bytes(serial.data(), static_cast<int>(serial.size())) == 1, "give random bytes");
  serial[0] = 1;
  BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), wish.from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), wish.to);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const std::string common_name = wish.common_name;
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);

  const Certificate issuer_certificate = issuer ? certificate_of(*issuer) : nullptr;
  const Key issuer_key = issuer ? key_of(*issuer) : nullptr;
  X509* signer = issuer ? issuer_certificate.get() : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  add_extension(certificate.get(), signer, NID_subject_key_identifier, "hash");
  if (wish.alternative_names == nullptr) {
    add_extension(certificate.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate.get(), signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    add_extension(certificate.get(), signer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), signer, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate.get(), signer, NID_ext_key_usage, "serverAuth");
    add_extension(certificate.get(), signer, NID_subject_alt_name, wish.alternative_names);
  }
  require(X509_sign(certificate.get(), issuer ? issuer_key.get() : key.get(), EVP_sha256()) > 0,
          "sign");
  return to_pem(certificate.get(), key.get());
}

constexpr const char* kLoopbackNames = "DNS:localhost,IP:127.0.0.1,IP:::1";

}  // namespace

std::string_view to_string(CertificateKind kind) {
  switch (kind) {
    case CertificateKind::good:
      return "good";
    case CertificateKind::expired:
      return "expired";
    case CertificateKind::not_yet_valid:
      return "not_yet_valid";
    case CertificateKind::wrong_host:
      return "wrong_host";
    case CertificateKind::self_signed:
      return "self_signed";
    case CertificateKind::unknown_issuer:
      return "unknown_issuer";
  }
  return "good";
}

Pki::Pki()
    : authority_(make({"Trainstop test authority", nullptr, -kDay, 30 * kDay}, nullptr)),
      stranger_(make({"Unknown test authority", nullptr, -kDay, 30 * kDay}, nullptr)) {}

Identity Pki::issue(CertificateKind kind) const {
  switch (kind) {
    case CertificateKind::good:
      break;
    case CertificateKind::expired:
      return make({"expired", kLoopbackNames, -30 * kDay, -kDay}, &authority_);
    case CertificateKind::not_yet_valid:
      return make({"not yet valid", kLoopbackNames, kDay, 30 * kDay}, &authority_);
    case CertificateKind::wrong_host:
      return make({"wrong host", "DNS:other.example,IP:192.0.2.1", -kDay, 30 * kDay}, &authority_);
    case CertificateKind::self_signed:
      return make({"self-signed", kLoopbackNames, -kDay, 30 * kDay}, nullptr);
    case CertificateKind::unknown_issuer:
      return make({"unknown issuer", kLoopbackNames, -kDay, 30 * kDay}, &stranger_);
  }
  return make({"good", kLoopbackNames, -kDay, 30 * kDay}, &authority_);
}

void Pki::write(const std::filesystem::path& directory) const {
  std::filesystem::create_directories(directory);
  const auto put = [&](const std::string& name, const std::string& text) {
    std::ofstream file(directory / name, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) throw std::runtime_error("cannot write " + (directory / name).string());
    std::filesystem::permissions(
        directory / name, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  };
  put("ca.pem", ca());
  for (const auto kind : {CertificateKind::good, CertificateKind::expired,
                          CertificateKind::not_yet_valid, CertificateKind::wrong_host,
                          CertificateKind::self_signed, CertificateKind::unknown_issuer}) {
    const Identity identity = issue(kind);
    put(std::string(to_string(kind)) + ".pem", identity.certificate);
    put(std::string(to_string(kind)) + ".key", identity.private_key);
  }
}

const Pki& shared_pki() {
  static const Pki pki;
  return pki;
}

Identity read_identity(const std::filesystem::path& certificate,
                       const std::filesystem::path& private_key) {
  return {read_file(certificate), read_file(private_key)};
}

}  // namespace trainstop::test
