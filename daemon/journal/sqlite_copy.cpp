#include "journal/sqlite_copy.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>
#include <vector>

#include "journal/schema.hpp"
#include "journal/sqlite_error.hpp"
#include "journal/sqlite_file.hpp"

namespace trainstop::journal {

namespace {

namespace fs = std::filesystem;

/// What a copy must still be equal to once it is made.
struct State {
  struct stat database = {}, log = {};
  bool operator==(const State& other) const {
    const auto same = [](const struct stat& a, const struct stat& b) {
      return a.st_ino == b.st_ino && a.st_size == b.st_size &&
             a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
    };
    return same(database, other.database) && same(log, other.log);
  }
};

State state_of(const fs::path& file) {
  State state;
  if (::stat(file.c_str(), &state.database) != 0) state.database = {};
  if (::stat(with_suffix(file, "-wal").c_str(), &state.log) != 0) state.log = {};
  return state;
}

std::error_code copy_one(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, code);
  if (!code) fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, code);
  return code;
}

constexpr int kCopies =
    5;  // a copy takes less time than a daemon lets pass between two checkpoints

Outcome<void> copy_to(const fs::path& file, const fs::path& directory) {
  for (int attempt = 0; attempt < kCopies; ++attempt) {
    const State before = state_of(file);
    std::error_code code = copy_one(file, directory / kFileName);
    const fs::path log = with_suffix(file, "-wal");
    const fs::path log_copy = with_suffix(directory / kFileName, "-wal");
    if (!code && before.log.st_ino != 0) {
      code = copy_one(log, log_copy);
      if (code == std::errc::no_such_file_or_directory) continue;
    } else {
      ::unlink(log_copy.c_str());
    }
    if (code)
      return Error{Error::Kind::unreadable, file.string() + ": a copy failed: " + code.message()};
    if (state_of(file) == before) return {};
  }
  return Error{Error::Kind::busy, file.string() + ": it changes while it is copied"};
}

/// In memory first: a full disk is one reason for the copy.
std::vector<fs::path> places_for_copies() {
  std::vector<fs::path> places{"/dev/shm", "/tmp"};
  if (const char* runtime = std::getenv("RUNTIME_DIRECTORY"); runtime != nullptr) {
    const std::string all(runtime);  // systemd.exec(5): several are parted by colons
    if (const auto first = all.substr(0, all.find(':')); !first.empty()) places.emplace_back(first);
  }
  return places;
}

/// A directory that ends with this object, with what is in it.
class Scratch {
 public:
  explicit Scratch(fs::path directory) : directory_(std::move(directory)) {}
  ~Scratch() {
    std::error_code ignored;  // nothing of it is needed any more
    fs::remove_all(directory_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& directory() const { return directory_; }

 private:
  fs::path directory_;
};

}  // namespace

Outcome<std::unique_ptr<SQLite::Database>> open_copy(const fs::path& file) {
  if (auto looked = look_at(file); !looked) return looked.error();
  Error last{Error::Kind::unreadable, file.string() + ": no place for a copy"};
  for (const fs::path& place : places_for_copies()) {
    std::string name = (place / "trainstop-journal-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) continue;  // mode 0700
    const Scratch scratch(name);
    if (auto copied = copy_to(file, scratch.directory()); !copied) {
      last = copied.error();
      continue;
    }
    return guarded(
        file.string(), Doing::reading, [&]() -> Outcome<std::unique_ptr<SQLite::Database>> {
          auto database = std::make_unique<SQLite::Database>(
              (scratch.directory() / kFileName).string(), SQLite::OPEN_READWRITE, kBusyTimeoutMs);
          auto migrated = migrate(*database, file.string());
          if (!migrated) return migrated.error();
          return database;
        });
  }
  return last;
}

}  // namespace trainstop::journal
