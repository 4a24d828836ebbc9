// The other end of the control socket: one request, one reply, blocking. For commands and tests.
#pragma once

#include <boost/system/result.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "model/time.hpp"

namespace trainstop::control {

struct ClientReply {
  unsigned status = 0;
  std::string body;
};

/// Why there is no reply.
struct CallError {
  int code = 0;  ///< an errno: ENOENT, ECONNREFUSED, EACCES; ETIMEDOUT; EPROTO: what came is no
                 ///< whole reply
  bool was_sent = false;  ///< the daemon may have got the request
  std::string message;    ///< for people
};

/// Called by boost::system::result when a failed result's value is taken: a bug, so it throws.
[[noreturn]] inline void throw_exception_from_error(const CallError& error,
                                                    const boost::source_location&) {
  throw std::logic_error("value of a failed call: " + error.message);
}

class Client {
 public:
  explicit Client(std::filesystem::path socket) : socket_(std::move(socket)) {}

  /// Each call has a connection of its own. An empty body is none.
  boost::system::result<ClientReply, CallError> call(std::string_view method,
                                                     std::string_view target, std::string_view body,
                                                     Duration timeout) const;

 private:
  std::filesystem::path socket_;
};

}  // namespace trainstop::control
