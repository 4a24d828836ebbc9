#include "control/peer.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <memory>

namespace trainstop::control {

namespace {

constexpr std::size_t kLongestEntry = 4096;

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::string name_of(uid_t uid) {
  const std::unique_ptr<std::FILE, Closer> file(std::fopen("/etc/passwd", "re"));
  std::array<char, kLongestEntry> room{};
  passwd entry{};
  passwd* found = nullptr;
  while (file && ::fgetpwent_r(file.get(), &entry, room.data(), room.size(), &found) == 0) {
    if (found->pw_uid == uid) return found->pw_name;
  }
  return fmt::format("uid {}", uid);
}

}  // namespace

Peer peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  Peer peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    peer.user = "unknown";
    return peer;
  }
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.pid = credentials.pid;
  peer.user = name_of(peer.uid);
  return peer;
}

}  // namespace trainstop::control
