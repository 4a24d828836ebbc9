#include "journal/sqlite_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "journal/schema.hpp"
#include "journal/sqlite_error.hpp"

namespace trainstop::journal {

namespace {

namespace fs = std::filesystem;

/// The log is cut to this when it was longer: a reader that held it up, or one large write.
constexpr int kLogLimitBytes = 16 << 20;

/// A journal's files. The log's index goes where they go: SQLite builds it anew in any case.
constexpr std::array kSuffixes{"", "-wal", "-shm"};

/// Somebody who sets aside this often in one second does something else wrong.
constexpr int kMostAside = 100;

Error failure(Error::Kind kind, const fs::path& file, int number) {
  return Error{kind, file.string() + ": " + std::generic_category().message(number)};
}

/// 0 or an errno; EEXIST when there is something of the new name.
int rename_to(const fs::path& from, const fs::path& to) {
  return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ? 0
                                                                                          : errno;
}

/// `20261124T055245Z`.
std::string compact_time(Instant utc) {
  const auto day = std::chrono::floor<std::chrono::days>(utc);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(utc - day));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

/// Of a file or a directory. 0 or an errno.
int sync_file(const fs::path& file, int flags) {
  const int descriptor = ::open(file.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int result = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return result;
}

fs::path parent_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

void remove_all_of(const fs::path& file) {
  for (const char* suffix : {"", "-journal", "-wal", "-shm"})
    ::unlink(with_suffix(file, suffix).c_str());
}

/// A whole journal under another name, then renamed: a crash leaves none or all of it, so that an
/// empty or half one is always damage.
Outcome<void> create(const fs::path& file) {
  const fs::path draft = with_suffix(file, ".new");
  remove_all_of(draft);
  const int descriptor =
      ::open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) return failure(Error::Kind::unwritable, file, errno);
  const int mode_error = ::fchmod(descriptor, 0600) == 0 ? 0 : errno;  // whatever the umask is
  ::close(descriptor);
  if (mode_error != 0) return failure(Error::Kind::unwritable, file, mode_error);
  auto made = guarded(file.string(), Doing::writing, [&]() -> Outcome<void> {
    SQLite::Database database(draft.string(), SQLite::OPEN_READWRITE, kBusyTimeoutMs);
    database.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
    auto migrated = migrate(database, file.string());
    // Last, so that all of it is in the one file that is renamed.
    if (migrated) database.exec("PRAGMA journal_mode = WAL");
    return migrated;
  });
  int number = 0;
  if (made) {
    number = sync_file(draft, O_RDONLY);
    if (number == 0) number = rename_to(draft, file);
    if (number == 0) number = sync_file(parent_of(file), O_RDONLY | O_DIRECTORY);
  }
  remove_all_of(draft);
  if (!made) return made;
  if (number != 0) return failure(Error::Kind::unwritable, file, number);
  return {};
}

}  // namespace

int access_error(const fs::path& file, int mode) {
  return ::faccessat(AT_FDCWD, file.c_str(), mode, AT_EACCESS) == 0 ? 0 : errno;
}

fs::path with_suffix(const fs::path& file, const std::string& suffix) {
  return file.string() + suffix;
}

Outcome<void> look_at(const fs::path& file) {
  struct stat found = {};
  if (::stat(file.c_str(), &found) != 0) {
    const int number = errno;
    if (number == ENOENT && access_error(with_suffix(file, "-wal"), F_OK) == 0) {
      return Error{Error::Kind::corrupt, file.string() + ": it is missing, but its log is there: " +
                                             with_suffix(file, "-wal").string()};
    }
    return failure(Error::Kind::unreadable, file, number);
  }
  if (!S_ISREG(found.st_mode))
    return Error{Error::Kind::unreadable, file.string() + ": not a regular file"};
  if (const int number = access_error(file, R_OK); number != 0)
    return failure(Error::Kind::unreadable, file, number);
  if (found.st_size == 0) return Error{Error::Kind::corrupt, file.string() + ": it is empty"};
  return {};
}

Outcome<std::unique_ptr<SQLite::Database>> open_for_writing(const fs::path& file) {
  const bool there =
      access_error(file, F_OK) != ENOENT || access_error(with_suffix(file, "-wal"), F_OK) != ENOENT;
  if (!there) {
    if (auto created = create(file); !created) return created.error();
  }
  if (auto looked = look_at(file); !looked) return looked.error();
  if (const int number = access_error(file, W_OK); number != 0)
    return failure(Error::Kind::unwritable, file, number);
  // SQLite makes its log beside the file.
  if (const int number = access_error(parent_of(file), W_OK | X_OK); number != 0)
    return failure(Error::Kind::unwritable, file, number);
  return guarded(file.string(), Doing::opening,
                 [&]() -> Outcome<std::unique_ptr<SQLite::Database>> {
                   auto database = std::make_unique<SQLite::Database>(
                       file.string(), SQLite::OPEN_READWRITE, kBusyTimeoutMs);
                   const auto version = version_of(*database, file.string());
                   if (!version) return version.error();
                   database->exec("PRAGMA journal_mode = WAL");
                   database->exec("PRAGMA synchronous = FULL");
                   database->exec("PRAGMA foreign_keys = ON");
                   database->exec("PRAGMA trusted_schema = OFF");
                   database->exec(fmt::format("PRAGMA journal_size_limit = {}", kLogLimitBytes));
                   auto migrated = migrate(*database, file.string());
                   if (!migrated) return migrated.error();
                   return database;
                 });
}

Outcome<std::string> set_aside(const fs::path& directory, Instant utc) {
  const fs::path file = directory / kFileName;
  const std::string name = fmt::format("{}.corrupt-{}", file.string(), compact_time(utc));
  for (int number = 1; number <= kMostAside; ++number) {
    const std::string target = number == 1 ? name : fmt::format("{}-{}", name, number);
    const auto taken = [&](const char* suffix) {
      return access_error(with_suffix(target, suffix), F_OK) != ENOENT;
    };
    if (std::ranges::any_of(kSuffixes, taken)) continue;
    bool any = false;
    // The file first: a crash in between leaves a log without its file, which is seen as damage; a
    // file without its log would pass for an older state.
    for (const char* suffix : kSuffixes) {
      const int code = rename_to(with_suffix(file, suffix), with_suffix(target, suffix));
      if (code == 0) any = true;
      if (code != 0 && code != ENOENT) return failure(Error::Kind::unwritable, file, code);
    }
    if (!any) return failure(Error::Kind::unreadable, file, ENOENT);
    const int code = sync_file(parent_of(file), O_RDONLY | O_DIRECTORY);
    if (code != 0) return failure(Error::Kind::unwritable, file, code);
    return target;
  }
  return failure(Error::Kind::unwritable, file, EEXIST);
}

}  // namespace trainstop::journal
