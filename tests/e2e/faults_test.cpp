// Every fault on every call: the tripped job is stopped in the end, and no other ever is.
#include <gtest/gtest.h>

#include <string>

#include "e2e/world.hpp"

namespace trainstop::e2e {
namespace {

using sim::Endpoint;
using sim::Fault;
using sim::FaultKind;

// The cost rule watches jobs that must live: a price that is not one must not stop them.
constexpr const char* kRules = R"(  - name: limit
    match: {job: "trip-*"}
    when: {running_for: 2s}
  - name: cap
    match: {job: "keep-*"}
    when: {cost: $400}
  - name: stuck
    match: {job: "keep-*"}
    when: {any: [{deploying_for: 10m}, {queued_for: 10m}, {running_for: 10m}]}
)";

// Together with the waits between them: long enough to hit the first look, the verifying read or
// the first two requests, short enough for a test.
constexpr int kStrikes = 3;
// Each case's daemon mostly waits for its timeouts.
constexpr std::size_t kAtATime = 12;

struct Trouble {
  std::string name;
  Fault fault;
};

Trouble trouble(FaultKind kind, int count = kStrikes) {
  Trouble result;
  result.name = std::string(sim::to_string(kind));
  result.fault.kind = kind;
  result.fault.count = count;
  return result;
}

Trouble status(unsigned code) {
  Trouble result = trouble(FaultKind::status);
  result.name += " " + std::to_string(code);
  result.fault.status = code;
  return result;
}

Trouble lasting(FaultKind kind, sim::Duration duration) {
  Trouble result = trouble(kind, sim::kAlways);
  result.name += " " + std::to_string(duration.count()) + " us";
  result.fault.duration = duration;
  return result;
}

/// What can happen to any call.
std::vector<Trouble> troubles_of_every_call() {
  std::vector<Trouble> all;
  for (const unsigned code : {400U, 401U, 403U, 404U, 408U, 418U, 500U, 502U, 503U, 204U}) {
    all.push_back(status(code));
  }
  for (const FaultKind kind : {FaultKind::reset_before,
                               FaultKind::reset_after,
                               FaultKind::hang,
                               FaultKind::hang_midway,
                               FaultKind::drip,
                               FaultKind::truncate,
                               FaultKind::truncate_unsized,
                               FaultKind::garbage,
                               FaultKind::garbage_body,
                               FaultKind::empty_body,
                               FaultKind::oversize,
                               FaultKind::endless_header,
                               FaultKind::redirect,
                               FaultKind::not_found,
                               FaultKind::malformed_records,
                               FaultKind::duplicate_keys,
                               FaultKind::huge_numbers,
                               FaultKind::bad_utf8,
                               FaultKind::bom,
                               FaultKind::trailing_data,
                               FaultKind::deep_nesting,
                               FaultKind::continue_first,
                               FaultKind::close_announced,
                               FaultKind::close_silent}) {
    all.push_back(trouble(kind));
  }
  for (const FaultKind kind : {FaultKind::rate_limited_body, FaultKind::rate_limited_header}) {
    all.push_back(trouble(kind));
    all.back().fault.duration = 1s;
  }
  all.push_back(lasting(FaultKind::delay, 400ms));
  all.push_back(lasting(FaultKind::date_offset, 24h));
  all.push_back(lasting(FaultKind::date_offset, -24h));
  all.push_back(lasting(FaultKind::no_date, {}));
  all.push_back(lasting(FaultKind::age, 1h));
  all.push_back(lasting(FaultKind::close_after_idle, 50ms));
  return all;
}

void live_through(Endpoint endpoint, const Trouble& trouble) {
  SCOPED_TRACE(trouble.name + " on " + std::string(sim::to_string(endpoint)));
  WorldOptions options;
  options.rules = kRules;
  options.settings.stop_latency = 100ms;
  options.call_timeout = "2s";
  // A price that is absurd from the beginning can't be told from a true one; the notice saves the
  // job.
  const bool notice = endpoint == Endpoint::prices;
  if (notice) options.first_notice = "30m";
  World world(options);
  Fault fault = trouble.fault;
  fault.endpoint = endpoint;
  if (!notice) world.add_running("trip-1");
  world.add_running("keep-1");
  sim::JobScript deploying;
  deploying.id = "keep-2";
  deploying.life = {{0s, sim::kDeploying}};
  world.add_job(deploying);
  sim::JobScript queued;
  queued.id = "keep-3";
  queued.life = {{0s, sim::kPending}};
  world.add_job(queued);
  world.api().add_fault(fault);
  world.start();
  if (notice) {
    EXPECT_TRUE(world.wait_for_event("daemon.ready", kPatience)) << world.daemon().err();
    world.add_running("trip-1");
  }
  EXPECT_TRUE(world.wait_until_stopped("trip-1", kPatience)) << world.daemon().err();
  EXPECT_TRUE(world.wait_for_event("stop.confirmed", kPatience, "trip-1")) << world.daemon().err();
  EXPECT_GE(lateness(world.api().job("trip-1"), 2s), 0us) << "too early";
  EXPECT_EQ(world.end(), 0) << world.daemon().err();
  world.expect_only_stopped("trip-1");
  EXPECT_GE(world.api().truth().fault_strikes.at(0), 1U) << "the fault never struck";
}

void live_through_all(Endpoint endpoint, const std::vector<Trouble>& more) {
  std::vector<Trouble> troubles = troubles_of_every_call();
  troubles.insert(troubles.end(), more.begin(), more.end());
  std::vector<std::function<void()>> cases;
  for (const Trouble& each : troubles) {
    cases.emplace_back([endpoint, each] { live_through(endpoint, each); });
  }
  run_together(cases, kAtATime);
}

TEST(Faults, OfTheSearchStopNoOtherJob) {
  live_through_all(Endpoint::search,
                   {trouble(FaultKind::empty_list), trouble(FaultKind::partial_list),
                    trouble(FaultKind::stale_list), trouble(FaultKind::duplicate_records),
                    trouble(FaultKind::endless_list)});
}

TEST(Faults, OfReadingAJobStopNoOtherJob) {
  live_through_all(Endpoint::read, {trouble(FaultKind::other_job)});
}

TEST(Faults, OfTheStopAreOvercome) {
  live_through_all(Endpoint::stop,
                   {trouble(FaultKind::other_job), trouble(FaultKind::ignored_stop, 1)});
}

TEST(Faults, OfThePricesStopNoJob) {
  live_through_all(Endpoint::prices,
                   {trouble(FaultKind::prices_zero), trouble(FaultKind::prices_negative),
                    trouble(FaultKind::prices_thousandfold), trouble(FaultKind::prices_untyped),
                    trouble(FaultKind::prices_missing)});
}

TEST(Faults, ReadsThatFailForeverDoNotSaveAJobThatRanTooLong) {
  WorldOptions options;
  options.rules = kRules;
  World world(options);
  Fault fault = trouble(FaultKind::reset_before, sim::kAlways).fault;
  fault.endpoint = Endpoint::read;
  world.add_running("trip-1");
  world.add_running("keep-1");
  world.api().add_fault(fault);
  world.start();
  EXPECT_TRUE(world.wait_until_stopped("trip-1", kPatience)) << world.daemon().err();
  EXPECT_EQ(world.end(), 0);
  world.expect_only_stopped("trip-1");
  EXPECT_NE(world.daemon().err().find("\"verified\":false"), std::string::npos)
      << world.daemon().err();
}

}  // namespace
}  // namespace trainstop::e2e
