#include "net/failure_words.hpp"

#include <fmt/format.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>

namespace trainstop::net {

namespace {

namespace error = boost::asio::error;
namespace http = boost::beast::http;

Failure make(FailureKind kind, std::string message) {
  Failure failure;
  failure.kind = kind;
  failure.message = std::move(message);
  return failure;
}

/// A reply that is not HTTP as it should be.
Failure bad_reply(const boost::system::error_code& code) {
  if (code == http::error::partial_message) return closed_by_peer(true);
  if (code == http::error::end_of_stream) return closed_by_peer(false);
  if (code == http::error::header_limit || code == http::error::buffer_overflow) {
    return make(FailureKind::unusable, "reply header is larger than 32 KiB");
  }
  if (code == http::error::body_limit) {
    return make(FailureKind::unusable, "reply is larger than its limit");
  }
  return make(FailureKind::unusable, fmt::format("reply is not HTTP ({})", code.message()));
}

}  // namespace

Failure timed_out(const Deadline& deadline, std::string_view at) {
  return make(FailureKind::timeout,
              fmt::format("timed out after {} while {}", format_duration(deadline.total), at));
}

Failure cancelled() {
  return make(FailureKind::cancelled, "cancelled");
}

Failure closed_by_peer(bool reply_began) {
  return make(FailureKind::transport, reply_began
                                          ? "reply was cut short: the server closed the connection"
                                          : "the server closed the connection without a reply");
}

bool is_end_of_stream(const boost::system::error_code& code) {
  return code == error::eof || code == boost::asio::ssl::error::stream_truncated;
}

Failure describe(const boost::system::error_code& code, std::string_view at,
                 const Deadline& deadline) {
  if (code == boost::beast::error::timeout) return timed_out(deadline, at);
  if (code == error::operation_aborted || code == error::bad_descriptor) return cancelled();
  if (code.category() == http::make_error_code(http::error::end_of_stream).category()) {
    return bad_reply(code);
  }
  if (is_end_of_stream(code)) return closed_by_peer(at == step::kBody);
  std::string words = code.message();
  if (code == error::connection_refused) words = "connection refused";
  if (code == error::connection_reset || code == error::broken_pipe) words = "connection reset";
  if (code == error::network_unreachable) words = "network unreachable";
  if (code == error::host_unreachable) words = "host unreachable";
  if (code.category() == error::get_ssl_category()) words = fmt::format("TLS error: {}", words);
  return make(FailureKind::transport, fmt::format("{} while {}", words, at));
}

}  // namespace trainstop::net
