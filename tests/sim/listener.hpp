// The listening socket, its connections, and the loop that runs them. Knows nothing of the API.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "sim/reply.hpp"
#include "support/pki.hpp"

namespace trainstop::sim {

/// Called on the listener's thread, one at a time.
struct ListenerHooks {
  std::function<Plan(const Received&)> answer;
  std::function<std::uint64_t()> connected;  ///< gives the connection's number
  std::function<void()> handshake_failed;
};

class Listener {
 public:
  virtual ~Listener() = default;  ///< ends the loop and joins its thread
  virtual std::uint16_t port() const = 0;
  virtual void set_listening(bool listening) = 0;
  virtual void set_mute(bool mute) = 0;
  virtual void reset_connections() = 0;
};

/// Listens on 127.0.0.1 and serves from a thread of its own. Throws std::runtime_error when it
/// cannot.
std::unique_ptr<Listener> make_listener(const std::optional<test::Identity>& tls,
                                        std::uint16_t port, ListenerHooks hooks);

}  // namespace trainstop::sim
