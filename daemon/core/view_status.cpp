// `status`: how well jobs are protected, and those whose stop comes next. Only what is shown is
// computed; of all other jobs no more than what the machine keeps, and their rate.
#include <algorithm>
#include <tuple>

#include "core/view.hpp"
#include "policy/describe.hpp"

namespace trainstop::core {

namespace {

constexpr std::size_t kMostBudgets = 20;
constexpr std::size_t kMostNames = 5;

const char* to_string(Stop::Stage stage) {
  switch (stage) {
    case Stop::Stage::waiting:
      return "waiting";
    case Stop::Stage::ready:
      return "ready";
    case Stop::Stage::requested:
      return "requested";
  }
  return "";
}

Money sum(Money a, const std::optional<Money>& b) {
  return b ? add(a, *b).value_or(a) : a;
}

}  // namespace

std::string_view View::what_holds(const Job& job) const {
  for (const Pair& pair : job.pairs) {
    if (!pair.tripped() || pair.value == Truth::no) continue;
    const bool late = pair.due <= machine_.now || pair.not_before() > machine_.now;
    if (!late || rule_of(pair).action != policy::Action::stop) continue;
    const std::string_view reason = hold_of(job, pair);
    if (!reason.empty()) return reason;
  }
  return {};
}

View::Census View::census() const {
  Census all;
  all.lines.reserve(machine_.live_jobs());
  for (const Account& account : machine_.accounts) {
    for (const Job* job : account.live) {
      const auto rate = machine_.bill_of(*job).rate_at(machine_.now);
      all.burn.add(rate);
      all.unknown_status += job->life.status_unknown();
      all.lines.push_back({&account, job, due_of(*job), rate});
      if (!job->is_over) continue;
      if (const std::string_view reason = what_holds(*job); !reason.empty()) ++all.held[reason];
      if (const Pair* const would = machine_.would_stop(*job)) {
        all.over.emplace_back(all.lines.size() - 1, would);
        all.over_rate = sum(all.over_rate, rate);
      }
    }
  }
  return all;
}

/// The calls that the key is refused for. Without prices and projects jobs are protected still.
void View::add_refused(Value::Object& entry, const Account& account, Value::Array& impaired) const {
  Instant since = kNever;
  Value::Array calls;
  std::string needed;
  for (const auto& [call, trouble] : account.refused) {
    if (!trouble.lasts()) continue;
    since = std::min(since, trouble.since);
    calls.emplace_back(to_string(call));
    if (call == Call::prices || call == Call::projects) continue;
    needed += (needed.empty() ? "" : ", ") + std::string(to_string(call));
  }
  if (since == kNever) return;
  entry.emplace_back("auth_failed", utc(since));
  entry.emplace_back("refused", std::move(calls));
  if (!needed.empty())
    impaired.emplace_back("account " + machine_.config.accounts[account.index].name +
                          ": the key is refused (" + needed + ")");
}

Value::Array View::accounts(Value::Array& impaired) const {
  Value::Array all;
  for (const Account& account : machine_.accounts) {
    const std::string& name = machine_.config.accounts[account.index].name;
    // Of the run before, while this one has had no list yet.
    const bool first = account.last_good == machine_.started && account.polls.last != kNever;
    const Instant seen = first ? account.polls.last : account.last_good;
    const bool silent =
        machine_.now >= saturating_add(account.last_good, machine_.config.safety.unreachable_after);
    Value::Object entry;
    entry.emplace_back("name", name);
    entry.emplace_back("reachable", !silent && !account.is_refused(Call::list));
    if (machine_.is_read(account)) {
      entry.emplace_back("facts_age_s", std::max(machine_.now - seen, Duration{0}));
      entry.emplace_back("jobs", account.live.size());
    }
    if (silent) {
      entry.emplace_back("unreachable_since", utc(seen));
      impaired.emplace_back("account " + name + " has given no list since " +
                            format_rfc3339(utc(seen)));
    }
    add_refused(entry, account, impaired);
    all.emplace_back(std::move(entry));
  }
  return all;
}

Value::Object View::counts(const Census& census, Value::Array& impaired) const {
  std::size_t open = 0, overdue = 0, unconfirmed = 0;
  for (const Account& account : machine_.accounts) {
    open += Core::Impl::open_requests(account);
    overdue += machine_.overdue(account);
    for (const Job* job : account.stops) unconfirmed += job->stop->unconfirmed_since != kNever;
  }
  if (unconfirmed != 0)
    impaired.emplace_back(std::to_string(unconfirmed) +
                          (unconfirmed == 1 ? " stop is" : " stops are") + " not confirmed");
  Value::Object by_reason;
  for (const auto& [reason, count] : census.held)
    by_reason.emplace_back(std::string(reason), count);
  Value::Object counts;
  counts.emplace_back("live", census.lines.size());
  counts.emplace_back("open_stops", open);
  counts.emplace_back("overdue", overdue);
  counts.emplace_back("unconfirmed", unconfirmed);
  counts.emplace_back("unknown_status", census.unknown_status);
  counts.emplace_back("unpriced", census.burn.unknown);
  counts.emplace_back("held", std::move(by_reason));
  return counts;
}

Value::Object View::stop(const Stop& of) const {
  Value::Object stop;
  stop.emplace_back("id", of.id);
  stop.emplace_back("stage", to_string(of.stage));
  if (of.ordered()) {
    stop.emplace_back("ordered_by", of.ordered_by);
    stop.emplace_back("reason", of.order_reason);
  } else {
    stop.emplace_back("rule", of.cause.rule);
  }
  add_instant(stop, "due_at", utc(of.due));
  if (of.attempt > 0) stop.emplace_back("attempt", of.attempt);
  add_instant(stop, "sent_at", utc(of.first_sent));
  stop.emplace_back("accepted", of.accepted);
  add_instant(stop, "unconfirmed_since", utc(of.unconfirmed_since));
  return stop;
}

Value::Object View::line(const Line& of) const {
  const Job& job = *of.job;
  const Instant now = machine_.now;
  const policy::JobTimes facts = machine_.times(job);
  const Pair* const next = machine_.next_of(job);
  Value::Object line;
  add_job(line, *of.account, job);
  line.emplace_back("phase", trainstop::to_string(job.life.phase()));
  line.emplace_back("age_s", std::max(now - facts.created_at, Duration{0}));
  Duration ran = facts.ran_before;
  if (facts.phase == Phase::running) ran += std::max(now - facts.phase_since, Duration{0});
  line.emplace_back("running_s", ran);
  if (const auto cost = facts.bill.lower_at(now)) line.emplace_back("cost", *cost);
  if (facts.bill.estimated) line.emplace_back("estimated", true);
  if (of.rate) line.emplace_back("rate", dollars_per_hour(*of.rate));
  if (next != nullptr) {
    const auto progress =
        policy::progress_at(rule_of(*next).when, machine_.facts_of(job, next->rule, facts), now);
    if (progress) line.emplace_back("progress", *progress);
  }
  add_due(line, job, next);
  const bool decided =
      job.stop && (job.stop->ordered() || job.stop->stage == Stop::Stage::requested);
  if (decided) {
    line.emplace_back("mode", "enforce");
  } else if (next != nullptr) {
    line.emplace_back("mode", next->standing == Standing::observed ? "observe" : "enforce");
    const std::string_view hold = hold_of(job, *next);
    if (!hold.empty()) line.emplace_back("hold", hold);
  }
  if (job.stop) line.emplace_back("stop", stop(*job.stop));
  return line;
}

/// The next stop that is to leave.
void View::add_next_due(Value::Object& status) const {
  Instant at = kNever;
  const Job* next = nullptr;
  const Account* of = nullptr;
  for (const Account& account : machine_.accounts) {
    if (account.dues.empty() || account.dues.begin()->first >= at) continue;
    std::tie(at, next) = *account.dues.begin();
    of = &account;
  }
  if (next == nullptr) return;
  Value::Object due;
  due.emplace_back("at", utc(at));
  add_job(due, *of, *next);
  const Pair* const pair = machine_.next_of(*next);
  add_due(due, *next, pair);
  // An order of a person waits for nothing. While a reload goes on the rule may be gone already.
  const bool ordered = next->stop && next->stop->ordered();
  if (pair != nullptr && !ordered) {
    const std::string_view hold = hold_of(*next, *pair);
    if (!hold.empty()) due.emplace_back("hold", hold);
  }
  status.emplace_back("next_due", std::move(due));
}

/// The jobs that are over a rule which only observes, and what they burn.
void View::add_over(Value::Object& status, const Census& census) const {
  if (census.over.empty()) return;
  std::vector<std::pair<std::size_t, const Pair*>> costliest = census.over;
  const std::size_t named = std::min(kMostNames, costliest.size());
  std::ranges::partial_sort(costliest, costliest.begin() + static_cast<std::ptrdiff_t>(named), {},
                            [&](const auto& each) {
                              const Line& line = census.lines[each.first];
                              return std::tuple(-line.rate.value_or(Money{}).nano(), each.first);
                            });
  Value::Array jobs;
  for (std::size_t i = 0; i < named; ++i) {
    const auto& [place, pair] = costliest[i];
    const Line& line = census.lines[place];
    Value::Object entry;
    add_job(entry, *line.account, *line.job);
    entry.emplace_back("rule", rule_of(*pair).name);
    add_instant(entry, "since", utc(pair->trip));
    if (line.rate) entry.emplace_back("rate", dollars_per_hour(*line.rate));
    jobs.emplace_back(std::move(entry));
  }
  Value::Object what;
  what.emplace_back("count", census.over.size());
  what.emplace_back("rate", dollars_per_hour(census.over_rate));
  what.emplace_back("first_notice_s", machine_.config.safety.first_notice);
  what.emplace_back("jobs", std::move(jobs));
  status.emplace_back("over", std::move(what));
}

/// The freezes whose window it is.
Value::Array View::frozen() const {
  Value::Array all;
  const Instant now = utc(machine_.now);
  for (const policy::Freeze& freeze : machine_.config.safety.freeze) {
    if (!freeze.during.contains(now)) continue;
    Value::Object entry;
    add_instant(entry, "until", freeze.during.next_edge(now));
    if (freeze.match) entry.emplace_back("what", policy::describe(*freeze.match));
    all.emplace_back(std::move(entry));
  }
  return all;
}

Value::Object View::status(std::size_t most_jobs, std::optional<Duration> within) const {
  Census census = this->census();
  Value::Array impaired;
  Value::Object status = begin();
  status.emplace_back("mode",
                      machine_.config.mode == policy::Mode::enforce ? "enforce" : "observe");
  status.emplace_back("since", utc(machine_.loaded));
  status.emplace_back("accounts", accounts(impaired));
  status.emplace_back("breaker", all_breakers(impaired));
  status.emplace_back("paused", paused(impaired));
  status.emplace_back("frozen", frozen());
  status.emplace_back("counts", counts(census, impaired));
  const bool any_read = std::ranges::any_of(
      machine_.accounts, [&](const Account& each) { return machine_.is_read(each); });
  if (const auto rate = census.burn.rate(); rate && any_read)
    status.emplace_back("rate", dollars_per_hour(*rate));
  add_next_due(status);
  add_over(status, census);
  status.emplace_back("impaired", std::move(impaired));

  // By next due, those without one by their rate, costliest first.
  std::vector<Line>& all = census.lines;
  if (within) {
    const Instant until = saturating_add(machine_.now, *within);
    std::erase_if(all, [&](const Line& line) { return line.due > until; });
  }
  const std::size_t shown = std::min(most_jobs, all.size());
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(shown);
  const auto rank = [](const Line& line) {
    return std::tuple(line.due, -line.rate.value_or(Money{}).nano(), line.job->serial);
  };
  std::ranges::nth_element(all, end, {}, rank);
  std::ranges::sort(all.begin(), end, {}, rank);
  Value::Array jobs;
  for (std::size_t i = 0; i < shown; ++i) jobs.emplace_back(line(all[i]));
  status.emplace_back("jobs", std::move(jobs));
  status.emplace_back("more", all.size() - shown);
  auto [budgets, more_budgets] = fullest_budgets(kMostBudgets);
  status.emplace_back("budgets", std::move(budgets));
  status.emplace_back("more_budgets", more_budgets);
  status.emplace_back("overrides", overrides_in_force());
  return status;
}

}  // namespace trainstop::core
