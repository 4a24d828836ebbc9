// A throw-away public key infrastructure, made in process: one authority and server certificates
// that are good or bad in one way each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace trainstop::test {

/// A certificate chain and its key, both PEM text.
struct Identity {
  std::string certificate;
  std::string private_key;
};

enum class CertificateKind : std::uint8_t {
  good,            ///< for localhost, 127.0.0.1 and ::1, signed by the authority
  expired,         ///< ended yesterday
  not_yet_valid,   ///< begins tomorrow
  wrong_host,      ///< for other.example
  self_signed,     ///< signed by itself
  unknown_issuer,  ///< signed by an authority that nobody trusts
};

std::string_view to_string(CertificateKind kind);

/// Throws std::runtime_error when OpenSSL refuses; that is a bug.
class Pki {
 public:
  Pki();
  /// The trust anchor, PEM: what `ca_file` is to hold.
  const std::string& ca() const { return authority_.certificate; }
  Identity issue(CertificateKind kind) const;
  /// Writes ca.pem, and KIND.pem and KIND.key for each kind.
  void write(const std::filesystem::path& directory) const;

 private:
  Identity authority_;
  Identity stranger_;
};

/// One infrastructure for a whole test program, made on first use.
const Pki& shared_pki();

/// Reads a chain and a key from files; throws std::runtime_error when it can't.
Identity read_identity(const std::filesystem::path& certificate,
                       const std::filesystem::path& private_key);

}  // namespace trainstop::test
