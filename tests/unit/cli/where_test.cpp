// Which state directory a command is about, however broken the configuration is.
#include "cli/where.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "journal/store.hpp"
#include "policy/reader.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::cli {
namespace {

using testing::HasSubstr;

class WhereTest : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("STATE_DIRECTORY"); }
  void TearDown() override { ::unsetenv("STATE_DIRECTORY"); }

  std::filesystem::path find(const std::string& config) {
    const Where where{"", directory_.write("trainstop.yaml", config).string()};
    testing::internal::CaptureStderr();
    auto found = find_state_directory(where);
    told_ = testing::internal::GetCapturedStderr();
    return found;
  }

  test::TempDir directory_;
  std::string told_;
};

TEST_F(WhereTest, IsWhatTheCommandLineSays) {
  ::setenv("STATE_DIRECTORY", "/run/other", 1);
  EXPECT_EQ(find_state_directory({"/srv/state", "/nonexistent"}), "/srv/state");
}

TEST_F(WhereTest, IsWhatSystemdSays) {
  ::setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two", 1);
  EXPECT_EQ(find("state_dir: /srv/state\n"), "/var/lib/one");
}

TEST_F(WhereTest, IsWhatTheConfigurationSays) {
  EXPECT_EQ(find("mode: observe\nstate_dir: /srv/state\n"), "/srv/state");
  EXPECT_EQ(told_, "");
}

TEST_F(WhereTest, IsTheDefaultOfAConfigurationThatSaysNothing) {
  EXPECT_EQ(find("mode: observe\n"), "/var/lib/trainstop");
  EXPECT_EQ(told_, "");
}

TEST_F(WhereTest, IsFoundInAConfigurationThatIsWrong) {
  EXPECT_EQ(find("mode: enforc\nstate_dir: /srv/state\nrules: [{nome: x}]\nstuff: 3\n"),
            "/srv/state");
  EXPECT_EQ(find("state_dir: /srv/state\nrules:\n  - {name: [}\n"), "/srv/state");
  EXPECT_EQ(find("rules:\n\t- x: [\nstate_dir: '/srv/state'  # here\n"), "/srv/state");
  EXPECT_EQ(find("rules: [{name: a, match: {job: *-keep}}]\nstate_dir: /srv/state\n"),
            "/srv/state");
  EXPECT_EQ(told_, "");
}

TEST_F(WhereTest, IsTheDefaultAndSaysWhyWhenNothingCanBeFound) {
  const std::filesystem::path standard = "/var/lib/trainstop";
  EXPECT_EQ(find("rules: [\n  state_dir: /srv/state\n"), standard);
  EXPECT_THAT(told_, HasSubstr("trainstop.yaml:"));
  EXPECT_THAT(told_, HasSubstr("; using the state directory /var/lib/trainstop\n"));
  EXPECT_EQ(find("state_dir: [a, b]\n"), standard);
  EXPECT_THAT(told_, HasSubstr("trainstop.yaml:1:12: error: 'state_dir' is no path"));
  testing::internal::CaptureStderr();
  EXPECT_EQ(find_state_directory({"", "/nonexistent/trainstop.yaml"}), standard);
  EXPECT_THAT(
      testing::internal::GetCapturedStderr(),
      HasSubstr("/nonexistent/trainstop.yaml:1:1: error: can't be read: there is no such file"));
}

TEST_F(WhereTest, SaysNothingWhereTheReasonIsAskedFor) {
  std::string note;
  testing::internal::CaptureStderr();
  EXPECT_EQ(find_state_directory({"", "/nonexistent/trainstop.yaml"}, note), "/var/lib/trainstop");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(note, HasSubstr("there is no such file; using the state directory"));
}

/// A journal that has told of the job `id`, of that name.
class NameInJournal : public testing::Test {
 protected:
  void tell_of(const std::string& id, const std::string& name) {
    Event event;
    event.name = "job.seen";
    event.at = Instant(std::chrono::hours(1));
    event.with("account", "main").with("project_id", "p1").with("job", id).with("job_name", name);
    journal::Batch batch;
    batch.first_seq = 1;
    batch.utc = event.at;
    batch.events = {std::move(event)};
    auto store = journal::open_store(directory_.path());
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->load());
    ASSERT_TRUE((*store)->write({&batch, 1}));
  }
  std::string find(const std::string& job) const { return name_in_journal(directory_.path(), job); }

  test::TempDir directory_;
};

TEST_F(NameInJournal, OfAKeyIsAccountAndId) {
  tell_of("a1", "run");
  EXPECT_EQ(find("main/p1/a1"), "main/a1");
  EXPECT_EQ(find("main/p1/other"), "main/other");
}

TEST_F(NameInJournal, OfAnythingElseIsItself) {
  tell_of("a1", "team/llm/run");
  for (const char* job : {"a1", "main/a1", "team/llm/run", "a//b", "/a/b", "a/b/", "",
                          "https://app.baseten.co/training/p1/logs/a1"})
    EXPECT_EQ(find(job), job);
}

}  // namespace
}  // namespace trainstop::cli
