// `check` finds each thing that is wrong, and nothing in a journal that is sound.
#include <gmock/gmock.h>

#include "journal/reader.hpp"
#include "samples.hpp"

namespace trainstop::journal::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = Image::Kind;

Event stop_event(const std::string& name, const std::string& id, int attempt = 0) {
  Event event = event_of("j1", name).with("stop", id);
  if (attempt > 0) event.with("attempt", attempt);
  return event;
}

class CheckTest : public Journal {
 protected:
  void SetUp() override {
    open();
    write(batch(1,
                {event_of("j1", "job.seen"), stop_event("stop.intended", "a"),
                 stop_event("stop.sent", "a", 1), stop_event("stop.sent", "a", 2),
                 stop_event("stop.confirmed", "a", 2)},
                {put(Kind::job, key_of("j1"), {{"n", 1}}), put(Kind::job, key_of("j1"), {{"n", 2}}),
                 put(Kind::stop, key_of("j1"), {{"n", 1}})}));
  }

  std::vector<std::string> problems() {
    close_store();
    auto reader = open_reader(directory());
    EXPECT_TRUE(reader) << reader.error().message;
    auto found = (*reader)->check();
    EXPECT_TRUE(found) << found.error().message;
    return *found;
  }
};

TEST_F(CheckTest, ASoundOneHasNone) {
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(CheckTest, AGapIsNoDamage) {
  write(batch(10, {plain_event("a")}));
  write(batch(20, {plain_event("a")}));

  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(CheckTest, AGapThatCannotBe) {
  write(batch(10, {plain_event("a")}));
  for (const char* gap :
       {"from_seq = 6, to_seq = 2", "from_seq = 6, to_seq = 1000", "from_seq = -5, to_seq = 9",
        "from_seq = 6, to_seq = -9000000000000000000"}) {
    open();
    sql(std::string("UPDATE gap SET ") + gap);

    EXPECT_THAT(problems(), ElementsAre(HasSubstr("the gap"), HasSubstr("6 events where 10"),
                                        HasSubstr("events 6 to 9 are missing")))
        << gap;
  }
}

TEST_F(CheckTest, AMissingEvent) {
  write(batch(10, {plain_event("a"), plain_event("b"), plain_event("c")}));
  sql("DELETE FROM event WHERE seq IN (1, 11)");

  EXPECT_THAT(problems(), ElementsAre(HasSubstr("6 events where 8"), HasSubstr("events 1 to 1"),
                                      HasSubstr("events 11 to 11")));
}

TEST_F(CheckTest, AMissingEventAmongThePruned) {
  write(batch(6, std::vector<Event>(5, plain_event("a", kStart, Level::debug))));
  write(batch(11, {plain_event("b")}));
  prune(kStart + std::chrono::hours(48));
  sql("DELETE FROM event WHERE seq = 1");

  EXPECT_THAT(problems(), ElementsAre(HasSubstr("5 events where 6")));
}

TEST_F(CheckTest, AnEventThatCannotBeDecoded) {
  sql("UPDATE event SET fields = '{\"a\": 1}' WHERE seq = 1; UPDATE event SET level = 9 WHERE seq "
      "= 2");

  EXPECT_THAT(problems(), testing::Contains(HasSubstr("event 1 can't be decoded")));
  EXPECT_THAT(problems(), testing::Contains(HasSubstr("event 2 can't be decoded")));
}

TEST_F(CheckTest, ARecordThatWasChanged) {
  sql("UPDATE record SET body = '{\"n\":3}' WHERE id = 1");

  EXPECT_THAT(problems(), ElementsAre(HasSubstr("record 1 is not what was written")));
}

TEST_F(CheckTest, AMissingRecord) {
  sql("DELETE FROM record WHERE id = 1");

  EXPECT_THAT(problems(), ElementsAre(HasSubstr("2 records where 3")));
}

TEST_F(CheckTest, APresentImageThatIsGone) {
  sql("DELETE FROM present WHERE kind = 8");

  EXPECT_THAT(problems(), ElementsAre(HasSubstr("1 present images")));
}

TEST_F(CheckTest, TotalsThatWereChanged) {
  sql("UPDATE meta SET present_count = 1");

  EXPECT_THAT(problems(), testing::Contains(HasSubstr("totals are not what was written")));
}

TEST_F(CheckTest, AReferenceToNothing) {
  sql("PRAGMA foreign_keys = OFF; DELETE FROM subject");

  EXPECT_THAT(problems(), testing::Contains(HasSubstr("missing row of table subject")));
}

TEST_F(CheckTest, AStopOfAJobThatIsNotPresent) {
  write(batch(6, {}, {close(Kind::job, key_of("j1"))}));

  EXPECT_THAT(problems(), ElementsAre(HasSubstr("the open stop 'default/llm/j1'")));
}

TEST_F(CheckTest, ASendWithoutItsIntent) {
  write(batch(6, {stop_event("stop.sent", "b", 1), stop_event("stop.confirmed", "c")}));

  EXPECT_THAT(problems(), ElementsAre(HasSubstr("event 6 is stop.sent of stop 'b'"),
                                      HasSubstr("event 7 is stop.confirmed of stop 'c'")));
}

TEST_F(CheckTest, ASendWhoseIntentWasLostIsNoDamage) {
  write(batch(8, {stop_event("stop.sent", "b", 1)}));

  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(CheckTest, ASendWhoseIntentWasPrunedIsNoDamage) {
  const Instant later = kStart + std::chrono::hours(24);
  Event sent = stop_event("stop.sent", "a", 3);
  sent.at = later;
  write(batch(6, {sent}, {close(Kind::stop, key_of("j1")), close(Kind::job, key_of("j1"))}));
  prune(kStart + std::chrono::hours(24 * 401) - std::chrono::hours(1));
  EXPECT_EQ(number("SELECT count(*) FROM event"), 1);

  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(CheckTest, AttemptsThatRunBackwards) {
  write(batch(6, {stop_event("stop.sent", "a", 1)}));

  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("event 6 is attempt 1 of stop 'a', after attempt 2")));
}

TEST_F(CheckTest, AFileThatIsCut) {
  write(batch(6, std::vector<Event>(500, plain_event("a"))));
  close_store();
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) - 4096);

  auto reader = open_reader(directory());

  if (reader) {
    EXPECT_THAT(*(*reader)->check(), testing::Not(IsEmpty()));
  } else {
    EXPECT_EQ(reader.error().kind, Error::Kind::corrupt);
  }
}

TEST_F(CheckTest, ManyProblemsOfAKindAreBounded) {
  write(batch(6, std::vector<Event>(500, plain_event("a"))));
  sql("UPDATE event SET fields = '' WHERE seq > 5");

  const auto found = problems();

  EXPECT_EQ(found.size(), 20u);
  EXPECT_THAT(found.back(), HasSubstr("more of the kind"));
}

}  // namespace
}  // namespace trainstop::journal::test
