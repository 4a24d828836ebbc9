// The queries, and what all of them share: finding a job, naming it, and the stop that comes next.
#include "core/view.hpp"

#include <algorithm>

namespace trainstop::core {

namespace {

constexpr int kVersion = 1;

}  // namespace

std::vector<std::string> Core::find(std::string_view job) const {
  return View(*impl_).find(job);
}
Value::Object Core::status(std::size_t most_jobs, std::optional<Duration> within) const {
  return View(*impl_).status(most_jobs, within);
}
std::optional<Value::Object> Core::explain(std::string_view key) const {
  return View(*impl_).explain(key);
}
Value::Object Core::rules() const {
  return View(*impl_).rules();
}
Value::Object Core::budgets() const {
  return View(*impl_).budgets();
}
Value::Object Core::overrides() const {
  return View(*impl_).overrides();
}
Value::Object Core::breaker() const {
  return View(*impl_).breaker();
}

/// By id, ACCOUNT/ID, the whole key or the URL of its page; else by the name of live ones.
std::vector<std::string> View::find(std::string_view name) const {
  while (name.ends_with('/')) name.remove_suffix(1);
  std::vector<std::string> by_id, by_name;
  for (const Account& account : machine_.accounts) {
    const std::string& of = machine_.config.accounts[account.index].name;
    for (const auto& [id, job] : account.jobs) {
      if (job->alive() && job->snapshot->name == name)
        by_name.push_back(machine_.key_of(account, *job));
      if (!name.ends_with(job->job_id)) continue;  // of nearly all others
      const bool is_meant = job->job_id == name || of + "/" + job->job_id == name ||
                            machine_.key_of(account, *job) == name ||
                            job_url(job->project_id, job->job_id) == name;
      if (is_meant) by_id.push_back(machine_.key_of(account, *job));
    }
  }
  auto& found = by_id.empty() ? by_name : by_id;
  std::ranges::sort(found);
  return std::move(found);
}

Value::Object View::begin() const {
  Value::Object object;
  object.emplace_back("v", kVersion);
  object.emplace_back("at", utc(machine_.now));
  return object;
}

Instant View::utc(Instant line) const {
  return machine_.utc(line);
}

void View::add_instant(Value::Object& object, const char* key, Instant utc) {
  if (utc != kNever && utc != kLongAgo) object.emplace_back(key, utc);
}

std::optional<View::Found> View::job_of_key(std::string_view key) const {
  const Job* const job = machine_.find_job(key);
  if (job == nullptr) return {};
  return Found{&machine_.accounts[job->account], job};
}

void View::add_job(Value::Object& object, const Account& account, const Job& job) const {
  const policy::JobAttributes of_job = machine_.attributes(account, job);
  object.emplace_back("account", of_job.account);
  if (!of_job.project_name.empty()) object.emplace_back("project", of_job.project_name);
  object.emplace_back("project_id", of_job.project_id);
  object.emplace_back("job", of_job.job_id);
  if (of_job.job_name) object.emplace_back("job_name", *of_job.job_name);
  if (of_job.user) object.emplace_back("user", *of_job.user);
}

Instant View::due_of(const Job& job) const {
  const bool decided =
      job.stop && (job.stop->stage == Stop::Stage::requested || job.stop->ordered());
  if (decided) return job.stop->due;
  return job.next;
}

std::string_view View::hold_of(const Job& job, const Pair& pair) const {
  if (pair.standing != Standing::enforcing) return to_string(pair.standing);
  const Stop* const stop = job.stop.get();
  if (stop != nullptr && stop->stage == Stop::Stage::requested) return {};
  const Account& account = machine_.accounts[job.account];
  const bool may_be_frozen = pair.due != kNever && !machine_.config.safety.freeze.empty();
  if (may_be_frozen && machine_.frozen_until(account, job, pair.rule) > pair.due)
    return to_string(Hold::freeze);
  const bool passes = stop != nullptr && stop->passed_breaker();
  const bool open = machine_.guard.breaker.open() || guard_of(pair.rule).breaker.open();
  if (open && !passes) return to_string(Hold::breaker);
  if (stop != nullptr && stop->hold == Hold::unknown) return to_string(Hold::unknown);
  if (pair.tripped() && pair.not_before() > machine_.now) return "notice";
  return {};
}

void View::add_due(Value::Object& object, const Job& job, const Pair* pair) const {
  const Stop* const stop = job.stop.get();
  const bool requested = stop != nullptr && stop->stage == Stop::Stage::requested;
  add_instant(object, "due_at", utc(due_of(job)));
  if (stop != nullptr && stop->ordered()) {
    object.emplace_back("ordered_by", stop->ordered_by);
  } else if (requested) {
    object.emplace_back("rule", stop->cause.rule);
  } else if (pair != nullptr) {
    object.emplace_back("rule", rule_of(*pair).name);
  }
}

std::string_view View::mode_of(const policy::Rule& rule) const {
  return machine_.enforces(rule) ? "enforce" : "observe";
}

}  // namespace trainstop::core
