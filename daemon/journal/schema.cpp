#include "journal/schema.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <array>

#include "journal/sqlite_error.hpp"

namespace trainstop::journal {

namespace {

// Times are microseconds since 1970 in UTC. `body` and `fields` are encoding.hpp's text. A sum is
// XXH3_64 (records.hpp).
constexpr const char* kVersion1 = R"sql(
  -- No row before the first write, then one, which every write replaces. `sum` covers the others.
  CREATE TABLE meta(
    id INTEGER PRIMARY KEY CHECK (id = 1),
    write_batches INTEGER NOT NULL,      -- the last write: so many batches
    write_digest INTEGER NOT NULL,       -- with this digest of them
    last_seq INTEGER NOT NULL,
    last_utc INTEGER NOT NULL,
    last_record INTEGER NOT NULL,        -- the newest id ever given
    present_count INTEGER NOT NULL,
    present_sum INTEGER NOT NULL,        -- of the present records' sums, wrapping
    pruned_events INTEGER NOT NULL,      -- how many
    pruned_records INTEGER NOT NULL,
    pruned_to INTEGER NOT NULL,          -- the highest seq among the pruned, debug aside
    pruned_debug_to INTEGER NOT NULL,
    sum INTEGER NOT NULL
  ) STRICT;

  -- Names of events and rules, which come again and again.
  CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;

  -- The fields by which an event names its job, kept once for all events that share them.
  CREATE TABLE subject(
    id INTEGER PRIMARY KEY,
    digest INTEGER NOT NULL,             -- of body, for finding it
    account TEXT, project_id TEXT, job TEXT NOT NULL, job_name TEXT,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX subject_digest ON subject(digest);
  CREATE INDEX subject_job ON subject(job);

  CREATE TABLE event(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    level INTEGER NOT NULL,
    name INTEGER NOT NULL REFERENCES name,
    subject INTEGER REFERENCES subject,
    rule INTEGER REFERENCES name,        -- for finding; the field is in `fields`
    message TEXT NOT NULL,
    fields TEXT NOT NULL                 -- those after the subject's
  ) STRICT;
  CREATE INDEX event_at ON event(at);
  CREATE INDEX event_debug ON event(at) WHERE level = 0;
  CREATE INDEX event_subject ON event(subject) WHERE subject IS NOT NULL;

  -- Images, appended; one that is present may be amended.
  CREATE TABLE record(
    id INTEGER PRIMARY KEY,
    utc INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    sum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX record_utc ON record(utc);

  CREATE TABLE present(
    kind INTEGER NOT NULL,
    key TEXT NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID;

  -- Events that were given up before they could be written.
  CREATE TABLE gap(from_seq INTEGER PRIMARY KEY, to_seq INTEGER NOT NULL, utc INTEGER NOT NULL) STRICT;
)sql";

constexpr std::array kMigrations{Migration{1, kVersion1}};

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

Outcome<int> version_of(SQLite::Database& database, const std::string& path,
                        std::span<const Migration> steps) {
  const int application = database.execAndGet("PRAGMA application_id").getInt();
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  const int ours = steps.empty() ? 0 : steps.back().version;
  if (application != kApplicationId)
    return Error{Error::Kind::corrupt, path + ": not a journal of trainstop"};
  if (version > ours) {
    return Error{Error::Kind::newer,
                 fmt::format("{}: schema version {}, written by a later trainstop; this one knows "
                             "versions up to {}",
                             path, version, ours)};
  }
  if (version < 0)
    return Error{Error::Kind::corrupt, fmt::format("{}: schema version {}", path, version)};
  return version;
}

Outcome<void> migrate(SQLite::Database& database, const std::string& path,
                      std::span<const Migration> steps) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  const auto found = version_of(database, path, steps);
  if (!found) return found.error();
  int version = *found;
  for (const Migration& step : steps) {
    if (step.version <= version) continue;
    database.exec(step.sql);
    version = step.version;
  }
  database.exec(fmt::format("PRAGMA user_version = {}", version));
  transaction.commit();
  return {};
}

}  // namespace trainstop::journal
