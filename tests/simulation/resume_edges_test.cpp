// Stops that go on from what the journal holds, at their edges; lists for many stops that fail; an
// open breaker and what may pass it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "core/reset.hpp"
#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kMany =
    "safety: {max_stops: {count: 100, per: 1h}}\nrules: [{name: short, when: {running_for: "
    "10m}}]\n";

void edit(World& world, Image::Kind kind, const std::string& key,
          const std::function<void(Value::Object&)>& change) {
  World::Present present = world.present();
  change(present.at({kind, key}).body);
  world.set_present(std::move(present));
}

/// Lets lists of some priorities fail.
class ListsByPriority {
 public:
  explicit ListsByPriority(World& world) {
    world.on_batch = [this](const core::Batch& batch) {
      for (const core::Act& act : batch.acts) {
        if (const auto* list = std::get_if<core::FetchList>(&act)) asked_.push_back(list->priority);
      }
    };
    world.on_list = [this](bool filtered) {
      const core::Priority priority = asked_.front();
      asked_.pop_front();
      ++asked[priority];
      return fails(priority, filtered);
    };
  }
  std::function<Trouble(core::Priority, bool)> fails;
  std::map<core::Priority, int> asked;

 private:
  std::deque<core::Priority> asked_;
};

void add_many(World& world, int count, Duration created, const std::string& prefix = "j") {
  world.at(created, [&world, count, created, prefix] {
    for (int i = 0; i < count; ++i) world.add(prefix + std::to_string(i), created);
  });
}

TEST(ListForStops, ThatFailsIsAskedForAgain) {
  World world(kMany);
  ListsByPriority lists(world);
  int failures = 0;
  lists.fails = [&](core::Priority priority, bool) {
    const bool fails = priority != core::Priority::list && ++failures <= 6;
    return fails ? failing(FailureKind::timeout) : Trouble{};
  };
  add_many(world, 30, 1s);
  world.run_until(20min);
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(30));
  EXPECT_GE(failures, 1);
  for (const Event& event : world.told("stop.intended")) {
    EXPECT_EQ(field(event, "verified"), Value(true));
  }
}

TEST(ListForStops, ThatConfirmsAndFailsIsAskedForAgain) {
  World world(kMany);
  ListsByPriority lists(world);
  int failures = 0;
  lists.fails = [&](core::Priority priority, bool) {
    const bool fails = priority == core::Priority::confirm && ++failures <= 3;
    return fails ? failing(FailureKind::client_error, 400) : Trouble{};
  };
  add_many(world, 30, 1s);
  world.run_until(20min);
  EXPECT_GE(failures, 4);
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(30));
}

TEST(ListForStops, WhoseFilterIsRefusedIsAskedForWithout) {
  World world(kMany);
  ListsByPriority lists(world);
  int refused = 0;
  lists.fails = [&](core::Priority priority, bool filtered) {
    if (priority != core::Priority::verify || !filtered) return Trouble{};
    ++refused;
    return failing(FailureKind::client_error, 400);
  };
  add_many(world, 30, 1s);
  world.run_until(20min);
  EXPECT_EQ(refused, 1);
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(30));
}

TEST(ListForStops, UnderWayServesThoseThatComeToo) {
  World world(kMany);
  ListsByPriority lists(world);
  lists.fails = [](core::Priority, bool) { return Trouble{}; };
  add_many(world, 30, 1s, "a");
  add_many(world, 30, 2s, "b");
  world.at(9min + 58s, [&] { world.latency = 2500ms; });
  world.at(10min + 3s, [&] { world.latency = 50ms; });
  world.run_until(10min + 3s);
  EXPECT_EQ(lists.asked[core::Priority::verify], 1);
  world.run_until(20min);
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(60));
}

TEST(Approved, StopsPassABreakerThatIsOpenAgain) {
  World world(
      "safety: {max_stops: {count: 1, per: 1h}}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  add_many(world, 3, 1s);
  add_many(world, 1, 8min, "late");
  world.at(15min, [&] {
    World::Present present = world.present();
    std::vector<Image> images;
    for (const auto& [key, image] : present) images.push_back(image);
    for (Image& image : core::reset_breaker(images)) {
      if (image.kind == Image::Kind::stop) present[{image.kind, image.key}] = std::move(image);
    }
    world.set_present(std::move(present));  // and the breaker as it is: open
    world.restart(10s);
  });
  world.run_until(30min);
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(3));
  EXPECT_FALSE(world.was_stopped("late0"));
}

TEST(Held, WithoutAPriceNamesNoRate) {
  World world(
      "safety: {max_stops: {count: 1, per: 1h}}\n"
      "rules: [{name: short, when: {running_for: 10m}}]\n");
  world.prices.clear();
  add_many(world, 2, 1s);
  world.run_until(15min);
  ASSERT_THAT(world.told("stop.held"), SizeIs(2));
  EXPECT_EQ(world.told("stop.held")[0].find("rate"), nullptr);
}

TEST(Resumed, StopWhoseImageLacksItsTimesIsFollowedToItsEnd) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 2min; });
  world.at(10min + 30s, [&] {
    edit(world, Image::Kind::stop, "main/proj1/j1", [](Value::Object& body) {
      std::erase_if(
          body, [](const auto& member) { return member.first == "trip" || member.first == "due"; });
    });
    world.restart(5s);
  });
  world.run_until(20min);
  ASSERT_THAT(world.told("stop.confirmed"), SizeIs(1));
  EXPECT_EQ(world.told("stop.confirmed")[0].find("due_at"), nullptr);
  EXPECT_EQ(world.told("stop.confirmed")[0].find("trip_at"), nullptr);
}

// The journal says when a warning is to be repeated, of a rule that warns of nothing.
TEST(Resumed, AWakeUpThatHasPassedNeitherSpinsNorRepeatsAStopRule) {
  World world("rules: [{name: short, when: {running_for: 10m}, grace: 6m}]\n");
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(15min, [&] {
    edit(world, Image::Kind::rule, "main/proj1/j1/short",
         [](Value::Object& body) { body.emplace_back("repeat_at", Value(kStart + 15min + 30s)); });
    world.restart(5s);
  });
  world.run_until(15min + 29s);
  const std::size_t calls = world.calls_of_core();
  world.run_until(20min);
  EXPECT_LE(world.calls_of_core() - calls, 31 * 50 + 500) << "every 20 ms at the most";
  EXPECT_THAT(world.told("rule.tripped"), SizeIs(1));
  EXPECT_LE(world.first_stop("j1") - (1s + 10min + 6min), 20ms);
}

TEST(Resumed, StopOfALostJobGoesOnWhenTheJobIsSeenAgain) {
  World world(kTenMinutes);
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 100h; });
  world.at(11min, [&] { world.job("j1").exists = false; });
  world.at(20min, [&] {
    EXPECT_THAT(world.told("job.lost"), SizeIs(1));
    world.restart(5s);
  });
  world.run_until(30min);
  const std::size_t requests = world.job("j1").stop_requests.size();
  world.at(30min, [&] { world.job("j1").exists = true; });
  world.at(40min, [&] { world.set_status("j1", "STOPPED"); });
  world.run_until(1h);
  EXPECT_GT(world.job("j1").stop_requests.size(), requests);
  EXPECT_THAT(world.told("stop.intended"), SizeIs(1));
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
}

TEST(Reopened, JobDoesNotHearTheReplyToAnEarlierStop) {
  World world("rules: [{name: old, when: {age: 10m}}]\n");
  world.at(1s, [&] { world.add("j1", 1s).stop_latency = 10ms; });
  int stops = 0;
  world.on_stop = [&](const std::string&) {
    if (++stops > 1) return Trouble{};
    world.latency = 20s;  // of this reply alone
    world.at(world.now() - kStart + 1ms, [&] { world.latency = 50ms; });
    return Trouble{};
  };
  // Ended, and alive again by a direct read, before the reply to the first stop has come.
  world.at(10min + 14s, [&] {
    EXPECT_THAT(world.told("stop.confirmed"), SizeIs(1));
    world.set_status("j1", "RUNNING");
    world.job("j1").applied.reset();
    world.job("j1").stop_latency = 30s;
  });
  world.run_until(12min);
  EXPECT_EQ(stops, 2);
  EXPECT_THAT(world.told("stop.accepted"), SizeIs(1)) << "of the second";
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(2));
}

TEST(CostCap, WhosePriceIsLostOnTheWayIsConfirmedWithoutACost) {
  World world("rules: [{name: cap, when: {cost: $10}}]\n");
  world.at(15s, [&] { world.add("j1", 15s).stop_latency = 30s; });
  world.on_stop = [&](const std::string&) {
    world.job("j1").now.instance_type = "B200x8";
    return Trouble{};
  };
  world.run_until(30min);
  ASSERT_THAT(world.told("stop.confirmed"), SizeIs(1));
  EXPECT_NE(world.told("stop.confirmed")[0].find("cost_limit"), nullptr);
  EXPECT_EQ(world.told("stop.confirmed")[0].find("margin"), nullptr);
}

TEST(Resume, RulesThatComeBackJudgeForTheFirstTimeAgain) {
  const std::string old = "rules: [{name: short, when: {running_for: 10m}}]\n";
  const std::string other = "rules: [{name: long, when: {running_for: 100h}}]\n";
  World world(old);
  world.add("j1", 0s);
  world.run_until(1min);
  world.restart(5s, other);
  world.at(2min, [&] { world.add("j2", 2min); });
  world.run_until(1h);
  world.restart(5s, old);
  world.run_until(3h);
  for (const char* id : {"j1", "j2"}) EXPECT_GE(world.first_stop(id), 90min) << id;
}

}  // namespace
}  // namespace trainstop::test
