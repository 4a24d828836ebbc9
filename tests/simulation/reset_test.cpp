// A reset of the breaker by a person while the daemon is away.
#include "core/reset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/world.hpp"

namespace trainstop::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kOneAnHour =
    "safety: {max_stops: {count: 1, per: 1h}}\n"
    "rules: [{name: short, when: {running_for: 10m}}]\n";

void add_running(World& world, const std::vector<std::string>& ids, Duration created) {
  world.at(created, [&world, ids, created] {
    for (const std::string& id : ids) world.add(id, created);
  });
}

/// What `trainstop breaker reset` does to the journal.
void reset(World& world) {
  World::Present present = world.present();
  std::vector<Image> images;
  for (const auto& [key, image] : present) images.push_back(image);
  for (Image& image : core::reset_breaker(images)) {
    present[{image.kind, image.key}] = std::move(image);
  }
  world.set_present(std::move(present));
}

TEST(Reset, LetsWhatWasHeldLeaveThoughItIsMoreThanTheBound) {
  World world(kOneAnHour);
  add_running(world, {"j1", "j2", "j3"}, 1s);
  world.at(15min, [&] {
    EXPECT_THAT(world.told("stop.held"), SizeIs(3));
    reset(world);
    world.restart(10s);
  });
  world.run_until(30min);
  EXPECT_THAT(world.told("breaker.opened"), SizeIs(1)) << "before the reset";
  EXPECT_THAT(world.told("stop.confirmed"), SizeIs(3));
  for (const char* id : {"j1", "j2", "j3"}) {
    EXPECT_LE(world.first_stop(id), 15min + 11s) << id;
    EXPECT_THAT(world.told("rule.tripped", id), SizeIs(1)) << id;
  }
  EXPECT_EQ(field(world.told("stop.intended").at(0), "verified"), Value(true));
}

TEST(Reset, CountsWhatFallsDueLaterFromZero) {
  World world(kOneAnHour);
  add_running(world, {"j1", "j2"}, 1s);
  add_running(world, {"j3"}, 10min);
  world.at(15min, [&] {
    reset(world);
    world.restart(10s);
  });
  world.run_until(25min);
  EXPECT_TRUE(world.was_stopped("j3")) << "what was approved is not counted";
  EXPECT_THAT(world.told("breaker.opened"), SizeIs(1));
  add_running(world, {"j4"}, 26min);
  world.run_until(50min);
  EXPECT_FALSE(world.was_stopped("j4")) << "and the bound is in force again";
  EXPECT_THAT(world.told("breaker.opened"), SizeIs(2));
}

TEST(Reset, DoesNotApproveWhatFellDueWhileTheDaemonWasAway) {
  World world(kOneAnHour);
  add_running(world, {"j1", "j2"}, 1s);
  add_running(world, {"j3", "j4"}, 6min);
  world.at(15min, [&] {
    reset(world);
    world.restart(10min);
  });
  world.run_until(50min);
  EXPECT_TRUE(world.was_stopped("j1"));
  EXPECT_TRUE(world.was_stopped("j2"));
  EXPECT_FALSE(world.was_stopped("j3"));
  EXPECT_FALSE(world.was_stopped("j4"));
}

TEST(Reset, StopsNothingThatIsNoLongerDue) {
  World world(
      "safety: {max_stops: {count: 1, per: 1h}}\n"
      "rules: [{name: stuck, when: {deploying_for: 10m}}]\n");
  world.at(1s, [&] {
    for (const char* id : {"j1", "j2"}) world.add(id, 1s, "DEPLOYING");
  });
  world.at(15min, [&] {
    reset(world);
    world.set_status("j1", "RUNNING");
    world.restart(10s);
  });
  world.run_until(30min);
  EXPECT_FALSE(world.was_stopped("j1"));
  EXPECT_TRUE(world.was_stopped("j2"));
}

TEST(Reset, ClosesABreakerThatALostJournalOpened) {
  World world("rules: [{name: short, when: {age: 10m}}]\n");
  add_running(world, {"j1"}, 1s);
  world.at(5min, [&] { world.restart_without_journal(10s); });
  world.at(1h, [&] {
    EXPECT_EQ(field(world.told("breaker.opened").at(0), "reason"), Value("journal_lost"));
    EXPECT_FALSE(world.was_stopped("j1"));
    reset(world);
    world.restart(10s);
  });
  world.run_until(70min);
  EXPECT_TRUE(world.was_stopped("j1"));
  world.at(80min, [&] { world.restart(10s); });
  const std::size_t opened = world.told("breaker.opened").size();
  world.run_until(2h);
  EXPECT_THAT(world.told("breaker.opened"), SizeIs(opened)) << "it stays closed over a restart";
}

TEST(Reset, OfNothingChangesNothing) {
  World world(kOneAnHour);
  add_running(world, {"j1"}, 1s);
  world.at(5min, [&] {
    const World::Present before = world.present();
    reset(world);
    EXPECT_EQ(world.present(), before);
    world.restart(10s);
  });
  world.run_until(30min);
  EXPECT_TRUE(world.was_stopped("j1"));
  EXPECT_THAT(world.told("breaker.opened"), IsEmpty());
}

}  // namespace
}  // namespace trainstop::test
