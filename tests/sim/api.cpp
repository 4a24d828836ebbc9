#include "sim/api.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <set>
#include <utility>

#include "sim/call.hpp"
#include "sim/mangle.hpp"
#include "sim/render.hpp"
#include "sim/usage.hpp"

namespace trainstop::sim {
namespace {

/// More different searches than a client sends between two changes.
constexpr std::size_t kMostCached = 16;

std::shared_ptr<const std::string> shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// The filters of SearchTrainingJobsRequestV1; nothing when the body is not one.
struct Filter {
  std::optional<std::string> project_id, job_id;
  std::optional<std::set<std::string, std::less<>>> statuses;
  bool ascending = false;
};

std::optional<std::string> text_of(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<Filter> filter_of(const std::string& body) {
  boost::system::error_code error;
  const auto value = boost::json::parse(body, error);
  if (error || !value.is_object()) return std::nullopt;
  const auto& object = value.get_object();
  Filter filter;
  filter.project_id = text_of(object, "project_id");
  filter.job_id = text_of(object, "job_id");
  if (const auto* statuses = object.if_contains("statuses"); statuses && !statuses->is_null()) {
    if (!statuses->is_array()) return std::nullopt;
    filter.statuses.emplace();
    for (const auto& status : statuses->get_array()) {
      if (!status.is_string()) return std::nullopt;
      filter.statuses->insert(std::string(status.get_string()));
    }
  }
  if (const auto* order = object.if_contains("order_by"); order && !order->is_null()) {
    if (!order->is_array()) return std::nullopt;
    for (const auto& key : order->get_array()) {
      if (!key.is_object() || text_of(key.get_object(), "field") != "created_at") {
        return std::nullopt;
      }
      filter.ascending = text_of(key.get_object(), "order") == "asc";
    }
  }
  return filter;
}

}  // namespace

Draft Api::error(unsigned status, std::string_view code, std::string_view message) const {
  Draft draft;
  draft.status = status;
  draft.body = shared(render_error(world.settings().error_shape, code, message));
  return draft;
}

Draft Api::unknown_job(const Call& call) const {
  return error(404, "NOT_FOUND", "Training job " + call.route.job_id + " not found");
}

std::string Api::list_body(const Call& call, const std::vector<JobState*>& jobs) {
  std::vector<std::string> mangled;
  std::size_t size = 64;
  const bool plain = call.deciding == nullptr || !mangles(call.deciding->kind);
  if (!plain) {
    for (auto* job : jobs) mangled.push_back(world.record(*job));
    std::vector<std::string> old;
    if (const auto stale = stale_.find(call.deciding_number); stale != stale_.end()) {
      for (const auto& [id, record] : stale->second) old.push_back(record);
    }
    mangled = mangle_list(*call.deciding, std::move(mangled), old);
    for (const auto& record : mangled) size += record.size() + 1;
  } else {
    for (auto* job : jobs) size += world.record(*job).size() + 1;
  }
  std::string body;
  body.reserve(size);
  body += "[";
  const auto add = [&body](const std::string& record) {
    if (body.size() > 1) body += ',';
    body += record;
  };
  if (plain) {
    for (auto* job : jobs) add(world.record(*job));
  } else {
    for (const auto& record : mangled) add(record);
  }
  return body + "]";
}

Draft Api::search(Call& call) {
  const auto filter = filter_of(call.request.body);
  if (!filter) return error(400, "VALIDATION_ERROR", "The search request is not valid");
  const auto& known = world.settings().known_statuses;
  if (world.settings().refuse_unknown_statuses && filter->statuses) {
    for (const auto& status : *filter->statuses) {
      if (std::find(known.begin(), known.end(), status) == known.end()) {
        return error(400, "VALIDATION_ERROR", "Unknown status " + status);
      }
    }
  }
  call.applied = true;
  Draft draft;
  const bool cacheable = call.deciding == nullptr || !mangles(call.deciding->kind);
  if (cached_version_ != world.version() || cached_.size() > kMostCached) {
    cached_.clear();
    cached_version_ = world.version();
  }
  if (cacheable) {
    if (const auto found = cached_.find(call.request.body); found != cached_.end()) {
      draft.body = found->second;
      return draft;
    }
  }
  std::vector<JobState*> jobs;
  for (auto* job : world.by_creation()) {
    if (filter->project_id && *filter->project_id != job->script.project_id) continue;
    if (filter->job_id && *filter->job_id != job->script.id) continue;
    if (filter->statuses && !filter->statuses->contains(job->status)) continue;
    jobs.push_back(job);
  }
  if (filter->ascending) std::reverse(jobs.begin(), jobs.end());
  draft.body = shared(R"({"training_jobs":)" + list_body(call, jobs) + "}");
  if (cacheable) cached_[call.request.body] = draft.body;
  return draft;
}

Draft Api::list_of_project(Call& call) {
  const auto projects = world.projects();
  const auto project = projects.find(call.route.project_id);
  if (project == projects.end()) return error(404, "NOT_FOUND", "Training project not found");
  std::vector<JobState*> jobs;
  for (auto* job : world.by_creation()) {
    if (job->script.project_id == project->first) jobs.push_back(job);
  }
  call.applied = true;
  Draft draft;
  draft.body = shared(R"({"training_project":)" + render_project(world, project->second) +
                      R"(,"training_jobs":)" + list_body(call, jobs) + "}");
  return draft;
}

Draft Api::read(Call& call) {
  JobState* job = world.find(call.route.project_id, call.route.job_id);
  if (job == nullptr) return unknown_job(call);
  call.applied = true;
  std::string record = world.record(*job);
  const std::string project = render_project(world, job->project);
  if (call.deciding != nullptr) {
    if (const auto stale = stale_.find(call.deciding_number); stale != stale_.end()) {
      const auto old = stale->second.find(call.route.job_id);
      if (old == stale->second.end()) return unknown_job(call);
      record = old->second;
    }
    record = mangle_record(*call.deciding, record);
  }
  Draft draft;
  draft.body = shared(R"({"training_project":)" + project + R"(,"training_job":)" + record + "}");
  return draft;
}

Draft Api::stop(Call& call, Moment now) {
  JobState* job = world.find(call.route.project_id, call.route.job_id);
  if (job == nullptr) return unknown_job(call);
  auto& truth = world.truth().jobs[call.route.job_id];
  ++truth.stop_requests;
  if (!truth.first_stop_received) truth.first_stop_received = call.request.first_byte;
  boost::system::error_code invalid;
  const auto body = boost::json::parse(call.request.body, invalid);
  if (invalid || !body.is_object()) return error(400, "VALIDATION_ERROR", "The body must be {}");
  bool alive = !is_ended(job->status);
  if (call.takes_effect) alive = world.stop(*job, now) != StopResult::already_ended;
  call.applied = call.takes_effect && alive;
  const Settings& settings = world.settings();
  if (!alive && settings.stop_of_ended != 200) {
    return error(settings.stop_of_ended, "VALIDATION_ERROR", "The training job is not active");
  }
  std::string record = world.record(*job);
  if (settings.stop_reply_is_stopped && alive) record = with_status(record, kStopped);
  if (call.deciding != nullptr) record = mangle_record(*call.deciding, record);
  Draft draft;
  draft.body = shared(R"({"training_job":)" + record + "}");
  return draft;
}

Draft Api::prices(const Call& call) {
  auto types = world.settings().instance_types;
  if (call.deciding != nullptr) types = mangle_prices(*call.deciding, std::move(types));
  Draft draft;
  draft.body = shared(render_prices(types));
  return draft;
}

Draft Api::projects(const Call& call) {
  std::string body = R"({"training_projects":[)";
  bool first = true;
  const bool empty = call.deciding != nullptr && call.deciding->kind == FaultKind::empty_list;
  for (const auto& [id, project] : world.projects()) {
    if (empty) break;
    if (!first) body += ',';
    first = false;
    body += render_project(world, project);
  }
  Draft draft;
  draft.body = shared(body + "]}");
  return draft;
}

Draft Api::me() const {
  Draft draft;
  draft.body = shared(
      R"({"user_id":"u-sim","email":"sim@corp.example","name":"Sim","workspace_name":"sim"})");
  return draft;
}

Draft Api::usage(Call& call, Moment now) const {
  const auto range = usage_range(call.request.target);
  if (!range) return error(400, "VALIDATION_ERROR", "The date range is not valid");
  call.applied = true;
  Draft draft;
  draft.body = shared(render_usage(world, *range, now));
  return draft;
}

Draft Api::answer_call(Call& call, Moment now) {
  switch (call.route.endpoint) {
    case Endpoint::search:
      return search(call);
    case Endpoint::project_jobs:
      return list_of_project(call);
    case Endpoint::read:
      return read(call);
    case Endpoint::stop:
      return stop(call, now);
    case Endpoint::prices:
      call.applied = true;
      return prices(call);
    case Endpoint::projects:
      call.applied = true;
      return projects(call);
    case Endpoint::me:
      call.applied = true;
      return me();
    case Endpoint::usage:
      return usage(call, now);
    case Endpoint::any:
    case Endpoint::other:
      break;
  }
  return error(404, "NOT_FOUND", "No such endpoint");
}

std::size_t Api::add_fault(Fault fault) {
  const bool stale = fault.kind == FaultKind::stale_list;
  const std::size_t number = faults.add(std::move(fault));
  world.truth().fault_strikes.resize(number + 1);
  if (stale) {
    auto& records = stale_[number];
    for (auto* job : world.by_creation()) records[job->script.id] = world.record(*job);
  }
  return number;
}

}  // namespace trainstop::sim
