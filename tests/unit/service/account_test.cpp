// An account's requests against a scripted API: each act is answered by exactly one fact, and no
// fact carries the key.
#include "service/account.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <utility>
#include <vector>

namespace trainstop::service {
namespace {

namespace asio = boost::asio;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "sk-hidden";

Failure failure_of(FailureKind kind, std::string message) {
  Failure failure;
  failure.kind = kind;
  failure.message = std::move(message);
  return failure;
}

/// Answers every call at once, with a failure when one is set, and notes what was asked.
class ScriptedApi final : public baseten::Api {
 public:
  asio::awaitable<baseten::Reply<baseten::JobList>> search(std::vector<std::string> statuses,
                                                           net::Lane) override {
    asked.push_back("search of " + std::to_string(statuses.size()));
    baseten::JobList list;
    list.jobs.push_back(std::make_shared<JobSnapshot>());
    list.unusable = 1;
    list.first_problem = std::string("odd ") + kKey;
    co_return reply(std::move(list));
  }
  asio::awaitable<baseten::Reply<JobRef>> read_job(std::string, std::string job_id,
                                                   net::Lane) override {
    asked.push_back("read " + job_id);
    JobRef job = std::make_shared<JobSnapshot>();
    co_return reply(std::move(job));
  }
  asio::awaitable<baseten::Reply<JobRef>> stop_job(std::string, std::string job_id,
                                                   std::function<void(Instant)> on_sent) override {
    asked.push_back("stop " + job_id);
    on_sent(Instant(seconds(7)));
    JobRef job = std::make_shared<JobSnapshot>();
    co_return reply(std::move(job));
  }
  asio::awaitable<baseten::Reply<baseten::PriceList>> prices() override {
    asked.emplace_back("prices");
    baseten::PriceList list;
    co_return reply(std::move(list));
  }
  asio::awaitable<baseten::Reply<std::vector<baseten::Project>>> projects() override {
    asked.emplace_back("projects");
    std::vector<baseten::Project> projects(1);
    projects[0].id = "p1";
    co_return reply(std::move(projects));
  }
  asio::awaitable<baseten::Reply<baseten::UsageList>> usage(std::chrono::sys_days from,
                                                            std::chrono::sys_days) override {
    asked.emplace_back("usage");
    baseten::UsageList list;
    list.days.push_back({"j1", from, 7, Money::from_dollars(3)});
    list.unusable = 1;
    list.first_problem = std::string("odd ") + kKey;
    co_return reply(std::move(list));
  }
  asio::awaitable<baseten::Reply<std::string>> whoami() override {
    asked.emplace_back("whoami");
    std::string name = "ana";
    co_return reply(std::move(name));
  }
  void forget_records() override { asked.emplace_back("forget"); }
  void keep_warm(int connections) override { warm = connections; }
  void close() override { closed = true; }

  std::vector<std::string> asked;
  std::optional<Failure> failure;
  int warm = 0;
  bool closed = false;

 private:
  template <class T>
  baseten::Reply<T> reply(T value) const {
    baseten::Timing timing;
    timing.sent = Instant(seconds(7));
    timing.received = Instant(seconds(8));
    if (failure) return baseten::Reply<T>(timing, *failure);
    return baseten::Reply<T>(timing, std::move(value));
  }
};

class AccountTest : public testing::Test {
 protected:
  AccountTest() : feed_(clock_, {"sim"}), account_(context_.get_executor(), {}, parts()) {
    facts_.clear();
  }

  /// Everything that the acts lead to.
  std::vector<core::Fact> facts_after(std::vector<core::Act> acts) {
    for (core::Act& act : acts) account_.carry_out(std::move(act));
    context_.restart();
    context_.run();
    return std::exchange(facts_, {});
  }

  AccountParts parts() {
    auto api = std::make_unique<ScriptedApi>();
    api_ = api.get();
    AccountParts parts;
    parts.api = std::move(api);
    parts.key = kKey;
    parts.clock = &feed_;
    parts.post = [this](core::Fact fact) {
      // The clock's first word is not what these tests are about.
      if (!std::holds_alternative<core::ClockRead>(fact)) facts_.push_back(std::move(fact));
    };
    return parts;
  }

  asio::io_context context_;
  BootClock clock_;
  ClockFeed feed_;
  ScriptedApi* api_ = nullptr;
  std::vector<core::Fact> facts_;
  Account account_;
};

core::SendStop stop_of(core::RequestId request) {
  core::SendStop stop;
  stop.request = request;
  stop.job_id = "j" + std::to_string(request);
  return stop;
}

TEST_F(AccountTest, AFilteredListAsksForTheActiveStatuses) {
  const auto facts = facts_after({core::FetchList{5, 0, core::Priority::list, true}});
  ASSERT_EQ(facts.size(), 1U);
  const auto& read = std::get<core::ListRead>(facts[0]);
  EXPECT_EQ(read.request, 5U);
  EXPECT_TRUE(read.filtered);
  EXPECT_EQ(read.sent, Instant(seconds(7)));
  EXPECT_EQ(read.received, Instant(seconds(8)));
  EXPECT_EQ(read.jobs.size(), 1U);
  EXPECT_EQ(read.first_problem, "odd [key]");
  EXPECT_EQ(api_->asked, (std::vector<std::string>{"whoami", "search of 5"}));
}

TEST_F(AccountTest, TheDateIsAskedForOnlyBeforeTheFirstList) {
  facts_after({core::FetchList{1, 0, core::Priority::list, true}});
  facts_after({core::FetchList{2, 0, core::Priority::list, false}});
  EXPECT_EQ(api_->asked, (std::vector<std::string>{"whoami", "search of 5", "search of 0"}));
}

TEST_F(AccountTest, WithoutAnyReplyTheDateIsNotAskedForForever) {
  api_->failure = failure_of(FailureKind::transport, "connection refused");
  for (int i = 0; i < 10; ++i) facts_after({core::FetchList{1, 0, core::Priority::list, true}});
  EXPECT_EQ(std::count(api_->asked.begin(), api_->asked.end(), "whoami"), 3);
  EXPECT_EQ(std::count(api_->asked.begin(), api_->asked.end(), "search of 5"), 10);
}

TEST_F(AccountTest, EveryReadIsAnsweredOnce) {
  core::FetchJob job;
  job.request = 1;
  job.job_id = "j1";
  const std::chrono::sys_days day(std::chrono::days(20'000));
  const core::FetchUsage usage{4, 0, day, day + std::chrono::days(1)};
  const auto facts = facts_after({job, core::FetchPrices{2, 0}, core::FetchProjects{3, 0}, usage});
  ASSERT_EQ(facts.size(), 4U);
  EXPECT_EQ(std::get<core::JobRead>(facts[0]).request, 1U);
  EXPECT_EQ(std::get<core::PricesRead>(facts[1]).request, 2U);
  EXPECT_EQ(std::get<core::ProjectsRead>(facts[2]).projects.at(0).id, "p1");
  const auto& read = std::get<core::UsageRead>(facts[3]);
  EXPECT_EQ(read.request, 4U);
  EXPECT_EQ(read.from, day);
  EXPECT_EQ(read.until, day + std::chrono::days(1));
  EXPECT_EQ(read.unusable, 1U);
  EXPECT_EQ(read.first_problem, "odd [key]");
  ASSERT_EQ(read.days.size(), 1U);
  EXPECT_EQ(read.days[0].job_id, "j1");
  EXPECT_EQ(read.days[0].day, day);
  EXPECT_EQ(read.days[0].minutes, 7);
  EXPECT_EQ(read.days[0].billed, Money::from_dollars(3));
}

TEST_F(AccountTest, AStopIsToldWhenItLeavesAndWhenItIsAnswered) {
  const auto facts = facts_after({stop_of(9)});
  ASSERT_EQ(facts.size(), 2U);
  EXPECT_EQ(std::get<core::StopSent>(facts[0]).request, 9U);
  EXPECT_EQ(std::get<core::StopSent>(facts[0]).at, Instant(seconds(7)));
  EXPECT_EQ(std::get<core::StopReplied>(facts[1]).request, 9U);
  EXPECT_FALSE(std::get<core::StopReplied>(facts[1]).failure);
  EXPECT_EQ(account_.open_stops(), 0U);
}

TEST_F(AccountTest, AFailureIsOneFactWithoutTheKey) {
  api_->failure = failure_of(FailureKind::unauthorized, std::string("refused: ") + kKey);
  core::FetchJob job;
  job.request = 1;
  const auto facts = facts_after({job, core::FetchPrices{2, 0}, core::FetchProjects{3, 0},
                                  core::FetchList{4, 0, core::Priority::list, true}, stop_of(5)});
  ASSERT_EQ(facts.size(), 6U) << "the stop left and was answered";
  std::vector<core::RequestId> failed;
  for (const core::Fact& fact : facts) {
    if (const auto* fetch = std::get_if<core::FetchFailed>(&fact)) {
      failed.push_back(fetch->request);
      EXPECT_EQ(fetch->failure.message, "refused: [key]");
    }
    if (const auto* stop = std::get_if<core::StopReplied>(&fact)) {
      EXPECT_EQ(stop->failure->message, "refused: [key]");
    }
  }
  EXPECT_THAT(failed, testing::UnorderedElementsAre(1, 2, 3, 4));
}

TEST_F(AccountTest, WarmConnectionsAreKeptWithoutAnAnswer) {
  EXPECT_TRUE(facts_after({core::KeepWarm{0, 2}}).empty());
  EXPECT_EQ(api_->warm, 2);
}

TEST_F(AccountTest, AfterTheEndOfPollingOnlyStopsLeave) {
  account_.stop_polling();
  const auto facts = facts_after({core::FetchPrices{1, 0}, stop_of(2)});
  EXPECT_EQ(facts.size(), 2U);
  EXPECT_EQ(api_->asked, std::vector<std::string>{"stop j2"});
}

TEST_F(AccountTest, OnceClosedNothingLeaves) {
  account_.close();
  EXPECT_TRUE(api_->closed);
  EXPECT_TRUE(facts_after({stop_of(1)}).empty());
  EXPECT_TRUE(api_->asked.empty());
}

}  // namespace
}  // namespace trainstop::service
