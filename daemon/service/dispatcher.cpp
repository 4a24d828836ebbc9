#include "service/dispatcher.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "model/planted.hpp"

namespace trainstop::service {

namespace {

// Verifying reads that hang leave this share of the urgent connections to stop requests.
constexpr std::size_t kStopsOnlyShare = 4;

std::size_t index_of(core::Priority priority) {
  return static_cast<std::size_t>(priority);
}

}  // namespace

core::Priority priority_of(const core::Act& act) {
  if (std::holds_alternative<core::SendStop>(act)) return core::Priority::stop;
  if (const auto* list = std::get_if<core::FetchList>(&act)) return list->priority;
  if (const auto* job = std::get_if<core::FetchJob>(&act)) return job->priority;
  return core::Priority::prices;
}

net::Lane lane_of(core::Priority priority) {
  return priority <= core::Priority::verify ? net::Lane::urgent : net::Lane::normal;
}

Dispatcher::Dispatcher(int rate_limit, int urgent_connections, int normal_connections)
    : rate_(rate_limit),
      urgent_connections_(static_cast<std::size_t>(std::max(urgent_connections, 1))),
      normal_connections_(static_cast<std::size_t>(std::max(normal_connections, 1))) {}

void Dispatcher::push(core::Act act) {
  waiting_[index_of(priority_of(act))].push_back(std::move(act));
}

std::size_t Dispatcher::under_way(net::Lane lane) const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < kPriorities; ++i) {
    if (lane_of(static_cast<core::Priority>(i)) == lane) sum += under_way_[i];
  }
  return sum;
}

bool Dispatcher::has_connection(core::Priority priority) const {
  const net::Lane lane = lane_of(priority);
  if (lane == net::Lane::normal) return under_way(lane) < normal_connections_;
  if (under_way(lane) >= urgent_connections_ && !planted("connections-uncounted")) return false;
  const std::size_t most_reads =
      std::max<std::size_t>(urgent_connections_ - urgent_connections_ / kStopsOnlyShare, 1);
  return priority == core::Priority::stop || under_way_[index_of(priority)] < most_reads;
}

Dispatcher::Next Dispatcher::next(Instant now) {
  Next result;
  for (std::size_t i = 0; i < kPriorities; ++i) {
    const auto priority = static_cast<core::Priority>(i);
    if (waiting_[i].empty() || !has_connection(priority)) continue;
    const bool urgent = lane_of(priority) == net::Lane::urgent;
    const Instant at = rate_.next_at(urgent, now);
    if (at > now) {
      result.again = std::min(result.again, at);
      continue;
    }
    rate_.take(urgent, now);
    ++under_way_[i];
    result.act = std::move(waiting_[i].front());
    waiting_[i].pop_front();
    return result;
  }
  return result;
}

void Dispatcher::done(core::Priority priority) {
  if (planted("connections-leak")) return;
  --under_way_[index_of(priority)];
}

void Dispatcher::keep_only_stops() {
  for (std::size_t i = index_of(core::Priority::stop) + 1; i < kPriorities; ++i) {
    waiting_[i].clear();
  }
}

std::size_t Dispatcher::open_stops() const {
  const std::size_t stop = index_of(core::Priority::stop);
  return waiting_[stop].size() + under_way_[stop];
}

std::size_t Dispatcher::under_way() const {
  return std::accumulate(under_way_.begin(), under_way_.end(), std::size_t{0});
}

}  // namespace trainstop::service
