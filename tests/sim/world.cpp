#include "sim/world.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "sim/render.hpp"

namespace trainstop::sim {

World::World(Settings settings) : settings_(std::move(settings)) {}

void World::add_job(JobScript script, Moment now) {
  if (script.life.empty()) throw std::invalid_argument("a job needs a life");
  if (instance_type(script.instance_type) == nullptr) {
    throw std::invalid_argument("unknown instance type " + script.instance_type);
  }
  auto job = std::make_unique<JobState>();
  std::stable_sort(script.life.begin(), script.life.end(),
                   [](const Step& a, const Step& b) { return a.after < b.after; });
  job->added_boot = now.boot;
  job->created = now.wall + script.life.front().after;
  if (script.created_before) job->created = now.wall - *script.created_before;
  job->updated = job->created;
  job->project = {script.project_id, script.project_id, std::nullopt};
  for (const auto& project : settings_.projects) {
    if (project.id == script.project_id) job->project = project;
  }
  const std::string id = script.id;
  job->script = std::move(script);
  auto& truth = truth_.jobs[id];
  truth = {};
  truth.project_id = job->script.project_id;
  auto& place = jobs_[id];
  place = std::move(job);
  sorted_is_stale_ = true;
  ++version_;
  schedule(*place);
  advance(now);
  // Now rather than with the first list, which would hold the loop while all are rendered.
  if (place->exists()) record(*place);
}

JobState& World::at(const std::string& id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) throw std::out_of_range("no simulated job " + id);
  return *found->second;
}

void World::changed(JobState& job) {
  job.record.clear();
  auto& summary = summaries_[job.script.project_id];
  summary.updated = std::max(summary.updated, job.updated);
  ++version_;
}

void World::apply(JobState& job, const std::string& status, Moment at) {
  if (job.status == status) return;
  if (job.status.empty()) sorted_is_stale_ = true;
  job.status = status;
  if (job.script.updated_at_moves) job.updated = std::max(job.created, at.wall);
  auto& truth = truth_.jobs[job.script.id];
  truth.status = status;
  truth.changes.push_back({at, status});
  if (!is_ended(status)) {
    truth.ended.reset();
    truth.ended_by_stop = false;
  } else if (!truth.ended) {
    truth.ended = at;
  }
  changed(job);
}

void World::set_status(const std::string& id, const std::string& status, Moment now) {
  advance(now);
  JobState& job = at(id);
  job.next_step = job.script.life.size();
  apply(job, status, now);
}

void World::touch(const std::string& id, Moment now) {
  JobState& job = at(id);
  job.updated = now.wall;
  changed(job);
}

void World::set_removed(const std::string& id, bool removed) {
  JobState& job = at(id);
  job.removed = removed;
  sorted_is_stale_ = true;
  truth_.jobs[id].removed = removed;
  changed(job);
}

void World::change(const std::function<void(Settings&)>& change) {
  change(settings_);
  for (auto& [id, job] : jobs_) job->record.clear();
  ++version_;
}

void World::schedule(const JobState& job) {
  Duration next = job.ends_boot;
  if (job.next_step < job.script.life.size()) {
    next = std::min(next, job.added_boot + job.script.life[job.next_step].after);
  }
  if (next != kNeverEnds) due_.push({next, job.script.id});
}

Duration World::next_change() const {
  return due_.empty() ? kNeverEnds : due_.top().boot;
}

void World::advance(Moment now) {
  while (!due_.empty() && due_.top().boot <= now.boot) {
    const Due due = due_.top();
    due_.pop();
    JobState& job = at(due.id);
    const Moment when{now.wall - (now.boot - due.boot), due.boot};
    const bool step_is_due = job.next_step < job.script.life.size() &&
                             job.added_boot + job.script.life[job.next_step].after <= due.boot;
    // An entry may be out of date: the job has got a new life or a direct status since.
    if (!step_is_due && job.ends_boot > due.boot) continue;
    if (job.ends_boot <= due.boot) {
      job.ends_boot = kNeverEnds;
      job.next_step = job.script.life.size();
      if (!is_ended(job.status)) {
        apply(job, kStopped, when);
        truth_.jobs[due.id].ended_by_stop = true;
      }
    } else {
      const std::string status = job.script.life[job.next_step++].status;
      apply(job, status, when);
    }
    schedule(job);
  }
}

StopResult World::stop(JobState& job, Moment now) {
  if (is_ended(job.status)) return StopResult::already_ended;
  auto& truth = truth_.jobs[job.script.id];
  const bool again = truth.stop_applied && job.ends_boot != kNeverEnds;
  if (!truth.stop_applied) truth.stop_applied = now;
  if (again) return StopResult::already_under_way;
  const Duration latency = job.script.stop_latency.value_or(settings_.stop_latency);
  if (latency == kNeverEnds) return StopResult::applied;
  job.ends_boot = now.boot + latency;
  schedule(job);
  advance(now);
  return StopResult::applied;
}

JobState* World::find(std::string_view project_id, std::string_view id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || !found->second->exists()) return nullptr;
  return found->second->script.project_id == project_id ? found->second.get() : nullptr;
}

const JobState* World::find_anywhere(std::string_view id) const {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : found->second.get();
}

const std::string& World::record(JobState& job) {
  if (job.record.empty()) {
    job.record = render_job(job, *instance_type(job.script.instance_type), settings_.clock_offset);
  }
  return job.record;
}

const std::vector<JobState*>& World::by_creation() {
  if (sorted_is_stale_) {
    sorted_.clear();
    summaries_.clear();
    for (const auto& [id, job] : jobs_) {
      if (job->exists()) sorted_.push_back(job.get());
    }
    std::stable_sort(sorted_.begin(), sorted_.end(),
                     [](const JobState* a, const JobState* b) { return a->created > b->created; });
    for (JobState* job : sorted_) {
      auto& summary = summaries_[job->script.project_id];
      if (summary.newest == nullptr) summary.newest = job;
      summary.created = job->created;
      summary.updated = std::max(summary.updated, job->updated);
    }
    sorted_is_stale_ = false;
  }
  return sorted_;
}

ProjectSummary World::summary(const std::string& project_id) {
  by_creation();
  const auto found = summaries_.find(project_id);
  return found == summaries_.end() ? ProjectSummary() : found->second;
}

std::map<std::string, Project> World::projects() const {
  std::map<std::string, Project> projects;
  for (const auto& project : settings_.projects) projects[project.id] = project;
  for (const auto& [id, job] : jobs_) {
    if (job->exists()) projects.try_emplace(job->script.project_id, job->project);
  }
  return projects;
}

const InstanceType* World::instance_type(std::string_view id) const {
  for (const auto& type : settings_.instance_types) {
    if (type.id == id) return &type;
  }
  return nullptr;
}

}  // namespace trainstop::sim
