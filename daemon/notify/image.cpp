#include "notify/image.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace trainstop::notify {

namespace {

constexpr const char* kName = "event";
constexpr const char* kLevel = "level";
constexpr const char* kAt = "at";
constexpr const char* kMessage = "msg";
constexpr const char* kFields = "fields";

template <class T>
const T* member(const Image& image, std::string_view name) {
  for (const auto& [key, value] : image.body) {
    if (key == name) return std::get_if<T>(&value.data);
  }
  return nullptr;
}

}  // namespace

std::string key_of(const std::string& sink, std::uint64_t seq) {
  return fmt::format("{}/{:020}", sink, seq);
}

Image image_of(const std::string& sink, std::uint64_t seq, const Event& event) {
  Image image;
  image.kind = Image::Kind::outbox;
  image.key = key_of(sink, seq);
  image.body.emplace_back(kName, event.name);
  image.body.emplace_back(kLevel, static_cast<int>(event.level));
  image.body.emplace_back(kAt, event.at);
  image.body.emplace_back(kMessage, event.message);
  image.body.emplace_back(kFields, event.fields);
  return image;
}

std::array<Image, 2> closing(const std::string& key) {
  Image emptied, closed;
  emptied.kind = closed.kind = Image::Kind::outbox;
  emptied.key = closed.key = key;
  emptied.change = Image::Change::amend;
  closed.change = Image::Change::close;
  return {emptied, closed};
}

std::optional<Recalled> recall(const Image& image) {
  const std::size_t slash = image.key.rfind('/');
  if (image.kind != Image::Kind::outbox || slash == std::string::npos) return {};
  Recalled recalled;
  recalled.sink = image.key.substr(0, slash);
  const char* const end = image.key.data() + image.key.size();
  const auto number = std::from_chars(image.key.data() + slash + 1, end, recalled.seq);
  const auto* name = member<std::string>(image, kName);
  const auto* level = member<std::int64_t>(image, kLevel);
  const auto* at = member<Instant>(image, kAt);
  const auto* message = member<std::string>(image, kMessage);
  const auto* fields = member<Value::Object>(image, kFields);
  const bool whole = number.ec == std::errc{} && number.ptr == end && name && level && at &&
                     message && fields && *level >= 0 &&
                     *level <= static_cast<std::int64_t>(Level::error);
  if (!whole) return {};
  Event event;
  event.name = *name;
  event.level = static_cast<Level>(*level);
  event.at = *at;
  event.message = *message;
  event.fields = *fields;
  recalled.event = std::make_shared<const Event>(std::move(event));
  return recalled;
}

}  // namespace trainstop::notify
