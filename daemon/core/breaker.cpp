#include "core/breaker.hpp"

#include "model/planted.hpp"

namespace trainstop::core {

void Breaker::forget_before(std::deque<Instant>& times, Instant from) {
  while (!times.empty() && times.front() <= from) times.pop_front();
}

std::size_t Breaker::stops_in_window(Instant now) {
  forget_before(stops_, saturating_add(now, -per_));
  return stops_.size();
}

bool Breaker::admit(std::size_t together, Instant now) {
  if (open()) return false;
  const std::size_t before = planted("breaker-forgets-window") ? 0 : stops_in_window(now);
  const std::size_t most = max_stops_ + (planted("breaker-one-more") ? 1 : 0);
  if (before + together > most && !planted("breaker-off")) reason_ = "max_stops";
  return !open();
}

void Breaker::count_end(Instant now) {
  ends_.push_back(now);
  forget_before(ends_, saturating_add(now, -poll_interval_));
}

void Breaker::count_surprise(Instant now, std::size_t live) {
  surprises_.push_back(now);
  forget_before(surprises_, saturating_add(now, -poll_interval_));
  forget_before(ends_, saturating_add(now, -poll_interval_));
  const std::size_t lived = live + ends_.size();
  const bool suspect = lived >= kFewestLive && surprises_.size() * 2 > lived;
  if (!open() && suspect && !planted("surprise-ignored")) reason_ = "surprise";
}

}  // namespace trainstop::core
