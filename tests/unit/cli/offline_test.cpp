// What a command knows when no daemon runs: the journal's present, judged as of now.
#include "cli/offline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/answer.hpp"
#include "cli/show_status.hpp"
#include "journal/store.hpp"
#include "simulation/world.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

constexpr const char* kRules = "rules: [{name: long, when: {running_for: 10h}}]\n";

/// What a daemon leaves that has watched two jobs for an hour.
class LeftBehind : public testing::Test {
 protected:
  LeftBehind() : world_(kRules) {
    world_.at(1s, [&] {
      world_.add("a", 1s);
      world_.add("b", 1s, "DEPLOYING");
    });
    world_.run_until(1h);
    auto store = journal::open_store(directory_.path());
    journal::Batch batch;
    batch.first_seq = 1;
    batch.utc = world_.now();
    for (const auto& [key, image] : world_.present()) batch.images.push_back(image);
    const std::vector<journal::Batch> batches{std::move(batch)};
    EXPECT_TRUE((*store)->load());
    EXPECT_TRUE((*store)->write(batches));
  }

  Source source(const std::string& yaml) {
    Source source;
    source.state_dir = directory_.path().string();
    source.socket.config = (directory_.path() / "trainstop.yaml").string();
    std::ofstream(source.socket.config) << yaml;
    return source;
  }

  test::World world_;
  test::TempDir directory_;
};

TEST_F(LeftBehind, IsJudgedAsOfNow) {
  const auto opened = open_offline(
      source(std::string("mode: enforce\naccounts: [{name: main, api_key: {env: KEY}}]\n") +
             kRules),
      test::kStart + 3h);
  const auto& offline = std::get<Offline>(opened);
  EXPECT_THAT(offline.problem, IsEmpty());
  EXPECT_EQ(offline.known_until, test::kStart + 1h);
  const auto status = json_of(offline.core.status(10, {}));
  const auto jobs = objects_at(status, "jobs");
  ASSERT_THAT(jobs, SizeIs(2));
  EXPECT_EQ(text_at(*jobs[0], "job"), "a");
  EXPECT_EQ(instant_at(*jobs[0], "due_at"), test::kStart + 1s + 10h);
  EXPECT_NEAR(number_at(*jobs[0], "running_s").value_or(0), 3 * 3600, 2);
  // As old as the last list that the journal knows.
  const auto accounts = objects_at(status, "accounts");
  EXPECT_NEAR(number_at(*accounts[0], "facts_age_s").value_or(0), 2 * 3600, 30);
  EXPECT_THAT(offline.core.find("a"), ElementsAre("main/proj1/a"));
}

TEST_F(LeftBehind, ShowsTheJobsWithoutRulesWhenTheConfigurationIsBroken) {
  const auto opened = open_offline(
      source("mode: enforc\naccounts: [{name: main, api_key: {env: KEY}}]\n"), test::kStart + 2h);
  const auto& offline = std::get<Offline>(opened);
  EXPECT_THAT(offline.problem, HasSubstr("'mode' is 'enforc'"));
  const auto status = json_of(offline.core.status(10, {}));
  EXPECT_THAT(objects_at(status, "jobs"), SizeIs(2));
  EXPECT_EQ(text_at(*objects_at(status, "accounts").at(0), "name"), "main");
  EXPECT_THAT(show_status(status, Screen()), HasSubstr("2 live"));
}

TEST(Offline, SaysThatThereIsNoJournal) {
  test::TempDir directory;
  Source source;
  source.state_dir = directory.path().string();
  const auto opened = open_offline(source, test::kStart);
  ASSERT_TRUE(std::holds_alternative<int>(opened));
  EXPECT_EQ(std::get<int>(opened), kFailed);
}

}  // namespace
}  // namespace trainstop::cli
