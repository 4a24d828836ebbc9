#include "simulation/histories/ledger.hpp"

#include <algorithm>

namespace trainstop::test {

Ledger::Ledger(World& world, std::vector<Away> away, Duration wide)
    : world_(world), away_(std::move(away)), wide_(wide) {
  world_.edit_list = [this](std::vector<JobRef>& jobs) {
    for (const JobRef& job : jobs) saw(*job);
  };
  world_.on_read = [this](const std::string& id) {
    saw(world_.job(id).now);
    return Trouble{};
  };
}

bool Ledger::is_lost(Instant sent) const {
  return std::any_of(away_.begin(), away_.end(), [&](const Away& away) {
    return sent <= away.at && sent + world_.latency >= away.at;
  });
}

void Ledger::saw(const JobSnapshot& job) {
  const Instant sent = world_.now(), received = sent + world_.latency;
  if (is_lost(sent)) return;
  const Phase phase = phase_of(job.status);
  Sighted& sighted = sighted_[job.id];
  if (!sighted.seen && phase == Phase::ended) return;
  Sighted::Edge edge{sighted.seen ? sighted.last_sent : job.created_at, received, received};
  edge.earliest = std::min(edge.earliest, received);
  if (job.updated_at >= edge.earliest && job.updated_at <= received) edge.latest = job.updated_at;
  if (!sighted.begin && (phase == Phase::deploying || phase == Phase::running))
    sighted.begin = edge;
  if (!sighted.end && phase == Phase::ended) sighted.end = edge;
  sighted.seen = true;
  sighted.created = job.created_at;
  sighted.last_sent = sent;
}

bool Ledger::is_exact(const std::string& id) {
  const auto& begin = sighted_[id].begin;
  return begin && begin->earliest == begin->latest;
}

void Ledger::set_price(const std::string& type, std::int64_t nano) {
  charged_[type].push_back({world_.now(), nano});
  world_.prices[type] = format_decimal(Money::from_nano(nano));
}

void Ledger::take_prices() {
  for (; calls_taken_ < world_.calls.size(); ++calls_taken_) {
    const World::Call& call = world_.calls[calls_taken_];
    if (call.what != "prices") continue;
    if (call.at + world_.latency > world_.now()) return;
    if (is_lost(call.at)) continue;
    for (const auto& [type, prices] : charged_) {
      const auto after = std::find_if(prices.begin(), prices.end(),
                                      [&](const Price& price) { return price.from > call.at; });
      if (after == prices.begin()) continue;
      auto& learned = learned_[type];
      const std::int64_t now = std::prev(after)->nano;
      if (!learned.empty() && learned.back().nano == now) continue;
      learned.push_back({learned.empty() ? kLongAgo : call.at + world_.latency, now});
    }
  }
}

std::int64_t Ledger::price(const std::string& type, Instant at) {
  std::int64_t found = 0;
  for (const Price& price : learned_[type]) {
    if (price.from <= at) found = price.nano;
  }
  return found;
}

std::int64_t Ledger::sum(const TrueJob& job, Instant begin, Instant end, Instant from,
                         Instant until) {
  std::int64_t sum = 0;
  for (Instant minute = begin; minute < end; minute += 1min) {
    if (minute >= from && minute < until)
      sum += price(job.now.instance_type, minute) * job.now.node_count.value_or(1);
  }
  return sum;
}

std::int64_t Ledger::known(const std::string& id, Instant from, Instant until, Instant as_of) {
  take_prices();
  const Sighted& sighted = sighted_[id];
  if (!sighted.begin || sighted.begin->known > as_of) return 0;
  const auto& [earliest, latest, known] = *sighted.begin;
  const bool ended = sighted.end && sighted.end->known <= as_of;
  return sum(world_.job(id), latest - earliest > wide_ ? latest : earliest,
             ended ? std::min(sighted.end->latest, as_of) : as_of, from, until);
}

std::int64_t Ledger::truth(const std::string& id, Instant from, Instant until, Instant as_of) {
  take_prices();
  const TrueJob& job = world_.job(id);
  if (job.began == kNever) return 0;
  return sum(job, job.began, std::min(job.ended.value_or(as_of), as_of), from, until);
}

std::int64_t Ledger::rate(const std::string& id, Instant at) {
  take_prices();
  const TrueJob& job = world_.job(id);
  return price(job.now.instance_type, at) * job.now.node_count.value_or(1);
}

std::int64_t Ledger::raised(const std::string& id, Instant from, Instant until) {
  take_prices();
  const TrueJob& job = world_.job(id);
  const auto& prices = learned_[job.now.instance_type];
  std::int64_t more = 0;
  for (std::size_t i = 1; i < prices.size(); ++i) {
    if (prices[i].from >= from && prices[i].from <= until && prices[i].nano > prices[i - 1].nano)
      more += (prices[i].nano - prices[i - 1].nano) * job.now.node_count.value_or(1);
  }
  return more;
}

}  // namespace trainstop::test
