// Budgets: which jobs share a pot, what is left in it, and when it will be exhausted. A pot is a
// sum over the bills of its jobs, made anew when one of them changes; between two changes it is a
// function of time.
#include <algorithm>

#include "core/machine.hpp"

namespace trainstop::core {

using std::chrono_literals::operator""min;

namespace {

// Members whose bills are summed in one call, so that a burst never holds the loop.
constexpr std::size_t kBillsPerCall = 4096;

bool is_total(const policy::Window& window) {
  return window == policy::Window{};
}

const policy::Budget& budget_of(const policy::Rule& rule) {
  return *policy::budget_of(rule.when);
}

}  // namespace

bool Core::Impl::stops(const Pot& pot) const {
  return config.rules[pot.rule].action == policy::Action::stop && !pot.unknown;
}

Money Core::Impl::limit_of(const Pot& pot) const {
  const Money limit = budget_of(config.rules[pot.rule]).limit;
  return add(limit, pot.raised).value_or(limit);
}

Pot* Core::Impl::pot_of(const Job& job, std::uint16_t rule) {
  const auto found = std::find_if(job.pots.begin(), job.pots.end(),
                                  [&](const Pot* pot) { return pot->rule == rule; });
  return found == job.pots.end() ? nullptr : *found;
}

/// Made when there is none.
Pot& Core::Impl::pot_of(std::uint16_t rule, const policy::Group& group) {
  const auto [found, made] = pots.try_emplace({rule, group.name});
  Pot& pot = found->second;
  if (!made) return pot;
  pot.rule = pot.watch.rule = rule;
  pot.group = group.name;
  pot.unknown = group.unknown;
  const std::string judgement = judgement_of(config.rules[rule]);
  raise(pot);
  pot.first = recalling || std::any_of(accounts.begin(), accounts.end(), [&](const Account& each) {
                return !each.judged.contains(judgement);
              });
  return pot;
}

/// Of every budget that speaks of such a job, in order of rule.
std::vector<Pot*> Core::Impl::pots_for(const policy::JobAttributes& attributes) {
  std::vector<Pot*> found;
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    const policy::Rule& rule = config.rules[i];
    if (policy::budget_of(rule.when) == nullptr || applies(rule, attributes) != Truth::yes)
      continue;
    if (auto group = policy::group_of(budget_of(rule).group_by, attributes))
      found.push_back(&pot_of(static_cast<std::uint16_t>(i), *group));
  }
  return found;
}

void Core::Impl::join_pots(const Account& account, Job& job,
                           const policy::JobAttributes& attributes) {
  std::vector<Pot*> joined = pots_for(attributes);
  for (const Pot* pot : joined) {
    if (pot->unknown) tell_unsure(accounts[account.index], job, pot->rule);
  }
  if (joined == job.pots) return;
  for (Pot* pot : job.pots) {
    pot->members.erase(&job);
    touch(*pot);
  }
  job.pots = std::move(joined);
  for (Pot* pot : job.pots) {
    pot->members.insert(&job);
    touch(*pot);
  }
}

void Core::Impl::leave_pots(Job& job, bool with_bill) {
  if (job.pots.empty()) return;
  ClosedBill closed;
  if (!with_bill) closed = close_bill(bill_of(job));
  closed.account = job.account;
  closed.job_id = job.job_id;
  for (Pot* pot : job.pots) {
    pot->members.erase(&job);
    if (!with_bill) pot->closed.push_back(closed);
    touch(*pot);
  }
  job.pots.clear();
}

void Core::Impl::enqueue(Pot& pot) {
  if (!std::exchange(pot.queued, true)) pot_queue.push_back(&pot);
}

void Core::Impl::touch(Pot& pot) {
  pot.changed = true;
  enqueue(pot);
}

void Core::Impl::touch_pots(Job& job) {
  for (Pot* pot : job.pots) touch(*pot);
}

void Core::Impl::touch_all_pots() {
  for (auto& [key, pot] : pots) touch(pot);
}

void Core::Impl::wake_at(Pot& pot, Instant at) {
  if (at == pot.again) return;
  if (pot.again != kNever) pot_wakes.erase({pot.again, &pot});
  pot.again = at;
  if (at != kNever) pot_wakes.emplace(at, &pot);
}

policy::Window Core::Impl::on_line(const policy::Window& window) const {
  return {saturating_add(window.from, -shift), saturating_add(window.until, -shift)};
}

Duration Core::Impl::longest_allowance() const {
  Duration longest{0};
  for (const Account& account : accounts) longest = std::max(longest, account.latency.allowance());
  return longest;
}

void Core::Impl::review_pots() {
  while (!pot_wakes.empty() && pot_wakes.begin()->first <= now) {
    Pot& pot = *pot_wakes.begin()->second;
    wake_at(pot, kNever);
    enqueue(pot);
  }
  while (bills_summed < kBillsPerCall && !pot_queue.empty()) {
    Pot& pot = *pot_queue.front();
    pot_queue.pop_front();
    pot.queued = false;
    bills_summed += 8;
    review(pot);
    // Nobody will come back to the pot of one job, nor to one in which nothing is.
    const auto& keys = budget_of(config.rules[pot.rule]).group_by.keys;
    const bool of_one_job =
        std::find(keys.begin(), keys.end(), policy::GroupKey::job) != keys.end();
    const bool spent = !pot.closed.empty() || pot.settled > Money{};
    if (pot.members.empty() && (!spent || of_one_job)) drop(pot);
  }
}

/// One that no job names and that is in no queue.
void Core::Impl::drop(Pot& pot) {
  if (pot.remembered != 0) {
    batch.images.push_back({Image::Kind::pot,
                            Image::Change::close,
                            config.rules[pot.rule].name + "/" + pot.group,
                            {}});
  }
  wake_at(pot, kNever);
  pots.erase({pot.rule, std::string(pot.group)});
}

void Core::Impl::review(Pot& pot) {
  const policy::Rule& rule = config.rules[pot.rule];
  const policy::Window window = budget_of(rule).period.window_at(utc(now));
  if (window != pot.window) {
    pot.first = pot.first || window.from == pot.window.until;  // a reset surprises nobody
    pot.window = window;
    open_window(pot);
  }
  if (pot.changed) tally_up(pot);
  Pair& watch = pot.watch;
  const Instant before = watch.due;
  const bool was_exhausted = pot.exhausted != kNever;
  const Money limit = limit_of(pot);
  if (!was_exhausted) {
    const bool stop = stops(pot);
    const auto lead = reading_of(rule, longest_allowance()).money_lead;
    watch.trip = stop ? saturating_add(pot.within, -*lead) : pot.tally.reached(limit);
    watch.due = stop ? saturating_add(watch.trip, rule.grace) : watch.trip;
    if (moved(watch.due, before, config.poll.interval))
      watch.foreseen_since = pot.first ? kLongAgo : now;
    if (watch.due <= now) exhaust(pot);
  } else if (watch.repeat_at() <= now) {
    exhaust(pot);
  }
  warn(pot);
  tell_overspent(pot);
  const bool rechosen = shed(pot);
  const bool exhausted = pot.exhausted != kNever;
  const Instant near_from = saturating_add(watch.trip, -(2 * config.poll.interval + 1min));
  const bool near = exhausted || near_from <= now || !pot.shed.empty();
  const bool told_members = pot.first || rechosen || exhausted != was_exhausted ||
                            near != pot.near || (near && before != watch.due);
  pot.near = near;
  pot.first = false;
  if (told_members) {
    for (Job* job : pot.members) {
      if (job->alive()) touch(*job);
    }
  }
  Instant again = std::min(on_line(pot.window).until, watch.repeat_at());
  for (const Instant at :
       {near_from, watch.trip, watch.due, saturating_add(pot.within, Duration{1}),
        saturating_add(pot.overspent_told, kTellAgain), next_warning(rule, times(pot), now, watch),
        shed_from(pot)}) {
    if (at > now) again = std::min(again, at);
  }
  wake_at(pot, again);
  remember_pot(pot);
}

/// Another window than before: by time, or because the clock was wrong.
void Core::Impl::open_window(Pot& pot) {
  if (pot.exhausted != kNever) {
    tell_pot("budget.reset", Level::info, pot, "the budget begins anew");
    pot.first = true;  // that its jobs cost again is no surprise
  }
  const std::uint16_t rule = pot.rule;
  pot.watch = Pair{};
  pot.watch.rule = rule;
  pot.exhausted = kNever;
  pot.foreseen = pot.counted = false;
  pot.raises = raises_of_all(config.rules[pot.rule].name);
  pot.shed.clear();
  pot.shed_at = kNever;
  pot.overspent = {};
  pot.overspent_told = kLongAgo;
  pot.changed = true;
}

void Core::Impl::tally_up(Pot& pot) {
  settle(pot);
  pot.invoiced = pot.settled_invoiced;
  bills_summed += pot.members.size();
  const policy::Window window = on_line(pot.window);
  pot.tally = policy::Tally(window, now);
  pot.tally.add(pot.settled);
  for (const Job* job : pot.members) {
    const policy::Bill bill = bill_of(*job);
    pot.tally.add(bill);
    const policy::Correction by = correction(job->account, job->job_id, bill, window);
    pot.tally.correct(by);
    pot.invoiced = add(pot.invoiced, by.least).value_or(pot.invoiced);
  }
  pot.within = pot.tally.last_within(limit_of(pot));
  pot.changed = false;
  const bool watched = std::all_of(accounts.begin(), accounts.end(), [&](const Account& each) {
    return each.watched_since <= window.from;
  });
  pot.partial = pot.vague || !pot.tally.whole() || (!watched && !is_total(pot.window));
}

policy::JobTimes Core::Impl::times(const Pot& pot) const {
  policy::JobTimes times;
  times.phase = Phase::running;
  times.created_at = times.phase_since = std::min(now, on_line(pot.window).from);
  times.utc_shift = shift;
  times.pot = pot.view();
  return times;
}

policy::PotView Core::Impl::view_for(const Job& job, const Pot& pot,
                                     const policy::JobTimes& facts) const {
  const policy::Rule& rule = config.rules[pot.rule];
  if (!pot.near) return {};
  // What costs nothing yet is left until it would, what may cost nothing until it is known.
  if (!facts.bill.known) return {};
  if (!facts.bill.earliest && !budget_of(rule).stops_queued) return {};
  policy::PotView view = pot.view();
  if (is_shed(pot, job)) {
    // As if the pot were exhausted for this one, so that it trips where it was chosen.
    const Duration lead = *reading_of(rule, accounts[job.account].latency.allowance()).money_lead;
    view.exhausted = std::min(view.exhausted, saturating_add(pot.shed_at, lead));
  }
  return view;
}

}  // namespace trainstop::core
