// HTTPS requests to one origin: verified TLS, pooled connections, one deadline per call, limits on
// everything that comes back. Says nothing of what the bodies mean.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/failure.hpp"
#include "model/time.hpp"
#include "net/resolver.hpp"

namespace trainstop::net {

/// Where requests go; from `https://host[:port][/path]`.
struct Origin {
  bool tls = true;
  std::string host;  ///< a name or an address; also the name that the certificate must bear
  std::uint16_t port = 443;
  std::string base_path;  ///< before every target; no trailing slash
};

/// Reads a base URL; the failure says what is wrong with it. http only for loopback addresses.
Result<Origin> parse_origin(std::string_view base_url);

/// Two pools, so that hung polls never delay a stop.
enum class Lane : std::uint8_t { urgent, normal };

struct Request {
  Request() = default;
  bool post = false;
  std::string target;  ///< below base_path, starts with a slash
  std::string body;    ///< JSON; sent with POST
  std::vector<std::pair<std::string, std::string>> headers;  ///< beside those of every request
  bool repeatable = false;  ///< a POST that changes nothing; a GET is always safe to repeat
};

/// What came back, whatever its status. Redirects are not followed.
struct Response {
  unsigned status = 0;
  std::string body;             ///< empty when a sink took it; of an error at most the first 64 KiB
  std::string location;         ///< where a redirect points
  std::optional<Instant> date;  ///< the Date header, UTC
  bool has_age = false;         ///< an Age header: the Date is a cache's
  std::optional<Duration> retry_after;  ///< the Retry-After header (seconds or a date)
  Instant sent, received;               ///< first byte out, last byte in; the daemon's line
};

/// A failure of the call, with whether a byte of the request may have left.
struct CallFailure {
  Failure failure;
  bool was_sent = false;
  Instant sent, received;
};

using Outcome = std::variant<Response, CallFailure>;

struct CallOptions {
  CallOptions() = default;
  Lane lane = Lane::normal;
  Duration timeout{};  ///< of everything: name, connect, TLS, request, reply
  std::uint64_t max_body = 1 << 20;
  /// Gets the body of a 2xx in pieces as it comes (at most 64 KiB each); false ends the call as
  /// unusable.
  std::function<bool(std::string_view)> body_sink;
  /// Called once, when the first byte of the request is written.
  std::function<void(Instant)> on_sent;
};

struct ClientOptions {
  ClientOptions() = default;
  Origin origin;
  std::string authorization;  ///< the whole header value; never logged
  std::string user_agent;
  std::optional<std::string> extra_ca_file;  ///< PEM; one more trust anchor beside the system's
  int normal_connections = 4;
  int urgent_connections = 8;
  std::function<Instant()> now;  ///< the daemon's line
};

/// A pool of connections to one origin. Single-threaded: all calls on the executor's thread.
class Client {
 public:
  virtual ~Client() = default;
  /// One request. Never throws but on cancellation; waits for a free connection of its lane within
  /// its deadline. A kept connection that turns out closed before a byte of the reply came is
  /// replaced once for a request that is safe to repeat; any other is told as a failure with
  /// was_sent. The key, should a server echo it in an error, is blotted out.
  virtual boost::asio::awaitable<Outcome> call(Request request, CallOptions options) = 0;
  /// Opens or keeps this many urgent connections ready.
  virtual void keep_warm(int connections) = 0;
  /// Ends all connections and calls.
  virtual void close() = 0;
};

/// Fails when the extra CA file can't be used.
Result<std::unique_ptr<Client>> make_client(boost::asio::any_io_executor executor,
                                            std::shared_ptr<Resolver> resolver,
                                            ClientOptions options);

}  // namespace trainstop::net
