// What the core does with answers that a sound API and a quick machine never give.
#include <gmock/gmock.h>

#include "unit/core/script.hpp"

namespace trainstop::core {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kTenMinutes = "rules: [{name: short, when: {running_for: 10m}}]\n";
const std::string kHour = "rules: [{name: hour, when: {running_for: 1h}}]\n";
const Money kDollar = Money::from_dollars(1);
// Times kMinutesPerHour it can't be counted.
const Money kHuge = Money::from_nano(9'000'000'000'000'000'000);

TEST(Counts, AreOfWhatIsKnown) {
  Script script(kTenMinutes);
  script.settle(0s);
  script.prices({{"H100x8", kDollar}}, 1s);
  JobSnapshot unpriced = running("j2");
  unpriced.instance_type = "B200x8";
  script.list({shared(running("j1")), shared(unpriced)}, 1s);
  script.settle(1s);
  const auto counts = script.core.counts();
  EXPECT_EQ(counts.live_jobs, 2U);
  EXPECT_EQ(counts.open_stops, 0U);
  EXPECT_EQ(counts.overdue, 0U);
  EXPECT_EQ(counts.per_minute, kDollar);
}

TEST(Counts, GoOnWhenTheSumIsTooLarge) {
  Script script(kTenMinutes);
  script.settle(0s);
  script.prices({{"H100x8", kHuge}}, 1s);
  script.list({shared(running("j1")), shared(running("j2"))}, 1s);
  script.settle(1s);
  EXPECT_EQ(script.core.counts().per_minute, kHuge);
}

TEST(Prices, TooLargeToBeCountedByTheHourAreToldAllTheSame) {
  Script script(kTenMinutes);
  script.settle(0s);
  script.prices({{"H100x8", kHuge}}, 1s);
  script.settle(25h);
  script.prices({{"H100x8", *add(kHuge, kDollar)}}, 25h);
  ASSERT_THAT(script.told("price.changed"), SizeIs(1));
  EXPECT_EQ(*script.told("price.changed")[0].find("rate_before"), Value(9e9 * 60));
}

TEST(Prices, ThatChangeALittleAreBelieved) {
  Script script(kTenMinutes);
  script.settle(0s);
  script.prices({{"H100x8", kDollar}}, 1s);
  script.list({shared(running("j1"))}, 1s);
  script.settle(25h);
  script.prices({{"H100x8", *add(kDollar, kDollar)}}, 25h);
  ASSERT_THAT(script.told("price.changed"), SizeIs(1));
  EXPECT_EQ(*script.told("price.changed")[0].find("kept_old"), Value(false));
  script.settle(25h + 2min);
  EXPECT_EQ(script.core.counts().per_minute, *add(kDollar, kDollar));
}

TEST(Prices, ThatMakeNoSenseAreToldOf) {
  Script script(kTenMinutes);
  script.settle(0s);
  const auto asked = script.take<FetchPrices>();
  script.feed(PricesRead{asked.request, 0, {}, 2, "a price of 0"}, 1s);
  ASSERT_THAT(script.told("price.unusable"), SizeIs(1));
  EXPECT_EQ(*script.told("price.unusable")[0].find("unusable"), Value(std::size_t{2}));
}

TEST(SideCalls, ThatFailAreMadeAgainLaterAndLater) {
  Script script(kTenMinutes);
  script.settle(0s);
  script.fail(script.take<FetchPrices>(), FailureKind::timeout, 1s);
  script.fail(script.take<FetchProjects>(), FailureKind::timeout, 1s);
  EXPECT_EQ(script.count<FetchPrices>() + script.count<FetchProjects>(), 0U);
  script.settle(6s);
  script.fail(script.take<FetchPrices>(), FailureKind::timeout, 6s);
  script.settle(10s);
  EXPECT_EQ(script.count<FetchPrices>(), 0U) << "at least five seconds after the second failure";
  script.settle(16s);
  EXPECT_EQ(script.count<FetchPrices>(), 1U);
  EXPECT_EQ(script.count<FetchProjects>(), 1U);
}

TEST(UnusableRecords, AreToldOnceAndAfterAGoodListAgain) {
  Script script(kTenMinutes);
  const auto list = [&](std::size_t unusable, Duration at) {
    script.settle(at);
    const auto asked = script.take<FetchList>();
    script.feed(
        ListRead{asked.request, 0, kStart + at, kStart + at, asked.filtered, {}, unusable, "no id"},
        at);
  };
  list(2, 0s);
  list(2, 15s);
  EXPECT_THAT(script.told("api.unusable_records"), SizeIs(1));
  list(0, 30s);
  list(1, 45s);
  EXPECT_THAT(script.told("api.unusable_records"), SizeIs(2));
}

TEST(Poll, ThatIsToldToWaitWaits) {
  Script script(kTenMinutes);
  script.settle(0s);
  const auto asked = script.take<FetchList>();
  Failure failure{FailureKind::rate_limited, "slower", 429, Duration(40s)};
  script.feed(FetchFailed{asked.request, 0, kStart, kStart, failure}, 1s);
  script.settle(40s);
  EXPECT_EQ(script.count<FetchList>(), 0U);
  script.settle(41s);
  EXPECT_EQ(script.count<FetchList>(), 1U);
}

TEST(ClockSkew, IsToldHourlyAndAnewWhenItComesBack) {
  Script script(kTenMinutes);
  const ClockRead skewed{0s, true, "an hour behind"};
  script.feed(skewed, 1s);
  script.feed(skewed, 30min);
  EXPECT_THAT(script.told("clock.skewed"), SizeIs(1));
  script.feed(Tick{}, 61min);
  EXPECT_THAT(script.told("clock.skewed"), SizeIs(2));
  script.feed(ClockRead{0s, false, {}}, 62min);
  script.feed(Tick{}, 3h);
  EXPECT_THAT(script.told("clock.skewed"), SizeIs(2));
  script.feed(skewed, 3h);
  EXPECT_THAT(script.told("clock.skewed"), SizeIs(3));
}

TEST(ClockShift, IsRememberedWhenItChanges) {
  Script script(kTenMinutes);
  const auto images_of = [&](Duration shift, Duration at) {
    std::size_t images = 0;
    for (const Image& image : script.feed(ClockRead{shift, false, {}}, at).images)
      images += image.kind == Image::Kind::clock ? 1U : 0U;
    return images;
  };
  EXPECT_EQ(images_of(0s, 1s), 1U) << "the first, whatever it is";
  EXPECT_EQ(images_of(0s, 2s), 0U);
  EXPECT_EQ(images_of(1s, 3s), 1U);
}

/// A script at the end of whose minute job j1 is under watch.
void watch(Script& script, const std::vector<JobRef>& jobs) {
  script.settle(0s);
  script.list(jobs, 0s);
  script.settle(0s);
}

TEST(Answer, AboutAJobThatWasForgottenMeanwhileIsDropped) {
  for (const bool fails : {true, false}) {
    Script script(kHour);
    watch(script, {shared(running("j1"))});
    script.settle(15s);
    script.list({}, 15s);  // it vanished: it is read by its id
    const auto read = script.take<FetchJob>();
    JobSnapshot ended = running("j1");
    ended.status = "TRAINING_JOB_COMPLETED";
    script.settle(30s);
    script.list({shared(ended)}, 30s);
    EXPECT_THAT(script.told("job.ended"), SizeIs(1));
    script.settle(2h);
    if (fails) {
      script.fail(read, FailureKind::not_found, 2h);
    } else {
      script.feed(JobRead{read.request, 0, kStart + 15s, kStart + 2h, shared(running("j1"))}, 2h);
    }
    EXPECT_THAT(script.told("job.seen"), SizeIs(1));
    EXPECT_THAT(script.told("job.lost"), IsEmpty());
    EXPECT_EQ(script.core.counts().live_jobs, 0U);
  }
}

TEST(MissingJob, IsReadOnceAtATime) {
  Script script(kHour);
  watch(script, {shared(running("j1"))});
  for (const Duration at : {Duration(15s), Duration(30s), Duration(45s)}) {
    script.settle(at);
    script.list({}, at);
  }
  EXPECT_EQ(script.count<FetchJob>(), 1U);
}

TEST(SlowList, ThatLacksAJobSeenSinceConcludesNothing) {
  Script script(kTenMinutes);
  watch(script, {shared(running("j1"))});
  script.settle(9min + 45s);
  const auto slow = script.take<FetchList>();
  script.settle(9min + 58s);
  const auto verify = script.take<FetchJob>();
  script.feed(
      JobRead{verify.request, 0, kStart + 9min + 58s, kStart + 9min + 59s, shared(running("j1"))},
      9min + 59s);
  script.feed(
      ListRead{slow.request, 0, kStart + 9min + 45s, kStart + 9min + 59s, slow.filtered, {}, 0, {}},
      9min + 59s);
  EXPECT_EQ(script.count<FetchJob>(), 0U);
}

TEST(VanishedJobs, FromAnUnfilteredListAreReadInRoundsAndNoFurtherListIsAskedFor) {
  Script script(kHour);
  std::vector<JobRef> jobs;
  for (int i = 0; i < 30; ++i) jobs.push_back(shared(running("j" + std::to_string(i))));
  script.settle(0s);
  const auto first = script.take<FetchList>();
  EXPECT_FALSE(first.filtered);
  script.feed(ListRead{first.request, 0, kStart, kStart, false, jobs, 0, {}}, 0s);
  script.settle(0s);
  script.settle(15s);
  const auto second = script.take<FetchList>();
  script.fail(second, FailureKind::timeout, 15s);  // after a gap everything is asked for
  script.settle(20s);
  const auto third = script.take<FetchList>();
  EXPECT_FALSE(third.filtered);
  script.feed(ListRead{third.request, 0, kStart + 20s, kStart + 20s, false, {}, 0, {}}, 20s);
  EXPECT_EQ(script.count<FetchJob>(), 20U);
  script.settle(40s);
  EXPECT_TRUE(script.take<FetchList>().filtered);
}

TEST(Summary, CountsWhatFellDueWhileTheMachineSlept) {
  Script script("safety: {max_stops: {count: 200, per: 1h}}\n" + kTenMinutes);
  std::vector<JobRef> jobs;
  for (int i = 0; i < 100; ++i) jobs.push_back(shared(running("j" + std::to_string(i))));
  watch(script, jobs);
  const Batch batch = script.feed(Tick{}, 20min);  // not all of it can be looked at in one call
  EXPECT_EQ(batch.wake, kStart + 20min);
  script.settle(20min);
  ASSERT_FALSE(script.told("daemon.summary").empty());
  EXPECT_EQ(*script.told("daemon.summary").back().find("overdue"), Value(std::size_t{100}));
  EXPECT_EQ(script.core.counts().overdue, 100U);
}

TEST(Account, TakesOverAJobThatAnotherHasOnlyJustSeen) {
  Script script("accounts: [{name: a, api_key: {env: A}}, {name: b, api_key: {env: B}}]\n" +
                kTenMinutes);
  std::vector<JobRef> jobs;
  for (int i = 0; i < 100; ++i) jobs.push_back(shared(running("j" + std::to_string(i))));
  script.settle(0s);
  script.list(jobs, 1s, 1);
  script.list(jobs, 1s, 0);
  script.settle(1s);
  EXPECT_EQ(script.core.counts().live_jobs, 100U);
  for (const auto& [key, image] : script.present) {
    if (image.kind != Image::Kind::job) continue;
    EXPECT_TRUE(image.key.starts_with("a/")) << image.key;
  }
}

TEST(SlowList, OfAnotherKindDoesNotTurnTheRunOfListsBack) {
  Script script("safety: {max_stops: {count: 100, per: 1h}}\n" + kTenMinutes);
  std::vector<JobRef> jobs;
  for (int i = 0; i < 30; ++i) jobs.push_back(shared(running("j" + std::to_string(i))));
  watch(script, jobs);
  script.settle(9min + 45s);
  const auto poll = script.take<FetchList>();
  script.settle(9min + 58s);
  script.list(jobs, 9min + 58s);  // it verifies them all
  const auto run = [&] {
    for (const auto& [key, image] : script.present) {
      if (image.kind == Image::Kind::polls) return image;
    }
    return Image{};
  };
  const Image before = run();
  script.feed(
      ListRead{
          poll.request, 0, kStart + 9min + 45s, kStart + 9min + 59s, poll.filtered, jobs, 0, {}},
      9min + 59s);
  EXPECT_EQ(run(), before);
  EXPECT_FALSE(before.body.empty());
}

TEST(End, BeforeTheFirstByteOfTheStopLeftIsToldWithoutALateness) {
  Script script(kTenMinutes);
  watch(script, {shared(running("j1"))});
  script.settle(9min + 45s);
  const auto poll = script.take<FetchList>();
  script.settle(9min + 58s);
  const auto verify = script.take<FetchJob>();
  script.feed(
      JobRead{verify.request, 0, kStart + 9min + 58s, kStart + 9min + 58s, shared(running("j1"))},
      9min + 58s);
  script.settle(10min);
  const auto stop = script.take<SendStop>();
  JobSnapshot ended = running("j1");
  ended.status = "TRAINING_JOB_COMPLETED";
  script.feed(
      ListRead{
          poll.request, 0, kStart + 10min, kStart + 10min, poll.filtered, {shared(ended)}, 0, {}},
      10min);
  ASSERT_THAT(script.told("stop.confirmed"), SizeIs(1));
  EXPECT_EQ(script.told("stop.confirmed")[0].find("late_s"), nullptr);
  // The first byte leaves all the same, and again and again nothing is made of it.
  script.feed(StopSent{stop.request, kStart + 10min}, 10min);
  script.settle(3h);
  EXPECT_EQ(script.present.count({Image::Kind::job, "main/proj1/j1"}), 0U) << "it is forgotten";
  script.feed(StopSent{stop.request, kStart + 3h}, 3h);
  script.feed(StopReplied{stop.request, kStart + 3h, kStart + 3h, true, {}}, 3h);
  EXPECT_THAT(script.told("stop.sent"), IsEmpty());
  EXPECT_THAT(script.told("stop.accepted"), IsEmpty());
}

}  // namespace
}  // namespace trainstop::core
