// The journal's thread: what is appended is written in its order and said to be durable; what fails
// is tried again.
#include "journal/writer.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <future>

namespace trainstop::journal {
namespace {

using std::chrono_literals::operator""s;

/// What the stores of one test have been told, and what they are to answer.
struct Disk {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::uint64_t> seqs;
  int failures = 0;  ///< so many writes fail
  bool hangs = false;
  int opened = 0;

  void set_hangs(bool value) {
    {
      const std::lock_guard lock(mutex);
      hangs = value;
    }
    changed.notify_all();
  }
};

class FakeStore final : public Store {
 public:
  explicit FakeStore(Disk& disk) : disk_(disk) {}
  Outcome<Present> load() override { return Present{}; }
  Outcome<void> write(std::span<const Batch> batches) override {
    std::unique_lock lock(disk_.mutex);
    disk_.changed.wait(lock, [this] { return !disk_.hangs; });
    if (disk_.failures > 0) {
      --disk_.failures;
      return Error{Error::Kind::unwritable, "disk is full"};
    }
    for (const Batch& batch : batches) disk_.seqs.push_back(batch.first_seq);
    return {};
  }
  Outcome<bool> prune(const Keep&, Instant) override { return false; }

 private:
  Disk& disk_;
};

/// The loop's side: runs what the thread posts when the test asks for it.
struct WriterTest : testing::Test {
  Writer& start(bool with_store = true) {
    Writer::Hooks hooks;
    hooks.post = [this](std::function<void()> what) {
      {
        const std::lock_guard lock(mutex);
        posted.push_back(std::move(what));
      }
      changed.notify_all();
    };
    hooks.written = [this](std::uint64_t batches, std::uint64_t) { durable = batches; };
    hooks.failed = [this](const Error&) { ++failed; };
    auto open = [this]() -> Outcome<std::unique_ptr<Store>> {
      ++disk.opened;
      return std::unique_ptr<Store>(new FakeStore(disk));
    };
    std::unique_ptr<Store> store;
    if (with_store) store = std::make_unique<FakeStore>(disk);
    return writer.emplace(std::move(store), open, Keep{}, std::move(hooks));
  }
  void append(std::uint64_t seq) {
    Batch batch;
    batch.first_seq = seq;
    writer->append(std::move(batch));
  }
  bool run_until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    std::unique_lock lock(mutex);
    while (!holds()) {
      if (!changed.wait_until(lock, end, [this] { return !posted.empty(); })) return false;
      const auto what = std::move(posted.front());
      posted.pop_front();
      lock.unlock();
      what();
      lock.lock();
    }
    return true;
  }

  Disk disk;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> posted;
  std::uint64_t durable = 0;
  int failed = 0;
  std::optional<Writer> writer;
};

TEST_F(WriterTest, SaysHowMuchIsDurable) {
  start();
  append(1);
  append(2);
  EXPECT_TRUE(run_until([this] { return durable == 2; }));
  EXPECT_EQ(disk.seqs, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(WriterTest, TriesAgainWithAStoreOpenedAnew) {
  disk.failures = 1;
  start();
  append(1);
  EXPECT_TRUE(run_until([this] { return durable == 1; }));
  EXPECT_EQ(failed, 1);
  EXPECT_EQ(disk.opened, 1);
  EXPECT_EQ(disk.seqs, (std::vector<std::uint64_t>{1}));
}

TEST_F(WriterTest, OpensAStoreWhereItWasGivenNone) {
  start(false);
  append(1);
  EXPECT_TRUE(run_until([this] { return durable == 1; }));
  EXPECT_EQ(disk.opened, 1);
}

TEST_F(WriterTest, NobodyWaitsForADiskThatHangs) {
  disk.set_hangs(true);
  start();
  append(1);
  append(2);
  EXPECT_FALSE(writer->close(std::chrono::milliseconds(20)));
  EXPECT_EQ(durable, 0u);
  disk.set_hangs(false);
}

TEST_F(WriterTest, ClosesWithEverythingWritten) {
  start();
  for (std::uint64_t seq = 1; seq <= 50; ++seq) append(seq);
  EXPECT_TRUE(writer->close(20s));
  EXPECT_EQ(disk.seqs.size(), 50u);
}

TEST_F(WriterTest, ClosesWithoutSuccessWhenTheDiskRefuses) {
  disk.failures = 1000;
  start();
  append(1);
  EXPECT_FALSE(writer->close(20s));
}

}  // namespace
}  // namespace trainstop::journal
