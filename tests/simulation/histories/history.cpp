#include "simulation/histories/history.hpp"

#include <algorithm>
#include <set>

#include "policy/reader.hpp"

namespace trainstop::test {

namespace {

// From a job's begin to its first request, beside the poll that shows it: reads, and turns.
constexpr Duration kTurn = 5s;
// After a start the daemon reads what it knows and asks for a list before it goes on.
constexpr Duration kRecovery = 60s;
// So long before a request a due may have moved because the allowance grew, or a price.
constexpr Duration kLookBack = 20min;

std::vector<Away> absences(const Plan& plan) {
  std::vector<Away> away;
  for (const auto& [at, length] : plan.restarts)
    away.push_back({kStart + at, kStart + at + length});
  return away;
}

std::vector<policy::Period> periods_of(const Plan& plan) {
  std::vector<policy::Period> periods;
  const auto read = policy::read_config({"history.yaml", config_of(plan)});
  for (const policy::Rule& rule : read.config->rules)
    periods.push_back(policy::budget_of(rule.when)->period);
  return periods;
}

const Value* find(const Value::Object& body, std::string_view name) {
  for (const auto& [key, value] : body) {
    if (key == name) return &value;
  }
  return nullptr;
}

template <class T>
T get(const Value::Object& body, std::string_view name, T absent) {
  const Value* value = find(body, name);
  return value == nullptr ? absent : std::get<T>(value->data);
}

/// The 99th percentile of the last stops and of ten that took a minute, within its bounds.
Duration allowance_of(const Value::Object& account) {
  std::vector<Duration> took(10, 60s);
  if (const Value* stops = find(account, "stops_took")) {
    for (const Value& each : std::get<Value::Array>(stops->data))
      took.push_back(std::get<Duration>(each.data));
  }
  std::sort(took.begin(), took.end());
  std::size_t at_most = took.size();
  while ((at_most - 1) * 100 >= took.size() * 99) --at_most;
  return std::clamp<Duration>(took[at_most - 1], 5s, 3min);
}

std::int64_t minutes_over(Duration time) {
  return time <= Duration{0} ? 0 : (time + 1min - Duration{1}) / 1min;
}

}  // namespace

History::History(std::uint64_t seed)
    : seed_(seed),
      plan_(make_plan(seed)),
      world_(config_of(plan_), seed),
      away_(absences(plan_)),
      ledger_(world_, away_, 2 * plan_.poll),
      periods_(periods_of(plan_)) {
  allowances_.emplace_back(kLongAgo, 60s);
}

void History::fail(const std::string& what) {
  findings_->wrong.push_back("seed " + std::to_string(seed_) + " at " +
                             format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(
                                 world_.now() - kStart)) +
                             ": " + what + "\n" + config_of(plan_));
}

void History::play() {
  world_.projects = {{"proj1", "one", "research"}, {"proj2", "two", "ops"}, {"proj3", "three", {}}};
  for (const PriceChange& change : plan_.prices) {
    const auto set = [this, change] { ledger_.set_price(change.type, change.nano); };
    if (change.at == Duration{0}) {
      set();
    } else {
      world_.at(change.at, set);
    }
  }
  for (const PlannedJob& job : plan_.jobs) {
    for (std::size_t i = 0; i < job.steps.size(); ++i) {
      world_.at(job.steps[i].first, [this, &job, i] {
        const auto& [when, status] = job.steps[i];
        if (i > 0) {
          if (!world_.job(job.id).ended) world_.set_status(job.id, status);
          return;
        }
        TrueJob& added = world_.add(job.id, when, status);
        added.now.project_id = job.project;
        added.now.instance_type = job.type;
        added.now.node_count = job.nodes;
        added.now.user = job.user;
        added.stop_latency = job.stop_latency;
      });
    }
  }
  for (const auto& [at, away] : plan_.restarts)
    world_.at(at, [this, away = away] { world_.restart(away); });
  world_.on_batch = [this](const core::Batch& batch) { watch(batch); };
}

void History::watch(const core::Batch& batch) {
  for (const Image& image : batch.images) {
    if (image.kind != Image::Kind::account) continue;
    const Duration allowance = allowance_of(image.body);
    if (allowance != allowances_.back().second) allowances_.emplace_back(world_.now(), allowance);
  }
  for (const Event& event : batch.records) {
    if (event.name != "budget.exhausted" || get<std::string>(event.fields, "action", "") != "stop")
      continue;
    const auto rule = get<std::string>(event.fields, "rule", "");
    exhaustions_.push_back({rule == "pot0" ? 0U : 1U, get<std::string>(event.fields, "group", ""),
                            event.at, get<Money>(event.fields, "value", {}).nano()});
  }
}

Duration History::allowed(Instant at, bool least) const {
  Duration found = allowances_.front().second;
  for (const auto& [from, allowance] : allowances_) {
    if (from > at) break;
    if (from < at - kLookBack) {
      found = allowance;
    } else {
      found = least ? std::min(found, allowance) : std::max(found, allowance);
    }
  }
  return found;
}

std::vector<const PlannedJob*> History::members(std::size_t budget,
                                                const std::string& group) const {
  std::vector<const PlannedJob*> found;
  for (const PlannedJob& job : plan_.jobs) {
    bool unknown = false;
    if (group_of(plan_.budgets[budget], job, unknown) == group &&
        kStart + job.steps[0].first < world_.now())
      found.push_back(&job);
  }
  return found;
}

/// Every pot that the journal holds, against the independent ledger at the instant it was written.
void History::compare() {
  std::set<std::string> held;
  for (const auto& [key, image] : world_.present()) {
    if (key.first != Image::Kind::pot) continue;
    const std::size_t budget = get<std::string>(image.body, "rule", "") == "pot0" ? 0 : 1;
    const auto group = get<std::string>(image.body, "group", "");
    const Instant as_of = get<Instant>(image.body, "as_of", kNever);
    const policy::Window window = periods_[budget].window_at(world_.now());
    const Instant from = get<Instant>(image.body, "from", kLongAgo);
    if (from != window.from || get<Instant>(image.body, "until", kNever) != window.until)
      fail(key.second + " has not begun its window");
    std::int64_t wanted = 0;
    for (const PlannedJob* job : members(budget, group))
      wanted += ledger_.known(job->id, window.from, window.until, as_of);
    const std::int64_t spent = get<Money>(image.body, "spent", {}).nano();
    ++findings_->sums;
    if (spent != wanted)
      fail(key.second + " holds " + format_decimal(Money::from_nano(spent)) + " as of " +
           format_rfc3339(as_of) + ", the minutes come to " +
           format_decimal(Money::from_nano(wanted)));
    held.insert(key.second);
  }
  for (std::size_t i = 0; i < plan_.budgets.size(); ++i) {
    const policy::Window window = periods_[i].window_at(world_.now());
    for (const PlannedJob& job : plan_.jobs) {
      bool unknown = false;
      const std::string name =
          plan_.budgets[i].name + "/" + group_of(plan_.budgets[i], job, unknown);
      if (held.contains(name) || kStart + job.steps[0].first >= world_.now()) continue;
      // The pot of one job goes with the job, an hour after its end.
      const auto& end = ledger_.sighted(job.id).end;
      if (plan_.budgets[i].group_by == "job" && end && end->known < world_.now() - 59min) continue;
      if (ledger_.known(job.id, window.from, window.until, world_.now() - 1s) > 0)
        fail("there is no " + name);
    }
  }
}

/// What may come on top of the limit because of this job: nothing for one that could be foreseen
/// and was stopped as quickly as is allowed for.
std::int64_t History::excuse(const PlannedJob& planned, const policy::Window& window) {
  const TrueJob& job = world_.job(planned.id);
  const std::int64_t bill = ledger_.truth(planned.id, window.from, window.until, world_.now());
  const auto& begin = ledger_.sighted(planned.id).begin;
  if (bill == 0 || !begin || begin->known >= window.until) return bill;  // nobody knew of it
  // A begin and a pause between two polls are seen by nobody.
  std::int64_t sum = std::max<std::int64_t>(
      0, bill - ledger_.known(planned.id, window.from, window.until, world_.now()));
  const Instant request = job.stop_requests.empty() ? kNever : job.stop_requests.front();
  const Instant last = std::min({request, job.ended.value_or(kNever), window.until});
  const std::int64_t rate =
      std::max(ledger_.rate(planned.id, begin->known), ledger_.rate(planned.id, last));
  if (last <= begin->known + kTurn) return bill;    // it began when all was spent
  if (request <= window.from + kTurn) return bill;  // the window did
  for (const Away& away : away_) {
    if (last >= away.at && last <= away.back + kRecovery)
      sum += rate * (minutes_over(away.back + kRecovery - away.at) + 1);
  }
  if (request == kNever) return sum;
  const Duration excess = *job.ended - request - allowed(request, true);
  if (excess > Duration{0}) sum += rate * (excess / 1min + 1);
  // The minutes of a job whose begin is not known to the instant have other edges.
  if (!ledger_.is_exact(planned.id)) sum += rate;
  sum += ledger_.raised(planned.id, request - kLookBack, *job.ended) *
         minutes_over(kLookBack + allowed(request, false));
  return sum;
}

/// What each job of the pot came to, for a person who looks for the mistake.
std::string History::story(std::size_t budget, const std::string& group,
                           const policy::Window& window) {
  const auto at = [](Instant instant) { return format_rfc3339(instant) + " "; };
  std::string story = "\n";
  for (const PlannedJob* job : members(budget, group)) {
    const std::int64_t bill = ledger_.truth(job->id, window.from, window.until, world_.now());
    if (bill == 0) continue;
    const TrueJob& truth = world_.job(job->id);
    story += job->id + " began " + at(truth.began);
    if (!truth.stop_requests.empty()) story += "asked " + at(truth.stop_requests.front());
    if (truth.ended) story += "ended " + at(*truth.ended);
    story += truth.now.status + " came to " + format_decimal(Money::from_nano(bill)) +
             ", excused " + format_decimal(Money::from_nano(excuse(*job, window))) + "\n";
  }
  for (const Away& away : away_) story += "away from " + at(away.at) + "to " + at(away.back) + "\n";
  for (const Exhaustion& each : exhaustions_) {
    if (each.budget == budget && each.group == group) story += "exhausted " + at(each.at) + "\n";
  }
  for (const auto& [from, allowance] : allowances_) {
    if (from != kLongAgo)
      story += "allowed from " + at(from) +
               format_duration(std::chrono::floor<std::chrono::milliseconds>(allowance)) + "\n";
  }
  return story;
}

void History::judge_window(std::size_t budget, const std::string& group,
                           const policy::Window& window) {
  std::int64_t bill = 0, excuses = 0;
  for (const PlannedJob* job : members(budget, group)) {
    bill += ledger_.truth(job->id, window.from, window.until, world_.now());
    excuses += excuse(*job, window);
  }
  if (bill == 0) return;
  ++findings_->windows;
  findings_->strict += excuses == 0 ? 1 : 0;
  const std::int64_t over = bill - plan_.budgets[budget].limit;
  if (over > 0) ++findings_->exceeded;
  if (over > excuses)
    fail(story(budget, group, window) + plan_.budgets[budget].name + "/" + group + " from " +
         format_rfc3339(window.from) + " came to " + format_decimal(Money::from_nano(bill)) +
         ", of which " + format_decimal(Money::from_nano(excuses)) + " may be excused");
}

/// Never before what is spent, the allowance's cost and one minute more make up the limit.
void History::judge_exhaustion(const Exhaustion& exhaustion) {
  const PlannedBudget& budget = plan_.budgets[exhaustion.budget];
  const policy::Window window = periods_[exhaustion.budget].window_at(exhaustion.at);
  const Duration most = allowed(exhaustion.at, false);
  std::int64_t rate = 0, known = 0, allowance_cost = 0, bill = 0;
  bool as_allowed = true;
  for (const PlannedJob* each : members(exhaustion.budget, exhaustion.group)) {
    const TrueJob& job = world_.job(each->id);
    known += ledger_.known(each->id, window.from, window.until, exhaustion.at);
    const auto& sighted = ledger_.sighted(each->id);
    if (!sighted.begin || sighted.begin->known > exhaustion.at) continue;
    bill += ledger_.truth(each->id, window.from, window.until, world_.now());
    if (sighted.end && sighted.end->known <= exhaustion.at) continue;
    const std::int64_t a_minute = ledger_.rate(each->id, exhaustion.at);
    rate += a_minute;
    allowance_cost += a_minute * minutes_over(most);
    as_allowed = as_allowed && !job.stop_requests.empty() && job.ended &&
                 job.now.status == "TRAINING_JOB_STOPPED" &&
                 *job.ended - job.stop_requests.front() <= allowed(exhaustion.at, true);
  }
  if (exhaustion.spent != known)
    fail(budget.name + "/" + exhaustion.group + " said " +
         format_decimal(Money::from_nano(exhaustion.spent)) + " when it was exhausted, it was " +
         format_decimal(Money::from_nano(known)));
  if (known + allowance_cost + rate < budget.limit)
    fail(budget.name + "/" + exhaustion.group + " was exhausted too early");
  if (!as_allowed || rate == 0 || bill > budget.limit) return;
  ++findings_->landed;
  findings_->unused_dollars += static_cast<double>(budget.limit - bill) / 1e9;
  const double minutes = 1 + static_cast<double>(most.count()) / 60e6;
  findings_->unused +=
      static_cast<double>(budget.limit - bill) / (static_cast<double>(rate) * minutes);
}

/// Each stop had an exhausted pot in its window, and what costs money in such a pot was stopped.
void History::judge_stops() {
  const Instant settled = world_.now() - plan_.poll - kRecovery;
  for (const PlannedJob& planned : plan_.jobs) {
    if (kStart + planned.steps[0].first >= world_.now()) continue;
    const TrueJob& job = world_.job(planned.id);
    bool reason = false, demanded = false;
    for (const Exhaustion& each : exhaustions_) {
      bool unknown = false;
      if (group_of(plan_.budgets[each.budget], planned, unknown) != each.group || unknown) continue;
      const policy::Window window = periods_[each.budget].window_at(each.at);
      const Instant request = job.stop_requests.empty() ? kNever : job.stop_requests.front();
      reason = reason || (request >= each.at && window.contains(request));
      demanded = demanded || (window.contains(world_.now()) && each.at <= settled);
    }
    if (!job.stop_requests.empty()) ++findings_->stops;
    if (!job.stop_requests.empty() && !reason) fail(planned.id + " was stopped for nothing");
    if (job.stop_requests.empty() && demanded && !job.ended && job.began <= settled)
      fail(planned.id + " lives on in an exhausted pot");
  }
}

void History::run(Findings& findings) {
  findings_ = &findings;
  ++findings.histories;
  play();
  for (const Duration look : plan_.looks) {
    world_.run_until(look);
    if (world_.alive()) compare();
  }
  if (!world_.told("breaker.opened").empty()) {
    ++findings.held;
    return;
  }
  judge_stops();
  for (const Exhaustion& exhaustion : exhaustions_) judge_exhaustion(exhaustion);
  for (std::size_t i = 0; i < plan_.budgets.size(); ++i) {
    std::set<std::string> groups;
    for (const PlannedJob& job : plan_.jobs) {
      bool unknown = false;
      const std::string group = group_of(plan_.budgets[i], job, unknown);
      if (!unknown) groups.insert(group);
    }
    for (const std::string& group : groups) {
      policy::Window window = periods_[i].window_at(kStart);
      for (; window.from <= world_.now(); window = periods_[i].window_at(window.until)) {
        judge_window(i, group, window);
        if (window.until == kNever) break;
      }
    }
  }
}

}  // namespace trainstop::test
