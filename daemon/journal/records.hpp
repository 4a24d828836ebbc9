// What the tables hold in the daemon's terms: sums, the totals that guard the present, and how an
// event is cut in two.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "journal/encoding.hpp"
#include "journal/store.hpp"

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace trainstop::journal {

/// Table `meta`: what the other tables must add up to.
struct Meta {
  std::int64_t write_batches = 0;  ///< of the last write: how many
  std::int64_t write_digest = 0;   ///< and what
  std::int64_t last_seq = 0;
  std::int64_t last_utc = kLongAgo.time_since_epoch().count();
  std::int64_t last_record = 0;
  std::int64_t present_count = 0;
  std::int64_t present_sum = 0;  ///< wrapping
  std::int64_t pruned_events = 0;
  std::int64_t pruned_records = 0;
  std::int64_t pruned_to = 0;
  std::int64_t pruned_debug_to = 0;
};

/// Of the row as it should be.
std::int64_t sum_of(const Meta& meta);
/// Of a record: what it is of and what it says.
std::int64_t sum_of(std::int64_t kind, const std::string& key, const std::string& body);
std::int64_t digest_of(const std::string& text);

/// Wrapping, where the built-in operators would overflow.
std::int64_t wrapping_add(std::int64_t a, std::int64_t b);
std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b);

/// Throws Damage when the row is not as it was written; Meta{} before the first write.
Meta read_meta(SQLite::Database& database);

/// An event's leading run of fields that name its job (`account` … `url`, in that order, texts),
/// and the rest. The first is empty when the run has no `job`.
std::pair<Value::Object, Value::Object> split_subject(const Value::Object& fields);

/// The text of the field of that name.
std::optional<std::string> text_of(const Value::Object& fields, std::string_view name);

/// Columns of a row for read_event, from FROM on to be completed by WHERE.
inline constexpr const char* kSelectEvent =
    "SELECT e.seq, e.at, e.level, n.text, s.body, e.message, e.fields FROM event e "
    "LEFT JOIN name n ON n.id = e.name LEFT JOIN subject s ON s.id = e.subject ";

/// Throws Damage when it can't be an event that was written.
Event read_event(const SQLite::Statement& row);

/// Reads and verifies the present in full; throws Damage when it is not as it was written.
Present read_present(SQLite::Database& database);

}  // namespace trainstop::journal
