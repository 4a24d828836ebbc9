// Questions to a journal.
#include "journal/reader.hpp"

#include "model/job.hpp"
#include "samples.hpp"

namespace trainstop::journal::test {
namespace {

using namespace std::chrono_literals;
using Kind = Image::Kind;
using Seqs = std::vector<std::uint64_t>;

class ReaderTest : public Journal {
 protected:
  void SetUp() override {
    open();
    write(batch(1, {plain_event("daemon.started"), event_of("j1", "job.seen", kStart + 1s),
                    plain_event("poll", kStart + 2s, Level::debug),
                    event_of("j2", "job.seen", kStart + 3s).with("rule", "two-days")}));
    Event other = event_of("j1", "rule.warned", kStart + 4s).with("rule", "idle");
    other.fields[0].second = "second";  // the same job id in another account
    other.level = Level::warning;
    write(batch(5, {other, plain_event("budget.warned", kStart + 5s).with("rule", "idle")}));
  }

  Seqs found(const Query& query) {
    auto reader = open_reader(directory());
    EXPECT_TRUE(reader) << reader.error().message;
    auto entries = (*reader)->events(query);
    EXPECT_TRUE(entries) << entries.error().message;
    Seqs seqs;
    for (const Entry& entry : *entries) seqs.push_back(entry.seq);
    return seqs;
  }
  Seqs of_job(const std::string& job) {
    Query query;
    query.job = job;
    return found(query);
  }
};

TEST_F(ReaderTest, GivesInfoAndAboveInOrder) {
  EXPECT_EQ(found({}), (Seqs{1, 2, 4, 5, 6}));
}

TEST_F(ReaderTest, ByLevel) {
  Query query;
  query.least = Level::debug;
  EXPECT_EQ(found(query), (Seqs{1, 2, 3, 4, 5, 6}));
  query.least = Level::warning;
  EXPECT_EQ(found(query), Seqs{5});
}

TEST_F(ReaderTest, ByJob) {
  EXPECT_EQ(of_job("j1"), (Seqs{2, 5}));
  EXPECT_EQ(of_job("default/j1"), Seqs{2});
  EXPECT_EQ(of_job("second/j1"), Seqs{5});
  EXPECT_EQ(of_job("j1-train"), (Seqs{2, 5}));
  EXPECT_EQ(of_job(job_url("llm", "j2")), Seqs{4});
  EXPECT_EQ(of_job(job_url("llm", "j2") + "?tab=logs#end"), Seqs{4});
  EXPECT_EQ(of_job(job_url("other", "j2")), Seqs{});
  EXPECT_EQ(of_job("j"), Seqs{});
  EXPECT_EQ(of_job(""), Seqs{});
  EXPECT_EQ(of_job("' OR 1 --"), Seqs{});
}

TEST_F(ReaderTest, AJobWithoutANameHasNone) {
  Event event = plain_event("job.seen").with("job", "j9");
  write(batch(7, {event}));

  EXPECT_EQ(of_job(""), Seqs{});
  EXPECT_EQ(of_job("j9"), Seqs{7});
}

TEST_F(ReaderTest, ByRule) {
  Query query;
  query.rule = "idle";
  EXPECT_EQ(found(query), (Seqs{5, 6}));
  query.job = "j1";
  EXPECT_EQ(found(query), Seqs{5});
  query.rule = "none";
  EXPECT_EQ(found(query), Seqs{});
}

TEST_F(ReaderTest, ByTime) {
  Query query;
  query.since = kStart + 1s;
  query.until = kStart + 5s;
  EXPECT_EQ(found(query), (Seqs{2, 4, 5}));
}

TEST_F(ReaderTest, AfterANumber) {
  Query query;
  query.after = 4;
  EXPECT_EQ(found(query), (Seqs{5, 6}));
  query.after = ~std::uint64_t{0};
  EXPECT_EQ(found(query), Seqs{});
}

TEST_F(ReaderTest, TheNewestInOrder) {
  Query query;
  query.last = 2;
  EXPECT_EQ(found(query), (Seqs{5, 6}));
  query.job = "j1";
  query.last = 1;
  EXPECT_EQ(found(query), Seqs{5});
  query.last = 0;
  EXPECT_EQ(found(query), Seqs{});
}

TEST_F(ReaderTest, SeesWhatIsWrittenMeanwhile) {
  auto reader = open_reader(directory());
  Query query;
  query.after = 6;
  EXPECT_TRUE((*reader)->events(query)->empty());

  write(batch(7, {plain_event("a")}));

  EXPECT_EQ((*reader)->events(query)->size(), 1u);
}

TEST_F(ReaderTest, ReadsWhenNoDaemonRuns) {
  close_store();
  EXPECT_EQ(found({}), (Seqs{1, 2, 4, 5, 6}));
}

TEST_F(ReaderTest, TellsWhatIsInIt) {
  write(batch(7, {},
              {put(Kind::run, "1"), put(Kind::run, "2"), amend(Kind::run, "2"),
               put(Kind::job, key_of("j1")), put(Kind::job, key_of("j2"), {{"ended", true}}),
               put(Kind::stop, key_of("j1"))}));
  auto reader = open_reader(directory());

  const auto info = (*reader)->info();

  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->path, file().string());
  EXPECT_GT(info->bytes, std::filesystem::file_size(file()));
  EXPECT_EQ(info->schema, 1);
  EXPECT_EQ(info->events, 6u);
  EXPECT_EQ(info->images, 5u);
  EXPECT_EQ(info->present_images, 5u);
  EXPECT_EQ(info->live_jobs, 1u);
  EXPECT_EQ(info->open_stops, 1u);
  EXPECT_EQ(info->runs, 2u);
  EXPECT_EQ(info->first, kStart);
  EXPECT_EQ(info->last, kStart + 5s);
  EXPECT_EQ(info->events_by_name.at("job.seen"), 2u);
  EXPECT_EQ((*reader)->present()->images.size(), 5u);
}

TEST_F(ReaderTest, NoneIsUnreadable) {
  const auto reader = open_reader(directory() / "none");

  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().kind, Error::Kind::unreadable);
}

TEST_F(ReaderTest, AnEmptyOneHasNoTimes) {
  close_store();
  std::filesystem::remove(file());
  open();

  auto reader = open_reader(directory());
  const auto info = (*reader)->info();

  ASSERT_TRUE(info) << info.error().message;
  EXPECT_FALSE(info->first);
  EXPECT_EQ(*(*reader)->check(), std::vector<std::string>{});
}

}  // namespace
}  // namespace trainstop::journal::test
