// What carries one message to one sink. The only thing here that may take long.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/failure.hpp"
#include "model/time.hpp"
#include "net/resolver.hpp"

namespace trainstop::notify {

/// One message as it goes out.
struct Message {
  std::string id;     ///< the same for every attempt: by it a receiver knows a repetition
  std::string event;  ///< the event's name
  std::string body;   ///< JSON
};

/// What became of one attempt.
struct Sent {
  enum class Outcome : std::uint8_t {
    delivered,
    failed,   ///< it may go better later
    refused,  ///< the sink will not take this message
  };
  Outcome outcome = Outcome::delivered;
  std::string problem;  ///< for people, without secrets; empty when delivered
  std::optional<Duration> retry_after;
};

// A sink that takes longer has failed.
inline constexpr Duration kTimeLimit = std::chrono::seconds(10);

class Sender {
 public:
  virtual ~Sender() = default;
  /// Calls `done` exactly once, on the executor, at most kTimeLimit and a little later; never after
  /// close().
  virtual void send(Message message, std::function<void(Sent)> done) = 0;
  /// Ends what is under way.
  virtual void close() = 0;
};

struct WebOptions {
  WebOptions() = default;
  std::string url;                  ///< a secret: whoever has it can write there
  std::optional<std::string> hmac;  ///< key of the signature; a secret
  bool get = false;                 ///< GET without a body or headers of ours: a heartbeat
  int connections = 4;
  Duration time_limit = kTimeLimit;
};

/// POSTs to a URL: https, or http on loopback. A 2xx is a delivery whatever its body; redirects are
/// not followed. The failure says what is wrong with the URL without naming it.
Result<std::shared_ptr<Sender>> make_web_sender(boost::asio::any_io_executor executor,
                                                std::shared_ptr<net::Resolver> resolver,
                                                WebOptions options);

/// Runs a program with the body on its standard input: no shell, PATH alone in its environment. An
/// exit with 0 is a delivery. At the time limit its process group is killed.
std::shared_ptr<Sender> make_exec_sender(boost::asio::any_io_executor executor,
                                         std::vector<std::string> command,
                                         Duration time_limit = kTimeLimit);

}  // namespace trainstop::notify
