// The state directory: who holds it, and what the journal in it knows.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "journal/store.hpp"
#include "model/failure.hpp"

namespace trainstop::service {

/// Held while it lives; the kernel lets go of it when the process dies, however it dies.
class DirectoryLock {
 public:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  ~DirectoryLock();
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&&) = delete;

 private:
  int descriptor_;
};

/// Makes the directory (mode 0700) when it is missing and takes it for this process, whose id is
/// left in the file `pid`. The failure names the directory and the mend; `held_by` gets the other's
/// process id when another holds it. Its kind is client_error when somebody has to mend the
/// configuration or the directory, server_error when it may be otherwise a moment later.
Result<DirectoryLock> take_directory(const std::filesystem::path& directory, std::string& held_by);

/// What could be learned from the journal at the start.
struct Memory {
  journal::Present present;
  std::unique_ptr<journal::Store> store;  ///< null: not to be written now
  std::optional<journal::Error> trouble;  ///< why it can't be written
  /// A journal was there and could not be read in full: why. What it knew is not known.
  std::optional<std::string> lost;
  std::string set_aside;  ///< where the unreadable one is now; empty when it is where it was
  bool newer = false;     ///< a later version wrote it: nothing may be done with it
};

/// Opens and reads the journal of a directory that this process has taken. Never fails: what is
/// wrong stands in the result.
Memory open_memory(const std::filesystem::path& directory, Instant utc);

/// Opens the store anew after a failure. A journal that was there and has never been read stays as
/// it is: what it holds must not mix with what came since, and the next start may be able to read
/// it.
journal::Outcome<std::unique_ptr<journal::Store>> reopen(const std::filesystem::path& directory,
                                                         bool was_read);

}  // namespace trainstop::service
