// Taking in facts and what was told.
#include "proof/known.hpp"

#include <algorithm>

namespace trainstop::proof {

namespace {

// Jobs that ended leave memory after an hour; lost ones may come back for a day.
constexpr Duration kForgetOver = std::chrono::hours(1);
constexpr Duration kForgetLost = std::chrono::hours(24);

std::string bare(const std::string& status) {
  constexpr std::string_view kPrefix = "TRAINING_JOB_";
  return status.starts_with(kPrefix) ? status.substr(kPrefix.size()) : status;
}

Where where_of(const std::string& status) {
  if (status == "PENDING" || status == "CREATED" || status == "QUEUED") return Where::queued;
  if (status == "DEPLOYING") return Where::deploying;
  if (status == "RUNNING") return Where::running;
  for (const char* end : {"COMPLETED", "FAILED", "STOPPED", "PREEMPTED", "EXPIRED"}) {
    if (status == end || status.ends_with(std::string("_") + end)) return Where::over;
  }
  return Where::unclear;
}

template <class T>
void keep(std::optional<T>& now, const std::optional<T>& before) {
  if (!now) now = before;
}

}  // namespace

const char* to_string(Where where) {
  switch (where) {
    case Where::queued:
      return "queued";
    case Where::deploying:
      return "deploying";
    case Where::running:
      return "running";
    case Where::over:
      return "ended";
    case Where::unclear:
      break;
  }
  return "unknown";
}

std::string text_of(const Event& event, std::string_view name) {
  const Value* value = event.find(name);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->data);
  return text == nullptr ? std::string() : *text;
}

std::optional<Instant> instant_of(const Event& event, std::string_view name) {
  const Value* value = event.find(name);
  const auto* at = value == nullptr ? nullptr : std::get_if<Instant>(&value->data);
  return at == nullptr ? std::nullopt : std::optional(*at);
}

Duration KnownJob::ran_before() const {
  Duration sum{0};
  for (std::size_t i = 0; i + 1 < stays.size(); ++i) {
    if (stays[i].where == Where::running)
      sum += std::max(stays[i + 1].earliest - stays[i].latest, Duration{0});
  }
  return sum;
}

KnownJob* Known::find(const std::string& id) {
  const auto found = jobs.find(id);
  return found == jobs.end() ? nullptr : &found->second;
}

void Known::enter(KnownJob& job, Where where, Instant earliest, Instant latest) {
  job.where = where;
  job.stays.push_back({where, earliest, latest});
  if (job.billed || where == Where::over) return;
  const bool running = where == Where::running;
  if (rules->billing == "created") {
    const Instant created = std::min(job.seen.created_at, latest);
    job.billed = {created, created};
  } else if (running || (where == Where::deploying && rules->billing == "deploying")) {
    job.billed = {earliest, latest};
  }
}

void Known::observe(const JobRef& seen, Instant sent, Instant received, bool direct, Instant now) {
  KnownJob* known = find(seen->id);
  // The decoder gives the same object for what has not changed.
  if (known != nullptr && known->alive() && known->raw == seen && sent >= known->last_sent) {
    known->not_found = 0;
    known->last_sent = sent;
    if (!direct) known->kept_sent = sent;
    return;
  }
  const std::string status = bare(seen->status);
  const Where where = where_of(status);
  const bool forgotten = known != nullptr && known->forgotten;
  if (forgotten) jobs.erase(seen->id);
  if (known == nullptr || forgotten) {
    if (where == Where::over) return;
    known = &jobs[seen->id];
    known->id = seen->id;
  }
  KnownJob& job = *known;
  const bool first = job.last_sent == kLongAgo;
  if (!first && sent < job.last_sent) return;
  if (job.over() && !direct && where != Where::over) return;
  if (job.lost) job.changed = now;
  if (job.lost && job.stop) job.stop->returned = now;
  job.lost = false;
  job.not_found = 0;
  JobSnapshot merged = *seen;
  if (!first) {
    keep(merged.name, job.seen.name);
    keep(merged.gpu_type, job.seen.gpu_type);
    keep(merged.node_count, job.seen.node_count);
    keep(merged.priority, job.seen.priority);
    keep(merged.availability, job.seen.availability);
    keep(merged.user, job.seen.user);
  }
  const bool same = !first && merged == job.seen;
  const Instant earliest = std::min(first ? merged.created_at : job.last_sent, received);
  Instant latest = received;
  if (merged.updated_at >= earliest && merged.updated_at <= latest) latest = merged.updated_at;
  job.last_sent = sent;
  job.raw = seen;
  if (!direct || !same) job.kept_sent = sent;
  if (same) return;
  const KnownJob before = job;
  job.seen = std::move(merged);
  job.changed = now;
  if (first || status != job.status) {
    job.status = status;
    job.status_unclear = where == Where::unclear;
    job.status_stay = {where, earliest, latest};
  }
  if (where != Where::unclear && where != job.where) {
    enter(job, where, earliest, latest);
    job.over_seen = where == Where::over ? now : kNever;
  }
  note_pairs(job);
  if (!first) note_surprises(before, job, now);
}

void Known::note_surprises(const KnownJob& before, KnownJob& job, Instant now) const {
  if (!job.alive() || job.seen.created_at > now - rules->poll - std::chrono::seconds(1)) return;
  const auto foreseen = [&](const RuleText& rule) {
    return before.pairs.contains(rule.name) &&
           due_value(rule, before, now + rules->poll) != Truth::no;
  };
  // What was due already, or held, surprises nobody.
  if (before.stop || std::any_of(rules->rules.begin(), rules->rules.end(), foreseen)) return;
  for (auto& [name, pair] : job.pairs) {
    const RuleText* rule = rules->find(name);
    const bool stops = rule != nullptr && rule->stops && rule->grace == Duration{0} &&
                       before.pairs.contains(name) && enforces(*rule, now) && !exempt(job, now) &&
                       !spared(job, name, now);
    if (stops && pair.judged && due_value(*rule, job, now) == Truth::yes) pair.surprised = now;
  }
}

/// Rules that begin or cease to apply.
void Known::note_pairs(KnownJob& job) {
  for (const RuleText& rule : rules->rules) {
    if (!applies(rule, job)) {
      job.pairs.erase(rule.name);
      continue;
    }
    if (job.pairs.contains(rule.name)) continue;
    PairMemory& pair = job.pairs[rule.name];
    pair.expected = job.seen.created_at <= loaded &&
                    !judged.contains(identity(rule, std::max(loaded, job.changed)));
  }
}

void Known::take_prices(const core::PricesRead& read, Instant now) {
  prices_changed = now;
  for (const auto& [type, price] : read.per_minute) {
    if (price <= Money{} || price > Money::from_dollars(60)) continue;
    Prices& history = prices[type];
    if (history.empty()) {
      history.emplace_back(kLongAgo, price);
      continue;
    }
    const Money before = history.back().second;
    if (price == before) continue;
    const std::int64_t low = std::min(price, before).nano(), high = std::max(price, before).nano();
    if (high <= low * 3) history.emplace_back(now, price);
  }
}

void Known::take(const core::Fact& fact, Instant now) {
  if (const auto* list = std::get_if<core::ListRead>(&fact)) {
    listed = true;
    for (const JobRef& job : list->jobs) observe(job, list->sent, list->received, false, now);
    const bool shows_any =
        std::any_of(list->jobs.begin(), list->jobs.end(), [&](const JobRef& job) {
          const KnownJob* known = find(job->id);
          return known != nullptr && known->alive();
        });
    // With a list the sights of whom it lacks are kept.
    for (auto& [id, job] : jobs)
      if (job.alive() && job.last_sent < list->sent) job.kept_sent = job.last_sent;
    for (const RuleText& rule : rules->rules)
      if (shows_any) judged.insert(identity(rule, now));
  } else if (const auto* read = std::get_if<core::JobRead>(&fact)) {
    if (find(read->job->id) != nullptr) observe(read->job, read->sent, read->received, true, now);
  } else if (const auto* read_prices = std::get_if<core::PricesRead>(&fact)) {
    take_prices(*read_prices, now);
  } else if (const auto* projects = std::get_if<core::ProjectsRead>(&fact)) {
    std::map<std::string, std::optional<std::string>> fresh;
    for (const auto& project : projects->projects) fresh[project.id] = project.team;
    if (fresh != teams) {
      teams = std::move(fresh);
      teams_changed = now;
      for (auto& [id, job] : jobs)
        if (job.alive()) note_pairs(job);
    }
  } else if (const auto* clock = std::get_if<core::ClockRead>(&fact)) {
    if (clock->utc_shift != shift) shift_changed = now;
    shift = clock->utc_shift;
  }
  note_careful(now);
  judge_first(now);
  // Within a call, after its fact: what slept over the hour is still remembered by the first.
  for (auto& [id, job] : jobs) {
    if (job.over() && job.over_seen + kForgetOver <= now) job.forgotten = true;
    if (job.lost && job.lost_at + kForgetLost <= now) job.forgotten = true;
  }
}

void Known::take(const Event& event, Instant now) {
  if (event.name == "breaker.opened") breaker = text_of(event, "reason");
  if (event.name.starts_with("operator.")) return take_hand(event, now);
  if (event.name == "breaker.reset") {
    breaker.clear();
    breaker_reset = now;
    intents.clear();
    const Value* keys = event.find("jobs");
    const auto* list = keys == nullptr ? nullptr : std::get_if<Value::Array>(&keys->data);
    for (auto& [id, each] : jobs) {
      const bool named = list != nullptr && std::ranges::any_of(*list, [&](const Value& key) {
                           return std::get<std::string>(key.data).ends_with("/" + id);
                         });
      if (named) each.approved = each.held;
      each.surprised = kLongAgo;
      for (auto& [name, pair] : each.pairs) pair.surprised = kLongAgo;
    }
    return;
  }
  KnownJob* const job = find(text_of(event, "job"));
  if (job == nullptr) return;
  const std::string rule = text_of(event, "rule");
  if (event.name == "job.lost") {
    job->lost = true;
    job->lost_at = now;
    if (!job->stop) job->ordered = kNever;
    job->pairs.clear();
    job->changed = now;
  } else if (event.name == "job.ended") {
    if (!job->stop) job->ordered = kNever;
    job->pairs.clear();
  } else if (event.name == "rule.tripped") {
    PairMemory& pair = job->pairs[rule];
    pair.told = now;
    pair.owed_since = kNever;
    const RuleText* text = rules->find(rule);
    pair.careful =
        text == nullptr || !enforces(*text, now) || exempt(*job, now) || spared(*job, rule, now);
    if (const auto due = instant_of(event, "due_at")) pair.due = saturating_add(*due, -shift);
    const Instant notice = saturating_add(now, this->rules->first_notice);
    if (pair.due != kNever && pair.due >= notice) pair.granted_until = notice;
  } else if (event.name == "rule.cleared") {
    const auto pair = job->pairs.find(rule);
    const bool is_gone = dropped.erase({job->id, rule}) != 0;
    if (is_gone || pair == job->pairs.end()) return;
    pair->second.told = pair->second.owed_since = kNever;
  } else if (event.name == "rule.warned") {
    const Value* before = event.find("warn_before");
    const auto due = instant_of(event, "due_at");
    if (before != nullptr && due)
      job->pairs[rule].warned.emplace(std::get<Duration>(before->data),
                                      saturating_add(*due, -shift));
  } else if (event.name == "stop.intended") {
    StopMemory stop;
    stop.id = text_of(event, "stop");
    stop.rule = rule;
    stop.by = rules->find(rule);
    stop.intended = now;
    stop.verified = event.find("verified") != nullptr && *event.find("verified") == Value(true);
    if (const auto due = instant_of(event, "due_at")) stop.due = saturating_add(*due, -shift);
    const auto pair = job->pairs.find(rule);
    stop.noticed = pair != job->pairs.end() && stop.due + std::chrono::milliseconds(1) >=
                                                   pair->second.told + rules->first_notice;
    if (pair != job->pairs.end()) job->surprised = pair->second.surprised;
    job->stop = stop;
    if (!std::exchange(job->requested_before, true)) job->kept_sent = job->last_sent;
    if (!job->approved && job->ordered == kNever) intents.push_back(now);
  } else if (event.name == "stop.confirmed" || event.name == "stop.averted") {
    if (text_of(event, "outcome") == "stopped") learn(*job, now);
    job->stop.reset();
    job->held = job->approved = false;
    job->ordered = kNever;
  } else if (event.name == "stop.held") {
    // Without one it is told of a rule that spares the job, not of its stop.
    if (const std::string stop = text_of(event, "stop"); !stop.empty()) {
      job->held = text_of(event, "reason") == "breaker";
      job->held_id = stop;
    }
    if (job->stop && text_of(event, "reason") == "unknown") job->stop->held_unknown = now;
  } else if (event.name == "stop.sent" && job->stop) {
    note_sent(*job->stop, event, now);
  } else if (event.name == "stop.unconfirmed" && job->stop) {
    if (job->stop->unconfirmed == kNever) job->stop->unconfirmed = now;
  } else if (event.name == "stop.accepted" && job->stop) {
    job->stop->accepted = true;
  }
}

}  // namespace trainstop::proof
