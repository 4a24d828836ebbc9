// A core that is spoken to by hand: the test gives every answer itself, in any order and at any
// time, also such as no sound API would give.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/core.hpp"
#include "policy/reader.hpp"

namespace trainstop::core {

/// 2026-01-05 00:00 UTC, a Monday.
inline constexpr Instant kStart{std::chrono::seconds(1767571200)};

class Script {
 public:
  /// `yaml` lacks what every configuration needs.
  explicit Script(const std::string& yaml) : core(configuration(yaml), kStart, Duration{0}, 1) {}

  /// One fact at this time after the start. What the core wants is kept below.
  Batch feed(const Fact& fact, Duration at) {
    Batch batch = core.handle(fact, kStart + at);
    for (const Act& act : batch.acts) acts.push_back(act);
    for (const Event& event : batch.records) events.push_back(event);
    for (const Image& image : batch.images) keep(image);
    return batch;
  }
  /// Lets the core work until it wants to sleep.
  void settle(Duration at) {
    while (feed(Tick{}, at).wake <= kStart + at) {
    }
  }

  /// The oldest act of that kind that was not taken yet; the test fails without one.
  template <class A>
  A take(AccountIndex account = 0) {
    for (auto act = acts.begin(); act != acts.end(); ++act) {
      const A* wanted = std::get_if<A>(&*act);
      if (wanted == nullptr || wanted->account != account) continue;
      A taken = *wanted;
      acts.erase(act);
      return taken;
    }
    ADD_FAILURE() << "the core has not asked for it";
    return {};
  }
  template <class A>
  std::size_t count() const {
    std::size_t found = 0;
    for (const Act& act : acts) found += std::holds_alternative<A>(act) ? 1U : 0U;
    return found;
  }
  std::vector<Event> told(const std::string& name) const {
    std::vector<Event> found;
    for (const Event& event : events) {
      if (event.name == name) found.push_back(event);
    }
    return found;
  }

  /// Answers the list that was asked for first, in no time.
  void list(const std::vector<JobRef>& jobs, Duration at, AccountIndex account = 0) {
    const auto asked = take<FetchList>(account);
    feed(ListRead{asked.request, account, kStart + at, kStart + at, asked.filtered, jobs, 0, {}},
         at);
  }
  void prices(std::vector<std::pair<std::string, Money>> per_minute, Duration at) {
    const auto asked = take<FetchPrices>();
    feed(PricesRead{asked.request, 0, std::move(per_minute), 0, {}}, at);
  }
  template <class A>
  void fail(const A& asked, FailureKind kind, Duration at) {
    feed(FetchFailed{asked.request, asked.account, kStart + at, kStart + at,
                     Failure{kind, "as told", 0, {}}},
         at);
  }

  Core core;
  std::vector<Act> acts;
  std::vector<Event> events;
  /// What the journal holds.
  std::map<std::pair<Image::Kind, std::string>, Image> present;

 private:
  static policy::Config configuration(const std::string& yaml) {
    std::string text = "mode: enforce\n" + yaml;
    if (yaml.find("accounts:") == std::string::npos)
      text += "accounts: [{name: main, api_key: {env: KEY}}]\n";
    const policy::ReadResult result = policy::read_config({"test.yaml", text});
    for (const auto& problem : result.problems) ADD_FAILURE() << format(problem);
    return result.config.value_or(policy::Config{});
  }
  void keep(const Image& image) {
    if (image.change == Image::Change::close) {
      present.erase({image.kind, image.key});
    } else {
      present[{image.kind, image.key}] = image;
    }
  }
};

/// A job that runs since `created` after the start.
inline JobSnapshot running(const std::string& id, Duration created = Duration{0}) {
  JobSnapshot job;
  job.id = id;
  job.project_id = "proj1";
  job.project_name = "llm";
  job.status = "TRAINING_JOB_RUNNING";
  job.created_at = job.updated_at = kStart + created;
  job.instance_type = "H100x8";
  job.gpu_type = "H100";
  job.gpu_count = 8;
  return job;
}

inline JobRef shared(JobSnapshot job) {
  return std::make_shared<const JobSnapshot>(std::move(job));
}

}  // namespace trainstop::core
