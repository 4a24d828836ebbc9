// Journals in a directory that ends with its test, and what is put into them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "journal/store.hpp"
#include "support/temp_dir.hpp"

namespace trainstop {

bool operator==(const Event& a, const Event& b);
void PrintTo(const Event& event, std::ostream* out);

}  // namespace trainstop

namespace trainstop::journal::test {

/// 2026-11-24T05:00:00Z.
inline constexpr Instant kStart{std::chrono::seconds(1795496400)};

/// An event of a job, as the core tells it, and one of none.
Event event_of(const std::string& job, const std::string& name, Instant at = kStart);
Event plain_event(const std::string& name, Instant at = kStart, Level level = Level::info);

Image put(Image::Kind kind, const std::string& key, Value::Object body = {});
Image amend(Image::Kind kind, const std::string& key, Value::Object body = {});
Image close(Image::Kind kind, const std::string& key, Value::Object body = {});

/// The key of a job's images: of account `default`, project `llm`.
std::string key_of(const std::string& job);

Batch batch(std::uint64_t first_seq, std::vector<Event> events, std::vector<Image> images = {},
            Instant utc = kStart);

/// A directory with a journal; everything that must succeed is a failure of the test otherwise.
class Journal : public ::testing::Test {
 protected:
  std::filesystem::path directory() const { return directory_.path(); }
  std::filesystem::path file() const { return directory() / kFileName; }

  /// Closes the one that was open.
  void open();
  void close_store() { store_.reset(); }
  void write(const Batch& batch);
  Present load();
  /// Prunes until nothing is left to do.
  void prune(Instant utc, const Keep& keep = {});
  /// By another connection; the store should be closed.
  void sql(const std::string& statements) const;
  std::int64_t number(const std::string& query) const;

  // Some of these tests put something else where /dev/shm is.
  trainstop::test::TempDir directory_{trainstop::test::TempDir::on_disk()};
  std::unique_ptr<Store> store_;
};

std::vector<std::string> keys_of(const Present& present);

}  // namespace trainstop::journal::test
