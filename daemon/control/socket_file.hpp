// The socket's file: whose it is, who may use it, and that no living daemon's is taken.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "model/failure.hpp"

namespace trainstop::control {

/// A listening socket at its place. Removes the file when it ends, if the file is still this one.
class SocketFile {
 public:
  /// Makes the parent directory (mode 0755) when it is missing. Owner, group and mode are set
  /// before anybody can reach it. Fails when a process listens there, or something else than a
  /// socket is there; a socket that nobody listens on is replaced.
  static Result<SocketFile> make(const std::filesystem::path& path,
                                 const std::optional<std::string>& group, mode_t mode);
  ~SocketFile();
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&& other) noexcept;

  /// The listening descriptor, non-blocking; the caller closes it.
  int release();
  /// The file at the path is still this socket.
  bool is_in_place() const;

 private:
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const Identity&) const = default;
  };
  SocketFile(std::filesystem::path path, Identity identity, int descriptor)
      : path_(std::move(path)), identity_(identity), descriptor_(descriptor) {}
  static std::optional<Identity> look(const std::filesystem::path& path);
  static Result<std::optional<Identity>> find_stale(const std::filesystem::path& path);
  static Result<void> move_in(const std::filesystem::path& from, const std::filesystem::path& to,
                              const std::optional<Identity>& stale);

  std::filesystem::path path_;
  Identity identity_;
  int descriptor_ = -1;
};

}  // namespace trainstop::control
