// Disks that are full, slow, broken, read-only, taken or damaged: each is told, and stops stay
// punctual; only where the journal's knowledge is lost everything is held.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>

#include "e2e/crash.hpp"

namespace trainstop::e2e {
namespace {

constexpr auto kShortLimit = 2s;

WorldOptions options_for_disks() {
  WorldOptions options = crash_options("2s");
  options.settings.stop_latency = 100ms;
  return options;
}

/// The value of a field of the first line of that event and job; null when there is none.
boost::json::value field_of(const World& world, const std::string& event, const std::string& job,
                            const char* field) {
  for (const Line& line : world.lines()) {
    if (line.event != event || line.job != job) continue;
    const auto* value = line.all.if_contains(field);
    return value == nullptr ? boost::json::value() : *value;
  }
  return {};
}

std::size_t position_of(const World& world, const std::string& event) {
  const auto lines = world.lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].event == event) return i;
  }
  return lines.size();
}

/// A disk of its own, so small that it can be filled.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& where) : where_(where) {
    std::filesystem::create_directories(where);
    mounted_ = ::mount("tmpfs", where.c_str(), "tmpfs", 0, "size=1m,mode=0700") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(where_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  void fill() const {
    std::ofstream file(where_ / "ballast", std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void empty() const { std::filesystem::remove(where_ / "ballast"); }

 private:
  std::filesystem::path where_;
  bool mounted_ = false;
};

TEST(Disk, AFullOneIsToldFirstAndStopsLeaveAllTheSame) {
  Crash crash(options_for_disks());
  World& world = crash.world();
  const SmallDisk disk(world.state());
  if (!disk.mounted()) GTEST_SKIP() << "needs root to mount a small disk";
  crash.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience));
  disk.fill();
  world.add_running("stop-1");
  ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "stop-1")) << world.daemon().err();
  EXPECT_LT(position_of(world, "journal.degraded"), position_of(world, "stop.intended"));
  EXPECT_EQ(field_of(world, "stop.sent", "stop-1", "durable"), false);
  EXPECT_LT(lateness(world.api().job("stop-1"), kShortLimit), 2s);
  disk.empty();
  EXPECT_TRUE(world.wait_for_event("journal.recovered", kPatience));
  world.add_running("stop-2");
  ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "stop-2"));
  EXPECT_TRUE(field_of(world, "stop.sent", "stop-2", "durable").is_null());
  EXPECT_EQ(world.end(), 0);
  crash.check();
}

TEST(Disk, AFullOneAtTheStartIsReadAndNothingIsHeld) {
  Crash crash(options_for_disks());
  World& world = crash.world();
  const SmallDisk disk(world.state());
  if (!disk.mounted()) GTEST_SKIP() << "needs root to mount a small disk";
  crash.start();
  // Not before: a start that takes longer than the limit would find nothing left to warn of.
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  world.add_running("stop-1");
  ASSERT_TRUE(world.wait_for_event("rule.warned", kPatience, "stop-1"));
  crash.kill();
  disk.fill();
  crash.start();
  ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "stop-1")) << world.daemon().err();
  EXPECT_EQ(world.count("job.seen", "stop-1"), 0U) << "it was known";
  EXPECT_EQ(world.count("breaker.opened"), 0U);
  EXPECT_EQ(world.end(), 0);  // there may be room left in the log, and then it is even durable
}

TEST(Disk, AReadOnlyOneAtTheStartIsReadAndNothingIsHeld) {
  Crash crash(options_for_disks());
  World& world = crash.world();
  crash.start();
  // Not before: a start that takes longer than the limit would find nothing left to warn of.
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  world.add_running("stop-1");
  ASSERT_TRUE(world.wait_for_event("rule.warned", kPatience, "stop-1"));
  crash.kill();
  const std::string where = world.state().string();
  const bool bound =
      ::mount(where.c_str(), where.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
      ::mount(nullptr, where.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  if (!bound) GTEST_SKIP() << "needs root to mount read-only";
  crash.start();
  EXPECT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "stop-1")) << world.daemon().err();
  EXPECT_EQ(world.count("job.seen", "stop-1"), 0U);
  EXPECT_EQ(world.end(), 0);
  ::umount2(where.c_str(), MNT_DETACH);
}

#ifdef TRAINSTOP_FAILPOINTS
TEST(Disk, ASlowOneHoldsNoStopLongerThanASecond) {
  Crash crash(options_for_disks());
  World& world = crash.world();
  crash.start("journal.before_commit=2500");
  world.add_running("stop-1");
  ASSERT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "stop-1")) << world.daemon().err();
  EXPECT_EQ(field_of(world, "journal.degraded", "", "reason"), "slow");
  EXPECT_EQ(field_of(world, "stop.sent", "stop-1", "durable"), false);
  // Two writes of 2.5 s each stand between the due and the request.
  EXPECT_LT(lateness(world.api().job("stop-1"), kShortLimit), 2s);
  world.end(20s);
}
#endif

/// Calls of the system fail at random, as an ailing disk makes them; in the end everything is
/// known.
void ail(const std::string& call) {
  SCOPED_TRACE(call);
  WorldOptions options = options_for_disks();
  options.wrapper = {"fiu-run", "-x", "-c", "enable_random name=" + call + ",probability=0.2"};
  Crash crash(options);
  World& world = crash.world();
  crash.start();
  for (const char* job : {"stop-1", "stop-2", "keep-1"}) world.add_running(job);
  // Not for a line of the log, which may be lost as well.
  ASSERT_TRUE(world.wait_for_requests(sim::Endpoint::search, 2, kPatience)) << world.daemon().err();
  if (world.count("journal.lost") != 0) {  // what can't be read at the start holds every stop
    EXPECT_TRUE(world.wait_for_event("stop.held", kPatience, "stop-1")) << world.daemon().err();
    EXPECT_EQ(world.api().job("stop-1").stop_requests, 0);
    world.end();
    return;
  }
  EXPECT_TRUE(world.wait_until_stopped("stop-1", kPatience)) << world.daemon().err();
  EXPECT_TRUE(world.wait_until_stopped("stop-2", kPatience));
  EXPECT_EQ(world.count("breaker.opened"), 0U);
  world.end();
  EXPECT_EQ(world.api().job("keep-1").stop_requests, 0);
  auto reader = journal::open_reader(world.state());
  if (reader.has_error()) return;  // it could not even be made
  const auto problems = (*reader)->check();
  ASSERT_TRUE(problems.has_value()) << problems.error().message;
  for (const std::string& problem : *problems) ADD_FAILURE() << problem;
}

TEST(Disk, AnAilingOneLosesNoStopAndNoOrder) {
#ifdef TRAINSTOP_SANITIZED
  GTEST_SKIP() << "libfiu must be loaded before the sanitizer's runtime";
#endif
  std::vector<std::function<void()>> cases;
  for (const char* call : {"posix/io/rw/pwrite", "posix/io/sync/fdatasync", "posix/io/rw/pread",
                           "posix/io/dir/truncate", "posix/io/rw/write"}) {
    cases.emplace_back([call] { ail(call); });
  }
  run_together(cases, 5);
}

TEST(Disk, ASecondDaemonIsRefusedAndToldOfTheFirst) {
  World world(options_for_disks());
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience));
  test::ChildOptions second;
  second.command = {binary(), "run", "--config", world.config_file()};
  second.environment["E2E_KEY"] = kKey;
  const test::Ran ran = test::run(second, 10s);
  EXPECT_EQ(ran.ending.code, 1);
  EXPECT_NE(ran.err.find("process " + std::to_string(world.daemon().pid())), std::string::npos)
      << ran.err;
  EXPECT_EQ(world.end(), 0);
}

TEST(Disk, ADamagedJournalIsSetAsideAndEveryStopIsHeld) {
  Crash crash(options_for_disks());
  World& world = crash.world();
  crash.start();
  world.add_running("stop-1");
  ASSERT_TRUE(world.wait_for_event("job.seen", kPatience, "stop-1"));
  crash.kill();
  for (const auto& file : std::filesystem::directory_iterator(world.state())) {
    // The log beside it could mend it.
    if (file.path().filename().string().starts_with("journal"))
      std::ofstream(file.path()) << std::string(70'000, 'x');
  }
  crash.start();
  ASSERT_TRUE(world.wait_for_event("stop.held", kPatience, "stop-1")) << world.daemon().err();
  EXPECT_EQ(field_of(world, "breaker.opened", "", "reason"), "journal_lost");
  const auto aside = field_of(world, "journal.lost", "", "set_aside");
  ASSERT_TRUE(aside.is_string());
  EXPECT_TRUE(std::filesystem::exists(std::string(aside.as_string())));
  EXPECT_EQ(world.end(), 0);
  crash.start();
  ASSERT_TRUE(world.wait_for_requests(sim::Endpoint::search, 3, kPatience));
  EXPECT_EQ(world.api().job("stop-1").stop_requests, 0) << "a restart is no reset";
  EXPECT_EQ(world.end(), 0);
}

TEST(Disk, AJournalOfALaterVersionIsRefused) {
  World world(options_for_disks());
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience));
  EXPECT_EQ(world.end(), 0);
  {
    // SQLite's user_version: four bytes, big-endian, at 60.
    std::fstream file(world.state() / "journal.db",
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60).write("\0\0\0\x63", 4);
  }
  world.start();
  const auto ending = world.daemon().wait(kPatience);
  ASSERT_TRUE(ending.has_value());
  EXPECT_EQ(ending->code, 78);
  EXPECT_NE(world.daemon().err().find("99"), std::string::npos) << world.daemon().err();
}

}  // namespace
}  // namespace trainstop::e2e
