// The seam between the gate and whoever keeps the records.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "model/event.hpp"

namespace trainstop::service {

class Journal {
 public:
  virtual ~Journal() = default;
  /// Gets the records back with the number of the first; the others follow it one by one.
  using Kept = std::function<void(std::vector<Event> records, std::uint64_t first)>;
  /// Keeps the records, then calls `kept` on the loop; in the order of the calls, also for no
  /// record at all.
  virtual void append(std::vector<Event> records, Kept kept) = 0;
};

/// A journal that only numbers, from 1: what it keeps ends with the process, and so it keeps
/// nothing that nobody would read.
std::unique_ptr<Journal> make_memory_journal();

}  // namespace trainstop::service
