// Conditions, selectors' use, and the bill: read naively, one instant at a time.
#include <algorithm>

#include "proof/known.hpp"

namespace trainstop::proof {

namespace {

constexpr Duration kMinute = std::chrono::minutes(1);
constexpr Duration kPrior = std::chrono::seconds(60);

bool in_window(int from_minute, int to_minute, Instant utc) {
  const auto day = std::chrono::floor<std::chrono::days>(utc);
  const Duration of_day = utc - day;
  const Duration from = std::chrono::minutes(from_minute);
  const Duration to = std::chrono::minutes(to_minute);
  return from < to ? of_day >= from && of_day < to : of_day >= from || of_day < to;
}

}  // namespace

Asked Known::asked(const KnownJob& job) const {
  const JobSnapshot& seen = job.seen;
  Asked asked;
  asked.project_id = seen.project_id;
  asked.project = seen.project_name;
  asked.job_id = seen.id;
  asked.type = seen.instance_type;
  asked.availability = seen.availability.value_or("dedicated");
  asked.status = job.status;
  asked.phase = to_string(job.where);
  asked.job = seen.name;
  asked.user = seen.user;
  const auto team = teams.find(seen.project_id);
  if (team != teams.end()) asked.team = team->second;
  asked.gpu_type = seen.gpu_type;
  asked.priority = seen.priority.value_or(0);
  asked.nodes = seen.node_count.value_or(1);
  asked.gpus = asked.nodes * seen.gpu_count;
  return asked;
}

bool Known::applies(const RuleText& rule, const KnownJob& job) const {
  const Asked of_job = asked(job);
  if (rule.match && fits(*rule.match, of_job) != Truth::yes) return false;
  return !rule.exclude || fits(*rule.exclude, of_job) == Truth::no;
}

bool Known::exempt(const KnownJob& job, Instant now) const {
  const Asked of_job = asked(job);
  return std::any_of(rules->exempt.begin(), rules->exempt.end(), [&](const ExemptText& exempt) {
    if (exempt.until && *exempt.until <= utc(now)) return false;
    return fits(Selects{{exempt.who}}, of_job) != Truth::no;
  });
}

bool Known::enforces(const RuleText& rule, Instant now) const {
  return !rules->observes && !rule.observes &&
         (!rule.enforce_from || utc(now) >= *rule.enforce_from);
}

std::string Known::identity(const RuleText& rule, Instant now) const {
  return rule.text + (enforces(rule, now) ? "+" : "-");
}

/// How long the stop took, if nothing was lost on the way.
void Known::learn(const KnownJob& job, Instant now) {
  if (!job.stop || job.stop->first_byte == kNever || lossy->contains(job.stop->id)) return;
  const Duration before = allowance();
  stops_took.push_back(now - job.stop->first_byte);
  if (stops_took.size() > 100) stops_took.pop_front();
  if (allowance() != before) allowance_changed = now;
}

void Known::note_sent(StopMemory& stop, const Event& event, Instant now) const {
  stop.sent = true;
  // An intent whose request had not left at a death may leave by another rule's due.
  const auto due = instant_of(event, "due_at");
  const Value* late = event.find("late_s");
  const Duration after = late == nullptr ? Duration{0} : std::get<Duration>(late->data);
  const bool late_from_due = due && after > Duration{0};
  if (stop.first_byte == kNever) stop.first_byte = late_from_due ? *due - shift + after : now;
}

Duration Known::allowance() const {
  // The shortest that 99 of 100 did not pass, where the prior counts as ten.
  std::vector<Duration> took(10, kPrior);
  took.insert(took.end(), stops_took.begin(), stops_took.end());
  std::sort(took.begin(), took.end());
  std::size_t at = 0;
  while ((at + 1) * 100 < took.size() * 99) ++at;
  return std::max(Duration(std::chrono::seconds(5)), std::min(took[at], rules->confirm_within));
}

const Prices* Known::prices_of(const KnownJob& job) const {
  static std::map<std::string, Prices> fixed;
  const JobSnapshot& seen = job.seen;
  const std::string shape =
      seen.gpu_type ? *seen.gpu_type + "x" + std::to_string(seen.gpu_count) : std::string();
  const bool spot = seen.availability == "spot";
  for (const bool as_spot : {true, false}) {
    if (as_spot && !spot) continue;
    for (const std::string& name : {seen.instance_type, shape}) {
      for (const auto& [key, price] : rules->prices) {
        if (name.empty() || key != (as_spot ? "spot/" : "") + name) continue;
        Prices& one = fixed[key + std::to_string(price.nano())];
        one = {{kLongAgo, price}};
        return &one;
      }
    }
  }
  const auto found = prices.find(seen.instance_type);
  return found == prices.end() ? nullptr : &found->second;
}

bool Known::estimated(const KnownJob& job) const {
  return job.billed && job.billed->second - job.billed->first > 2 * rules->poll;
}

std::optional<Money> Known::bill(const KnownJob& job, Instant at, bool from_latest) const {
  if (!job.billed) return Money{};
  const Prices* history = prices_of(job);
  const Instant begin = from_latest && estimated(job) ? job.billed->second : job.billed->first;
  Instant end = at;
  if (job.over()) end = std::min(end, job.stays.back().latest);
  if (job.lost) end = std::min(end, job.last_sent);
  const std::int64_t nodes = job.seen.node_count.value_or(1);
  std::int64_t sum = 0;
  if (end <= begin) return Money{};
  if (history == nullptr || history->empty()) return {};
  std::size_t point = 0;
  for (Instant minute = begin; minute < end; minute += kMinute) {
    while (point + 1 < history->size() && (*history)[point + 1].first <= minute) ++point;
    sum += (*history)[point].second.nano() * nodes;
  }
  return Money::from_nano(sum);
}

bool Known::frozen(const RuleText& rule, const KnownJob& job, Instant at) const {
  if (rule.through_freeze) return false;
  return std::ranges::any_of(rules->freezes, [&](const FreezeText& freeze) {
    return in_window(freeze.from_minute, freeze.to_minute, utc(at)) &&
           (!freeze.match || fits(*freeze.match, asked(job)) != Truth::no);
  });
}

bool Known::in_force(const Hand& hand, Instant at) const {
  return at >= hand.from && at < hand.ended && utc(at) < hand.until;
}

bool Known::spared(const KnownJob& job, const std::string& rule, Instant at) const {
  return std::ranges::any_of(hands, [&](const Hand& hand) {
    return hand.kind != Hand::Kind::extend && hand.covers(job, rule) && in_force(hand, at);
  });
}

Duration Known::extension(const KnownJob& job, const std::string& rule, Instant at) const {
  Duration sum{0};
  for (const Hand& hand : hands) {
    const bool counts =
        hand.kind == Hand::Kind::extend && hand.covers(job, rule) && in_force(hand, at);
    if (counts) sum += hand.by;
  }
  return sum;
}

Instant Known::hand_on(const KnownJob& job) const {
  Instant last = kLongAgo;
  for (const Hand& hand : hands) {
    if (!hand.job.empty() && hand.job != job.id) continue;
    last = std::max({last, hand.from, hand.ended == kNever ? kLongAgo : hand.ended});
  }
  return last;
}

/// `more` is added to limits of time.
Truth Known::leaf(const Cond& cond, const KnownJob& job, Instant at, std::optional<Duration> lead,
                  Duration more) const {
  using Kind = Cond::Kind;
  const bool unclear = job.where == Where::unclear;
  const auto stay = [&](Where where) {
    if (unclear) return Truth::unknown;
    return truth(job.where == where && at - job.stays.back().latest >= *cond.limit + more);
  };
  switch (cond.kind) {
    case Kind::running_for: {
      if (unclear) return Truth::unknown;
      Duration ran = job.ran_before();
      if (job.where == Where::running) ran += std::max(at - job.stays.back().latest, Duration{0});
      return truth(ran >= *cond.limit + more);
    }
    case Kind::deploying_for:
      return stay(Where::deploying);
    case Kind::queued_for:
      return stay(Where::queued);
    case Kind::age:
      return truth(at - job.seen.created_at >= *cond.limit + more);
    case Kind::in_status: {
      if (unclear || job.status_unclear) return Truth::unknown;
      const bool named =
          std::find(cond.statuses.begin(), cond.statuses.end(), job.status) != cond.statuses.end();
      return truth(named && (!cond.limit || at - job.status_stay.latest >= *cond.limit + more));
    }
    case Kind::cost: {
      if (unclear) return Truth::unknown;
      if (job.billed && (prices_of(job) == nullptr || prices_of(job)->empty()))
        return Truth::unknown;
      const auto over = [&](bool from_latest) {
        // With a lead: whether an end just after `at + lead` would bill more than the limit.
        const auto sum = bill(job, lead ? at + *lead + Duration{1} : at, from_latest);
        return sum && (lead ? *sum > cond.money : *sum >= cond.money);
      };
      return over(true) ? Truth::yes : over(false) ? Truth::unknown : Truth::no;
    }
    case Kind::deadline:
      return truth(utc(at) >= cond.utc + more);
    case Kind::during:
      return truth(in_window(cond.from_minute, cond.to_minute, utc(at)));
    case Kind::outside:
      return truth(!in_window(cond.from_minute, cond.to_minute, utc(at)));
    default:
      return Truth::unknown;
  }
}

Truth Known::value(const Cond& cond, const KnownJob& job, Instant at, std::optional<Duration> lead,
                   Duration more) const {
  Truth result = cond.kind == Cond::Kind::all ? Truth::yes : Truth::no;
  switch (cond.kind) {
    case Cond::Kind::all:
      for (const Cond& part : cond.parts) result = result && value(part, job, at, lead, more);
      return result;
    case Cond::Kind::any:
      for (const Cond& part : cond.parts) result = result || value(part, job, at, lead, more);
      return result;
    case Cond::Kind::negation:
      return !value(cond.parts.front(), job, at, {}, Duration{0});
    default:
      return leaf(cond, job, at, lead, more);
  }
}

Truth Known::trip_value(const RuleText& rule, const KnownJob& job, Instant at) const {
  const Duration more = extension(job, rule.name, at);
  if (!rule.stops) return value(rule.when, job, at, {}, more);
  return value(rule.when, job, at, rule.grace + (rule.lands_at ? Duration{0} : allowance()), more);
}

Truth Known::due_value(const RuleText& rule, const KnownJob& job, Instant at) const {
  return value(rule.when, job, at, rule.lands_at ? Duration{0} : allowance(),
               extension(job, rule.name, at));
}

bool Known::stays(const std::string& rule, const RuleSet& with) const {
  const RuleText* before = rules->find(rule);
  const RuleText* after = with.find(rule);
  return before != nullptr && after != nullptr && before->text == after->text;
}

void Known::reload(const RuleSet& with, Instant now) {
  loaded = now;
  dropped.clear();
  std::erase_if(judged, [&](const std::string& identity) {
    return std::ranges::none_of(with.rules, [&](const RuleText& rule) {
      return identity == rule.text + "+" || identity == rule.text + "-";
    });
  });
  for (auto& [id, job] : jobs) {
    std::erase_if(job.pairs, [&](const auto& pair) {
      if (stays(pair.first, with)) return false;
      const bool stands = job.alive() && pair.second.told != kNever;
      if (stands) dropped.emplace(id, pair.first);
      return true;
    });
  }
  std::set<std::string> exempted;
  for (const auto& [id, job] : jobs)
    if (exempt(job, now)) exempted.insert(id);
  rules = &with;
  for (auto& [id, job] : jobs) {
    if (!job.alive()) continue;
    job.changed = now;
    // Who is exempt no longer is judged as for the first time by what stops it from now on.
    if (exempted.contains(id) && !exempt(job, now)) {
      for (auto& [name, pair] : job.pairs) {
        if (!enforces(*rules->find(name), now) || spared(job, name, now)) continue;
        pair.expected = true;
        pair.judged = false;
      }
    }
    note_pairs(job);
  }
  if (judged.empty()) return;
  for (const RuleText& rule : rules->rules) judged.insert(identity(rule, now));
}

void Known::revive(const RuleSet& with, Instant now) {
  started = loaded = now;
  dropped.clear();
  listed = false;
  // A job's team is remembered with it.
  std::set<std::string> kept;
  for (const auto& [id, job] : jobs) {
    if (!job.forgotten) kept.insert(job.seen.project_id);
  }
  std::erase_if(teams,
                [&](const auto& team) { return !team.second || !kept.contains(team.first); });
  for (auto& [id, job] : jobs) {
    const bool spared = job.alive() && exempt(job, now);
    for (auto& [name, pair] : job.pairs) {
      // An exemption or a pause that ended meanwhile ends now.
      const bool by_hand = std::ranges::any_of(hands, [&](const Hand& hand) {
        return hand.kind != Hand::Kind::extend && hand.ended == kNever && hand.covers(job, name);
      });
      pair.careful = pair.careful || spared || (by_hand && job.alive());
    }
    job.last_sent = std::min(job.last_sent, job.kept_sent);
    job.changed = now;
    if (job.stop) {
      job.stop->under_way = false;
      lossy->insert(job.stop->id);
    }
    job.not_found = 0;
    std::erase_if(job.pairs, [&](const auto& pair) { return !stays(pair.first, with); });
  }
  rules = &with;
  for (auto& [id, job] : jobs)
    if (job.alive()) note_pairs(job);
}

}  // namespace trainstop::proof
