// The keeper: everything that is durable is told, in portions, without another write to wake it.
#include "service/keeper.hpp"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "support/temp_dir.hpp"

namespace trainstop::service {
namespace {

using std::chrono_literals::operator""s;

class Counter final : public log::Sink {
 public:
  void write(const Event&, std::uint64_t seq) override { in_order = in_order && seq == ++told; }
  void reopen() override {}
  bool flush(Duration) override { return true; }
  std::uint64_t told = 0;
  bool in_order = true;
};

TEST(Keeper, TellsAllThatIsDurableHoweverMuchAtOnce) {
  constexpr std::size_t kBatches = 40;
  const test::TempDir directory;
  const Instant utc{std::chrono::seconds(1767571200)};
  boost::asio::io_context context;
  const auto work = boost::asio::make_work_guard(context);
  Memory memory = open_memory(directory.path(), utc);
  Counter counter;
  Keeper::Parts parts;
  parts.directory = directory.path();
  parts.now = [utc] { return Moment{utc, utc}; };
  parts.leave = [](const core::Act&) {};
  parts.complete = [](const Event&) {};
  parts.route = [](const Event&, std::uint64_t) { return std::vector<Image>{}; };
  parts.told = [](const Event&, std::uint64_t) {};
  Keeper keeper(context.get_executor(), memory, counter, std::move(parts));
  for (std::size_t i = 0; i < kBatches; ++i) {
    core::Batch batch;
    batch.records.resize(Gate::kEventsAtOnce, {"job.seen", Level::info, utc, "", {}});
    keeper.pass(std::move(batch));
  }
  while (!keeper.settled() && context.run_one_for(20s) > 0) {
  }
  EXPECT_EQ(counter.told, kBatches * Gate::kEventsAtOnce);
  EXPECT_TRUE(counter.in_order);
  EXPECT_TRUE(keeper.close(20s));
}

}  // namespace
}  // namespace trainstop::service
