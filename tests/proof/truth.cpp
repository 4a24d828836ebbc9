#include "proof/truth.hpp"

#include <algorithm>

namespace trainstop::proof {

namespace {

constexpr Duration kKeptAfterEnd = std::chrono::minutes(20);

Instant cut(Instant at, int digits) {
  if (digits == 0) return std::chrono::floor<std::chrono::seconds>(at);
  if (digits == 3) return std::chrono::floor<std::chrono::milliseconds>(at);
  return at;
}

}  // namespace

bool is_over(const std::string& status) {
  for (const char* name : {"COMPLETED", "FAILED", "STOPPED", "PREEMPTED", "EXPIRED"}) {
    if (status.ends_with(name)) return true;
  }
  return false;
}

Instant TrueJob::first_in(const std::vector<std::string>& statuses) const {
  for (const auto& [from, status] : history) {
    if (std::find(statuses.begin(), statuses.end(), status) != statuses.end()) return from;
  }
  return kNever;
}

bool TrueJob::was_in(const std::vector<std::string>& statuses, Instant from, Instant to) const {
  for (std::size_t i = 0; i < history.size(); ++i) {
    const Instant until = i + 1 < history.size() ? history[i + 1].first : kNever;
    if (history[i].first > to || until < from) continue;
    if (std::find(statuses.begin(), statuses.end(), history[i].second) != statuses.end())
      return true;
  }
  return false;
}

TruthOf::TruthOf(const Plan& plan) : plan_(plan) {
  for (const JobPlan& job : plan.jobs) {
    TrueJob& made = jobs_.emplace_back();
    made.plan = &job;
    made.now.id = job.id;
    made.now.project_id = job.project_id;
    made.now.project_name = job.project;
    made.now.created_at = cut(kStart + job.created, job.digits);
    made.now.updated_at = made.now.created_at;
    made.now.instance_type = job.type;
    made.now.gpu_count = job.gpus;
    made.now.gpu_type = job.gpu_type;
    if (job.bare) continue;
    made.now.name = job.name;
    made.now.node_count = job.nodes;
    made.now.priority = job.priority;
    made.now.availability = job.availability;
    if (!job.user.empty()) made.now.user = job.user;
  }
  for (const TypePlan& type : types()) {
    prices_[type.id] = type.price;
    price_history_[type.id] = {{kLongAgo, type.price}};
  }
}

TrueJob* TruthOf::find(const std::string& id) {
  for (TrueJob& job : jobs_)
    if (job.now.id == id) return &job;
  return nullptr;
}
const TrueJob* TruthOf::find(const std::string& id) const {
  for (const TrueJob& job : jobs_)
    if (job.now.id == id) return &job;
  return nullptr;
}

void TruthOf::set_status(TrueJob& job, const std::string& status, Instant at) {
  job.now.status = "TRAINING_JOB_" + status;
  job.now.updated_at = cut(at, job.plan->digits);
  job.history.emplace_back(at, status);
  ++job.version;
  if (is_over(status)) job.ended = at;
}

void TruthOf::advance(Instant now) {
  while (next_price_ < plan_.prices.size() && kStart + plan_.prices[next_price_].at <= now) {
    const Plan::PriceChange& change = plan_.prices[next_price_++];
    prices_[change.type] = change.price;
    price_history_[change.type].push_back({kStart + change.at, change.price});
  }
  if (now < next_) return;
  next_ = kNever;
  for (TrueJob& job : jobs_) {
    const Instant created = kStart + job.plan->created;
    while (!job.over()) {
      const bool more = job.next_step < job.plan->steps.size();
      const Instant step = more ? created + job.plan->steps[job.next_step].after : kNever;
      const Instant stop = job.applied ? *job.applied + job.plan->stop_latency : kNever;
      const Instant at = std::min(step, stop);
      if (at > now) {
        next_ = std::min(next_, at);
        break;
      }
      job.exists = true;
      if (stop < step) {
        set_status(job, "STOPPED", at);
      } else {
        set_status(job, job.plan->steps[job.next_step++].status, at);
      }
    }
    if (!job.over() || !job.plan->vanishes || !job.exists) continue;
    if (*job.ended + kKeptAfterEnd <= now) {
      job.exists = false;
    } else {
      next_ = std::min(next_, *job.ended + kKeptAfterEnd);
    }
  }
}

void TruthOf::stop(TrueJob& job, Instant now) {
  advance(now);
  if (++job.requests <= job.plan->ignored_stops || job.applied || job.over()) return;
  job.applied = now;
  next_ = std::min(next_, now + job.plan->stop_latency);
}

}  // namespace trainstop::proof
