// The gate: acts leave after their records are durable, batches in order, journal numbers without
// gaps; a journal that fails or is slow is told first, and then nothing waits for it.
#include "service/gate.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace trainstop::service {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// Writes down the order in which things happen.
class Diary final : public log::Sink {
 public:
  void write(const Event& event, std::uint64_t seq) override {
    text += event.name + '#' + std::to_string(seq) + ' ';
    if (const Value* durable = event.find("durable")) text += *durable == Value(false) ? "! " : "";
    last = event;
  }
  void reopen() override {}
  bool flush(Duration) override { return true; }
  std::string text;
  Event last;
};

struct GateTest : testing::Test {
  GateTest() {
    Gate::Parts parts;
    parts.append = [this](journal::Batch batch) { batches.push_back(std::move(batch)); };
    parts.leave = [this](const core::Act& act) {
      diary.text += "act" + std::to_string(std::get<core::SendStop>(act).request) + ' ';
    };
    parts.route = [](const Event& event, std::uint64_t seq) {
      Image image;
      image.kind = Image::Kind::outbox;
      image.key = event.name + std::to_string(seq);
      return std::vector<Image>(event.name == "routed" ? 1 : 0, image);
    };
    parts.told = [this](const Event& event, std::uint64_t seq) {
      if (event.name == "routed") diary.text += "told" + std::to_string(seq) + ' ';
      told = event;
    };
    gate.emplace(std::move(parts), diary, 1);
  }
  Moment now() const { return {Instant{} + clock, Instant{} + 24h + clock}; }
  void pass(std::initializer_list<const char*> names, core::RequestId request = 0,
            std::size_t images = 0) {
    core::Batch batch;
    for (const char* name : names) batch.records.push_back({name, Level::info, Instant{}, "", {}});
    core::SendStop stop;
    stop.request = request;
    if (request != 0) batch.acts.emplace_back(stop);
    batch.images.resize(images);
    gate->pass(std::move(batch), now());
  }
  void written(std::uint64_t upto, std::uint64_t lost = 0) { gate->written(upto, lost, now()); }
  void failed() { gate->failed({journal::Error::Kind::unwritable, "disk is full"}, now()); }

  Duration clock{0};
  Diary diary;
  Event told;
  std::vector<journal::Batch> batches;
  std::optional<Gate> gate;
};

TEST_F(GateTest, ActsWaitForTheirRecords) {
  pass({"a", "b"}, 1);
  pass({}, 2);
  pass({"c"}, 3);
  EXPECT_EQ(diary.text, "");
  written(1);
  EXPECT_EQ(diary.text, "a#1 b#2 act1 act2 ");
  written(2);
  EXPECT_EQ(diary.text, "a#1 b#2 act1 act2 c#3 act3 ");
}

TEST_F(GateTest, WhatHasNothingToKeepWaitsForNothing) {
  pass({}, 1);
  EXPECT_EQ(diary.text, "act1 ");
  EXPECT_TRUE(batches.empty());
  EXPECT_EQ(gate->wake(), kNever);
}

TEST_F(GateTest, ImagesAloneAreWaitedForToo) {
  pass({}, 1, 1);
  EXPECT_EQ(diary.text, "");
  written(1);
  EXPECT_EQ(diary.text, "act1 ");
}

TEST_F(GateTest, OneWriteMayKeepManyBatches) {
  pass({"a"}, 1);
  pass({"b"}, 2);
  written(2);
  EXPECT_EQ(diary.text, "a#1 act1 b#2 act2 ");
}

TEST_F(GateTest, TellsManyEventsByPortionsInTheirOrder) {
  const auto pass_many = [&](core::RequestId request) {
    core::Batch batch;
    batch.records.resize(Gate::kEventsAtOnce - 1, {"many", Level::info, Instant{}, "", {}});
    core::SendStop stop;
    stop.request = request;
    batch.acts.emplace_back(stop);
    gate->pass(std::move(batch), now());
  };
  const auto acts = [&] {
    std::string found;
    for (std::size_t at = 0; (at = diary.text.find("act", at)) != std::string::npos; ++at)
      found += diary.text.substr(at, 5);
    return found;
  };
  for (const core::RequestId request : {1U, 2U, 3U}) pass_many(request);
  written(3);
  EXPECT_EQ(acts(), "act1 act2 ") << "whole batches, until there are enough";
  pass({"stop.intended"}, 4);
  pass({}, 5);
  EXPECT_EQ(gate->wake(), kLongAgo);
  clock = 2s;  // what is durable already is not what the journal is slow with
  gate->check(now());
  EXPECT_FALSE(gate->degraded());
  EXPECT_EQ(acts(), "act1 act2 act3 ");
  EXPECT_EQ(gate->wake(), Instant{} + 1s);
  gate->check(now());
  EXPECT_TRUE(gate->degraded());
  EXPECT_EQ(acts(), "act1 act2 act3 act4 act5 ");
}

TEST_F(GateTest, WhatIsDurableIsToldAsDurableThoughTheJournalFailsMeanwhile) {
  core::Batch batch;
  batch.records.resize(Gate::kEventsAtOnce, {"many", Level::info, Instant{}, "", {}});
  gate->pass(std::move(batch), now());
  pass({"stop.intended"}, 1);
  pass({"stop.intended"}, 2);
  written(2);
  failed();
  const std::string seq = std::to_string(Gate::kEventsAtOnce + 1);
  EXPECT_NE(diary.text.find("stop.intended#" + seq + " act1 journal.degraded"), std::string::npos)
      << diary.text.substr(diary.text.size() - 120);
  EXPECT_NE(diary.text.find(" ! act2 "), std::string::npos);
}

TEST_F(GateTest, TheShellsOwnEventsShareTheNumbers) {
  gate->tell({"daemon.started", Level::info, Instant{}, "", {}}, now());
  pass({"job.seen"});
  written(2);
  EXPECT_EQ(diary.text, "daemon.started#1 job.seen#2 ");
  EXPECT_EQ(batches.at(1).first_seq, 2u);
}

TEST_F(GateTest, AFailureIsToldFirstAndThenNothingWaits) {
  pass({"stop.intended"}, 1);
  failed();
  EXPECT_EQ(diary.text, "journal.degraded#2 stop.intended#1 ! act1 ");
  pass({"stop.sent"}, 2);
  EXPECT_EQ(diary.text, "journal.degraded#2 stop.intended#1 ! act1 stop.sent#3 ! act2 ");
  EXPECT_EQ(batches.size(), 3u) << "they are to be written all the same";
}

TEST_F(GateTest, AWriteThatTakesLongerThanASecondIsAFailure) {
  clock = 10s;
  pass({"stop.intended"}, 1);
  EXPECT_EQ(gate->wake(), now().line + 1s);
  clock = 10s + 999ms;
  gate->check(now());
  EXPECT_EQ(diary.text, "");
  clock = 11s;
  gate->check(now());
  EXPECT_EQ(diary.text, "journal.degraded#2 stop.intended#1 ! act1 ");
  EXPECT_TRUE(gate->degraded());
}

TEST_F(GateTest, RecoversWithAQuickWriteOfEverything) {
  pass({"a"}, 1);
  failed();
  clock = 5s;
  pass({"b"});
  written(2);
  EXPECT_TRUE(gate->degraded()) << "b is not written";
  clock = 7s;
  written(3);
  EXPECT_TRUE(gate->degraded()) << "b took two seconds";
  pass({"c"});
  written(4, 7);
  EXPECT_FALSE(gate->degraded());
  EXPECT_EQ(diary.text, "journal.degraded#2 a#1 act1 b#3 c#4 journal.recovered#5 ");
  EXPECT_EQ(*diary.last.find("lost"), Value(7));
}

TEST_F(GateTest, ARecoveryIsToldBeforeTheNextTrouble) {
  failed();
  written(1);
  failed();
  EXPECT_EQ(diary.text, "journal.degraded#1 journal.recovered#2 journal.degraded#3 ");
}

TEST_F(GateTest, WhatLastsIsToldAgainHourly) {
  failed();
  failed();
  EXPECT_EQ(diary.text, "journal.degraded#1 ");
  EXPECT_EQ(gate->wake(), now().line + 1h);
  clock = 1h;
  gate->check(now());
  EXPECT_EQ(diary.text, "journal.degraded#1 journal.degraded#2 ");
}

TEST_F(GateTest, WhoIsToBeToldIsKeptWithTheEventAndToldAfterIt) {
  pass({"a", "routed"}, 1, 1);
  ASSERT_EQ(batches.size(), 1u);
  ASSERT_EQ(batches[0].images.size(), 2u) << "in one batch: kept both or neither";
  EXPECT_EQ(batches[0].images[1].key, "routed2");
  EXPECT_EQ(diary.text, "") << "nobody is told what is not durable";
  written(1);
  EXPECT_EQ(diary.text, "a#1 routed#2 told2 act1 ");
  gate->tell({"routed", Level::info, Instant{}, "", {}}, now());
  EXPECT_EQ(batches.at(1).images.at(0).key, "routed3") << "the shell's own events too";
}

TEST_F(GateTest, WhoIsToldHearsThatItIsNotDurable) {
  failed();
  pass({"stop.sent"});
  ASSERT_NE(told.find("durable"), nullptr);
}

TEST_F(GateTest, TheLastWordsLeaveWithoutTheirActs) {
  pass({"daemon.stopping"}, 1);
  gate->abandon();
  EXPECT_EQ(diary.text, "daemon.stopping#1 ");
  EXPECT_TRUE(gate->settled());
}

}  // namespace
}  // namespace trainstop::service
