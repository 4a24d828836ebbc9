#include "core/reset.hpp"

#include <algorithm>
#include <tuple>

#include "core/memory.hpp"

namespace trainstop::core {

namespace {

/// The images of breakers that are open; that of the daemon first, then those of rules.
std::vector<const Image*> open_images(const std::vector<Image>& present) {
  std::vector<const Image*> open;
  for (const Image& image : present) {
    if (image.kind != Image::Kind::breaker) continue;
    std::string reason;
    MemberReader reader(image.body);
    reader("reason", reason);
    if (!reason.empty()) open.push_back(&image);
  }
  std::ranges::sort(open, {}, [](const Image* image) { return image->key; });
  return open;
}

/// The stop of an image when the breaker holds it. One that can't be read is never let pass.
std::optional<Stop> held_stop(const Image& image) {
  if (image.kind != Image::Kind::stop) return {};
  std::optional<Stop> stop(std::in_place);
  MemberReader reader(image.body);
  members(reader, *stop);
  if (reader.failed() || stop->hold != Hold::breaker) return {};
  return stop;
}

std::string name_of_job(const std::vector<Image>& present, const std::string& key) {
  for (const Image& image : present) {
    if (image.kind != Image::Kind::job || image.key != key) continue;
    std::optional<std::string> name;
    MemberReader reader(image.body);
    reader("name", name);
    return name.value_or("");
  }
  return {};
}

}  // namespace

std::optional<OpenBreaker> find_open_breaker(const std::vector<Image>& present) {
  const auto open = open_images(present);
  if (open.empty()) return {};
  OpenBreaker breaker;
  for (const Image* image : open) {
    if (!image->key.empty()) breaker.rules.push_back(image->key);
  }
  breaker.of_rule = !open.front()->key.empty();
  MemberReader reader(open.front()->body);
  reader("reason", breaker.reason);
  reader("since", breaker.since, kNever);
  for (const Image& each : present) {
    const auto stop = held_stop(each);
    if (!stop) continue;
    breaker.held.push_back({each.key, name_of_job(present, each.key), stop->cause.rule, stop->due});
  }
  std::ranges::sort(breaker.held, {},
                    [](const HeldStop& stop) { return std::tuple(stop.due, stop.key); });
  return breaker;
}

std::vector<Image> reset_breaker(const std::vector<Image>& present) {
  std::vector<Image> images;
  const auto open = open_images(present);
  if (open.empty()) return images;
  // Every member is as absent means: closed, nothing counted, nothing told.
  for (const Image* image : open)
    images.push_back({Image::Kind::breaker, Image::Change::put, image->key, {}});
  for (const Image& image : present) {
    auto stop = held_stop(image);
    if (!stop) continue;
    stop->approved = true;
    stop->hold = Hold::none;
    stop->held_since = kNever;
    Value::Object body;
    MemberWriter writer(body);
    members(writer, std::as_const(*stop));
    images.push_back({Image::Kind::stop, Image::Change::put, image.key, std::move(body)});
  }
  return images;
}

Event breaker_reset(const OpenBreaker& breaker, Instant utc, Duration shift,
                    const std::string& user, const std::string& reason) {
  Value::Array jobs;
  for (const HeldStop& stop : breaker.held) jobs.emplace_back(stop.key);
  Event event;
  event.name = "breaker.reset";
  event.at = utc;
  event.message =
      "the breaker was reset by hand; the stops that it held leave if they are still due";
  event.with("reason_opened", breaker.reason)
      .with("reason", reason)
      .with("operator", user)
      .with("held", breaker.held.size())
      .with("jobs", std::move(jobs));
  if (breaker.since != kNever) event.with("since", saturating_add(breaker.since, shift));
  return event;
}

}  // namespace trainstop::core
