#include "service/state.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

namespace trainstop::service {

namespace {

using journal::Error;

constexpr mode_t kPrivateDirectory = 0700;
constexpr const char* kPidFile = "pid";
constexpr const char* kMend = "make it, or set state_dir in the configuration";

/// `error` as from errno: what a person has to mend, or what passes.
Failure failure(int error, std::string message) {
  const bool passes = error == EWOULDBLOCK || error == EMFILE || error == ENFILE ||
                      error == ENOMEM || error == EIO || error == ENOSPC;
  Failure failed;
  failed.kind = passes ? FailureKind::server_error : FailureKind::client_error;
  failed.message = std::move(message);
  return failed;
}

Result<void> make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  if (std::filesystem::is_directory(directory, error)) return {};
  if (directory.has_parent_path()) {
    std::filesystem::create_directories(directory.parent_path(), error);
  }
  if (::mkdir(directory.c_str(), kPrivateDirectory) == 0 || errno == EEXIST) return {};
  return failure(errno, fmt::format("state_dir: {} can't be made: {}; {}", directory.string(),
                                    std::strerror(errno), kMend));
}

std::string read_pid(const std::filesystem::path& directory) {
  std::string pid;
  std::ifstream(directory / kPidFile) >> pid;
  return pid.empty() ? "unknown" : pid;
}

/// For people, and for the next daemon's error; nothing depends on it.
void leave_pid(const std::filesystem::path& directory) {
  const auto path = directory / kPidFile;
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (file < 0) return;
  const std::string text = fmt::format("{}\n", ::getpid());
  [[maybe_unused]] const auto written = ::write(file, text.data(), text.size());
  ::close(file);
}

bool is_there(const std::filesystem::path& directory) {
  std::error_code error;
  const auto status = std::filesystem::symlink_status(directory / journal::kFileName, error);
  // What can't be looked at may be there.
  return std::filesystem::exists(status) ||
         (error && error != std::errc::no_such_file_or_directory);
}

/// A journal whose content is damaged makes room for a new one.
void begin_anew(Memory& memory, const std::filesystem::path& directory, const Error& error,
                Instant utc) {
  memory.lost = error.message;
  memory.present = {};
  memory.store.reset();
  auto moved = journal::set_aside(directory, utc);
  if (moved.has_error()) {
    memory.trouble = moved.error();
    return;
  }
  memory.set_aside = std::move(moved).value();
  auto opened = journal::open_store(directory);
  if (opened.has_error()) {
    memory.trouble = opened.error();
  } else {
    memory.store = std::move(opened).value();
  }
}

/// It can't be written; perhaps it can be read.
void read_only(Memory& memory, const std::filesystem::path& directory, const Error& error,
               Instant utc) {
  memory.trouble = error;
  if (!is_there(directory)) return;
  auto present = journal::load_read_only(directory);
  if (present.has_value()) {
    memory.present = std::move(present).value();
  } else if (present.error().kind == Error::Kind::corrupt) {
    begin_anew(memory, directory, present.error(), utc);
  } else {
    memory.lost = present.error().message;
  }
}

}  // namespace

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

Result<DirectoryLock> take_directory(const std::filesystem::path& directory, std::string& held_by) {
  if (const auto made = make_directory(directory); made.has_error()) return made.error();
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return failure(errno,
                   fmt::format("state_dir: {} can't be opened: {}; give it to the daemon's user",
                               directory.string(), std::strerror(errno)));
  }
  DirectoryLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (error != EWOULDBLOCK) {
      return failure(error, fmt::format("state_dir: {} can't be locked: {}", directory.string(),
                                        std::strerror(error)));
    }
    held_by = read_pid(directory);
    return failure(error, fmt::format("another trainstop, process {}, uses {}: one at a time",
                                      held_by, directory.string()));
  }
  leave_pid(directory);
  return lock;
}

Memory open_memory(const std::filesystem::path& directory, Instant utc) {
  Memory memory;
  auto opened = journal::open_store(directory);
  if (opened.has_error()) {
    const Error error = opened.error();
    if (error.kind == Error::Kind::newer) {
      memory.newer = true;
      memory.trouble = error;
    } else if (error.kind == Error::Kind::corrupt) {
      begin_anew(memory, directory, error, utc);
    } else {
      read_only(memory, directory, error, utc);
    }
    return memory;
  }
  memory.store = std::move(opened).value();
  auto present = memory.store->load();
  if (present.has_value()) {
    memory.present = std::move(present).value();
  } else if (present.error().kind == Error::Kind::corrupt) {
    begin_anew(memory, directory, present.error(), utc);
  } else {
    memory.store.reset();
    read_only(memory, directory, present.error(), utc);
  }
  return memory;
}

journal::Outcome<std::unique_ptr<journal::Store>> reopen(const std::filesystem::path& directory,
                                                         bool was_read) {
  if (!was_read && is_there(directory)) {
    return Error{Error::Kind::unreadable,
                 (directory / journal::kFileName).string() +
                     ": was there at the start and could not be read; start the daemon again once "
                     "it can be"};
  }
  return journal::open_store(directory);
}

}  // namespace trainstop::service
