#include "bench/core_driver.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>
#include <variant>

namespace trainstop::bench {

namespace {

constexpr Duration kReplyTakes = std::chrono::milliseconds(50);
// More calls than this between two lists, and the core spins.
constexpr int kMostSteps = 1'000'000;

}  // namespace

CoreDriver::CoreDriver(policy::Config config, Instant start)
    : core_(std::move(config), start, Duration{0}, 1), now_(start), wake_(start) {}

void CoreDriver::step(const core::Fact& fact) {
  const auto begin = std::chrono::steady_clock::now();
  const core::Batch batch = core_.handle(fact, now_);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  took_.all += took;
  took_.longest = std::max(took_.longest, took);
  wake_ = batch.wake;
  acts_.insert(acts_.end(), batch.acts.begin(), batch.acts.end());
}

CoreDriver::Took CoreDriver::take(const core::Fact& fact) {
  took_ = {};
  step(fact);
  while (wake_ <= now_ + std::chrono::milliseconds(1)) step(core::Tick{});
  return took_;
}

CoreDriver::Took CoreDriver::run_to_list() {
  took_ = {};
  for (int steps = 0; !list_; ++steps) {
    if (steps == kMostSteps) throw std::logic_error("no list is asked for");
    const std::vector<core::Act> acts = std::exchange(acts_, {});
    for (const core::Act& act : acts) {
      if (const auto* list = std::get_if<core::FetchList>(&act)) list_ = *list;
      if (const auto* prices = std::get_if<core::FetchPrices>(&act)) {
        core::PricesRead read;
        read.request = prices->request;
        read.per_minute = {{"H100:8x80", Money::from_nano(866'670'000)}};
        step(read);
      }
      if (const auto* usage = std::get_if<core::FetchUsage>(&act)) {
        core::UsageRead read;
        read.request = usage->request;
        read.from = usage->from;
        read.until = usage->until;
        step(read);
      }
      if (const auto* projects = std::get_if<core::FetchProjects>(&act)) {
        core::ProjectsRead read;
        read.request = projects->request;
        step(read);
      }
    }
    if (list_ || !acts_.empty()) continue;
    now_ = std::max(now_, wake_);
    step(core::Tick{});
  }
  return took_;
}

CoreDriver::Took CoreDriver::answer_read(const JobRef& job) {
  const auto found = std::find_if(acts_.begin(), acts_.end(), [&](const core::Act& act) {
    const auto* fetch = std::get_if<core::FetchJob>(&act);
    return fetch != nullptr && fetch->job_id == job->id;
  });
  if (found == acts_.end()) throw std::logic_error("the job is not asked for");
  core::JobRead read;
  read.request = std::get<core::FetchJob>(*found).request;
  read.sent = now_;
  now_ += kReplyTakes;
  read.received = now_;
  read.job = job;
  acts_.erase(found);
  return take(read);
}

CoreDriver::Took CoreDriver::answer_list(const std::vector<JobRef>& jobs) {
  core::ListRead read;
  read.request = list_->request;
  read.sent = now_;
  now_ += kReplyTakes;
  read.received = now_;
  read.filtered = list_->filtered;
  read.jobs = jobs;
  list_.reset();
  return take(read);
}

CoreDriver::Took CoreDriver::reload(policy::Config config) {
  core::Reload fact;
  fact.config = std::make_shared<const policy::Config>(std::move(config));
  return take(fact);
}

}  // namespace trainstop::bench
