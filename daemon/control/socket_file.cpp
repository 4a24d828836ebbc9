#include "control/socket_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "model/descriptor.hpp"

namespace trainstop::control {

namespace fs = std::filesystem;

namespace {

constexpr int kBacklog = 128;
constexpr mode_t kModeOfDirectory = 0755;
constexpr mode_t kModeBits = 07777;

Failure failed(const fs::path& path, std::string_view what) {
  Failure failure;
  failure.kind = FailureKind::client_error;
  failure.message = fmt::format("{}: {}", path.string(), what);
  return failure;
}

Failure failed(const fs::path& path) {
  return failed(path, std::strerror(errno));
}

/// Removes a file on every way out.
class Temporary {
 public:
  explicit Temporary(const fs::path& path) : path_(path) {}
  ~Temporary() { ::unlink(path_.c_str()); }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

 private:
  const fs::path& path_;
};

struct Address {
  sockaddr_un name{};
  const sockaddr* get() const {
    return static_cast<const sockaddr*>(static_cast<const void*>(&name));
  }
};

std::optional<Address> address_of(const fs::path& path) {
  Address address;
  const std::string text = path.string();
  if (text.size() >= sizeof(address.name.sun_path)) return {};
  address.name.sun_family = AF_UNIX;
  std::memcpy(static_cast<void*>(address.name.sun_path), text.data(), text.size());
  return address;
}

Result<void> make_directories(const fs::path& directory) {
  if (directory.empty() || ::access(directory.c_str(), F_OK) == 0) return {};
  if (const auto made = make_directories(directory.parent_path()); !made) return made;
  if (::mkdir(directory.c_str(), kModeOfDirectory) != 0) {
    if (errno == EEXIST) return {};
    return failed(directory);
  }
  // Whatever the umask: who may use the socket must be able to reach it.
  if (::chmod(directory.c_str(), kModeOfDirectory) != 0) return failed(directory);
  return {};
}

Result<gid_t> find_group(const std::string& name, const fs::path& path) {
  std::vector<char> room(1U << 16U);
  group entry{};
  group* found = nullptr;
  const int error = ::getgrnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
  if (found != nullptr) return found->gr_gid;
  return failed(path,
                fmt::format("group '{}': {}", name,
                            error == 0 ? "there is none of that name" : std::strerror(error)));
}

/// Binds; nobody but root can reach it yet, and nobody at all is listened to.
Result<int> bind_closed(const fs::path& path) {
  const auto address = address_of(path);
  if (!address) return failed(path, "the path is too long for a socket");
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // The mode that bind() gives the file (Linux takes it from the socket).
  if (socket.number() < 0 || ::fchmod(socket.number(), 0) != 0) return failed(path);
  int error = ::bind(socket.number(), address->get(), sizeof(address->name));
  if (error != 0 && errno == EADDRINUSE && ::unlink(path.c_str()) == 0) {
    // Left by a process of our number that was killed.
    error = ::bind(socket.number(), address->get(), sizeof(address->name));
  }
  if (error != 0) return failed(path);
  return socket.release();
}

Result<void> give_to(const fs::path& path, std::optional<gid_t> gid, mode_t mode) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0) return failed(path);
  // Under the unit the call is not allowed, and not needed: Group= made it the daemon's own.
  const bool is_to_be_given = gid && about.st_gid != *gid;
  if (is_to_be_given && ::lchown(path.c_str(), static_cast<uid_t>(-1), *gid) != 0)
    return failed(path);
  if (::fchmodat(AT_FDCWD, path.c_str(), mode, AT_SYMLINK_NOFOLLOW) != 0) return failed(path);
  if (::lstat(path.c_str(), &about) != 0) return failed(path);
  const bool as_wanted = S_ISSOCK(about.st_mode) && (about.st_mode & kModeBits) == mode &&
                         about.st_uid == ::geteuid() && (!gid || about.st_gid == *gid);
  if (!as_wanted) return failed(path, "owner, group and mode can't be set");
  return {};
}

}  // namespace

std::optional<SocketFile::Identity> SocketFile::look(const fs::path& path) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0) return {};
  return Identity{about.st_dev, about.st_ino};
}

/// The socket at the path that nobody listens on; empty when nothing is there.
Result<std::optional<SocketFile::Identity>> SocketFile::find_stale(const fs::path& path) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0) {
    if (errno == ENOENT) return std::optional<Identity>();
    return failed(path);
  }
  if (!S_ISSOCK(about.st_mode)) return failed(path, "there is something that is no socket");
  const auto address = address_of(path);
  if (!address) return failed(path, "the path is too long for a socket");
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.number() < 0) return failed(path);
  const int error = ::connect(socket.number(), address->get(), sizeof(address->name));
  if (error == 0 || errno == EAGAIN) return failed(path, "another process listens there");
  if (errno != ECONNREFUSED) return failed(path);
  return std::optional<Identity>(Identity{about.st_dev, about.st_ino});
}

/// Puts the socket into its place. What was there must still be the stale one that was looked at: a
/// daemon that was quicker keeps its place.
Result<void> SocketFile::move_in(const fs::path& from, const fs::path& to,
                                 const std::optional<Identity>& stale) {
  const auto rename = [&](unsigned how) {
    return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), how) == 0;
  };
  if (!stale) {
    if (!rename(RENAME_NOREPLACE)) return failed(to);
    return {};
  }
  if (!rename(RENAME_EXCHANGE)) return failed(to);
  if (look(from) == stale) return {};
  rename(RENAME_EXCHANGE);
  return failed(to, "another process has begun to listen there");
}

Result<SocketFile> SocketFile::make(const fs::path& path, const std::optional<std::string>& group,
                                    mode_t mode) {
  if (const auto made = make_directories(path.parent_path()); !made) return made.error();
  std::optional<gid_t> gid;
  if (group) {
    const auto found = find_group(*group, path);
    if (!found) return found.error();
    gid = *found;
  }
  const auto stale = find_stale(path);
  if (!stale) return stale.error();
  fs::path closed = path;
  closed += fmt::format(".{}", ::getpid());
  const auto bound = bind_closed(closed);
  if (!bound) return bound.error();
  Descriptor socket(*bound);
  const Temporary temporary(closed);  // what is there at the end: nothing, ours, or the stale one
  if (const auto given = give_to(closed, gid, mode); !given) return given.error();
  const auto identity = look(closed);
  if (!identity || ::listen(socket.number(), kBacklog) != 0) return failed(closed);
  if (const auto moved = move_in(closed, path, *stale); !moved) return moved.error();
  return SocketFile(path, *identity, socket.release());
}

SocketFile::~SocketFile() {
  if (!path_.empty() && is_in_place()) ::unlink(path_.c_str());
  if (descriptor_ >= 0) ::close(descriptor_);
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      identity_(other.identity_),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(identity_, other.identity_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

int SocketFile::release() {
  return std::exchange(descriptor_, -1);
}

bool SocketFile::is_in_place() const {
  return look(path_) == identity_;
}

}  // namespace trainstop::control
