// The gate: records first, then the log, then the acts.
#pragma once

#include <functional>

#include "core/effects.hpp"
#include "log/sink.hpp"
#include "service/journal.hpp"

namespace trainstop::service {

class Gate {
 public:
  /// `leave` carries out one act.
  Gate(Journal& journal, log::Sink& sink, std::function<void(core::Act)> leave);

  /// Lets a batch's acts leave once its records are kept and told. Batches leave in their order.
  void pass(std::vector<Event> records, std::vector<core::Act> acts);
  /// Records and tells an event of the shell itself.
  void tell(Event event);

 private:
  Journal& journal_;
  log::Sink& sink_;
  std::function<void(core::Act)> leave_;
};

}  // namespace trainstop::service
