// What waits to be written. Bounded: while a disk refuses, images of one thing replace each other,
// and of too many events the oldest are lost, and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "journal/store.hpp"

namespace trainstop::journal {

class Backlog {
 public:
  // A day of a busy fleet is a tenth of this; at about 1 KiB an event it is 50 MiB.
  static constexpr std::size_t kMostEvents = 50'000;
  // From here on images are looked through for those of the same thing; there are as many things as
  // jobs, their rules and stops.
  static constexpr std::size_t kManyImages = 50'000;

  explicit Backlog(std::size_t most_events = kMostEvents, std::size_t many_images = kManyImages)
      : most_events_(most_events), many_images_(many_images) {}

  void add(Batch batch);
  bool empty() const { return batches_.empty(); }
  /// Everything, oldest first; the backlog is empty after it.
  std::vector<Batch> take();
  /// What take() gave and could not be written goes before what has come since.
  void put_back(std::vector<Batch> batches);
  /// Events lost since the start.
  std::uint64_t lost() const { return lost_; }

 private:
  void bound();

  std::size_t most_events_, many_images_;
  std::vector<Batch> batches_;
  std::size_t events_ = 0, images_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace trainstop::journal
