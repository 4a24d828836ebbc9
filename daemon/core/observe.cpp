// What replies show of jobs: first sights, changes, ends, and jobs that are no longer shown.
#include <algorithm>

#include "core/machine.hpp"
#include "model/planted.hpp"

namespace trainstop::core {

namespace {

// Records of a list taken in within one call.
constexpr std::size_t kRecordsPerCall = 256;
// Vanished jobs read by id at once, in an account; more than that and a whole list is the cheaper
// answer.
constexpr int kMissingReads = 20;
// Good lists between two reads that say 404 before a job counts as lost.
constexpr int kPollsUntilLost = 3;
constexpr Duration kForgetEnded = std::chrono::hours(1);
constexpr Duration kForgetLost = std::chrono::hours(24);

template <class T>
void keep(std::optional<T>& now, const std::optional<T>& before, bool& kept) {
  if (now || !before) return;
  now = before;
  kept = true;
}

/// `seen` with the attributes that it lacks and `before` had.
JobRef merge(const JobRef& before, const JobRef& seen) {
  if (!before || planted("attributes-forgotten")) return seen;
  JobSnapshot merged = *seen;
  bool kept = false;
  keep(merged.name, before->name, kept);
  keep(merged.gpu_type, before->gpu_type, kept);
  keep(merged.node_count, before->node_count, kept);
  keep(merged.priority, before->priority, kept);
  keep(merged.availability, before->availability, kept);
  keep(merged.user, before->user, kept);
  return kept ? std::make_shared<const JobSnapshot>(std::move(merged)) : seen;
}

}  // namespace

void Core::Impl::take(const ListRead& fact) {
  const Asked asked_for = answered(fact.request);
  Account& account = accounts[asked_for.account];
  list_came(account, fact);
  switch (asked_for.purpose) {
    case Asked::For::verify_list:
      account.verify_list = {};
      break;
    case Asked::For::confirm_list:
      account.confirm_list.request = 0;
      break;
    default:
      account.list.request = 0;
      account.list.failures = 0;
  }
  listings.push_back({fact, 0});
}

void Core::Impl::take_listings() {
  if (listings.empty()) return;
  Listing& listing = listings.front();
  Account& account = accounts[listing.list.account];
  const std::size_t before = listing.next;
  take_slice(account, listing);
  // What goes over all jobs, when they are many, is for a call of its own.
  const bool is_much = listing.next > before && account.live.size() > kRecordsPerCall;
  if (listing.next < listing.list.jobs.size() || is_much) return;
  finish_list(account, listing.list);
  listings.pop_front();
}

void Core::Impl::take_slice(Account& account, Listing& listing) {
  const ListRead& list = listing.list;
  const std::size_t end = std::min(list.jobs.size(), listing.next + kRecordsPerCall);
  for (; listing.next < end; ++listing.next) {
    observe(account, list.jobs[listing.next], {list.sent, list.received}, list.request, false);
  }
}

void Core::Impl::finish_list(Account& account, const ListRead& list) {
  // An empty list concludes nothing: the first notice is for the first list that shows a job.
  // Nor does one within a reload: jobs that its rules have not reached yet get theirs from them.
  const auto is_shown = [&](const Job* job) { return job->last_list == list.request; };
  if (reloading.done() && std::ranges::any_of(account.live, is_shown)) {
    for (const policy::Rule& rule : config.rules) account.judged.insert(judgement_of(rule));
  }
  if (planted("empty-list-is-lost") && list.jobs.empty())
    for (Job* job : std::vector<Job*>(account.live.begin(), account.live.end()))
      lose(account, *job);
  look_for_missing(account, list);
  for (Job* job : account.stops) {
    Stop& stop = *job->stop;
    if (stop.verify.request == list.request) {
      stop.verify.request = 0;
      if (job->last_list == list.request) {
        verified(account, *job, list.sent);
      } else {
        stop.verify_alone = true;
      }
      enqueue(*job);
    }
    if (stop.confirm.request == list.request) {
      stop.confirm = {0, saturating_add(now, config.stop.confirm_every), 0};
      enqueue(*job);
    }
  }
}

void Core::Impl::look_for_missing(Account& account, const ListRead& list) {
  int missing = 0;
  std::vector<std::string> except;
  for (Job* job : account.live) {
    if (job->last_list == list.request || job->life.last_sent() >= list.sent) continue;
    ++missing;
    if (missing <= kMissingReads + 1) {
      except.push_back(job->project_id + "/" + job->job_id);
      if (!planted("sight-forgotten")) remember_sight(account, *job);
    }
    if (job->not_found && job->polls_until_read > 0) --job->polls_until_read;
    if (job->not_found && job->polls_until_read > 0) continue;
    read_missing(account, *job);
  }
  if (missing > kMissingReads && list.filtered) account.unfiltered_at = now;
  remember_list(account, list, std::move(except));
}

void Core::Impl::read_missing(Account& account, Job& job) {
  if (job.missing.request != 0 || now < job.missing.again || account.missing_reads >= kMissingReads)
    return;
  ++account.missing_reads;
  job.missing.request = ask({Asked::For::missing, account.index, job.serial, false});
  act(FetchJob{job.missing.request, account.index, Priority::lost_read, job.project_id,
               job.job_id});
}

bool Core::Impl::in_view(const Account& account, const JobSnapshot& job) const {
  const auto& globs = config.accounts[account.index].projects;
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    return glob == "*" || policy::glob_matches(glob, job.project_id, false) ||
           policy::glob_matches(glob, job.project_name, false);
  });
}

bool Core::Impl::is_of_earlier_account(const Account& account, const JobSnapshot& job) {
  const std::string& url = config.accounts[account.index].base_url;
  for (Account& other : accounts) {
    if (other.index == account.index || config.accounts[other.index].base_url != url) continue;
    const auto found = other.jobs.find({job.project_id, job.id});
    if (found == other.jobs.end()) continue;
    Job& theirs = *found->second;
    const bool requested = theirs.stop && theirs.stop->intended;
    if (other.index < account.index || requested) return true;
    forget(other, theirs, true);
  }
  return false;
}

Job* Core::Impl::adopt(Account& account, const JobRef& seen, Sight sight) {
  if (phase_of(seen->status) == Phase::ended || !in_view(account, *seen)) return nullptr;
  if (is_of_earlier_account(account, *seen)) return nullptr;
  auto job = std::make_unique<Job>();
  job->serial = ++serials;
  job->account = account.index;
  job->project_id = seen->project_id;
  job->job_id = seen->id;
  job->seen_since = now;
  Job* const adopted = job.get();
  by_serial.emplace(adopted->serial, adopted);
  account.live.insert(adopted);
  account.jobs.emplace(JobId{adopted->project_id, adopted->job_id}, std::move(job));
  attach_overrides(account, *adopted);
  apply(account, *adopted, seen, sight);
  return adopted;
}

void Core::Impl::observe(Account& account, const JobRef& seen, Sight sight, RequestId list,
                         bool direct) {
  const auto found = account.jobs.find({seen->project_id, seen->id});
  Job* job = found == account.jobs.end() ? nullptr : found->second.get();
  const bool adopted = job == nullptr;
  if (adopted) job = adopt(account, seen, sight);
  if (job == nullptr) return;
  if (list != 0) job->last_list = list;
  if (adopted || (sight.sent < job->life.last_sent() && !planted("older-sight-applied"))) return;
  const bool shown_alive = !direct && phase_of(seen->status) != Phase::ended;
  if (job->life.ended() && shown_alive && !planted("end-is-not-final")) {
    read_missing(account, *job);  // the end is final until the job itself says otherwise
    return;
  }
  if (job->lost || job->not_found) see_again(account, *job);
  if (job->raw == seen || *job->raw == *seen) {
    job->raw = seen;
    job->life.seen_again(sight.sent);
    return;
  }
  apply(account, *job, seen, sight);
}

void Core::Impl::apply(Account& account, Job& job, const JobRef& seen, Sight sight) {
  const bool first = job.raw == nullptr;
  const bool was_ended = !first && job.life.ended();
  const Phase before = job.life.phase();
  job.snapshot = merge(job.snapshot, seen);
  job.raw = seen;
  job.life.observe(*job.snapshot, sight, config.billing_from);
  job.prices = find_prices(account, *job.snapshot);
  want_project(account, job.project_id);
  touch_pots(job);
  if (job.life.ended()) {
    if (!was_ended) see_end(account, job);
    return;
  }
  see_alive(account, job, before, first, was_ended);
}

void Core::Impl::see_alive(Account& account, Job& job, Phase before, bool first, bool reopened) {
  if (reopened) {
    job.forget_at = kNever;
    account.live.insert(&job);
  }
  const std::string name = job.snapshot->name.value_or(job.job_id);
  if (first) tell_job("job.seen", Level::info, account, job, "job " + name + " is watched");
  if (!first && before != job.life.phase()) {
    tell_job("job.phase_changed", Level::info, account, job,
             "job " + name + " went from " + std::string(to_string(before)) + " to " +
                 std::string(to_string(job.life.phase())))
        .with("from", to_string(before))
        .with("to", to_string(job.life.phase()));
  }
  tell_missing_price(account, job);
  match_rules(account, job);
  touch(job);
}

void Core::Impl::see_again(Account& account, Job& job) {
  job.not_found = false;
  if (!std::exchange(job.lost, false)) return;
  touch_pots(job);
  job.forget_at = kNever;
  account.live.insert(&job);
  tell_job("job.seen", Level::info, account, job,
           "job " + job.job_id + " is seen again after it was lost");
  if (job.lost_stop) {
    job.stop = std::move(job.lost_stop);
    account.stops.insert(&job);
    job.stop->next_deadline = saturating_add(now, config.stop.confirm_within);
  }
  match_rules(account, job);
  touch(job);
}

void Core::Impl::see_end(Account& account, Job& job) {
  const bool stopped = was_stopped(job.life.status());
  const bool ours = stopped && job.requested_before;
  const char* by = ours ? "trainstop" : stopped ? "other" : "itself";
  const policy::JobTimes facts = times(job);
  Event& event = tell_job("job.ended", Level::info, account, job,
                          "job " + job.job_id + " ended as " + job.life.status());
  event.with("by", by).with("ended_at", utc(job.life.phase_since().latest));
  if (const auto cost = facts.bill.upper_at(now)) event.with("cost", *cost);
  if (job.stop) close_stop(account, job);
  guard.breaker.count_end(now);
  retire(account, job, kForgetEnded);
}

void Core::Impl::not_found(Account& account, Job& job) {
  if (!job.alive()) return;
  if (!std::exchange(job.not_found, true) && !planted("404-once-is-lost")) {
    job.polls_until_read = kPollsUntilLost;
    return;
  }
  if (job.polls_until_read == 0) lose(account, job);
}

void Core::Impl::lose(Account& account, Job& job) {
  job.lost = true;
  touch_pots(job);
  Event& event = tell_job("job.lost", Level::warning, account, job,
                          "job " + job.job_id + " is no longer known to the API (404)");
  event.with("last_seen", utc(job.life.last_sent()));
  if (const auto cost = bill_of(job).upper_at(now)) event.with("cost", *cost);
  if (job.stop) {
    Stop& stop = *job.stop;
    if (stop.intended) {
      tell_stop("stop.unconfirmed", Level::error, account, job,
                "the job vanished before its end was seen: look whether it still runs")
          .with("reason", "lost");
      account.stops.erase(&job);
      job.lost_stop = std::move(job.stop);
    } else {
      avert(account, job, "lost");
    }
  }
  guard.breaker.count_end(now);
  retire(account, job, kForgetLost);
}

void Core::Impl::retire(Account& account, Job& job, Duration remembered) {
  account.live.erase(&job);
  for (Pair& pair : job.pairs) forget_pair(account, job, pair);
  job.pairs.clear();
  index_due(account, job);
  job.forget_at = saturating_add(now, remembered);
  enqueue(job);
}

void Core::Impl::forget(Account& account, Job& job, bool to_another) {
  retire(account, job, Duration{0});
  if (!to_another) remember_bill(account, job);
  leave_pots(job, to_another);
  for (const auto& stop : {std::ref(job.stop), std::ref(job.lost_stop)}) {
    if (stop.get()) forget_stop(account, job, *stop.get());
  }
  if (job.remembered != 0)
    batch.images.push_back({Image::Kind::job, Image::Change::close, key_of(account, job), {}});
  std::erase(dirty, &job);
  account.stops.erase(&job);
  wake_at(job, kNever);
  std::erase(queue, &job);
  by_serial.erase(job.serial);
  const auto found = account.jobs.find({job.project_id, job.job_id});
  account.jobs.erase(found);  // and with it the strings that the key views
}

void Core::Impl::take(const JobRead& fact) {
  const Asked asked_for = answered(fact.request);
  Account& account = accounts[asked_for.account];
  account.latency.learn_read(fact.received - fact.sent);
  allow(account, Call::read);
  if (asked_for.purpose == Asked::For::missing) --account.missing_reads;
  Job* job = job_of(asked_for);
  if (job == nullptr) return;
  if (asked_for.purpose == Asked::For::missing) job->missing = {};
  observe(account, fact.job, {fact.sent, fact.received}, 0, true);
  enqueue(*job);
  if (!job->stop) return;
  if (job->stop->verify.request == fact.request) {
    job->stop->verify.request = 0;
    verified(account, *job, fact.sent);
  }
  if (job->stop->confirm.request == fact.request) {
    job->stop->confirm = {0, saturating_add(now, config.stop.confirm_every), 0};
  }
}

}  // namespace trainstop::core
