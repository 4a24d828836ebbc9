#include "journal/sqlite_prune.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace trainstop::journal {

namespace {

/// Rows a step looks at: 2 to 5 ms, so that a stop's intent never waits long behind it.
constexpr int kMostRows = 500;

constexpr auto kJob = static_cast<std::int64_t>(Image::Kind::job);

/// Old events from a place on, by age; the last column is whether their job is present.
std::string select_events(const char* condition) {
  return std::string(
             "SELECT e.seq, e.at, e.level, e.subject, EXISTS(SELECT 1 FROM subject s JOIN present "
             "p ON p.kind = 8 AND p.key = s.account || '/' || s.project_id || '/' || s.job "
             "WHERE s.id = e.subject) FROM event e WHERE (e.at, e.seq) > (?1, ?2) AND e.at < ?3 ") +
         condition + " ORDER BY e.at, e.seq LIMIT ?4";
}

static_assert(kJob == 8);

std::int64_t count_of(Instant utc) {
  return utc.time_since_epoch().count();
}

}  // namespace

Pruner::Pruner(SQLite::Database& database)
    : old_debug_(database, select_events("AND e.level = 0")),
      old_events_(database, select_events("AND e.level > 0")),
      old_records_(database,
                   "SELECT id, utc, kind, key FROM record WHERE (utc, id) > (?1, ?2) AND "
                   "utc < ?3 ORDER BY utc, id LIMIT ?4"),
      delete_event_(database, "DELETE FROM event WHERE seq = ?"),
      delete_subject_(database,
                      "DELETE FROM subject WHERE id = ?1 AND NOT EXISTS(SELECT 1 FROM event WHERE "
                      "subject = ?1)"),
      delete_record_(database, "DELETE FROM record WHERE id = ?"),
      present_record_(database, "SELECT record FROM present WHERE kind = ? AND key = ?"),
      present_job_(database, "SELECT 1 FROM present WHERE kind = 8 AND key = ?") {}

bool Pruner::step(const Keep& keep, Instant utc, Meta& meta, bool& changed) {
  const std::int64_t all = count_of(saturating_add(utc, -keep.all));
  const std::int64_t debug = count_of(saturating_add(utc, -std::min(keep.debug, keep.all)));
  int left = kMostRows;
  while (place_.stage != Stage::done) {
    const int most = left;
    if (place_.stage == Stage::debug) {
      left -= sweep_events(old_debug_, debug, most, meta, changed);
    } else if (place_.stage == Stage::events) {
      left -= sweep_events(old_events_, all, most, meta, changed);
    } else {
      left -= sweep_records(all, most, meta, changed);
    }
    if (left == 0) return true;
    place_ = Place{static_cast<Stage>(static_cast<int>(place_.stage) + 1)};
  }
  restart();
  return false;
}

int Pruner::sweep_events(Prepared& select, std::int64_t before, int most, Meta& meta,
                         bool& changed) {
  struct Row {
    std::int64_t seq, at, level;
    std::optional<std::int64_t> subject;
    bool kept;
  };
  std::vector<Row> rows;
  select.each(
      [&](const SQLite::Statement& row) {
        const auto subject =
            row.isColumnNull(3) ? std::nullopt : std::optional(row.getColumn(3).getInt64());
        rows.push_back({row.getColumn(0).getInt64(), row.getColumn(1).getInt64(),
                        row.getColumn(2).getInt64(), subject, row.getColumn(4).getInt() != 0});
        return true;
      },
      place_.time, place_.id, before, std::int64_t{most});
  for (const Row& row : rows) {
    place_.time = row.at;
    place_.id = row.seq;
    // The last one stays: with it load sees that nothing after it was lost.
    if (row.kept || row.seq == meta.last_seq) continue;
    delete_event_.run(row.seq);
    if (row.subject) delete_subject_.run(*row.subject);
    ++meta.pruned_events;
    auto& highest = row.level == 0 ? meta.pruned_debug_to : meta.pruned_to;
    highest = std::max(highest, row.seq);
    changed = true;
  }
  return static_cast<int>(rows.size());
}

int Pruner::sweep_records(std::int64_t before, int most, Meta& meta, bool& changed) {
  struct Row {
    std::int64_t id, utc, kind;
    std::string key;
  };
  std::vector<Row> rows;
  old_records_.each(
      [&](const SQLite::Statement& row) {
        rows.push_back({row.getColumn(0).getInt64(), row.getColumn(1).getInt64(),
                        row.getColumn(2).getInt64(), row.getColumn(3).getString()});
        return true;
      },
      place_.time, place_.id, before, std::int64_t{most});
  for (const Row& row : rows) {
    place_.time = row.utc;
    place_.id = row.id;
    if (present_record_.number(row.kind, row.key) == row.id) continue;
    if (row.kind >= kJob && belongs_to_present_job(row.key)) continue;
    delete_record_.run(row.id);
    ++meta.pruned_records;
    changed = true;
  }
  return static_cast<int>(rows.size());
}

bool Pruner::belongs_to_present_job(const std::string& key) {
  // A rule's key goes on after the job's; where the job's ends depends on the names in it.
  for (std::size_t end = 0; end != std::string::npos;) {
    end = key.find('/', end + 1);
    if (present_job_.number(key.substr(0, end))) return true;
  }
  return false;
}

}  // namespace trainstop::journal
