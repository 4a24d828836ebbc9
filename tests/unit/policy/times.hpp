// A job an hour into its run, for tests of conditions and bills.
#pragma once

#include "policy/condition.hpp"

namespace trainstop::policy {

inline const Instant kStart = *parse_rfc3339("2026-11-24T00:00:00Z");

/// `minutes` after kStart.
inline Instant minute(int minutes) {
  return kStart + std::chrono::minutes(minutes);
}

/// Created at kStart, deploying from minute 10 on, running from minute 20 on; a dollar a minute on
/// two nodes from deploying on.
struct RunningJob {
  PriceHistory prices{{kLongAgo, Money::from_nano(500'000'000)}};
  JobTimes times;

  RunningJob() {
    times.phase = Phase::running;
    times.status = "RUNNING";
    times.created_at = kStart;
    times.phase_since = times.status_since = minute(20);
    times.bill.earliest = times.bill.latest = minute(10);
    times.bill.nodes = 2;
    times.bill.prices = &prices;
  }
  // The bill points to the prices.
  RunningJob(const RunningJob&) = delete;
  RunningJob& operator=(const RunningJob&) = delete;
};

}  // namespace trainstop::policy
