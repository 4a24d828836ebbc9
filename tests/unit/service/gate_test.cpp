// The gate: acts leave after their records are kept, batches in order, journal numbers without
// gaps.
#include "service/gate.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>

namespace trainstop::service {
namespace {

/// Keeps records only when told to.
class SlowJournal final : public Journal {
 public:
  void append(std::vector<Event> records, Kept kept) override {
    waiting_.emplace_back(std::move(records), std::move(kept));
  }
  void keep_one() {
    auto [records, kept] = std::move(waiting_.front());
    waiting_.pop_front();
    const std::uint64_t first = next_;
    next_ += records.size();
    kept(std::move(records), first);
  }

 private:
  std::deque<std::pair<std::vector<Event>, Kept>> waiting_;
  std::uint64_t next_ = 1;
};

/// Writes down the order in which things happen.
class Diary final : public log::Sink {
 public:
  void write(const Event& event, std::uint64_t seq) override {
    text += event.name + '#' + std::to_string(seq) + ' ';
  }
  bool flush(Duration) override { return true; }
  void note(const core::Act& act) {
    text += "act" + std::to_string(std::get<core::SendStop>(act).request) + ' ';
  }
  std::string text;
};

std::vector<Event> records_named(std::initializer_list<const char*> names) {
  std::vector<Event> records;
  for (const char* name : names) records.push_back({name, Level::info, Instant{}, "", {}});
  return records;
}

std::vector<core::Act> stop_act(core::RequestId request) {
  core::SendStop stop;
  stop.request = request;
  return {stop};
}

TEST(Gate, ActsWaitForTheirRecords) {
  SlowJournal journal;
  Diary diary;
  Gate gate(journal, diary, [&](const core::Act& act) { diary.note(act); });
  gate.pass(records_named({"a", "b"}), stop_act(1));
  gate.pass({}, stop_act(2));
  gate.pass(records_named({"c"}), stop_act(3));
  EXPECT_EQ(diary.text, "");
  journal.keep_one();
  EXPECT_EQ(diary.text, "a#1 b#2 act1 ");
  journal.keep_one();
  journal.keep_one();
  EXPECT_EQ(diary.text, "a#1 b#2 act1 act2 c#3 act3 ");
}

TEST(Gate, TheShellsOwnEventsShareTheNumbers) {
  const auto journal = make_memory_journal();
  Diary diary;
  Gate gate(*journal, diary, [&](const core::Act& act) { diary.note(act); });
  gate.tell(records_named({"daemon.started"}).front());
  gate.pass(records_named({"job.seen"}), {});
  EXPECT_EQ(diary.text, "daemon.started#1 job.seen#2 ");
}

}  // namespace
}  // namespace trainstop::service
