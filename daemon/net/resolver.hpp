// Names to addresses off the loop, so that a mute name server delays nobody (c-ares on a thread of
// its own).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <vector>

#include "model/failure.hpp"
#include "model/time.hpp"

namespace trainstop::net {

class Resolver {
 public:
  virtual ~Resolver() = default;
  /// The addresses of a name, or of an address literal at once. Answers within `timeout`; with the
  /// last good ones when the name servers do not answer. Cancellable.
  virtual boost::asio::awaitable<Result<std::vector<boost::asio::ip::tcp::endpoint>>> resolve(
      std::string host, std::uint16_t port, Duration timeout) = 0;
};

/// `servers` as c-ares writes them (`127.0.0.1:5353`), empty for the system's own.
std::shared_ptr<Resolver> make_resolver(boost::asio::any_io_executor executor,
                                        std::string servers = {});

}  // namespace trainstop::net
