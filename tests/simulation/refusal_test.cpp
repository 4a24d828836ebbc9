// A key that is refused for one call and not for another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/tell.hpp"
#include "simulation/view.hpp"

namespace trainstop::test::refusal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kTenMinutes = "rules: [{name: a, when: {running_for: 10m}}]\n";

Trouble refused() {
  return failing(FailureKind::unauthorized, 403);
}

TEST(RefusedCall, OfPricesIsToldHourlyAndImpairsNothing) {
  World world("rules: [{name: a, when: {running_for: 100h}}]\n");
  world.on_side = [](const std::string& what) { return what == "prices" ? refused() : Trouble{}; };
  world.run_until(2h + 30min);
  ASSERT_THAT(world.told("api.auth_failed"), SizeIs(3));
  EXPECT_EQ(field(world.told("api.auth_failed")[2], "call"), Value("prices"));
  EXPECT_EQ(field(world.told("api.auth_failed")[2], "since"),
            field(world.told("api.auth_failed")[0], "since"));
  EXPECT_THAT(world.told("api.recovered"), IsEmpty());
  const Value shown = status(world);
  EXPECT_THAT(items(shown, "impaired"), IsEmpty());
  const Value account = items(shown, "accounts").at(0);
  EXPECT_EQ(get(account, "reachable"), Value(true));
  EXPECT_THAT(texts(items(account, "refused")), ElementsAre("prices"));
  EXPECT_EQ(get(account, "auth_failed"), field(world.told("api.auth_failed")[0], "since"));
  world.on_side = [](const std::string&) { return Trouble{}; };
  world.run_until(3h);
  ASSERT_THAT(world.told("api.recovered"), SizeIs(1));
  EXPECT_EQ(field(world.told("api.recovered")[0], "call"), Value("prices"));
  EXPECT_EQ(get(items(status(world), "accounts").at(0), "refused"), kAbsent);
}

TEST(RefusedCall, OfProjectsIsToldAndEnds) {
  World world(kTenMinutes);
  world.on_side = [](const std::string& what) {
    return what == "projects" ? refused() : Trouble{};
  };
  world.run_until(5min);
  ASSERT_THAT(world.told("api.auth_failed"), SizeIs(1));
  EXPECT_EQ(field(world.told("api.auth_failed")[0], "call"), Value("projects"));
  world.on_side = [](const std::string&) { return Trouble{}; };
  world.run_until(20min);
  ASSERT_THAT(world.told("api.recovered"), SizeIs(1));
  EXPECT_EQ(field(world.told("api.recovered")[0], "call"), Value("projects"));
}

TEST(RefusedCall, OfReadsAndStopsImpairsWhileAStopNeedsThem) {
  for (const bool reads : {true, false}) {
    World world(kTenMinutes);
    const auto refuse = [](const std::string&) { return refused(); };
    if (reads) world.on_read = refuse;
    if (!reads) world.on_stop = refuse;
    world.at(1s, [&] { world.add("j1", 1s); });
    world.run_until(30min);
    const std::string call = reads ? "read" : "stop";
    ASSERT_THAT(world.told("api.auth_failed"), SizeIs(1)) << call;
    EXPECT_EQ(field(world.told("api.auth_failed")[0], "call"), Value(call));
    EXPECT_THAT(texts(items(status(world), "impaired")),
                testing::Contains(HasSubstr("the key is refused (" + call + ")")));
    EXPECT_EQ(get(items(status(world), "accounts").at(0), "reachable"), Value(true));
    EXPECT_THAT(world.told("api.recovered"), IsEmpty()) << "a list says nothing of it";
    world.set_status("j1", "COMPLETED");
    world.run_until(45min);
    EXPECT_THAT(items(status(world), "impaired"), IsEmpty()) << "nothing needs it any more";
    EXPECT_EQ(get(items(status(world), "accounts").at(0), "refused"), kAbsent);
    EXPECT_THAT(world.told("api.recovered"), IsEmpty()) << "nor is it known to be allowed";
  }
}

TEST(RefusedCall, ForSomeJobsOnlyIsToldHourlyAtMost) {
  World world(std::string("safety: {max_stops: {count: 100, per: 1h}}\n") + kTenMinutes);
  world.on_read = [](const std::string& job) { return job == "j1" ? refused() : Trouble{}; };
  world.at(1s, [&] { world.add("j1", 1s); });
  for (int i = 2; i < 30; ++i)
    world.at(i * 1min, [&world, i] { world.add("j" + std::to_string(i), i * 1min); });
  world.run_until(55min);
  EXPECT_TRUE(world.was_stopped("j29"));
  EXPECT_THAT(world.told("api.auth_failed"), SizeIs(1));
  EXPECT_THAT(world.told("api.recovered"), SizeIs(1));
}

TEST(RefusedCall, NamesAllThatImpair) {
  World world(kTenMinutes);
  world.on_stop = [&](const std::string&) {
    world.on_read = [](const std::string&) { return refused(); };
    return refused();
  };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.run_until(30min);
  EXPECT_THAT(texts(items(status(world), "impaired")),
              testing::Contains(HasSubstr("the key is refused (read, stop)")));
}

TEST(RefusedCall, ThatIsGrantedAgainIsTold) {
  World world(kTenMinutes);
  world.on_stop = [](const std::string&) { return refused(); };
  world.on_read = [](const std::string&) { return Trouble{}; };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(15min, [&] { world.on_stop = [](const std::string&) { return Trouble{}; }; });
  world.run_until(1h);
  EXPECT_TRUE(world.was_stopped("j1"));
  ASSERT_THAT(world.told("api.recovered"), SizeIs(1));
  EXPECT_EQ(field(world.told("api.recovered")[0], "call"), Value("stop"));
}

TEST(RefusedCall, IsToldHourlyAtMostWhereOnlyMissingJobsAreRead) {
  World world("rules: [{name: a, when: {running_for: 100h}}]\n");
  world.on_read = [](const std::string&) { return refused(); };
  world.at(1s, [&] { world.add("j1", 1s); });
  world.at(1min, [&] { world.edit_list = [](std::vector<JobRef>& jobs) { jobs.clear(); }; });
  world.run_until(55min);
  EXPECT_THAT(world.told("api.auth_failed"), SizeIs(1));
}

TEST(RefusedCall, OfListsSaysItAll) {
  World world(kTenMinutes);
  world.on_list = [](bool) { return refused(); };
  world.on_side = [](const std::string&) { return refused(); };
  world.run_until(30min);
  for (const Event& told : world.told("api.auth_failed")) {
    // Prices and projects are asked for at the same instant as the first list.
    EXPECT_TRUE(field(told, "call") == Value("list") || told.at < kStart + 1s);
  }
  EXPECT_EQ(get(items(status(world), "accounts").at(0), "reachable"), Value(false));
  EXPECT_THAT(texts(items(status(world), "impaired")),
              testing::Contains(HasSubstr("the key is refused (list)")));
  world.on_list = [](bool) { return Trouble{}; };
  world.run_until(31min);
  EXPECT_THAT(world.told("api.recovered"), SizeIs(1));
}

}  // namespace
}  // namespace trainstop::test::refusal
