// Which request leaves next.
#include "service/dispatcher.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trainstop::service {
namespace {

using core::Priority;

constexpr Instant kNow{std::chrono::seconds(1'000)};

core::FetchJob read_of(Priority priority, core::RequestId request) {
  core::FetchJob act;
  act.request = request;
  act.priority = priority;
  return act;
}

core::SendStop stop_of(core::RequestId request) {
  core::SendStop act;
  act.request = request;
  return act;
}

core::RequestId id_of(const core::Act& act) {
  if (const auto* stop = std::get_if<core::SendStop>(&act)) return stop->request;
  if (const auto* job = std::get_if<core::FetchJob>(&act)) return job->request;
  if (const auto* prices = std::get_if<core::FetchPrices>(&act)) return prices->request;
  return std::get<core::FetchList>(act).request;
}

std::vector<core::RequestId> all_that_leave(Dispatcher& dispatcher, Instant now) {
  std::vector<core::RequestId> ids;
  while (true) {
    const auto next = dispatcher.next(now);
    if (!next.act) return ids;
    ids.push_back(id_of(*next.act));
  }
}

TEST(Dispatcher, ServesByPriorityAndThenByAge) {
  Dispatcher dispatcher(100, 10, 10);
  dispatcher.push(core::FetchPrices{1, 0});
  dispatcher.push(read_of(Priority::lost_read, 2));
  dispatcher.push(core::FetchList{3, 0, Priority::list, true});
  dispatcher.push(read_of(Priority::confirm, 4));
  dispatcher.push(read_of(Priority::verify, 5));
  dispatcher.push(stop_of(6));
  dispatcher.push(stop_of(7));
  EXPECT_EQ(all_that_leave(dispatcher, kNow), (std::vector<core::RequestId>{6, 7, 5, 4, 3, 2, 1}));
}

TEST(Dispatcher, HungPollsTakeNoConnectionFromStops) {
  Dispatcher dispatcher(100, 2, 1);
  dispatcher.push(core::FetchList{1, 0, Priority::list, true});
  dispatcher.push(core::FetchList{2, 0, Priority::list, true});
  dispatcher.push(stop_of(3));
  EXPECT_EQ(all_that_leave(dispatcher, kNow), (std::vector<core::RequestId>{3, 1}));
  dispatcher.done(Priority::list);
  EXPECT_EQ(all_that_leave(dispatcher, kNow), std::vector<core::RequestId>{2});
}

TEST(Dispatcher, HungVerifyingReadsLeaveConnectionsToStops) {
  Dispatcher dispatcher(100, 8, 1);
  for (core::RequestId i = 1; i <= 20; ++i) dispatcher.push(read_of(Priority::verify, i));
  EXPECT_EQ(all_that_leave(dispatcher, kNow).size(), 6U);
  dispatcher.push(stop_of(21));
  dispatcher.push(stop_of(22));
  dispatcher.push(stop_of(23));
  EXPECT_EQ(all_that_leave(dispatcher, kNow), (std::vector<core::RequestId>{21, 22}));
}

TEST(Dispatcher, OverTheRateItSaysWhenToAskAgain) {
  Dispatcher dispatcher(5, 10, 10);
  for (core::RequestId i = 1; i <= 6; ++i) dispatcher.push(stop_of(i));
  EXPECT_EQ(all_that_leave(dispatcher, kNow).size(), 5U);
  const auto next = dispatcher.next(kNow);
  EXPECT_FALSE(next.act);
  EXPECT_EQ(next.again, kNow + std::chrono::seconds(1));
  EXPECT_TRUE(dispatcher.next(next.again).act);
}

TEST(Dispatcher, PollsAtTheirShareOfTheRateDoNotHoldUpAStop) {
  Dispatcher dispatcher(5, 10, 100);
  for (core::RequestId i = 1; i <= 50; ++i) dispatcher.push(read_of(Priority::confirm, i));
  EXPECT_EQ(all_that_leave(dispatcher, kNow).size(), 4U);
  dispatcher.push(stop_of(51));
  EXPECT_EQ(all_that_leave(dispatcher, kNow), std::vector<core::RequestId>{51});
}

TEST(Dispatcher, WithNothingToDoItAsksForNoTime) {
  Dispatcher dispatcher(5, 1, 1);
  EXPECT_EQ(dispatcher.next(kNow).again, kNever);
  dispatcher.push(stop_of(1));
  dispatcher.push(stop_of(2));
  EXPECT_TRUE(dispatcher.next(kNow).act);
  EXPECT_EQ(dispatcher.next(kNow).again, kNever) << "only done() frees the connection";
}

TEST(Dispatcher, AtTheEndOnlyStopsAreKept) {
  Dispatcher dispatcher(50, 1, 1);
  dispatcher.push(core::FetchPrices{1, 0});
  dispatcher.push(read_of(Priority::verify, 2));
  dispatcher.push(stop_of(3));
  dispatcher.push(stop_of(4));
  dispatcher.keep_only_stops();
  EXPECT_EQ(all_that_leave(dispatcher, kNow), std::vector<core::RequestId>{3});
  EXPECT_EQ(dispatcher.open_stops(), 2U);
  dispatcher.done(Priority::stop);
  EXPECT_EQ(dispatcher.open_stops(), 1U);
  EXPECT_EQ(dispatcher.under_way(), 0U);
}

}  // namespace
}  // namespace trainstop::service
