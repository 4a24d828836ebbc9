#include "samples.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <ostream>

#include "journal/encoding.hpp"
#include "model/job.hpp"

namespace trainstop {

bool operator==(const Event& a, const Event& b) {
  return a.name == b.name && a.level == b.level && a.at == b.at && a.message == b.message &&
         a.fields == b.fields;
}

void PrintTo(const Event& event, std::ostream* out) {
  *out << event.name << ' ' << journal::encode(event.fields);
}

}  // namespace trainstop

namespace trainstop::journal::test {

Event event_of(const std::string& job, const std::string& name, Instant at) {
  Event event = plain_event(name, at);
  event.with("account", "default").with("project", "llm-7").with("project_id", "llm");
  event.with("job", job).with("job_name", job + "-train").with("user", "ana@corp.example");
  event.with("phase", "running").with("status", "TRAINING_JOB_RUNNING");
  event.with("url", job_url("llm", job));
  return event;
}

Event plain_event(const std::string& name, Instant at, Level level) {
  Event event;
  event.name = name;
  event.level = level;
  event.at = at;
  event.message = "a sentence on " + name;
  return event;
}

Image put(Image::Kind kind, const std::string& key, Value::Object body) {
  return {kind, Image::Change::put, key, std::move(body)};
}

Image amend(Image::Kind kind, const std::string& key, Value::Object body) {
  return {kind, Image::Change::amend, key, std::move(body)};
}

Image close(Image::Kind kind, const std::string& key, Value::Object body) {
  return {kind, Image::Change::close, key, std::move(body)};
}

std::string key_of(const std::string& job) {
  return "default/llm/" + job;
}

Batch batch(std::uint64_t first_seq, std::vector<Event> events, std::vector<Image> images,
            Instant utc) {
  Batch made;
  made.first_seq = first_seq;
  made.events = std::move(events);
  made.images = std::move(images);
  made.utc = utc;
  return made;
}

void Journal::open() {
  store_.reset();
  auto opened = open_store(directory());
  ASSERT_TRUE(opened) << opened.error().message;
  store_ = std::move(*opened);
}

void Journal::write(const Batch& batch) {
  const auto written = store_->write({&batch, 1});
  ASSERT_TRUE(written) << written.error().message;
}

Present Journal::load() {
  auto present = store_->load();
  EXPECT_TRUE(present) << present.error().message;
  return present ? *present : Present{};
}

void Journal::prune(Instant utc, const Keep& keep) {
  for (int pieces = 0; pieces < 1000; ++pieces) {
    const auto more = store_->prune(keep, utc);
    ASSERT_TRUE(more) << more.error().message;
    if (!*more) return;
  }
  FAIL() << "pruning does not end";
}

void Journal::sql(const std::string& statements) const {
  SQLite::Database(file().string(), SQLite::OPEN_READWRITE).exec(statements);
}

std::int64_t Journal::number(const std::string& query) const {
  return SQLite::Database(file().string()).execAndGet(query).getInt64();
}

std::vector<std::string> keys_of(const Present& present) {
  std::vector<std::string> keys;
  for (const Image& image : present.images)
    keys.push_back(std::to_string(static_cast<int>(image.kind)) + ' ' + image.key);
  return keys;
}

}  // namespace trainstop::journal::test
