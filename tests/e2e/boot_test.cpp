// The daemon's time line over a restart and over a boot of the machine, with clocks that are right
// and wrong: what the journal knows grows no older than it is.
#include <gtest/gtest.h>

#include <filesystem>

#include "e2e/crash.hpp"
#include "e2e/jumping_clock.hpp"
#include "journal/store.hpp"

namespace trainstop::e2e {
namespace {

constexpr auto kLimit = 8s;

WorldOptions options_with(const JumpingClock& clock) {
  WorldOptions options;
  options.environment = clock.environment();
  options.wrapper = clock.wrapper();
  options.rules =
      "  - {name: limit, match: {job: \"stop-*\"}, when: {running_for: 8s}}\n"
      "  - {name: tomorrow, match: {job: \"keep-*\"}, when: {any: [{age: 12h}, {running_for: "
      "12h}]}}\n";
  return options;
}

/// As if the machine had been booted since the journal's last run.
void forge_boot(const std::filesystem::path& state) {
  auto store = journal::open_store(state);
  ASSERT_TRUE(store.has_value()) << store.error().message;
  auto present = (*store)->load();
  ASSERT_TRUE(present.has_value()) << present.error().message;
  journal::Batch batch;
  batch.utc = present->last_utc;
  for (Image& image : present->images) {
    if (image.kind != Image::Kind::run) continue;
    image.change = Image::Change::amend;
    for (auto& [name, value] : image.body) {
      if (name == "boot_id") value = "another boot";
    }
    batch.images.push_back(image);
  }
  ASSERT_EQ(batch.images.size(), 1U);
  ASSERT_TRUE((*store)->write({&batch, 1}).has_value());
}

void live_through(const std::string& offset, bool boot) {
  SCOPED_TRACE(offset + (boot ? " after a boot" : " after a restart"));
  const JumpingClock clock;
  Crash crash(options_with(clock));
  World& world = crash.world();
  crash.start();
  for (const char* job : {"stop-1", "keep-1"}) world.add_running(job);
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "stop-1")) << world.daemon().err();
  crash.kill();
  if (boot) forge_boot(world.state());
  clock.jump_to(offset);
  crash.start();
  EXPECT_TRUE(world.wait_until_stopped("stop-1", kPatience)) << world.daemon().err();
  ASSERT_TRUE(world.wait_for_requests(sim::Endpoint::search, 3, kPatience));
  EXPECT_EQ(world.count("job.seen"), 0U) << "they were known";
  EXPECT_EQ(world.end(), 0) << world.daemon().err();
  EXPECT_GE(lateness(world.api().job("stop-1"), kLimit), 0us) << "too early";
  // A wrong wall clock leaves the API's Date, which has whole seconds; a line that is off is off by
  // a day.
  EXPECT_LE(lateness(world.api().job("stop-1"), kLimit), 5s);
  world.expect_only_stopped("stop-1");
}

TEST(Line, GoesOnOverARestartWhateverTheWallClockSays) {
  ASSERT_TRUE(std::filesystem::exists(kFaketime)) << "the package faketime is missing";
  run_together({[] { live_through("+0s", false); }, [] { live_through("+86400s", false); },
                [] { live_through("-86400s", false); }},
               3);
}

TEST(Line, IsFoundAgainAfterABoot) {
  ASSERT_TRUE(std::filesystem::exists(kFaketime)) << "the package faketime is missing";
  run_together({[] { live_through("+0s", true); }, [] { live_through("+86400s", true); },
                [] { live_through("-86400s", true); }},
               3);
}

TEST(Line, WaitsForAnApiAfterABoot) {
  const JumpingClock clock;
  Crash crash(options_with(clock));
  World& world = crash.world();
  crash.start();
  world.add_running("stop-1");
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "stop-1"));
  crash.kill();
  forge_boot(world.state());
  world.api().set_listening(false);
  clock.jump_to("+86400s");
  crash.start();
  EXPECT_FALSE(world.daemon().wait(3s).has_value());
  EXPECT_EQ(world.count("rule.tripped"), 0U);
  world.api().set_listening(true);
  EXPECT_TRUE(world.wait_until_stopped("stop-1", kPatience)) << world.daemon().err();
  EXPECT_GE(lateness(world.api().job("stop-1"), kLimit), 0us) << "too early";
  EXPECT_EQ(world.end(), 0);
}

TEST(Line, ADaemonThatWaitsForAnApiCanBeEnded) {
  const JumpingClock clock;
  WorldOptions options = options_with(clock);
  options.safety = "unreachable_after: 2s";
  Crash crash(options);
  World& world = crash.world();
  crash.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience));
  crash.kill();
  forge_boot(world.state());
  world.api().set_listening(false);
  crash.start();
  ASSERT_TRUE(world.wait_for_event("api.unreachable", kPatience)) << world.daemon().err();
  EXPECT_EQ(world.count("daemon.started"), 0U) << "it waits for no API";
  EXPECT_EQ(world.end(), 0) << world.daemon().err();
}

}  // namespace
}  // namespace trainstop::e2e
