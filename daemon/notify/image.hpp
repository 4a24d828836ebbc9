// What a sink is still to be told as an image in the journal, and back.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "model/event.hpp"
#include "model/image.hpp"

namespace trainstop::notify {

/// `sink/00000000000000000042`.
std::string key_of(const std::string& sink, std::uint64_t seq);

Image image_of(const std::string& sink, std::uint64_t seq, const Event& event);

/// The image of that key is needed no more. What was appended is kept with the journal's history,
/// where the event itself is already: the first takes its body away.
std::array<Image, 2> closing(const std::string& key);

struct Recalled {
  std::string sink;
  std::uint64_t seq = 0;
  std::shared_ptr<const Event> event;
};
/// Empty when it is no such image, or not as image_of writes it.
std::optional<Recalled> recall(const Image& image);

}  // namespace trainstop::notify
