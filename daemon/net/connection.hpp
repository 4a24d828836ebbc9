// One connection to the origin: connect, verified TLS, bytes out and in under a deadline.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/failure.hpp"
#include "net/deadline.hpp"
#include "net/http.hpp"

namespace trainstop::net {

/// The outcome of one read.
struct ReadResult {
  ReadResult(boost::system::error_code e, std::size_t n) : error(e), size(n) {}
  boost::system::error_code error;
  std::size_t size;
};

class Connection {
 public:
  /// `context` must outlive it.
  Connection(const boost::asio::any_io_executor& executor, boost::asio::ssl::context& context,
             Origin origin);

  /// Connects to the first address that takes the connection and shakes hands; the failure says why
  /// not. Nothing of a request leaves before the certificate has verified.
  boost::asio::awaitable<std::optional<Failure>> open(
      std::vector<boost::asio::ip::tcp::endpoint> endpoints, Deadline deadline);
  /// `bytes` and `buffer` must outlive the operation.
  boost::asio::awaitable<boost::system::error_code> write(std::string_view bytes,
                                                          Deadline deadline);
  boost::asio::awaitable<ReadResult> read_some(boost::asio::mutable_buffer buffer,
                                               Deadline deadline);
  /// Ends the connection; what waits on it fails as cancelled.
  void close();

  /// Whether a kept connection can still be used: the peer has not closed it, nor sent what nobody
  /// asked for.
  bool is_alive();
  std::chrono::steady_clock::time_point idle_since;

 private:
  boost::asio::awaitable<boost::system::error_code> connect(
      std::vector<boost::asio::ip::tcp::endpoint> endpoints, Deadline deadline);
  boost::asio::awaitable<std::optional<Failure>> shake_hands(Deadline deadline);
  /// Server name, and what the certificate must bear; false when the name can't be a name.
  bool expect_name();

  Origin origin_;
  boost::asio::ssl::stream<boost::beast::tcp_stream> stream_;
  std::string certificate_problem_;
  bool has_read_ = false;
};

/// Verification against the system's store and one more anchor, TLS 1.2 or newer.
Result<boost::asio::ssl::context> make_tls_context(const std::optional<std::string>& extra_ca_file);

}  // namespace trainstop::net
