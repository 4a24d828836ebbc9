// Removes what is older than it is kept, a piece at a time.
#pragma once

#include <SQLiteCpp/Database.h>

#include "journal/records.hpp"
#include "journal/sqlite_statement.hpp"

namespace trainstop::journal {

/// Sweeps over old debug events, other old events and old images, in the order of their age, and
/// remembers where it is. Runs inside a transaction that others begin and commit.
class Pruner {
 public:
  explicit Pruner(SQLite::Database& database);

  /// Looks at a bounded number of rows; true when the sweep has not come to its end. What was
  /// removed is counted in `meta`; `changed` is set when anything was.
  bool step(const Keep& keep, Instant utc, Meta& meta, bool& changed);
  /// Begins anew; must be called after a rollback.
  void restart() { place_ = {}; }

 private:
  enum class Stage : std::uint8_t { debug, events, records, done };
  struct Place {
    Stage stage = Stage::debug;
    std::int64_t time = kLongAgo.time_since_epoch().count();
    std::int64_t id = -1;
  };

  int sweep_events(Prepared& select, std::int64_t before, int most, Meta& meta, bool& changed);
  int sweep_records(std::int64_t before, int most, Meta& meta, bool& changed);
  bool belongs_to_present_job(const std::string& key);

  Prepared old_debug_, old_events_, old_records_;
  Prepared delete_event_, delete_subject_, delete_record_;
  Prepared present_record_, present_job_;
  Place place_;
};

}  // namespace trainstop::journal
