// A copy of a journal that is somebody else's, full or read-only.
#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>
#include <memory>

#include "journal/store.hpp"

namespace trainstop::journal {

/// Copies the file and its log as one state, to memory or a temporary directory, and brings the
/// copy up to date. Its names are gone when this returns: it ends with the connection, also when
/// the process is killed. unreadable when there is no such file, busy when it keeps changing. Not
/// for a process that has the journal open: see access_error.
Outcome<std::unique_ptr<SQLite::Database>> open_copy(const std::filesystem::path& file);

}  // namespace trainstop::journal
