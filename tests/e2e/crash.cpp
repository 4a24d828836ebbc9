#include "e2e/crash.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <set>

namespace trainstop::e2e {

namespace {

std::string text(const Event& event, std::string_view field) {
  const Value* value = event.find(field);
  if (value == nullptr) return {};
  if (const auto* string = std::get_if<std::string>(&value->data)) return *string;
  if (const auto* number = std::get_if<std::int64_t>(&value->data)) return std::to_string(*number);
  if (const auto* duration = std::get_if<Duration>(&value->data)) return format_duration(*duration);
  return "?";
}

bool is_to_stop(const std::string& job) {
  return job.starts_with("stop-");
}

}  // namespace

WorldOptions crash_options(const std::string& limit) {
  WorldOptions options;
  options.safety = "max_stops: {count: 10000, per: 1h}";
  options.rules =
      "  - name: limit\n    match: {job: \"stop-*\"}\n    when: {running_for: " + limit +
      "}\n    warn_before: [1s]\n";
  options.settings.stop_latency = 200ms;
  return options;
}

Crash::Crash(WorldOptions options) : world_(std::move(options)) {}

void Crash::start(const std::string& failpoint) {
  world_.start({{"TRAINSTOP_FAILPOINT", failpoint}});
}

void Crash::kill() {
  world_.daemon().send_signal(SIGKILL);
  EXPECT_TRUE(wait_for_death(kPatience));
}

bool Crash::wait_for_death(std::chrono::milliseconds within) {
  if (!world_.daemon().wait(within)) return false;
  ++deaths_;
  collect();
  return true;
}

void Crash::collect() {
  for (const Line& line : world_.lines(World::Tail::may_be_cut)) {
    const auto seq = static_cast<std::uint64_t>(line.all.at("seq").as_int64());
    EXPECT_TRUE(told_.emplace(seq, line.event).second)
        << "number " << seq << " was told twice: " << told_[seq] << ", " << line.event;
  }
}

void Crash::check() {
  collect();
  check_truth();
  auto reader = journal::open_reader(world_.state());
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  const auto problems = (*reader)->check();
  ASSERT_TRUE(problems.has_value()) << problems.error().message;
  for (const std::string& problem : *problems) ADD_FAILURE() << problem;
  const auto entries = (*reader)->events({});
  ASSERT_TRUE(entries.has_value()) << entries.error().message;
  check_told(*entries);
  check_stops(*entries);
}

void Crash::check_truth() {
  const sim::Truth truth = world_.api().truth();
  for (const auto& [id, job] : truth.jobs) {
    if (is_to_stop(id)) {
      EXPECT_TRUE(job.ended_by_stop) << id << " lives";
    } else {
      EXPECT_EQ(job.stop_requests, 0) << id << " was asked to stop";
    }
  }
  // The end was seen when a read that was begun after it had been answered.
  std::map<std::string, std::chrono::microseconds> end_shown;
  for (const sim::RequestTruth& request : truth.requests) {
    const auto job = truth.jobs.find(request.job_id);
    if (job == truth.jobs.end() || !job->second.ended) continue;
    const auto at = request.first_byte.boot;
    if (request.endpoint == sim::Endpoint::read && request.applied && at >= job->second.ended->boot)
      end_shown.emplace(request.job_id, at);
    const auto shown = end_shown.find(request.job_id);
    if (request.endpoint != sim::Endpoint::stop || shown == end_shown.end()) continue;
    EXPECT_LE(at, shown->second + 50ms) << request.job_id << " was asked to stop after its end";
  }
}

void Crash::check_told(const std::vector<journal::Entry>& entries) {
  std::map<std::uint64_t, std::string> kept;
  std::map<std::string, int> once;
  for (const auto& [seq, event] : entries) {
    kept[seq] = event.name;
    const bool is_once = event.name == "job.seen" || event.name == "rule.tripped" ||
                         event.name == "rule.warned" || event.name == "stop.intended" ||
                         event.name == "stop.confirmed" || event.name == "job.ended";
    if (is_once)
      ++once[event.name + " " + text(event, "job") + " " + text(event, "rule") + " " +
             text(event, "warn_before")];
  }
  for (const auto& [seq, name] : told_) {
    EXPECT_EQ(kept[seq], name) << "number " << seq << " was told and is not in the journal";
  }
  for (const auto& [what, count] : once) EXPECT_EQ(count, 1) << what;
}

void Crash::check_stops(const std::vector<journal::Entry>& entries) {
  std::set<std::string> intended, confirmed, taken;
  for (const auto& [seq, event] : entries) {
    const std::string job = text(event, "job");
    if (event.name == "stop.intended") intended.insert(job);
    if (event.name == "stop.confirmed") confirmed.insert(job);
    if (event.name == "stop.accepted") taken.insert(job);
    if (event.name == "stop.unconfirmed" || event.name == "stop.retrying") taken.erase(job);
    if (event.name == "stop.sent" && taken.contains(job))
      ADD_FAILURE() << job << " was asked again although the first request was taken";
  }
  for (const auto& [id, job] : world_.api().truth().jobs) {
    EXPECT_TRUE(job.stop_requests == 0 || intended.contains(id)) << id << ": no intent is kept";
    EXPECT_TRUE(!is_to_stop(id) || confirmed.contains(id)) << id << " is not confirmed";
  }
}

}  // namespace trainstop::e2e
