// The invoice over TLS: what it says counts, and a key that may not read it hurts nothing. The
// first question comes two minutes after the start, so the cases wait side by side.
#include <gtest/gtest.h>

#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

constexpr auto kFirstRead = 180s;
// At $52 an hour two hours cost half of it.
constexpr const char* kBudget = R"(  - name: pot
    budget: {limit: $208, per: total}
)";

void add_old_job(World& world) {
  sim::JobScript job;
  job.id = "old-1";
  job.life = {{-2h, sim::kDeploying}};
  world.add_job(job);
}

/// The invoice bills twice what the API's price says: the pot is exhausted as soon as it is read.
void count_by_figure(bool as_text) {
  WorldOptions options;
  options.rules = kBudget;
  options.settings.usage_percent = 200;
  options.settings.usage_lag = 0s;
  options.settings.usage_as_text = as_text;
  World world(options);
  add_old_job(world);
  world.start();
  ASSERT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
  EXPECT_TRUE(world.wait_until_stopped("old-1", kFirstRead)) << world.daemon().err();
  const sim::Truth truth = world.api().truth();
  EXPECT_EQ(truth.count(sim::Endpoint::usage), 1U);
  for (const sim::RequestTruth& request : truth.requests) {
    if (request.endpoint != sim::Endpoint::usage) continue;
    EXPECT_EQ(request.status, 200U) << request.target;
    EXPECT_LT(request.first_byte.boot, truth.jobs.at("old-1").first_stop_received->boot);
  }
  EXPECT_EQ(world.end(), 0) << world.daemon().err();
  EXPECT_EQ(world.count("budget.exhausted"), 1U);
  EXPECT_EQ(world.count("ledger.unusable"), 0U) << world.daemon().err();
  world.expect_key_hidden();
}

void refuse() {
  WorldOptions options;
  options.rules = kBudget;
  World world(options);
  add_old_job(world);
  sim::Fault refused;
  refused.kind = sim::FaultKind::status;
  refused.status = 403;
  refused.endpoint = sim::Endpoint::usage;
  refused.count = sim::kAlways;
  world.api().add_fault(refused);
  world.start();
  EXPECT_TRUE(world.wait_for_event("ledger.unavailable", kFirstRead)) << world.daemon().err();
  EXPECT_TRUE(world.wait_for_requests(sim::Endpoint::search, 2, kPatience));
  EXPECT_EQ(world.end(), 0) << world.daemon().err();
  EXPECT_EQ(world.count("ledger.unavailable"), 1U);
  EXPECT_EQ(world.count("api.auth_failed"), 0U);
  EXPECT_EQ(world.count("daemon.ready"), 1U);
  world.expect_only_stopped("none");
}

TEST(Usage, IsTakenWhereItMayBeReadAndLeftWhereNot) {
  run_together({[] { count_by_figure(true); }, [] { count_by_figure(false); }, refuse}, 3);
}

}  // namespace
}  // namespace trainstop::e2e
