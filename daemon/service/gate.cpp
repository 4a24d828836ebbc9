#include "service/gate.hpp"

#include <utility>

namespace trainstop::service {

namespace {

class MemoryJournal final : public Journal {
 public:
  void append(std::vector<Event> records, Kept kept) override {
    const std::uint64_t first = next_;
    next_ += records.size();
    kept(std::move(records), first);
  }

 private:
  std::uint64_t next_ = 1;
};

}  // namespace

std::unique_ptr<Journal> make_memory_journal() {
  return std::make_unique<MemoryJournal>();
}

Gate::Gate(Journal& journal, log::Sink& sink, std::function<void(core::Act)> leave)
    : journal_(journal), sink_(sink), leave_(std::move(leave)) {}

void Gate::pass(std::vector<Event> records, std::vector<core::Act> acts) {
  journal_.append(std::move(records), [this, acts = std::move(acts)](const std::vector<Event>& kept,
                                                                     std::uint64_t seq) mutable {
    for (const Event& record : kept) sink_.write(record, seq++);
    for (core::Act& act : acts) leave_(std::move(act));
  });
}

void Gate::tell(Event event) {
  std::vector<Event> records;
  records.push_back(std::move(event));
  pass(std::move(records), {});
}

}  // namespace trainstop::service
