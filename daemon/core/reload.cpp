// Other rules, while jobs and stops go on. A rule whose canonical text is the same is the same rule
// and keeps all that it has told; what is new is judged for the first time. Matching every job, and
// counting old bills for new budgets, is done in slices; meanwhile no stop leaves.
#include <algorithm>

#include "core/machine.hpp"
#include "model/planted.hpp"
#include "policy/rule_changes.hpp"

namespace trainstop::core {

namespace {

constexpr std::size_t kMatchesPerCall = 256;
constexpr std::size_t kBillsPerCall = 512;

/// The place of each old rule among the new ones; kNoRule of one that is gone or changed.
std::vector<std::uint16_t> places_of(const policy::Config& from, const policy::Config& to) {
  std::vector<std::uint16_t> places;
  for (const policy::Rule& rule : from.rules) {
    const auto same = std::ranges::find_if(to.rules, [&](const policy::Rule& other) {
      return other.name == rule.name && other.hash == rule.hash;
    });
    places.push_back(same == to.rules.end() ? kNoRule
                                            : static_cast<std::uint16_t>(same - to.rules.begin()));
  }
  return places;
}

}  // namespace

void Core::Impl::take(const Reload& fact) {
  const policy::Config& to = *fact.config;
  if (!reloading.done()) {
    return act(Answer{
        fact.token, Answer::Outcome::refused, "another reload is still under way: try again", {}});
  }
  if (!policy::same_accounts(config, to)) {
    return act(
        Answer{fact.token, Answer::Outcome::refused, std::string(policy::kOtherAccounts), {}});
  }
  const policy::RuleChanges changes = policy::rule_changes(config, to);
  if (config.safety.freeze != to.safety.freeze) freezes.assign(to.safety.freeze.size(), {});
  move_rules(to);
  reloading.next_bill = 0;
  reloading.bills = fact.bills;
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    const policy::Rule& rule = config.rules[i];
    if (policy::budget_of(rule.when) != nullptr && changes.is_new(rule.name))
      reloading.budgets.insert(static_cast<std::uint16_t>(i));
  }
  for (Account& account : accounts) {
    account.latency.bound(config.stop.confirm_within);
    account.fixed_prices.clear();
    init_prices(account);
    tell_missing_prices(account);
    if (account.usage.request == 0) init_usage(account);
    for (const auto& [id, job] : account.jobs) reloading.jobs.push_back(job->serial);
  }
  std::ranges::sort(reloading.jobs);
  touch_all_pots();
  act(Answer{fact.token, Answer::Outcome::done, "the rules are loaded",
             policy::fields_of(changes)});
}

void Core::Impl::move_rules(const policy::Config& to) {
  const auto moved = places_of(config, to);
  for (Account& account : accounts) {
    for (const auto& [id, job] : account.jobs) move_job(account, *job, moved);
  }
  move_pots(moved);
  move_guards(to, moved);
  config = to;
  loaded = now;
  for (Account& account : accounts) {
    forget_judgements(account);
    for (Job* job : account.live) sum_up_pairs(*job);
  }
}

/// Those of rules that are gone: should they come back, they judge for the first time again.
void Core::Impl::forget_judgements(Account& account) const {
  std::erase_if(account.judged, [&](const std::string& judgement) {
    return std::ranges::none_of(
        config.rules, [&](const policy::Rule& rule) { return judgement.starts_with(rule.hash); });
  });
}

void Core::Impl::move_job(Account& account, Job& job, const std::vector<std::uint16_t>& moved) {
  std::vector<Pair> pairs;
  for (Pair& pair : job.pairs) {
    const std::uint16_t place = moved[pair.rule];
    if (place == kNoRule) {
      if (pair.tripped()) clear(account, job, pair);
      forget_pair(account, job, pair);
      continue;
    }
    pair.rule = place;
    if (planted("reload-forgets-told")) pair.told = kNever;
    pairs.push_back(std::move(pair));
  }
  std::ranges::sort(pairs, {}, &Pair::rule);
  job.pairs = std::move(pairs);
  for (std::uint16_t& rule : job.unsure_rules) {
    if (rule < moved.size()) rule = moved[rule];
  }
  std::erase(job.unsure_rules, kNoRule);
  std::erase_if(job.pots, [&](const Pot* pot) {
    if (moved[pot->rule] != kNoRule) return false;
    if (job.stop && job.stop->pot == pot) job.stop->pot = nullptr;
    return true;
  });
  for (const auto* open : {&job.stop, &job.lost_stop}) {
    if (!*open) continue;
    Stop& stop = **open;
    if (stop.rule < moved.size()) stop.rule = moved[stop.rule];
    // What has not left is judged anew; what has left goes on, whatever became of its rule.
    if (stop.stage == Stop::Stage::ready) stop.stage = Stop::Stage::waiting;
  }
}

void Core::Impl::move_pots(const std::vector<std::uint16_t>& moved) {
  std::map<std::pair<std::uint16_t, std::string>, Pot> kept;
  pot_queue.clear();
  pot_wakes.clear();
  while (!pots.empty()) {
    Pot& pot = pots.begin()->second;
    pot.queued = false;
    pot.again = kNever;
    if (moved[pot.rule] == kNoRule) {
      drop(pot);
      continue;
    }
    auto node = pots.extract(pots.begin());
    pot.rule = pot.watch.rule = moved[pot.rule];
    node.key() = {pot.rule, pot.group};
    kept.insert(std::move(node));
  }
  pots = std::move(kept);
  for (Account& account : accounts) {
    for (const auto& [id, job] : account.jobs)
      std::ranges::sort(job->pots, {}, [](const Pot* pot) { return pot->rule; });
  }
}

void Core::Impl::move_guards(const policy::Config& to, const std::vector<std::uint16_t>& moved) {
  std::map<std::uint16_t, Guard> guards;
  for (auto& [rule, own] : own_guards) {
    if (moved[rule] != kNoRule) {
      guards.emplace(moved[rule], std::move(own));
    } else if (own.remembered != 0) {
      batch.images.push_back({Image::Kind::breaker, Image::Change::close, own.rule, {}});
    }
  }
  own_guards = std::move(guards);
  for (std::size_t i = 0; i < to.rules.size(); ++i) {
    const policy::Rule& rule = to.rules[i];
    if (!rule.max_stops) continue;
    const auto [own, made] = own_guards.try_emplace(static_cast<std::uint16_t>(i), *rule.max_stops,
                                                    to.poll.interval, rule.name);
    own->second.breaker.bound(*rule.max_stops, to.poll.interval);
  }
  guard.most = to.safety.max_stops;
  guard.breaker.bound(guard.most, to.poll.interval);
}

/// A slice of what is still to be done with the new rules.
void Core::Impl::go_on_reloading() {
  if (reloading.done() || !listings.empty()) return;
  const std::size_t count = reloading.count_of_bills();
  const std::size_t end = std::min(count, reloading.next_bill + kBillsPerCall);
  for (; reloading.next_bill < end; ++reloading.next_bill) {
    const Image& image = (*reloading.bills)[reloading.next_bill];
    if (reloading.budgets.empty()) continue;
    for (Account& account : accounts) {
      if (image.key.starts_with(config.accounts[account.index].name + "/"))
        recall_bill(account, image, reloading.budgets);
    }
  }
  if (reloading.next_bill < count) return;
  for (std::size_t i = 0; i < kMatchesPerCall && !reloading.jobs.empty(); ++i) {
    const auto found = by_serial.find(reloading.jobs.front());
    reloading.jobs.pop_front();
    if (found == by_serial.end()) continue;
    Job& job = *found->second;
    Account& account = accounts[job.account];
    if (job.alive()) {
      match_rules(account, job);
      touch(job);
    } else {
      join_pots(account, job, attributes(account, job));
    }
  }
  if (!reloading.done()) return;
  for (Account& account : accounts) {
    for (const policy::Rule& rule : config.rules) {
      if (!account.judged.empty()) account.judged.insert(judgement_of(rule));
    }
  }
  reloading = {};
}

}  // namespace trainstop::core
