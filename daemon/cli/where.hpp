// Which state directory a command is about, and what to say when its journal can't be read.
#pragma once

#include <filesystem>
#include <string>

#include "cli/commands.hpp"
#include "journal/store.hpp"

namespace trainstop::cli {

/// What the command line says of it.
struct Where {
  std::string state_dir;  ///< empty: not given
  std::string config = kDefaultConfig;
};

/// Adds --state-dir and --config.
void add_where(CLI::App& command, Where& where);

/// --state-dir, else $STATE_DIRECTORY, else what the configuration says, however wrong all else in
/// it is; else the default, which is then said on stderr with the reason.
std::filesystem::path find_state_directory(const Where& where);
/// The same; the reason is in `note` instead.
std::filesystem::path find_state_directory(const Where& where, std::string& note);

/// A job as a journal's query takes it: the key ACCOUNT/PROJECT/ID, which lists of candidates
/// print, as ACCOUNT/ID, unless some job there has such a name.
std::string name_in_journal(const std::filesystem::path& directory, const std::string& job);

/// What is asked of a journal.
enum class Access : std::uint8_t { read, write };

/// 0, or the errno why this process may not use the journal's file so (or it is not there).
int access_error(const std::filesystem::path& directory, Access access);

/// Says on stderr why and what mends it; gives the exit code.
int journal_failed(const journal::Error& error, const std::filesystem::path& directory,
                   Access access = Access::read);

}  // namespace trainstop::cli
