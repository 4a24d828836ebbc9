#include "proof/disk.hpp"

#include <algorithm>

namespace trainstop::proof {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

bool Disk::is_in(const std::vector<Span>& spans, Instant now) const {
  return std::any_of(spans.begin(), spans.end(), [&](const Span& span) {
    return now >= kStart + span.from && now < kStart + span.to;
  });
}

std::optional<Instant> Disk::begin(Instant now) {
  if (writing_ != 0 || waiting_.empty()) return {};
  writing_ = waiting_.size();
  const bool slow = is_in(plan_.slow_disk, now);
  return now + (slow ? dice_.spread(milliseconds(1), seconds(4))
                     : dice_.between(microseconds(100), milliseconds(2)));
}

Disk::Written Disk::end(Instant now) {
  if (is_in(plan_.broken_disk, now)) {
    writing_ = 0;
    return {true, 0, 0};
  }
  return keep();
}

Disk::Written Disk::keep() {
  Written written;
  written.batches = std::exchange(writing_, 0);
  for (std::size_t i = 0; i < written.batches; ++i) {
    put(std::move(waiting_.front().images));
    if (waiting_.front().core_batch != 0) written.core_batch = waiting_.front().core_batch;
    waiting_.pop_front();
  }
  return written;
}

Disk::Written Disk::die(Instant now) {
  Written written;
  if (writing_ != 0 && !is_in(plan_.broken_disk, now) && dice_.chance(500)) written = keep();
  writing_ = 0;
  waiting_.clear();
  return written;
}

void Disk::put(std::vector<Image> images) {
  for (Image& image : images) {
    const std::pair key(image.kind, image.key);
    if (image.change == Image::Change::close) {
      present_.erase(key);
      continue;
    }
    // An amended one keeps its place.
    const auto found = present_.find(key);
    const bool stays = image.change == Image::Change::amend && found != present_.end();
    const std::uint64_t order = stays ? found->second.first : ++order_;
    image.change = Image::Change::put;
    present_[key] = {order, std::move(image)};
  }
}

std::vector<Image> Disk::present() const {
  std::vector<std::pair<std::uint64_t, const Image*>> sorted;
  for (const auto& [key, value] : present_) sorted.emplace_back(value.first, &value.second);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second->kind, a.first) < std::pair(b.second->kind, b.first);
  });
  std::vector<Image> images;
  for (const auto& each : sorted) images.push_back(*each.second);
  return images;
}

}  // namespace trainstop::proof
