// The journal's files: made, opened and renamed. What is in them is records.hpp's.
#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>
#include <memory>

#include "journal/store.hpp"

namespace trainstop::journal {

/// How long one statement waits for another connection's lock. Only a reader in the middle of a
/// checkpoint and a second daemon can hold one; the daemon's own writer must not wait longer than
/// what makes it degraded.
inline constexpr int kBusyTimeoutMs = 500;

/// 0 or an errno, by our effective ids and without opening: closing any descriptor of the file
/// would drop the locks that SQLite holds on it in this process (fcntl(2)).
int access_error(const std::filesystem::path& file, int mode);

/// Whether the journal's file is there and may be read by us; unreadable, or corrupt when it is
/// empty or only its log is left.
Outcome<void> look_at(const std::filesystem::path& file);

/// For writing; makes the file when there is none. The schema is that of today.
Outcome<std::unique_ptr<SQLite::Database>> open_for_writing(const std::filesystem::path& file);

/// `file` with `-wal`: its write-ahead log.
std::filesystem::path with_suffix(const std::filesystem::path& file, const std::string& suffix);

}  // namespace trainstop::journal
