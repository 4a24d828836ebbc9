#include "baseten/usage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trainstop::baseten {
namespace {

using std::chrono::sys_days;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr sys_days kDay = std::chrono::year(2026) / 1 / 5;

std::string record(const std::string& daily, const std::string& kind = "TRAINING_JOB") {
  return R"({"billable_resource":{"id":"j1","kind":")" + kind +
         R"(","is_deleted":false},"subtotal":1,"minutes":2,"daily":)" + daily + "}";
}

Result<std::vector<UsageDay>> days_of(const std::string& daily,
                                      const std::string& kind = "TRAINING_JOB") {
  return decode_usage(*parse_json(record(daily, kind)));
}

TEST(DecodeUsage, ReadsMoneyFromItsText) {
  const auto days = days_of(
      R"([{"date":"2026-01-06","subtotal":"1.0000000005","minutes":7},
          {"date":"2026-01-05T00:00:00Z","subtotal":52.0002,"minutes":60}])");
  ASSERT_TRUE(days) << days.error().message;
  ASSERT_THAT(*days, SizeIs(2));
  EXPECT_EQ((*days)[0], (UsageDay{"j1", kDay, 60, Money::from_nano(52'000'200'000)}));
  EXPECT_EQ((*days)[1],
            (UsageDay{"j1", kDay + std::chrono::days(1), 7, Money::from_nano(1'000'000'000)}));
}

TEST(DecodeUsage, LeavesWhetherAFigureMakesSenseToTheLedger) {
  const auto days = days_of(R"([{"date":"2026-01-05","subtotal":-3,"minutes":0}])");
  ASSERT_TRUE(days) << days.error().message;
  EXPECT_EQ(days->at(0).billed, Money::from_dollars(-3));
}

TEST(DecodeUsage, IgnoresWhatIsNoTrainingJob) {
  EXPECT_THAT(days_of("null", "MODEL_DEPLOYMENT").value(), IsEmpty());
  EXPECT_THAT(days_of("[]").value(), IsEmpty());
}

TEST(DecodeUsage, RefusesWhatIsMalformed) {
  const auto day = [](const std::string& date, const std::string& money,
                      const std::string& minutes) {
    return R"([{"date":)" + date + R"(,"subtotal":)" + money + R"(,"minutes":)" + minutes + "}]";
  };
  const std::string date = "\"2026-01-05\"";
  ASSERT_TRUE(days_of(day(date, "1", "1")));
  for (const std::string& daily :
       {std::string("null"), std::string("{}"), std::string("[7]"), day("\"2026-02-30\"", "1", "1"),
        day("\"yesterday\"", "1", "1"), day("7", "1", "1"), day(date, "1e400", "1"),
        day(date, "\"NaN\"", "1"), day(date, "null", "1"), day(date, "[1]", "1"),
        day(date, "99999999999", "1"), day(date, "1", "-1"), day(date, "1", "1.5"),
        day(date, "1", "99999999999"), day(date, "1", "null"),
        day(date, "1", "1").substr(0, day(date, "1", "1").size() - 1) + "," +
            day(date, "1", "1").substr(1)}) {
    const auto days = days_of(daily);
    ASSERT_TRUE(days.has_error()) << daily;
    EXPECT_THAT(days.error().message, HasSubstr("usage of job j1")) << daily;
    EXPECT_EQ(days.error().kind, FailureKind::unusable);
  }
  EXPECT_TRUE(
      decode_usage(*parse_json(R"({"billable_resource":{"kind":"TRAINING_JOB"}})")).has_error());
  EXPECT_TRUE(decode_usage(*parse_json("{}")).has_error());
  EXPECT_TRUE(decode_usage(*parse_json("[]")).has_error());
}

TEST(UsageCollector, SkipsAndCountsWhatItCannotUse) {
  UsageCollector collector;
  const std::string good = record(R"([{"date":"2026-01-05","subtotal":1,"minutes":1}])");
  collector.add(*parse_json(record("null")));
  collector.add(*parse_json(good));
  collector.add(*parse_json(good));
  collector.add(*parse_json(record("null", "CHAINLET")));
  EXPECT_THAT(collector.list().days, SizeIs(1));
  EXPECT_EQ(collector.list().unusable, 2U);
  EXPECT_EQ(collector.list().first_problem, "usage of job j1 has no daily figures");
}

TEST(UsageTarget, AsksForWholeDays) {
  EXPECT_EQ(usage_target(kDay, kDay + std::chrono::days(31)),
            "/v1/billing/usage_summary?start_date=2026-01-05T00:00:00Z"
            "&end_date=2026-02-05T00:00:00Z");
}

}  // namespace
}  // namespace trainstop::baseten
