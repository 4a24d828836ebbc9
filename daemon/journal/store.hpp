// Where the journal's records are kept: append-only, durable once written. No SQL is seen from
// outside this folder.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.hpp"
#include "model/image.hpp"

namespace trainstop::journal {

/// Why a journal can't be read or written; what the daemon does about it depends on the class.
struct Error {
  enum class Kind : std::uint8_t {
    corrupt,     ///< its content is not what was written: set it aside
    newer,       ///< written by a later version: refuse to start
    unreadable,  ///< it is there and may not or can't be opened or read
    unwritable,  ///< full, read-only, or not to be opened for writing; what it holds can be read
    busy,        ///< somebody else holds it locked
  };
  Kind kind = Kind::unwritable;
  std::string message;  ///< for people, with the path: `/x/journal.db: database or disk is full`
};

std::string_view to_string(Error::Kind kind);

/// Called by boost::system::result when a failed result's value is taken: a bug, so it throws.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::logic_error("value of a failed result: " + error.message);
}

template <class T>
using Outcome = boost::system::result<T, Error>;

/// What one call of the core, or the shell, gives the journal. A batch is kept whole or not at all.
struct Batch {
  std::uint64_t first_seq = 0;  ///< of events[0]; the others follow it one by one
  std::vector<Event> events;
  std::vector<Image> images;
  Instant utc;  ///< when; decides how long images are kept
};

/// What was true at the last write.
struct Present {
  std::vector<Image> images;    ///< change is put; by kind, then by when they were last put
  std::uint64_t last_seq = 0;   ///< of the newest event; 0 when there is none
  Instant last_utc = kLongAgo;  ///< of the newest batch; kLongAgo when there is none
};

/// How long what is no longer present is kept.
struct Keep {
  Duration all = std::chrono::hours(24 * 400);
  Duration debug = std::chrono::hours(24);  ///< events of level debug: a line for every poll
};

class Store {
 public:
  virtual ~Store() = default;
  /// Reads the present in full and verifies it; corrupt when anything is missing, changed or
  /// undecodable.
  virtual Outcome<Present> load() = 0;
  /// Writes all or nothing; durable when it returns. After an error the same batches may be
  /// written again, also by another Store and with more behind them: what is there already is left
  /// out. Events that are numbered beyond the next leave a gap, which is remembered. corrupt when
  /// another event has the number of one.
  virtual Outcome<void> write(std::span<const Batch> batches) = 0;
  /// Removes a bounded piece (a few milliseconds) of what is older than `keep` at `utc`; true when
  /// more is left. Never touches present images, nor events and images of jobs that are present.
  virtual Outcome<bool> prune(const Keep& keep, Instant utc) = 0;
};

/// The file below a state directory.
inline constexpr const char* kFileName = "journal.db";

/// Opens `directory`/journal.db, makes it (mode 0600) when there is none, and brings an older
/// schema up to date. The directory must exist.
Outcome<std::unique_ptr<Store>> open_store(const std::filesystem::path& directory);

/// Reads the present of a journal that can't be opened for writing (read-only, full disk), from a
/// copy in memory or in a temporary directory. unreadable when there is no such file.
Outcome<Present> load_read_only(const std::filesystem::path& directory);

/// Renames the journal's files out of the way, with the time in their names
/// (`journal.db.corrupt-20261124T055245Z`), never over anything that exists; gives the new name.
Outcome<std::string> set_aside(const std::filesystem::path& directory, Instant utc);

}  // namespace trainstop::journal
