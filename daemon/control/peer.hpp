// Who is at the other end of a Unix socket.
#pragma once

#include "control/message.hpp"

namespace trainstop::control {

/// As the kernel had it when the connection was made. The name is looked up in /etc/passwd alone: a
/// directory service that hangs must not hold the loop.
Peer peer_of(int socket);

}  // namespace trainstop::control
