#include "unit/sim/fixture.hpp"

namespace trainstop::sim {
namespace {

const std::string kUsage = "/v1/billing/usage_summary";

std::string range(WallTime from, WallTime until) {
  const auto date = [](WallTime at) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at));
    std::string text(32, '\0');
    text.resize(static_cast<std::size_t>(std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT00:00:00Z", static_cast<int>(day.year()),
        static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()))));
    return text;
  };
  return kUsage + "?start_date=" + date(from) + "&end_date=" + date(until);
}

/// The last three days and today.
std::string recent() {
  const WallTime now = read_clocks().wall;
  return range(now - 72h, now + 24h);
}

JobScript script(const std::string& id, Duration ran_from, Duration ran_until) {
  JobScript job;
  job.id = id;
  job.node_count = 2;
  job.life = {{-ran_from, kDeploying}, {-ran_until, kCompleted}};
  return job;
}

TEST_F(SimTest, The_invoice_bills_each_started_minute_behind_its_lag) {
  server.add_job(script("old", 26h + 90s, 25h));
  server.add_job(script("young", 100min, 0s));
  const auto reply = json(call("GET", recent()));
  const auto& training = reply.at("training_usage").as_object();
  ASSERT_EQ(training.at("breakdown").as_array().size(), 2U) << "j1 and j2 are younger than the lag";
  const auto& old = training.at("breakdown").as_array()[0].as_object();
  EXPECT_EQ(old.at("billable_resource").at("id").as_string(), "old");
  EXPECT_EQ(old.at("billable_resource").at("kind").as_string(), "TRAINING_JOB");
  EXPECT_EQ(old.at("minutes").as_int64(), 62);
  EXPECT_NEAR(old.at("subtotal").to_number<double>(), 62 * 2 * 0.86667, 1e-6);
  std::int64_t minutes = 0;
  for (const auto& day : old.at("daily").as_array()) minutes += day.at("minutes").as_int64();
  EXPECT_EQ(minutes, 62);
  const auto young = training.at("breakdown").as_array()[1].at("minutes").as_int64();
  EXPECT_TRUE(young == 40 || young == 41) << young;
}

TEST_F(SimTest, The_invoice_scales_its_figures_and_writes_them_as_strings) {
  server.add_job(script("old", 2h, 1h));
  server.change([](Settings& settings) {
    settings.usage_percent = 50;
    settings.usage_as_text = true;
    settings.usage_lag = 0s;
  });
  const auto reply = json(call("GET", recent()));
  const auto& items = reply.at("training_usage").at("breakdown").as_array();
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[2].at("subtotal").as_string(), "52.000200000");
}

TEST_F(SimTest, The_invoice_refuses_what_the_API_would) {
  const WallTime now = read_clocks().wall;
  EXPECT_EQ(call("GET", kUsage).status(), 400U);
  EXPECT_EQ(call("GET", kUsage + "?start_date=x&end_date=y").status(), 400U);
  EXPECT_EQ(call("GET", range(now, now)).status(), 400U);
  EXPECT_EQ(call("GET", range(now - 32 * 24h, now)).status(), 400U);
  EXPECT_EQ(call("GET", range(now - 31 * 24h, now)).status(), 200U);
  Fault refused;
  refused.kind = FaultKind::status;
  refused.status = 403;
  refused.endpoint = Endpoint::usage;
  server.add_fault(refused);
  EXPECT_EQ(call("GET", recent()).status(), 403U);
  EXPECT_EQ(search().status(), 200U);
}

}  // namespace
}  // namespace trainstop::sim
