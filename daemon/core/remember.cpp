// What the journal must hold of what has changed: an after-image of each thing that is no longer as
// it was last remembered.
#include <algorithm>
#include <functional>

#include "core/machine.hpp"
#include "core/memory.hpp"
#include "policy/canonical.hpp"

namespace trainstop::core {

namespace {

// A list that lacks more of the live jobs than this is suspect itself.
constexpr std::size_t kFewMissing = 20;

/// Whether nothing is known of the pair that could not be computed anew.
bool is_plain(const Pair& pair) {
  // A consequence is told only in a trip.
  const bool told_nothing =
      !pair.tripped() && !pair.birth_told && !pair.estimate_told && pair.shares_told == 0;
  const bool awaits_notice = pair.expected && !pair.judged;
  return told_nothing && !awaits_notice && !pair.more;
}

std::string microseconds(Instant at) {
  return std::to_string(at.time_since_epoch().count());
}

}  // namespace

std::string Core::Impl::key_of(const Account& account, const Job& job) const {
  return config.accounts[account.index].name + "/" + job.project_id + "/" + job.job_id;
}

const std::optional<std::string>& Core::Impl::team_of(const Account& account,
                                                      const std::string& project_id) {
  static const std::optional<std::string> unknown;
  const auto project = account.projects.find(project_id);
  return project == account.projects.end() ? unknown : project->second.team;
}

void Core::Impl::mark(Job& job) {
  if (std::exchange(job.dirty, true)) return;
  dirty.push_back(&job);
}

void Core::Impl::remember_changes() {
  for (Job* job : std::exchange(dirty, {})) {
    job->dirty = false;
    remember(accounts[job->account], *job);
  }
  for (Account& account : accounts) remember_account(account);
  remember_breaker(guard);
  for (auto& [rule, own] : own_guards) remember_breaker(own);
}

void Core::Impl::remember(const Account& account, Job& job) {
  remember_job(account, job);
  for (Pair& pair : job.pairs) {
    if (!is_plain(pair)) remember_pair(account, job, pair);
  }
  if (job.stop) remember_stop(account, job, *job.stop);
  if (job.lost_stop) remember_stop(account, job, *job.lost_stop);
}

std::vector<std::string> Core::Impl::names_of(const std::vector<std::uint16_t>& rules) const {
  std::vector<std::string> names;
  for (const std::uint16_t rule : rules) {
    names.push_back(rule < config.rules.size() ? config.rules[rule].name : std::string());
  }
  return names;
}

template <class Archive>
void Core::Impl::members_of(Archive& archive, const Job& job) const {
  members(archive, *job.snapshot);
  Life::members(archive, job.life);
  // Rules may ask for it before the list of projects has come.
  archive("team", team_of(accounts[job.account], job.project_id));
  archive("serial", job.serial);
  archive("lost", job.lost);
  archive("requested_before", job.requested_before);
  archive("exempt", job.was_exempt);
  archive("unsure", names_of(job.unsure_rules));
  archive("status_unknown_told", job.status_unknown_told, kLongAgo);
  archive("forget_at", job.forget_at, kNever);
}

std::uint64_t Core::Impl::digest_of_job(const Job& job) const {
  MemberDigest digest;
  members_of(digest, job);
  return digest.value();
}

void Core::Impl::remember_job(const Account& account, Job& job) {
  const std::uint64_t digest = digest_of_job(job);
  if (std::exchange(job.remembered, digest) == digest) return;
  put_job(account, job, Image::Change::put);
}

/// Of a job that a list does not show: only what is shown is remembered with the run of lists.
void Core::Impl::remember_sight(const Account& account, Job& job) {
  if (job.remembered != 0 && job.sight_kept < job.life.last_sent())
    put_job(account, job, Image::Change::amend);
}

void Core::Impl::put_job(const Account& account, Job& job, Image::Change change) {
  Value::Object body;
  MemberWriter writer(body);
  members_of(writer, job);
  writer("ended", job.life.ended());
  writer("last_sent", job.life.last_sent(), kLongAgo);
  job.sight_kept = job.life.last_sent();
  batch.images.push_back({Image::Kind::job, change, key_of(account, job), std::move(body)});
}

void Core::Impl::remember_pair(const Account& account, const Job& job, Pair& pair) {
  Told& more = pair.keep();
  const std::uint64_t digest = digest_of(pair);
  if (std::exchange(more.remembered, digest) == digest) return;
  const policy::Rule& rule = config.rules[pair.rule];
  Value::Object body;
  MemberWriter writer(body);
  writer("rule", rule.name);
  writer("rule_hash", rule.hash);
  members(writer, std::as_const(pair));
  members(writer, std::as_const(more));
  batch.images.push_back({Image::Kind::rule, Image::Change::put,
                          key_of(account, job) + "/" + rule.name, std::move(body)});
}

void Core::Impl::remember_stop(const Account& account, const Job& job, Stop& stop) {
  const std::uint64_t digest = digest_of(stop);
  if (std::exchange(stop.remembered, digest) == digest) return;
  Value::Object body;
  MemberWriter writer(body);
  members(writer, std::as_const(stop));
  batch.images.push_back(
      {Image::Kind::stop, Image::Change::put, key_of(account, job), std::move(body)});
}

void Core::Impl::forget_pair(const Account& account, const Job& job, Pair& pair) {
  if (!pair.more || std::exchange(pair.more->remembered, 0) == 0) return;
  batch.images.push_back({Image::Kind::rule,
                          Image::Change::close,
                          key_of(account, job) + "/" + config.rules[pair.rule].name,
                          {}});
}

void Core::Impl::forget_stop(const Account& account, const Job& job, Stop& stop) {
  if (std::exchange(stop.remembered, 0) == 0) return;
  batch.images.push_back({Image::Kind::stop, Image::Change::close, key_of(account, job), {}});
}

void Core::Impl::remember_account(Account& account) {
  const policy::Account& configured = config.accounts[account.index];
  const auto all = [&](auto& archive) {
    archive("judged", account.judged);
    archive("price_told", account.price_told);
    archive("watched_since", account.watched_since, kNever);
    Latency::members(archive, account.latency);
  };
  MemberDigest digest;
  all(digest);
  if (std::exchange(account.remembered, digest.value()) == digest.value()) return;
  Value::Object body;
  MemberWriter writer(body);
  writer("url_hash", policy::short_hash(configured.base_url));
  all(writer);
  batch.images.push_back(
      {Image::Kind::account, Image::Change::put, configured.name, std::move(body)});
}

void Core::Impl::remember_breaker(Guard& of) {
  Breaker& breaker = of.breaker;
  const auto all = [&](auto& archive) {
    Breaker::members(archive, breaker);
    archive("since", of.since, kNever);
    archive("told", of.told, kLongAgo);
  };
  breaker.stops_in_window(now);  // forgets what is too old to count
  MemberDigest digest;
  all(digest);
  if (of.remembered == 0 && !breaker.open() && breaker.stops_in_window(now) == 0) return;
  if (std::exchange(of.remembered, digest.value()) == digest.value()) return;
  Value::Object body;
  MemberWriter writer(body);
  all(writer);
  if (const auto rule = index_of_rule(of.rule); !of.rule.empty() && rule)
    writer("rule_hash", config.rules[*rule].hash);
  batch.images.push_back({Image::Kind::breaker, Image::Change::put, of.rule, std::move(body)});
}

void Core::Impl::remember_list(Account& account, const ListRead& list,
                               std::vector<std::string> except) {
  PollRun& run = account.polls;
  if (except.size() > kFewMissing || (run.last != kNever && list.sent <= run.last)) return;
  if (run.first == kNever || run.broken) {
    if (run.first != kNever)
      batch.images.push_back({Image::Kind::polls, Image::Change::close, run.key, {}});
    run = {};
    run.first = list.sent;
    run.key = config.accounts[account.index].name + "/" + microseconds(run.first);
  }
  run.last = list.sent;
  ++run.count;
  run.except = std::move(except);
  Value::Object body;
  MemberWriter writer(body);
  writer("first", run.first);
  writer("last", run.last);
  writer("count", run.count);
  writer("except", run.except);
  batch.images.push_back({Image::Kind::polls, Image::Change::amend, run.key, std::move(body)});
}

/// Of a job that is about to be forgotten: budgets go on counting it.
void Core::Impl::remember_bill(const Account& account, const Job& job) {
  const ClosedBill closed = close_bill(bill_of(job));
  if (!closed.bill.earliest) return;
  Value::Object body;
  MemberWriter writer(body);
  members(writer, *job.snapshot);
  writer("team", team_of(account, job.project_id));
  writer("begin", Bounds{*closed.bill.earliest, *closed.bill.latest});
  writer("end", std::optional(closed.bill.end.value_or(now)));
  writer("estimated", closed.bill.estimated);
  std::vector<Instant> from;
  std::vector<Money> per_minute;
  if (closed.prices) {
    for (const policy::PricePoint& point : *closed.prices) {
      if (!point.per_minute) continue;
      from.push_back(std::max(point.from, *closed.bill.earliest));
      per_minute.push_back(*point.per_minute);
    }
  }
  writer("price_from", from);
  writer("price", per_minute);
  batch.images.push_back({Image::Kind::bill, Image::Change::put,
                          key_of(account, job) + "/" + microseconds(*closed.bill.earliest),
                          std::move(body)});
}

void Core::Impl::remember_pot(Pot& pot) {
  const policy::Rule& rule = config.rules[pot.rule];
  const Money limit = limit_of(pot);
  const auto spent = pot.tally.at(now);
  const std::size_t jobs = pot.members.size();
  const auto shown = [&](auto& archive) {
    members(archive, std::as_const(pot));
    archive("rate", pot.tally.rate());
    archive("jobs", jobs);
    archive("partial", pot.partial);
  };
  MemberDigest digest;
  shown(digest);
  digest("invoiced", pot.invoiced);
  if (std::exchange(pot.remembered, digest.value()) == digest.value()) return;
  Value::Object body;
  MemberWriter writer(body);
  writer("rule", rule.name);
  writer("rule_hash", rule.hash);
  writer("group", pot.group);
  writer("unknown", pot.unknown);
  writer("action", std::string(stops(pot) ? "stop" : "warn"));
  writer("mode", std::string(enforces(rule) ? "enforce" : "observe"));
  writer("limit", limit);
  writer("spent", spent);
  const auto estimated = subtract(spent.value_or(Money{}), pot.invoiced);
  writer("estimated", std::max(estimated.value_or(Money{}), Money{}));
  writer("most", pot.tally.most());
  writer("as_of", now);
  shown(writer);
  batch.images.push_back(
      {Image::Kind::pot, Image::Change::amend, rule.name + "/" + pot.group, std::move(body)});
}

void Core::Impl::remember_price(const Account& account, const std::string& type,
                                const policy::PricePoint& price) {
  Value::Object body;
  MemberWriter writer(body);
  writer("type", type);
  writer("from", price.from, kLongAgo);
  writer("per_minute", price.per_minute);
  batch.images.push_back(
      {Image::Kind::price, Image::Change::put,
       config.accounts[account.index].name + "/" + type + "/" + microseconds(price.from),
       std::move(body)});
}

}  // namespace trainstop::core
