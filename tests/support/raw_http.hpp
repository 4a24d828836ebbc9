// A blocking HTTP client that shows the bytes, for tests of servers; plain TCP or TLS, on loopback.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace trainstop::test {

/// How reading from a peer came to its end.
enum class End : std::uint8_t { open, closed, rude, reset, timeout };

struct RawReply {
  std::string bytes;  ///< everything that came
  End end = End::open;
  /// The status of the last head, 0 without one.
  unsigned status() const;
  std::string body() const;
  /// The value of a header, empty without it.
  std::string header(const std::string& name) const;
};

class RawHttp {
 public:
  /// Connects to 127.0.0.1. `ca` (PEM) makes it TLS. Throws std::runtime_error when it can't
  /// connect; a failed handshake is told by verify_result.
  explicit RawHttp(std::uint16_t port, const std::optional<std::string>& ca = std::nullopt);
  ~RawHttp();
  RawHttp(const RawHttp&) = delete;
  RawHttp& operator=(const RawHttp&) = delete;

  /// OpenSSL's X509_V_… number for this server as 127.0.0.1; 0 is good, -1 without TLS.
  long verify_result() const;
  void send(const std::string& bytes);
  /// Reads until one whole reply by its Content-Length came, the connection ended, `most` bytes
  /// came or the time passed.
  RawReply receive(std::chrono::milliseconds within, std::size_t most = std::size_t{64} << 20);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// A request's bytes, with the key in the form `Api-Key`.
std::string request_bytes(const std::string& method, const std::string& target,
                          const std::string& body = "", const std::string& key = "sim-key");

}  // namespace trainstop::test
