// One accepted connection as bytes, with or without TLS.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <string_view>

#include "support/pki.hpp"

namespace trainstop::sim {

using boost::system::error_code;

class Wire {
 public:
  virtual ~Wire() = default;
  virtual boost::asio::awaitable<error_code> handshake() = 0;
  /// 0 bytes with an error set.
  virtual boost::asio::awaitable<std::size_t> read_some(char* data, std::size_t size,
                                                        error_code& error) = 0;
  virtual boost::asio::awaitable<error_code> write(std::string_view bytes) = 0;
  /// Says goodbye (close_notify) before the socket closes; shut_off ends a peer's lack of manners.
  virtual boost::asio::awaitable<void> finish() = 0;
  /// Sends a TCP reset.
  virtual void reset() = 0;
  /// Ends every operation under way.
  virtual void shut_off() = 0;
};

/// Makes wires of one kind; throws std::runtime_error when the identity can't be used.
class WireMaker {
 public:
  virtual ~WireMaker() = default;
  virtual std::unique_ptr<Wire> make(boost::asio::ip::tcp::socket socket) = 0;
};

std::unique_ptr<WireMaker> make_plain_wires();
std::unique_ptr<WireMaker> make_tls_wires(const test::Identity& identity);

}  // namespace trainstop::sim
