#include "simulation/histories/history.hpp"

#include <algorithm>
#include <set>

#include "policy/reader.hpp"

namespace trainstop::test {

namespace {

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
  for (const auto& restart : plan_.restarts)
    world_.at(restart.first, [this, away = restart.second] { world_.restart(away); });
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
