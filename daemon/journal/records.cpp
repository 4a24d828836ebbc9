#include "journal/records.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>

#include "journal/sqlite_error.hpp"

namespace trainstop::journal {

namespace {

/// What core/tell.cpp puts first into the events of a job, in this order.
constexpr std::array<std::string_view, 10> kSubjectFields{
    "account", "project", "project_id", "job",    "job_name",
    "user",    "team",    "phase",      "status", "url"};

std::uint64_t bits(std::int64_t value) {
  return std::bit_cast<std::uint64_t>(value);
}

bool is_kind(std::int64_t kind) {
  return kind >= static_cast<int>(Image::Kind::run) &&
         kind <= static_cast<int>(Image::Kind::outbox);
}

Image read_image(const SQLite::Statement& row, std::int64_t& sum) {
  Image image;
  const std::int64_t kind = row.getColumn(0).getInt64();
  image.key = row.getColumn(1).getString();
  const auto name = [&] { return fmt::format("the image of kind {}, key '{}'", kind, image.key); };
  if (row.isColumnNull(2)) throw Damage(name() + " is missing");
  const std::string body = row.getColumn(4).getString();
  sum = row.getColumn(5).getInt64();
  const bool same =
      row.getColumn(2).getInt64() == kind && row.getColumn(3).getString() == image.key;
  if (!is_kind(kind) || !same || sum != sum_of(kind, image.key, body))
    throw Damage(name() + " is not what was written");
  auto fields = decode(body);
  if (!fields) throw Damage(name() + " can't be decoded");
  image.kind = static_cast<Image::Kind>(kind);
  image.body = std::move(*fields);
  return image;
}

}  // namespace

std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return std::bit_cast<std::int64_t>(bits(a) + bits(b));
}

std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b) {
  return std::bit_cast<std::int64_t>(bits(a) - bits(b));
}

std::int64_t digest_of(const std::string& text) {
  return std::bit_cast<std::int64_t>(XXH3_64bits(text.data(), text.size()));
}

std::int64_t sum_of(std::int64_t kind, const std::string& key, const std::string& body) {
  // The key's length keeps a byte that moved from key to body from going unseen.
  return digest_of(fmt::format("{}/{}/", kind, key.size()) + key + body);
}

std::int64_t sum_of(const Meta& meta) {
  return digest_of(fmt::format("{}/{}/{}/{}/{}/{}/{}/{}/{}/{}/{}", meta.write_batches,
                               meta.write_digest, meta.last_seq, meta.last_utc, meta.last_record,
                               meta.present_count, meta.present_sum, meta.pruned_events,
                               meta.pruned_records, meta.pruned_to, meta.pruned_debug_to));
}

Meta read_meta(SQLite::Database& database) {
  SQLite::Statement row(database,
                        "SELECT write_batches, write_digest, last_seq, last_utc, last_record, "
                        "present_count, present_sum, "
                        "pruned_events, pruned_records, pruned_to, pruned_debug_to, sum FROM meta");
  Meta meta;
  if (!row.executeStep()) return meta;
  int column = 0;
  for (std::int64_t* value :
       {&meta.write_batches, &meta.write_digest, &meta.last_seq, &meta.last_utc, &meta.last_record,
        &meta.present_count, &meta.present_sum, &meta.pruned_events, &meta.pruned_records,
        &meta.pruned_to, &meta.pruned_debug_to})
    *value = row.getColumn(column++).getInt64();
  if (row.getColumn(column).getInt64() != sum_of(meta))
    throw Damage("its totals are not what was written");
  return meta;
}

std::pair<Value::Object, Value::Object> split_subject(const Value::Object& fields) {
  auto expected = kSubjectFields.begin();
  auto end = fields.begin();
  bool has_job = false;
  for (; end != fields.end(); ++end) {
    expected = std::find(expected, kSubjectFields.end(), end->first);
    if (expected == kSubjectFields.end() || !std::holds_alternative<std::string>(end->second.data))
      break;
    has_job = has_job || *expected == "job";
    ++expected;
  }
  if (!has_job) end = fields.begin();
  return {Value::Object(fields.begin(), end), Value::Object(end, fields.end())};
}

std::optional<std::string> text_of(const Value::Object& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    const auto* text = std::get_if<std::string>(&value.data);
    if (key == name && text != nullptr) return *text;
  }
  return std::nullopt;
}

Event read_event(const SQLite::Statement& row) {
  const auto seq = row.getColumn(0).getInt64();
  const auto level = row.getColumn(2).getInt64();
  Event event;
  auto fields = decode(row.getColumn(6).getString());
  const bool has_subject = !row.isColumnNull(4);
  auto subject = has_subject ? decode(row.getColumn(4).getString()) : Value::Object{};
  if (level < 0 || level > static_cast<int>(Level::error) || row.isColumnNull(3) || !fields ||
      !subject)
    throw Damage(fmt::format("event {} can't be decoded", seq));
  event.at = Instant(Duration(row.getColumn(1).getInt64()));
  event.level = static_cast<Level>(level);
  event.name = row.getColumn(3).getString();
  event.message = row.getColumn(5).getString();
  event.fields = std::move(*subject);
  std::ranges::move(*fields, std::back_inserter(event.fields));
  return event;
}

Present read_present(SQLite::Database& database) {
  const Meta meta = read_meta(database);
  Present present;
  std::int64_t sum = 0;
  SQLite::Statement row(database,
                        "SELECT p.kind, p.key, r.kind, r.key, r.body, r.sum FROM present p "
                        "LEFT JOIN record r ON r.id = p.record ORDER BY p.kind, p.record");
  while (row.executeStep()) {
    std::int64_t one = 0;
    present.images.push_back(read_image(row, one));
    sum = wrapping_add(sum, one);
  }
  if (static_cast<std::int64_t>(present.images.size()) != meta.present_count ||
      sum != meta.present_sum) {
    throw Damage(
        fmt::format("{} present images that add up to {:016x}, where {} with {:016x} "
                    "were written",
                    present.images.size(), bits(sum), meta.present_count, bits(meta.present_sum)));
  }
  const auto last = database.execAndGet("SELECT coalesce(max(seq), 0) FROM event").getInt64();
  if (last != meta.last_seq) {
    throw Damage(fmt::format("the last event is {}, where {} was written", last, meta.last_seq));
  }
  present.last_seq = static_cast<std::uint64_t>(last);
  present.last_utc = Instant(Duration(meta.last_utc));
  return present;
}

}  // namespace trainstop::journal
