// What was remembered of money: the bills of jobs that are not kept any more, and what was told of
// pots.
#include <algorithm>

#include "core/machine.hpp"
#include "core/memory.hpp"

namespace trainstop::core {

bool Core::Impl::recall_bill(Account& account, const Image& image,
                             const std::set<std::uint16_t>& only) {
  MemberReader reader(image.body);
  JobSnapshot snapshot;
  Bounds begin;
  std::optional<std::string> team;
  auto prices = std::make_shared<policy::PriceHistory>();
  ClosedBill closed;
  members(reader, snapshot);
  reader("team", team);
  reader("begin", begin);
  reader("end", closed.bill.end);
  reader("estimated", closed.bill.estimated);
  std::vector<Instant> from;
  std::vector<Money> per_minute;
  reader("price_from", from);
  reader("price", per_minute);
  std::string_view rest = image.key;
  last_part(rest);
  snapshot.id = last_part(rest);
  snapshot.project_id = last_part(rest);
  const bool right = !snapshot.id.empty() && !snapshot.project_id.empty() && closed.bill.end &&
                     MemberReader::is_sometime(*closed.bill.end) &&
                     from.size() == per_minute.size() && snapshot.node_count.value_or(1) > 0;
  if (reader.failed() || !right) return false;
  if (*closed.bill.end < saturating_add(now, -config.journal.keep) && !keeps_bills())
    return close(image);
  closed.account = account.index;
  closed.job_id = snapshot.id;
  closed.bill.earliest = begin.earliest;
  closed.bill.latest = begin.latest;
  closed.bill.nodes = snapshot.node_count.value_or(1);
  for (std::size_t i = 0; i < from.size(); ++i) prices->push_back({from[i], per_minute[i]});
  closed.prices = prices;
  if (!prices->empty()) closed.bill.prices = prices.get();
  if (!in_view(account, snapshot)) return true;
  policy::JobAttributes of_job = attributes_of(account, snapshot);
  of_job.phase = Phase::ended;
  if (team) of_job.team = *team;
  for (Pot* pot : pots_for(of_job)) {
    if (!only.empty() && !only.contains(pot->rule)) continue;
    pot->closed.push_back(closed);
    touch(*pot);
  }
  return true;
}

/// What was told of the pot. One whose window is over begins the next one at its first review.
bool Core::Impl::recall_pot(const Image& image) {
  MemberReader reader(image.body);
  std::string name, hash;
  policy::Group group;
  reader("rule", name);
  reader("rule_hash", hash);
  reader("group", group.name);
  reader("unknown", group.unknown);
  const auto rule = index_of_rule(name);
  const bool same = rule && *rule < config.rules.size() && config.rules[*rule].hash == hash;
  if (!same || policy::budget_of(config.rules[*rule].when) == nullptr) return close(image);
  Pot& pot = pot_of(*rule, group);
  members(reader, pot);
  // Before it is exhausted its due is reckoned anew, and was foreseen.
  if (pot.exhausted == kNever) pot.watch.trip = pot.watch.due = kNever;
  pot.remembered = 1;  // it is written again at its first review
  touch(pot);
  return !reader.failed();
}

}  // namespace trainstop::core
