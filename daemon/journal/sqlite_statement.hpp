// A prepared statement that is bound and run in one call and never left half run.
#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <optional>
#include <string>

namespace trainstop::journal {

class Prepared {
 public:
  Prepared(const SQLite::Database& database, const std::string& sql) : statement_(database, sql) {}

  /// Binds std::int64_t, std::string (which must outlive the call) and std::optional of them,
  /// in order, and calls `row` with the statement for each row until it gives false.
  template <class Row, class... Arguments>
  void each(Row&& row, const Arguments&... arguments) {
    const Ending ending{statement_};
    statement_.tryReset();  // tells the last run's error again, which is known
    int index = 0;
    (bind(++index, arguments), ...);
    while (statement_.executeStep()) {
      if (!row(statement_)) break;
    }
  }

  /// For what gives no rows.
  template <class... Arguments>
  void run(const Arguments&... arguments) {
    each([](const SQLite::Statement&) { return true; }, arguments...);
  }

  /// The first row's integer; empty when there is no row or it is NULL.
  template <class... Arguments>
  std::optional<std::int64_t> number(const Arguments&... arguments) {
    std::optional<std::int64_t> found;
    each(
        [&](const SQLite::Statement& row) {
          if (!row.isColumnNull(0)) found = row.getColumn(0).getInt64();
          return false;
        },
        arguments...);
    return found;
  }

 private:
  /// An open statement would hold a snapshot of the file, and what it was bound to.
  struct Ending {
    SQLite::Statement& statement;
    ~Ending() { statement.tryReset(); }
  };

  void bind(int index, std::int64_t value) { statement_.bind(index, value); }
  void bind(int index, const std::string& value) { statement_.bindNoCopy(index, value); }
  template <class Held>
  void bind(int index, const std::optional<Held>& value) {
    if (value) {
      bind(index, *value);
    } else {
      statement_.bind(index);
    }
  }

  SQLite::Statement statement_;
};

}  // namespace trainstop::journal
