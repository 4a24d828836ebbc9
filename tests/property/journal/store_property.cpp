// A journal is a map of images and a list of events, whatever is written, pruned, opened anew or
// written again.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "journal/reader.hpp"
#include "journal/store.hpp"
#include "support/temp_dir.hpp"
#include "values.hpp"

namespace trainstop::journal::test {
namespace {

constexpr Instant kStart{std::chrono::seconds(1795496400)};
constexpr int kWrites = 12;

/// What a journal should hold.
struct Model {
  using Key = std::pair<Image::Kind, std::string>;
  struct Present {
    std::uint64_t age = 0;
    Value::Object body;
  };
  std::map<Key, Present> present;
  std::map<std::uint64_t, Event> events;
  std::uint64_t last_seq = 0, age = 0;

  void apply(const Batch& batch) {
    for (std::size_t index = 0; index < batch.events.size(); ++index) {
      last_seq = batch.first_seq + index;
      events[last_seq] = batch.events[index];
    }
    for (const Image& image : batch.images) {
      const Key key(image.kind, image.key);
      const auto known = present.find(key);
      if (image.change == Image::Change::close) {
        if (known != present.end()) present.erase(known);
      } else if (image.change == Image::Change::amend && known != present.end()) {
        known->second.body = image.body;
      } else {
        present[key] = {++age, image.body};
      }
    }
  }

  std::vector<Image> images() const {
    std::vector<std::pair<std::pair<Image::Kind, std::uint64_t>, Image>> aged;
    for (const auto& [key, held] : present) {
      aged.push_back(
          {{key.first, held.age}, {key.first, Image::Change::put, key.second, held.body}});
    }
    std::ranges::sort(aged, {}, [](const auto& one) { return one.first; });
    std::vector<Image> found;
    for (auto& [age_of_kind, image] : aged) found.push_back(std::move(image));
    return found;
  }
};

Event any_event() {
  Event event;
  event.name = *rc::gen::element<std::string>("job.seen", "stop.sent", "poll");
  event.level = static_cast<Level>(pick(4));
  event.at = kStart + std::chrono::seconds(pick(10) - 5);
  event.message = any_text();
  if (*rc::gen::arbitrary<bool>()) {
    event.with("account", "a").with("project_id", "p");
    event.with("job", *rc::gen::element<std::string>("j1", "j2"));
    if (*rc::gen::arbitrary<bool>()) event.with("status", any_value(0));
  }
  for (auto& field : any_object(1)) event.fields.push_back(std::move(field));
  return event;
}

Batch any_batch(std::uint64_t last_seq) {
  Batch batch;
  batch.first_seq = last_seq + 1 + (pick(8) == 0 ? 3U : 0U);
  for (int left = pick(3); left > 0; --left) batch.events.push_back(any_event());
  for (int left = pick(5); left > 0; --left) {
    Image image;
    image.kind = *rc::gen::element(Image::Kind::run, Image::Kind::job, Image::Kind::rule);
    image.change = static_cast<Image::Change>(pick(3));
    image.key = *rc::gen::element<std::string>("", "a/p/j1", "a/p/j2", "a/p/j1/r", "\xff");
    image.body = any_object(1);
    batch.images.push_back(std::move(image));
  }
  batch.utc = kStart + std::chrono::seconds(pick(10) - 5);
  return batch;
}

void open(std::unique_ptr<Store>& store, const trainstop::test::TempDir& directory) {
  store.reset();
  auto opened = open_store(directory.path());
  RC_ASSERT(opened.has_value());
  store = std::move(*opened);
}

void compare(Store& store, const Model& model) {
  const auto present = store.load();
  RC_ASSERT(present.has_value());
  RC_ASSERT(present->images == model.images());
  RC_ASSERT(present->last_seq == model.last_seq);
}

RC_GTEST_PROP(StoreProperty, IsWhatWasWritten, ()) {
  trainstop::test::TempDir directory;
  std::unique_ptr<Store> store;
  open(store, directory);
  Model model;
  std::vector<Batch> last;
  for (int write = 0; write < kWrites; ++write) {
    std::vector<Batch> batches;
    if (pick(3) == 0) batches = last;  // the answer to the last write was lost
    for (int left = 1 + pick(3); left > 0; --left) {
      batches.push_back(any_batch(model.last_seq));
      model.apply(batches.back());
    }
    RC_ASSERT(store->write(batches).has_value());
    last = batches;
    if (*rc::gen::arbitrary<bool>()) open(store, directory);
    compare(*store, model);
  }

  auto reader = open_reader(directory.path());
  RC_ASSERT(reader.has_value());
  Query all;
  all.least = Level::debug;
  const auto entries = (*reader)->events(all);
  RC_ASSERT(entries.has_value());
  RC_ASSERT(entries->size() == model.events.size());
  for (const Entry& entry : *entries) {
    const Event& expected = model.events.at(entry.seq);
    RC_ASSERT(entry.event.name == expected.name);
    RC_ASSERT(entry.event.level == expected.level);
    RC_ASSERT(entry.event.at == expected.at);
    RC_ASSERT(entry.event.message == expected.message);
    RC_ASSERT(entry.event.fields == expected.fields);
  }
}

RC_GTEST_PROP(StoreProperty, PruningLeavesThePresentAndASoundJournal, ()) {
  trainstop::test::TempDir directory;
  std::unique_ptr<Store> store;
  open(store, directory);
  Model model;
  for (int write = 0; write < kWrites; ++write) {
    const Batch batch = any_batch(model.last_seq);
    model.apply(batch);
    RC_ASSERT(store->write({&batch, 1}).has_value());
    const Keep keep{std::chrono::seconds(pick(8)), std::chrono::seconds(1)};
    RC_ASSERT(store->prune(keep, kStart + std::chrono::seconds(4)).has_value());
    compare(*store, model);
  }

  auto reader = open_reader(directory.path());
  RC_ASSERT(reader.has_value());
  const auto problems = (*reader)->check();
  RC_ASSERT(problems.has_value());
  RC_ASSERT(*problems == std::vector<std::string>{});
}

RC_GTEST_PROP(StoreProperty, AChangedByteIsSeenOrChangesNothing, ()) {
  trainstop::test::TempDir directory;
  std::unique_ptr<Store> store;
  open(store, directory);
  Model model;
  for (int write = 0; write < 4; ++write) {
    const Batch batch = any_batch(model.last_seq);
    model.apply(batch);
    RC_ASSERT(store->write({&batch, 1}).has_value());
  }
  store.reset();
  std::string bytes = trainstop::test::read_file(directory.path() / kFileName);
  const std::string whole = bytes;
  const int places = static_cast<int>(bytes.size());
  for (int change = 0; change < 20; ++change) {
    bytes = whole;
    bytes[static_cast<std::size_t>(pick(places))] = static_cast<char>(pick(256));
    directory.write(kFileName, bytes);
    const auto present = load_read_only(directory.path());
    if (present) RC_ASSERT(present->images == model.images());
    if (present) RC_ASSERT(present->last_seq == model.last_seq);
    auto reader = open_reader(directory.path());
    if (reader) RC_ASSERT((*reader)->check().has_value());
  }
}

}  // namespace
}  // namespace trainstop::journal::test
