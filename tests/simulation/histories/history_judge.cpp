// What must be true of a history that is over: bills under their limits, and what excuses one that
// is not.
#include <algorithm>

#include "simulation/histories/history.hpp"

namespace trainstop::test {

namespace {

// From a job's begin to its first request, beside the poll that shows it: reads, and turns.
constexpr Duration kTurn = 5s;
// After a start the daemon reads what it knows and asks for a list before it goes on.
constexpr Duration kRecovery = 60s;
// So long before a request a due may have moved because the allowance grew, or a price.
constexpr Duration kLookBack = 20min;

std::int64_t minutes_over(Duration time) {
  return time <= Duration{0} ? 0 : (time + 1min - Duration{1}) / 1min;
}

}  // namespace

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
  const Instant end = job.ended.value_or(world_.now());
  const Duration excess = end - request - allowed(request, true);
  if (excess > Duration{0}) sum += rate * (excess / 1min + 1);
  // The minutes of a job whose begin is not known to the instant have other edges.
  if (!ledger_.is_exact(planned.id)) sum += rate;
  sum += ledger_.raised(planned.id, request - kLookBack, end) *
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
    const auto& begin = ledger_.sighted(planned.id).begin;
    const bool seen = begin && begin->known <= settled;
    if (job.stop_requests.empty() && demanded && !job.ended && seen)
      fail(planned.id + " lives on in an exhausted pot");
  }
}

}  // namespace trainstop::test
