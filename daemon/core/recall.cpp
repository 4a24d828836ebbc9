// What was remembered, back from the journal: jobs with their clocks, what rules have told, open
// stops, the breaker. An image that finds no place any more (a rule that is gone, a project out of
// view) is closed.
#include <algorithm>

#include "core/machine.hpp"
#include "core/memory.hpp"
#include "model/planted.hpp"
#include "policy/canonical.hpp"

namespace trainstop::core {

namespace {

constexpr int kMostAttempts = 1'000'000'000;  // one a second for thirty years

bool begins_with_account(std::string_view key, std::string_view name) {
  return key.starts_with(name) && (key.size() == name.size() || key[name.size()] == '/');
}

}  // namespace

void Core::Impl::take(const Recalled& fact) {
  recalling = true;
  unread = unread || fact.lost;
  for (const Image& image : fact.images) {
    if (recall(image)) continue;
    unread = true;
    close(image);  // it is told by the breaker; a reset is not to be undone by the next start
  }
  // With every piece: the breaker's own image comes in one of them, and may say that it is closed.
  if (unread && !guard.breaker.open()) guard.breaker.open("journal_lost");
  recalling = !fact.last;
}

/// Whether the image could be read.
bool Core::Impl::recall(const Image& image) {
  if (image.kind == Image::Kind::breaker) return recall_breaker(image);
  if (image.kind == Image::Kind::pot) return recall_pot(image);
  if (image.kind == Image::Kind::override_) return recall_override(image);
  const auto account = std::find_if(accounts.begin(), accounts.end(), [&](const Account& each) {
    return begins_with_account(image.key, config.accounts[each.index].name);
  });
  if (account == accounts.end()) return true;  // left as it is: the account may come back
  if (account->elsewhere && image.kind != Image::Kind::account) return close(image);
  switch (image.kind) {
    case Image::Kind::account:
      return recall_account(*account, image);
    case Image::Kind::polls:
      return recall_polls(*account, image);
    case Image::Kind::price:
      return recall_price(*account, image);
    case Image::Kind::job:
      return recall_job(*account, image);
    case Image::Kind::rule:
      return recall_pair(*account, image);
    case Image::Kind::stop:
      return recall_stop(*account, image);
    case Image::Kind::bill:
      return recall_bill(*account, image);
    case Image::Kind::invoice:
      return recall_invoice(*account, image);
    default:
      return true;  // for the shell
  }
}

bool Core::Impl::close(const Image& image) {
  batch.images.push_back({image.kind, Image::Change::close, image.key, {}});
  return true;
}

bool Core::Impl::recall_account(Account& account, const Image& image) {
  MemberReader reader(image.body);
  std::string url_hash;
  reader("url_hash", url_hash);
  reader("judged", account.judged);
  forget_judgements(account);
  reader("price_told", account.price_told);
  reader("watched_since", account.watched_since, kNever);
  Latency::members(reader, account.latency);
  account.latency.recalled();
  account.elsewhere = url_hash != policy::short_hash(config.accounts[account.index].base_url);
  if (account.elsewhere || reader.failed()) {
    account.judged.clear();
    account.price_told.clear();
    account.watched_since = kNever;
  }
  return !reader.failed();
}

bool Core::Impl::recall_polls(Account& account, const Image& image) {
  MemberReader reader(image.body);
  PollRun run;
  reader("first", run.first);
  reader("last", run.last);
  reader("count", run.count);
  reader("except", run.except);
  run.broken = true;  // by the restart
  if (account.polls.first != kNever) return close(image);
  account.polls = std::move(run);
  account.polls.key = image.key;
  return !reader.failed();
}

bool Core::Impl::recall_price(Account& account, const Image& image) {
  MemberReader reader(image.body);
  std::string type;
  policy::PricePoint point;
  reader("type", type);
  reader("from", point.from, kLongAgo);
  reader("per_minute", point.per_minute);
  if (reader.failed() || !point.per_minute) return false;
  policy::PriceHistory& history = account.prices[type];
  const auto after = std::find_if(history.begin(), history.end(),
                                  [&](const auto& other) { return other.from > point.from; });
  history.insert(after, point);
  return true;
}

bool Core::Impl::recall_breaker(const Image& image) {
  if (planted("breaker-forgotten")) return true;
  MemberReader reader(image.body);
  std::string hash;
  reader("rule_hash", hash);
  Guard* of = image.key.empty() ? &guard : nullptr;
  for (auto& [rule, own] : own_guards) {
    if (own.rule == image.key && config.rules[rule].hash == hash) of = &own;
  }
  if (of == nullptr) return close(image);
  Breaker::members(reader, of->breaker);
  reader("since", of->since, kNever);
  reader("told", of->told, kLongAgo);
  of->remembered = 1;
  return !reader.failed();
}

bool Core::Impl::recall_job(Account& account, const Image& image) {
  auto job = std::make_unique<Job>();
  JobSnapshot snapshot;
  Instant last_sent = kLongAgo;
  std::vector<std::string> unsure;
  MemberReader reader(image.body);
  members(reader, snapshot);
  Life::members(reader, job->life);
  std::optional<std::string> team;
  reader("team", team);
  reader("serial", job->serial);
  reader("lost", job->lost);
  reader("requested_before", job->requested_before);
  reader("exempt", job->was_exempt);
  reader("unsure", unsure);
  reader("status_unknown_told", job->status_unknown_told, kLongAgo);
  reader("forget_at", job->forget_at, kNever);
  reader("last_sent", last_sent, kLongAgo);
  std::string_view rest = image.key;
  snapshot.id = last_part(rest);
  snapshot.project_id = last_part(rest);
  if (reader.failed() || snapshot.id.empty() || snapshot.project_id.empty()) return false;
  if (!reader.is_sometime(snapshot.created_at) || !reader.is_sometime(snapshot.updated_at))
    return false;
  if (job_of_key(account, image.key) != nullptr) return false;  // a second one of that name
  if (!in_view(account, snapshot)) return close(image);
  if (job->serial == 0 || by_serial.contains(job->serial)) job->serial = ++serials;
  serials = std::max(serials, job->serial);
  job->account = account.index;
  job->project_id = snapshot.project_id;
  job->job_id = snapshot.id;
  job->recalled = true;
  for (const std::string& name : unsure) {
    if (const auto rule = index_of_rule(name)) job->unsure_rules.push_back(*rule);
  }
  const auto& except = account.polls.except;
  const bool shown =
      job->alive() && account.polls.first != kNever &&
      std::find(except.begin(), except.end(), job->project_id + "/" + job->job_id) == except.end();
  job->life.seen_again(shown ? std::max(last_sent, account.polls.last) : last_sent);
  job->raw = job->snapshot = std::make_shared<const JobSnapshot>(std::move(snapshot));
  Job* const recalled = job.get();
  by_serial.emplace(recalled->serial, recalled);
  account.jobs.emplace(JobId{recalled->project_id, recalled->job_id}, std::move(job));
  if (team) account.projects[recalled->project_id] = {recalled->snapshot->project_name, team};
  recalled->remembered = digest_of_job(*recalled);
  recalled->prices = find_prices(account, *recalled->snapshot);
  if (!recalled->alive()) {
    join_pots(account, *recalled, attributes(account, *recalled));
    enqueue(*recalled);
    return true;
  }
  account.live.insert(recalled);
  match_rules(account, *recalled);
  for (Pair& pair : recalled->pairs) {
    if (recalled->was_exempt) pair.standing = Standing::exempt;
  }
  touch(*recalled);
  return true;
}

Job* Core::Impl::job_of_key(const Account& account, std::string_view key) const {
  const std::string_view job = last_part(key);
  const std::string_view project = last_part(key);
  const auto found = account.jobs.find({project, job});
  return found == account.jobs.end() ? nullptr : found->second.get();
}

std::optional<std::uint16_t> Core::Impl::index_of_rule(std::string_view name) const {
  if (name.empty()) return kExemptions;
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    if (config.rules[i].name == name) return static_cast<std::uint16_t>(i);
  }
  return {};
}

bool Core::Impl::recall_pair(Account& account, const Image& image) {
  MemberReader reader(image.body);
  std::string name, hash;
  reader("rule", name);
  reader("rule_hash", hash);
  if (name.empty() || image.key.size() <= name.size()) return false;
  Job* const job = job_of_key(
      account, std::string_view(image.key).substr(0, image.key.size() - name.size() - 1));
  if (job == nullptr) return close(image);
  const auto pair = std::find_if(job->pairs.begin(), job->pairs.end(), [&](const Pair& each) {
    const policy::Rule& rule = config.rules[each.rule];
    return rule.name == name && rule.hash == hash;
  });
  if (pair == job->pairs.end()) return close(image);
  if (planted("told-forgotten")) return true;
  members(reader, *pair);
  members(reader, pair->keep());
  pair->more->remembered = digest_of(*pair);
  sum_up_pairs(*job);
  return !reader.failed();
}

bool Core::Impl::recall_stop(Account& account, const Image& image) {
  MemberReader reader(image.body);
  auto stop = std::make_unique<Stop>();
  members(reader, *stop);
  if (planted("stop-forgotten")) return true;
  const bool counts = stop->attempt <= kMostAttempts && stop->failures <= kMostAttempts;
  if (reader.failed() || stop->id.empty() || !counts) return false;
  stop->remembered = digest_of(*stop);
  Job* const job = job_of_key(account, image.key);
  if (job == nullptr) return close(image);
  if (job->lost) {
    job->lost_stop = std::move(stop);
  } else {
    resume(account, *job, std::move(stop));
  }
  return true;
}

/// An open stop goes on where it was. The job is looked at before anything is sent: what became of
/// a request that was under way is not known.
void Core::Impl::resume(Account& account, Job& job, std::unique_ptr<Stop> stop) {
  stop->surprise_seen = true;
  stop->reads_failed = stop->intended;  // nobody looked when it ended
  if (planted("resume-as-approved")) stop->approved = true;
  if (stop->first_sent != kNever) {
    stop->stage = Stop::Stage::requested;
    if (!stop->accepted) {
      stop->next_request =
          saturating_add(now, wait_after(std::max(stop->failures, 1), kLostReply, {}, random));
    }
    // Nobody looked while the daemon was away: first a read, then a complaint.
    stop->next_deadline = std::max(stop->next_deadline, saturating_add(now, config.poll.timeout));
    stop->confirm.again = now;
  }
  job.stop = std::move(stop);
  account.stops.insert(&job);
}

}  // namespace trainstop::core
