// When lists, projects and prices are asked for, and what their failures say of an account.
#include <algorithm>

#include "core/machine.hpp"

namespace trainstop::core {

namespace {

// A filter hides a status that nobody knows: this often everything is asked for.
constexpr Duration kUnfilteredEvery = std::chrono::minutes(10);
constexpr Duration kProjectsEvery = std::chrono::minutes(10);
constexpr Duration kProjectsLeast = std::chrono::minutes(1);
constexpr Duration kTellRateLimited = std::chrono::minutes(1);
constexpr Duration kWarmAhead = std::chrono::minutes(1);
constexpr int kWarm = 2;
// Projects only give names and teams: never a burden when they fail.
constexpr BackOff kSideCall{std::chrono::seconds(5), std::chrono::minutes(5)};

/// Whether a trouble is to be told now, for the first time or again.
bool take_turn(Trouble& trouble, Instant now) {
  if (now < saturating_add(trouble.told, kTellAgain)) return false;
  trouble.told = now;
  return true;
}

}  // namespace

void Core::Impl::poll(Account& account) {
  poll_list(account);
  poll_projects(account);
  poll_prices(account);
  poll_usage(account);
  watch_over(account);
}

void Core::Impl::fetch_list(Account& account, Recurring& how, Asked::For purpose, Priority priority,
                            bool filtered) {
  const bool filter = filtered && !account.filter_refused;
  how.request = ask({purpose, account.index, 0, filter});
  act(FetchList{how.request, account.index, priority, filter});
}

void Core::Impl::poll_list(Account& account) {
  if (account.list.request != 0 || now < account.list.next) return;
  const bool filtered = now < account.unfiltered_at;
  fetch_list(account, account.list, Asked::For::poll, Priority::list, filtered);
  account.list.next = saturating_add(now, config.poll.interval);
  if (!filtered) account.unfiltered_at = saturating_add(now, kUnfilteredEvery);
}

void Core::Impl::poll_projects(Account& account) {
  const RequestId request =
      ask_again(account, account.project_list, Asked::For::projects, kProjectsEvery);
  if (request != 0) act(FetchProjects{request, account.index});
}

RequestId Core::Impl::ask_again(Account& account, Recurring& call, Asked::For purpose,
                                Duration every) {
  if (call.request != 0 || now < call.next) return 0;
  call.request = ask({purpose, account.index, 0, false});
  call.next = saturating_add(now, every);
  call.asked_at = now;
  return call.request;
}

Instant Core::Impl::next_poll(const Account& account) const {
  Instant next = kNever;
  for (const Recurring* call :
       {&account.list, &account.price_list, &account.project_list, &account.usage}) {
    if (call->request == 0) next = std::min(next, call->next);
  }
  const Instant unreachable_at = saturating_add(account.last_good, config.safety.unreachable_after);
  next = std::min(next,
                  std::max(unreachable_at, saturating_add(account.unreachable.told, kTellAgain)));
  if (!account.dues.empty() && account.warm == 0) {
    next = std::min(next, saturating_add(account.dues.begin()->first, -kWarmAhead));
  }
  return next;
}

void Core::Impl::list_came(Account& account, const ListRead& list) {
  const policy::Account& configured = config.accounts[account.index];
  const Instant seen_before = account.last_good;
  account.last_good = std::max(account.last_good, list.sent);
  // A job that came and went between two lists is shown by an unfiltered one, if that is not long
  // ago.
  const Instant last = account.polls.last;
  if (account.watched_since == kNever || last == kNever || list.sent - last > kUnfilteredEvery)
    account.watched_since = list.sent;
  const bool refused = end_refusal(account, Call::list).has_value();
  if (account.unreachable.told != kLongAgo || refused || account.failing) {
    tell("api.recovered", Level::info, "account " + configured.name + " answers again")
        .with("account", configured.name)
        .with("since", utc(seen_before))
        .with("unseen_s", account.last_good - seen_before)
        .with("overdue", overdue(account));
  }
  account.failing = false;
  account.unreachable = {};
  if (account.stops.empty()) lapse_refusals(account);
  if (summary_at == kNever) summary_at = now;
  tell("api.polled", Level::debug,
       "account " + configured.name + " lists " + std::to_string(list.jobs.size()) + " jobs")
      .with("account", configured.name)
      .with("filtered", list.filtered)
      .with("took_s", list.received - list.sent);
  if (list.unusable == 0) {
    account.unusable = {};
    return;
  }
  if (!take_turn(account.unusable, now)) return;
  tell("api.unusable_records", Level::warning,
       "records of the job list are unusable and skipped, the first: " + list.first_problem)
      .with("account", configured.name)
      .with("unusable", list.unusable)
      .with("usable", list.jobs.size());
}

void Core::Impl::fetch_failed(Account& account, Call call, const Failure& failure) {
  const policy::Account& configured = config.accounts[account.index];
  if (failure.kind == FailureKind::unauthorized) return refuse(account, call, failure);
  if (failure.kind != FailureKind::rate_limited) return;
  if (now < saturating_add(account.rate_limited_told, kTellRateLimited)) return;
  account.rate_limited_told = now;
  Event& event =
      tell("api.rate_limited", Level::info, "account " + configured.name + ": " + failure.message);
  event.with("account", configured.name);
  if (failure.retry_after) event.with("retry_after_s", *failure.retry_after);
}

void Core::Impl::poll_failed(Account& account, const Failure& failure, bool filtered) {
  ++account.list.failures;
  account.list.request = 0;
  account.unfiltered_at = now;  // after a gap everything is asked for
  const Duration wait = wait_after(account.list.failures, kRead, failure.retry_after, random);
  account.list.next = std::min(std::max(account.list.next, now), saturating_add(now, wait));
  if (failure.retry_after) account.list.next = saturating_add(now, wait);
  if (filtered &&
      (failure.kind == FailureKind::client_error || failure.kind == FailureKind::not_found)) {
    account.filter_refused = true;
    account.list.next = now;
  }
  const policy::Account& configured = config.accounts[account.index];
  tell("api.poll_failed", account.failing ? Level::debug : Level::warning,
       "account " + configured.name + ": " + failure.message)
      .with("account", configured.name)
      .with("failure", to_string(failure.kind));
  account.failing = true;
  account.polls.broken = true;
}

void Core::Impl::take(const FetchFailed& fact) {
  const Asked asked_for = answered(fact.request);
  Account& account = accounts[asked_for.account];
  switch (asked_for.purpose) {
    case Asked::For::poll:
      fetch_failed(account, Call::list, fact.failure);
      return poll_failed(account, fact.failure, asked_for.filtered);
    case Asked::For::verify_list:
    case Asked::For::confirm_list:
      fetch_failed(account, Call::list, fact.failure);
      return list_for_stops_failed(account, fact, asked_for);
    case Asked::For::verify:
    case Asked::For::confirm:
    case Asked::For::missing:
      fetch_failed(account, Call::read, fact.failure);
      return read_failed(account, asked_for, fact);
    case Asked::For::prices:
      fetch_failed(account, Call::prices, fact.failure);
      side_call_failed(account.price_list);
      return tell_missing_prices(account);
    case Asked::For::projects:
      fetch_failed(account, Call::projects, fact.failure);
      return side_call_failed(account.project_list);
    case Asked::For::usage:  // many keys may not read the invoice: that says nothing of the account
      return usage_failed(account, fact.failure);
    case Asked::For::stop:
      return;
  }
}

void Core::Impl::side_call_failed(Recurring& call) {
  call.request = 0;
  ++call.failures;
  call.next = saturating_add(now, wait_after(call.failures, kSideCall, {}, random));
}

void Core::Impl::list_for_stops_failed(Account& account, const FetchFailed& fact,
                                       const Asked& asked_for) {
  Recurring& list =
      asked_for.purpose == Asked::For::verify_list ? account.verify_list : account.confirm_list;
  list.request = 0;
  for (Job* job : account.stops) {
    if (job->stop->verify.request == fact.request) verify_failed(*job, fact.failure);
    if (job->stop->confirm.request == fact.request)
      read_failed_for(*job, job->stop->confirm, fact.failure);
  }
  if (asked_for.filtered && fact.failure.kind == FailureKind::client_error)
    account.filter_refused = true;
}

void Core::Impl::read_failed_for(Job& job, PendingRead& pending, const Failure& failure) {
  pending.request = 0;
  ++pending.failures;
  if (job.stop && job.stop->stage == Stop::Stage::requested) job.stop->reads_failed = true;
  const Duration wait = wait_after(pending.failures, kRead, failure.retry_after, random);
  pending.again = saturating_add(now, std::max(wait, config.stop.confirm_every));
  enqueue(job);
}

void Core::Impl::read_failed(Account& account, const Asked& asked_for, const FetchFailed& fact) {
  if (asked_for.purpose == Asked::For::missing) --account.missing_reads;
  Job* job = job_of(asked_for);
  if (job == nullptr) return;
  if (asked_for.purpose == Asked::For::missing) read_failed_for(*job, job->missing, fact.failure);
  if (job->stop && job->stop->verify.request == fact.request) verify_failed(*job, fact.failure);
  if (job->stop && job->stop->confirm.request == fact.request) {
    read_failed_for(*job, job->stop->confirm, fact.failure);
  }
  if (fact.failure.kind == FailureKind::not_found) not_found(account, *job);
}

void Core::Impl::take(const ProjectsRead& fact) {
  Account& account = accounts[answered(fact.request).account];
  account.project_list.request = 0;
  account.project_list.failures = 0;
  allow(account, Call::projects);
  std::map<std::string, Project, std::less<>> projects;
  for (const ProjectsRead::Project& project : fact.projects)
    projects[project.id] = {project.name, project.team};
  if (projects == account.projects) return;
  account.projects = std::move(projects);
  for (Job* job : account.live) {
    match_rules(account, *job);
    touch(*job);
  }
  for (const auto& [id, job] : account.jobs) {  // what has ended counts for its team as well
    if (job->alive()) continue;
    join_pots(account, *job, attributes(account, *job));
    enqueue(*job);
  }
}

void Core::Impl::want_project(Account& account, const std::string& project_id) {
  if (account.projects.contains(project_id)) return;
  account.project_list.next = std::min(
      account.project_list.next, saturating_add(account.project_list.asked_at, kProjectsLeast));
}

void Core::Impl::watch_over(Account& account) {
  const policy::Account& configured = config.accounts[account.index];
  if (now >= saturating_add(account.last_good, config.safety.unreachable_after) &&
      take_turn(account.unreachable, now)) {
    Event& event = tell(
        "api.unreachable", Level::error,
        "account " + configured.name + " has given no usable job list for " +
            format_duration(std::chrono::floor<std::chrono::seconds>(now - account.last_good)));
    event.with("account", configured.name).with("since", utc(account.last_good));
    if (const auto rate = burn_of(account).rate(); rate && is_read(account))
      event.with("rate", dollars_per_hour(*rate));
  }
  const bool near =
      !account.stops.empty() ||
      (!account.dues.empty() && account.dues.begin()->first <= saturating_add(now, kWarmAhead));
  const int wanted = near ? std::min(kWarm, config.stop.concurrency) : 0;
  if (wanted == account.warm) return;
  account.warm = wanted;
  act(KeepWarm{account.index, wanted});
}

void Core::Impl::tell_skew() {
  if (!skew.lasts() || !take_turn(skew, now)) return;
  tell("clock.skewed", Level::warning, skew_detail + "; the earlier clock decides")
      .with("since", utc(skew.since));
}

}  // namespace trainstop::core
