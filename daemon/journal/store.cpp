#include "journal/store.hpp"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include "journal/failpoint.hpp"
#include "journal/records_writer.hpp"
#include "journal/sqlite_copy.hpp"
#include "journal/sqlite_error.hpp"
#include "journal/sqlite_file.hpp"
#include "journal/sqlite_prune.hpp"

namespace trainstop::journal {

namespace {

/// Tells writes apart: of everything that a batch does but its events, which have numbers.
std::int64_t digest_of_batches(std::span<const Batch> batches) {
  std::string text;
  for (const Batch& batch : batches) {
    text += fmt::format("/{}/{}/{}", batch.first_seq, batch.events.size(),
                        batch.utc.time_since_epoch().count());
    for (const Image& image : batch.images) {
      text += fmt::format("/{}/{}/{}/", static_cast<int>(image.kind),
                          static_cast<int>(image.change), image.key);
      text += encode(image.body);
    }
  }
  return digest_of(text);
}

class SqliteStore : public Store {
 public:
  SqliteStore(std::string path, std::unique_ptr<SQLite::Database> database)
      : path_(std::move(path)),
        database_(std::move(database)),
        writer_(*database_),
        pruner_(*database_) {}

  Outcome<Present> load() override {
    return guarded(path_, Doing::reading, [&]() -> Outcome<Present> {
      SQLite::Transaction one_state(*database_);
      return read_present(*database_);
    });
  }

  Outcome<void> write(std::span<const Batch> batches) override {
    if (batches.empty()) return {};
    return guarded(path_, Doing::writing, [&]() -> Outcome<void> {
      write_all(batches);
      return {};
    });
  }

  Outcome<bool> prune(const Keep& keep, Instant utc) override {
    return guarded(path_, Doing::writing, [&]() -> Outcome<bool> {
      Undo undo{*this};
      SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
      Meta meta = read_meta(*database_);
      bool changed = false;
      const bool more = pruner_.step(keep, utc, meta, changed);
      if (changed) writer_.save(meta);
      transaction.commit();
      undo.needed = false;
      return more;
    });
  }

 private:
  /// What is remembered of rows that a rollback took away must go as well, whatever was thrown.
  struct Undo {
    SqliteStore& store;
    bool needed = true;
    ~Undo() {
      if (!needed) return;
      store.writer_.forget();
      store.pruner_.restart();
    }
  };

  void write_all(std::span<const Batch> batches) {
    Undo undo{*this};
    SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
    Meta meta = read_meta(*database_);
    for (const Batch& batch : batches.subspan(already_written(batches, meta)))
      writer_.add(batch, meta);
    meta.write_batches = static_cast<std::int64_t>(batches.size());
    meta.write_digest = digest_of_batches(batches);
    writer_.save(meta);
    TRAINSTOP_FAILPOINT("journal.before_commit");
    transaction.commit();
    undo.needed = false;
  }

  /// How many of the first batches were the last write. A commit that failed may have been carried
  /// out nevertheless (an error after the log was synced), and they come again, perhaps to another
  /// Store and with more behind them. Events have numbers, but images would be appended twice.
  static std::size_t already_written(std::span<const Batch> batches, const Meta& meta) {
    const auto count = static_cast<std::size_t>(meta.write_batches);
    if (count == 0 || count > batches.size()) return 0;
    return digest_of_batches(batches.first(count)) == meta.write_digest ? count : 0;
  }

  std::string path_;
  std::unique_ptr<SQLite::Database> database_;
  RecordWriter writer_;
  Pruner pruner_;
};

}  // namespace

std::string_view to_string(Error::Kind kind) {
  switch (kind) {
    case Error::Kind::corrupt:
      return "corrupt";
    case Error::Kind::newer:
      return "newer";
    case Error::Kind::unreadable:
      return "unreadable";
    case Error::Kind::unwritable:
      return "unwritable";
    case Error::Kind::busy:
      return "busy";
  }
  return "unwritable";
}

Outcome<std::unique_ptr<Store>> open_store(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / kFileName;
  auto database = open_for_writing(file);
  if (!database) return database.error();
  return guarded(file.string(), Doing::opening, [&]() -> Outcome<std::unique_ptr<Store>> {
    return std::unique_ptr<Store>(new SqliteStore(file.string(), std::move(*database)));
  });
}

Outcome<Present> load_read_only(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / kFileName;
  auto database = open_copy(file);
  if (!database) return database.error();
  return guarded(file.string(), Doing::reading,
                 [&]() -> Outcome<Present> { return read_present(**database); });
}

}  // namespace trainstop::journal
