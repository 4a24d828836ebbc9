#include "net/connection.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "net/certificate_words.hpp"
#include "net/failure_words.hpp"

namespace trainstop::net {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

Result<ssl::context> make_tls_context(const std::optional<std::string>& extra_ca_file) {
  ssl::context context(ssl::context::tls_client);
  SSL_CTX* const native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION);
  // Idle connections then hold no record buffers.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  // A given anchor need not be a root: whoever names an intermediate trusts it.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(native), X509_V_FLAG_PARTIAL_CHAIN);
  context.set_verify_mode(ssl::verify_peer);
  Failure failure;
  failure.kind = FailureKind::tls;
  error_code error;
  context.set_default_verify_paths(error);
  if (error) {
    failure.message = "the system's certificates can't be read: " + error.message();
    return failure;
  }
  if (extra_ca_file) {
    context.load_verify_file(*extra_ca_file, error);
    if (error) {
      failure.message = "CA file " + *extra_ca_file + " can't be used: " + error.message();
      return failure;
    }
  }
  return context;
}

Connection::Connection(const asio::any_io_executor& executor, ssl::context& context, Origin origin)
    : origin_(std::move(origin)), stream_(boost::beast::tcp_stream(executor), context) {}

bool Connection::expect_name() {
  SSL* const native = stream_.native_handle();
  error_code error;
  asio::ip::make_address(origin_.host, error);
  if (!error) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(native), origin_.host.c_str()) == 1;
  }
  SSL_set_hostflags(native, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // What the macro SSL_set_tlsext_host_name does, without its old-style cast.
  return SSL_ctrl(native, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  origin_.host.data()) == 1 &&
         SSL_set1_host(native, origin_.host.c_str()) == 1;
}

asio::awaitable<std::optional<Failure>> Connection::open(std::vector<tcp::endpoint> endpoints,
                                                         Deadline deadline) {
  const error_code error = co_await connect(std::move(endpoints), deadline);
  if (error) co_return describe(error, step::kConnect, deadline);
  error_code ignored;
  stream_.next_layer().socket().set_option(tcp::no_delay(true), ignored);
  if (!origin_.tls) co_return std::nullopt;
  co_return co_await shake_hands(deadline);
}

asio::awaitable<error_code> Connection::connect(std::vector<tcp::endpoint> endpoints,
                                                Deadline deadline) {
  auto& socket = stream_.next_layer();
  error_code last = asio::error::host_unreachable;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    // An address that swallows packets must leave time for those after it.
    const auto share = deadline.left() / static_cast<Duration::rep>(endpoints.size() - i);
    socket.expires_after(share);
    const auto [error] =
        co_await socket.async_connect(endpoints[i], asio::as_tuple(asio::use_awaitable));
    last = error;
    if (!error || error == asio::error::operation_aborted) co_return error;
    socket.close();
  }
  co_return last;
}

asio::awaitable<std::optional<Failure>> Connection::shake_hands(Deadline deadline) {
  Failure failure;
  failure.kind = FailureKind::tls;
  if (!expect_name()) {
    failure.message = "host name can't be verified: " + origin_.host;
    co_return failure;
  }
  // Only here is the server's certificate at hand when it fails.
  std::string& problem = certificate_problem_;
  stream_.set_verify_callback([&problem](bool is_good, ssl::verify_context& verification) {
    X509_STORE_CTX* const native = verification.native_handle();
    if (!is_good) {
      problem =
          certificate_words(X509_STORE_CTX_get_error(native), X509_STORE_CTX_get0_cert(native));
    }
    return is_good;
  });
  stream_.next_layer().expires_at(deadline.at);
  const auto [error] = co_await stream_.async_handshake(ssl::stream_base::client,
                                                        asio::as_tuple(asio::use_awaitable));
  if (!error) co_return std::nullopt;
  if (certificate_problem_.empty()) {
    failure = describe(error, step::kHandshake, deadline);
  } else {
    failure.message = certificate_problem_;
  }
  co_return failure;
}

asio::awaitable<error_code> Connection::write(std::string_view bytes, Deadline deadline) {
  stream_.next_layer().expires_at(deadline.at);
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  if (origin_.tls) {
    const auto [error, size] =
        co_await asio::async_write(stream_, buffer, asio::as_tuple(asio::use_awaitable));
    co_return error;
  }
  const auto [error, size] =
      co_await asio::async_write(stream_.next_layer(), buffer, asio::as_tuple(asio::use_awaitable));
  co_return error;
}

asio::awaitable<ReadResult> Connection::read_some(asio::mutable_buffer buffer, Deadline deadline) {
  stream_.next_layer().expires_at(deadline.at);
  has_read_ = true;
  if (origin_.tls) {
    const auto [error, size] =
        co_await stream_.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
    co_return ReadResult(error, size);
  }
  const auto [error, size] =
      co_await stream_.next_layer().async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
  co_return ReadResult(error, size);
}

void Connection::close() {
  stream_.next_layer().close();
}

bool Connection::is_alive() {
  auto& socket = stream_.next_layer().socket();
  if (!socket.is_open()) return false;
  pollfd polled{socket.native_handle(), POLLIN | POLLRDHUP, 0};
  if (::poll(&polled, 1, 0) < 0) return false;
  if (polled.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) return false;
  // Unread session tickets (TLS 1.3) are normal before the first reply. After it, bytes that nobody
  // asked for would be taken for the next request's reply.
  const bool may_hold_tickets = origin_.tls && !has_read_;
  return may_hold_tickets || !(polled.revents & POLLIN);
}

}  // namespace trainstop::net
