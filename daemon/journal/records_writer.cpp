#include "journal/records_writer.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "journal/sqlite_error.hpp"

namespace trainstop::journal {

namespace {

/// The daemon has a few dozen names of events; the names of rules come and go with reloads.
constexpr std::size_t kMostNames = 1000;

std::int64_t count_of(Instant utc) {
  return utc.time_since_epoch().count();
}

}  // namespace

RecordWriter::RecordWriter(SQLite::Database& database)
    : insert_event_(database, "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      find_event_(database,
                  "SELECT e.at, e.message, n.text FROM event e LEFT JOIN name n ON n.id = e.name "
                  "WHERE e.seq = ?"),
      insert_gap_(database, "INSERT INTO gap VALUES (?, ?, ?)"),
      find_name_(database, "SELECT id FROM name WHERE text = ?"),
      insert_name_(database, "INSERT INTO name(text) VALUES (?)"),
      find_subject_(database, "SELECT id FROM subject WHERE digest = ? AND body = ?"),
      insert_subject_(database,
                      "INSERT INTO subject(digest, account, project_id, job, job_name, body) "
                      "VALUES (?, ?, ?, ?, ?, ?)"),
      insert_record_(database, "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)"),
      amend_record_(database, "UPDATE record SET utc = ?, body = ?, sum = ? WHERE id = ?"),
      find_present_(database,
                    "SELECT p.record, r.sum FROM present p LEFT JOIN record r ON r.id = p.record "
                    "WHERE p.kind = ? AND p.key = ?"),
      set_present_(database, "INSERT OR REPLACE INTO present VALUES (?, ?, ?)"),
      remove_present_(database, "DELETE FROM present WHERE kind = ? AND key = ?"),
      save_meta_(database,
                 "INSERT OR REPLACE INTO meta VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      database_(database) {}

void RecordWriter::add(const Batch& batch, Meta& meta) {
  const auto first = static_cast<std::int64_t>(batch.first_seq);
  const auto count = static_cast<std::int64_t>(batch.events.size());
  const std::int64_t utc = count_of(batch.utc);
  if (count > 0) {
    if (first <= 0) throw std::logic_error("a journal's events are numbered from 1 on");
    // Batches are kept whole, so this one's images are there as well.
    if (has_all(batch, meta)) return;
    if (first > meta.last_seq + 1) insert_gap_.run(meta.last_seq + 1, first - 1, utc);
  }
  for (std::int64_t index = 0; index < count; ++index) {
    const std::int64_t seq = first + index;
    if (seq <= meta.last_seq) continue;
    add_event(batch.events[static_cast<std::size_t>(index)], seq);
    meta.last_seq = seq;
  }
  for (const Image& image : batch.images) add_image(image, utc, meta);
  meta.last_utc = utc;
}

bool RecordWriter::has_all(const Batch& batch, const Meta& meta) {
  auto seq = static_cast<std::int64_t>(batch.first_seq);
  for (const Event& event : batch.events) {
    if (seq > meta.last_seq) return false;
    // Pruned ones can't be compared; what comes again is much younger.
    find_event_.each(
        [&](const SQLite::Statement& row) {
          const bool same = row.getColumn(0).getInt64() == count_of(event.at) &&
                            row.getColumn(1).getString() == event.message &&
                            row.getColumn(2).getString() == event.name;
          if (!same) throw Damage(fmt::format("event {} is there already, and is another", seq));
          return false;
        },
        seq);
    ++seq;
  }
  return true;
}

void RecordWriter::save(const Meta& meta) {
  save_meta_.run(meta.write_batches, meta.write_digest, meta.last_seq, meta.last_utc,
                 meta.last_record, meta.present_count, meta.present_sum, meta.pruned_events,
                 meta.pruned_records, meta.pruned_to, meta.pruned_debug_to, sum_of(meta));
}

void RecordWriter::add_event(const Event& event, std::int64_t seq) {
  const auto [subject, rest] = split_subject(event.fields);
  const auto rule = text_of(rest, "rule");
  insert_event_.run(seq, count_of(event.at), static_cast<std::int64_t>(event.level),
                    id_of_name(event.name), id_of_subject(subject),
                    rule ? std::optional(id_of_name(*rule)) : std::nullopt, event.message,
                    encode(rest));
}

void RecordWriter::add_image(const Image& image, std::int64_t utc, Meta& meta) {
  const auto kind = static_cast<std::int64_t>(image.kind);
  std::optional<std::int64_t> present;
  std::int64_t present_sum = 0;
  find_present_.each(
      [&](const SQLite::Statement& row) {
        if (row.isColumnNull(1)) {
          throw Damage(fmt::format("the image of kind {}, key '{}' is missing", kind, image.key));
        }
        present = row.getColumn(0).getInt64();
        present_sum = row.getColumn(1).getInt64();
        return false;
      },
      kind, image.key);
  const bool close = image.change == Image::Change::close;
  const bool amend = image.change == Image::Change::amend && present;
  if (present) meta.present_sum = wrapping_subtract(meta.present_sum, present_sum);
  if (present && close) {
    remove_present_.run(kind, image.key);
    --meta.present_count;
  }
  if (close && image.body.empty()) return;

  const std::string body = encode(image.body);
  const std::int64_t sum = sum_of(kind, image.key, body);
  if (amend) {
    amend_record_.run(utc, body, sum, *present);
  } else {
    insert_record_.run(++meta.last_record, utc, kind, image.key, body, sum);
  }
  if (close) return;
  meta.present_sum = wrapping_add(meta.present_sum, sum);
  if (!amend) set_present_.run(kind, image.key, meta.last_record);
  if (!present) ++meta.present_count;
}

std::int64_t RecordWriter::id_of_name(const std::string& name) {
  if (const auto known = names_.find(name); known != names_.end()) return known->second;
  auto id = find_name_.number(name);
  if (!id) {
    insert_name_.run(name);
    id = database_.getLastInsertRowid();
  }
  if (names_.size() >= kMostNames) names_.clear();
  names_.emplace(name, *id);
  return *id;
}

std::optional<std::int64_t> RecordWriter::id_of_subject(const Value::Object& subject) {
  if (subject.empty()) return std::nullopt;
  const std::string body = encode(subject);
  const std::int64_t digest = digest_of(body);
  if (const auto id = find_subject_.number(digest, body)) return id;
  insert_subject_.run(digest, text_of(subject, "account"), text_of(subject, "project_id"),
                      text_of(subject, "job"), text_of(subject, "job_name"), body);
  return database_.getLastInsertRowid();
}

}  // namespace trainstop::journal
