// What a reset of the breaker makes of the journal's images.
#include "core/reset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/memory.hpp"

namespace trainstop::core {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Instant kNoon{1767614400s};

Image open_breaker(const std::string& reason) {
  return {Image::Kind::breaker,
          Image::Change::put,
          {},
          {{"reason", reason}, {"stops", Value::Array{kNoon - 1h}}, {"since", kNoon}}};
}

Image stop_of(const std::string& job, Hold hold, Instant due = kNoon) {
  Stop stop;
  stop.id = "st-" + job;
  stop.cause.rule = "short";
  stop.due = due;
  stop.tripped = true;
  stop.hold = hold;
  if (hold != Hold::none) stop.held_since = due;
  Image image{Image::Kind::stop, Image::Change::put, "main/p/" + job, {}};
  MemberWriter writer(image.body);
  members(writer, std::as_const(stop));
  return image;
}

Image job_of(const std::string& job, const std::string& name) {
  return {Image::Kind::job, Image::Change::put, "main/p/" + job, {{"name", name}}};
}

Stop read(const Image& image) {
  Stop stop;
  MemberReader reader(image.body);
  members(reader, stop);
  EXPECT_FALSE(reader.failed());
  return stop;
}

TEST(Reset, OfAClosedBreakerChangesNothing) {
  EXPECT_THAT(reset_breaker({}), IsEmpty());
  const Image closed{
      Image::Kind::breaker, Image::Change::put, {}, {{"stops", Value::Array{kNoon}}}};
  EXPECT_THAT(reset_breaker({closed, stop_of("j1", Hold::none)}), IsEmpty());
  EXPECT_EQ(find_open_breaker({closed}), std::nullopt);
}

TEST(Reset, ClosesTheBreakerAndForgetsItsCount) {
  const auto images = reset_breaker({open_breaker("journal_lost")});
  EXPECT_THAT(images, ElementsAre(Image{Image::Kind::breaker, Image::Change::put, {}, {}}));
}

TEST(Reset, ApprovesWhatTheBreakerHeldAndNothingElse) {
  const auto images = reset_breaker({open_breaker("max_stops"), stop_of("j1", Hold::breaker),
                                     stop_of("j2", Hold::unknown), stop_of("j3", Hold::none)});
  ASSERT_THAT(images, SizeIs(2));
  EXPECT_EQ(images[1].key, "main/p/j1");
  const Stop stop = read(images[1]);
  EXPECT_TRUE(stop.approved);
  EXPECT_EQ(stop.hold, Hold::none);
  EXPECT_EQ(stop.held_since, kNever);
  Stop as_before = read(stop_of("j1", Hold::breaker));
  as_before.approved = true;
  as_before.hold = Hold::none;
  as_before.held_since = kNever;
  EXPECT_EQ(digest_of(stop), digest_of(as_before)) << "all else stays";
}

TEST(Reset, LetsAStopThatCantBeReadNotPass) {
  Image broken = stop_of("j1", Hold::breaker);
  broken.body.emplace_back("attempt", "one");
  EXPECT_THAT(reset_breaker({open_breaker("max_stops"), broken}), SizeIs(1));
}

TEST(Reset, ShowsWhatIsHeldByDue) {
  const auto breaker = find_open_breaker({open_breaker("max_stops"), job_of("j1", "llama"),
                                          stop_of("j1", Hold::breaker, kNoon + 1s),
                                          stop_of("j2", Hold::breaker, kNoon)});
  ASSERT_TRUE(breaker);
  EXPECT_EQ(breaker->reason, "max_stops");
  EXPECT_EQ(breaker->since, kNoon);
  EXPECT_THAT(breaker->held, ElementsAre(HeldStop{"main/p/j2", "", "short", kNoon},
                                         HeldStop{"main/p/j1", "llama", "short", kNoon + 1s}));
}

TEST(Reset, IsTold) {
  OpenBreaker breaker{"max_stops", kNoon, {{"main/p/j1", "llama", "short", kNoon}}};
  const Event event = breaker_reset(breaker, kNoon + 2h, 5s, "ana", "looked at it");
  EXPECT_EQ(event.name, "breaker.reset");
  EXPECT_EQ(event.level, Level::info);
  EXPECT_EQ(event.at, kNoon + 2h);
  EXPECT_EQ(*event.find("reason_opened"), Value("max_stops"));
  EXPECT_EQ(*event.find("reason"), Value("looked at it"));
  EXPECT_EQ(*event.find("operator"), Value("ana"));
  EXPECT_EQ(*event.find("held"), Value(1));
  EXPECT_EQ(*event.find("jobs"), Value(Value::Array{"main/p/j1"}));
  EXPECT_EQ(*event.find("since"), Value(kNoon + 5s));
}

}  // namespace
}  // namespace trainstop::core
