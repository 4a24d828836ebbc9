// HTTP/1.1 on a Unix socket, on the loop's thread: connections, limits, time limits. What requests
// mean is the handler's.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "control/message.hpp"
#include "model/failure.hpp"

namespace trainstop::control {

/// What a client may do. Other values than these are for tests.
struct Limits {
  std::size_t header = 8192;
  std::size_t body = 1U << 20U;
  std::size_t connections = 64;
  Duration request = std::chrono::seconds(10);  ///< from its first byte to its last
  Duration write = std::chrono::seconds(10);    ///< of a whole reply
  Duration idle = std::chrono::seconds(60);     ///< between two requests
  Duration answer = std::chrono::seconds(60);   ///< the handler's; then 504
};

struct Options {
  std::filesystem::path path;
  std::optional<std::string> group;  ///< absent: the process's
  int mode = 0660;
  Limits limits;
};

class Server {
 public:
  virtual ~Server() = default;
  /// Takes the socket's place, also anew. Fails when that can't be had; connections stay.
  virtual Result<void> open() = 0;
  /// The file at the path is still the socket that open() made.
  virtual bool is_reachable() const = 0;
  /// Takes no more requests: connections end at once or with the reply that they wait for.
  virtual void close() = 0;
};

/// `handler` is called from the loop and never after close().
std::unique_ptr<Server> make_server(boost::asio::any_io_executor executor, Options options,
                                    Handler handler);

}  // namespace trainstop::control
