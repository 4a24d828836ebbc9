#include "journal/backlog.hpp"

#include <iterator>
#include <set>
#include <utility>

namespace trainstop::journal {

namespace {

/// Of every thing the last image alone. A close keeps the last body, which is to be appended.
std::vector<Image> last_of_each(std::vector<Image> images) {
  std::set<std::pair<Image::Kind, std::string>> seen;
  std::vector<Image> kept;
  for (auto image = images.rbegin(); image != images.rend(); ++image) {
    if (seen.emplace(image->kind, image->key).second) {
      kept.push_back(std::move(*image));
      continue;
    }
    for (Image& later : kept) {
      const bool same = later.kind == image->kind && later.key == image->key;
      if (same && later.change == Image::Change::close && later.body.empty()) {
        later.body = std::move(image->body);
      }
    }
  }
  return {std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend())};
}

}  // namespace

void Backlog::add(Batch batch) {
  events_ += batch.events.size();
  images_ += batch.images.size();
  batches_.push_back(std::move(batch));
  bound();
}

std::vector<Batch> Backlog::take() {
  events_ = images_ = 0;
  return std::exchange(batches_, {});
}

void Backlog::put_back(std::vector<Batch> batches) {
  std::vector<Batch> since = std::exchange(batches_, std::move(batches));
  batches_.insert(batches_.end(), std::make_move_iterator(since.begin()),
                  std::make_move_iterator(since.end()));
  events_ = images_ = 0;
  for (const Batch& batch : batches_) {
    events_ += batch.events.size();
    images_ += batch.images.size();
  }
  bound();
}

void Backlog::bound() {
  while (events_ > most_events_) {
    for (Batch& batch : batches_) {
      if (batch.events.empty()) continue;
      const std::size_t too_many = std::min(events_ - most_events_, batch.events.size());
      batch.events.erase(batch.events.begin(),
                         batch.events.begin() + static_cast<std::ptrdiff_t>(too_many));
      batch.first_seq += too_many;
      events_ -= too_many;
      lost_ += too_many;
      break;
    }
  }
  if (images_ <= many_images_) return;
  Batch all = std::move(batches_.front());
  for (std::size_t i = 1; i < batches_.size(); ++i) {
    Batch& batch = batches_[i];
    if (all.events.empty()) all.first_seq = batch.first_seq;
    std::move(batch.events.begin(), batch.events.end(), std::back_inserter(all.events));
    std::move(batch.images.begin(), batch.images.end(), std::back_inserter(all.images));
    all.utc = batch.utc;
  }
  all.images = last_of_each(std::move(all.images));
  images_ = all.images.size();
  many_images_ = std::max(many_images_, 2 * images_);  // so that looking through them stays rare
  batches_.clear();
  batches_.push_back(std::move(all));
}

}  // namespace trainstop::journal
