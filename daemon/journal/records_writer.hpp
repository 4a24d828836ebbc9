// Batches as rows, inside a transaction that others begin and commit.
#pragma once

#include <SQLiteCpp/Database.h>

#include <map>

#include "journal/records.hpp"
#include "journal/sqlite_statement.hpp"

namespace trainstop::journal {

class RecordWriter {
 public:
  explicit RecordWriter(SQLite::Database& database);

  /// Writes one batch and keeps the totals in `meta`. Events that are there already are left out,
  /// and the whole batch when those are all of its events; throws Damage when another event has the
  /// number of one.
  void add(const Batch& batch, Meta& meta);
  void save(const Meta& meta);
  /// Must be called after a rollback.
  void forget() { names_.clear(); }

 private:
  void add_event(const Event& event, std::int64_t seq);
  bool has_all(const Batch& batch, const Meta& meta);
  void add_image(const Image& image, std::int64_t utc, Meta& meta);
  std::int64_t id_of_name(const std::string& name);
  std::optional<std::int64_t> id_of_subject(const Value::Object& subject);

  Prepared insert_event_, find_event_, insert_gap_;
  Prepared find_name_, insert_name_;
  Prepared find_subject_, insert_subject_;
  Prepared insert_record_, amend_record_;
  Prepared find_present_, set_present_, remove_present_;
  Prepared save_meta_;
  SQLite::Database& database_;
  std::map<std::string, std::int64_t> names_;  ///< all of table name that was used since the start
};

}  // namespace trainstop::journal
