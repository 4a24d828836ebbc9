// The journal's disk: batches become durable after a while, in their order, or fail; what was not
// durable is gone when the process dies.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "journal/store.hpp"
#include "proof/plan.hpp"

namespace trainstop::proof {

class Disk {
 public:
  explicit Disk(const Plan& plan) : plan_(plan), dice_(plan.seed, 400) {}

  struct Waiting {
    std::vector<Image> images;
    std::uint64_t core_batch = 0;  ///< 0: of the shell
  };
  void append(Waiting batch) { waiting_.push_back(std::move(batch)); }
  /// Begins to write what waits; gives when the write ends. Empty when there is nothing to write or
  /// a write is under way.
  std::optional<Instant> begin(Instant now);
  /// Ends the write that began: how many batches are durable more; none when it failed.
  struct Written {
    bool failed = false;
    std::size_t batches = 0;
    std::uint64_t core_batch = 0;  ///< the last one of the core's among them
  };
  Written end(Instant now);
  bool is_idle() const { return writing_ == 0; }
  /// The process dies: a write under way may have reached the disk all the same.
  Written die(Instant now);

  /// What the journal holds at present: by kind, then in the order in which they were put.
  std::vector<Image> present() const;
  void put(std::vector<Image> images);
  void lose() { present_.clear(); }
  Instant last_utc = kLongAgo;

 private:
  bool is_in(const std::vector<Span>& spans, Instant now) const;
  Written keep();

  const Plan& plan_;
  Dice dice_;
  std::deque<Waiting> waiting_;
  std::size_t writing_ = 0;
  std::uint64_t order_ = 0;
  std::map<std::pair<Image::Kind, std::string>, std::pair<std::uint64_t, Image>> present_;
};

}  // namespace trainstop::proof
