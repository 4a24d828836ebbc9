// The one shape of an error that can happen: a class that code decides by, and words that a person
// can act on.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "model/time.hpp"

namespace trainstop {

/// Why a call brought no usable reply; what the deciders of retry and stop tell apart.
enum class FailureKind : std::uint8_t {
  transport,  ///< no reply: DNS, connect, TLS, reset, cut off. The request may or may not have been
              ///< applied
  timeout,    ///< no reply within the call's deadline. Likewise
  tls,        ///< the certificate did not verify: nothing was sent
  rate_limited,  ///< 429
  server_error,  ///< 5xx
  unauthorized,  ///< 401, 403: the key is refused
  not_found,     ///< 404
  client_error,  ///< another 4xx
  unusable,      ///< a 2xx whose body is not what the API documents, or a redirect or another odd
                 ///< status
  cancelled,     ///< the daemon is ending
};

std::string_view to_string(FailureKind kind);

struct Failure {
  FailureKind kind = FailureKind::transport;
  std::string
      message;  ///< for people, without secrets: `certificate has expired`, `key refused (401)`
  unsigned status = 0;                  ///< the HTTP status, 0 without one
  std::optional<Duration> retry_after;  ///< what a 429 or 503 asked for, header or body, uncapped
};

/// Called by boost::system::result when a failed result's value is taken: a bug, so it throws.
[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location&) {
  throw std::logic_error("value of a failed result: " + failure.message);
}

template <class T>
using Result = boost::system::result<T, Failure>;

}  // namespace trainstop
