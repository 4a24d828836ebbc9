#include "service/rate_limit.hpp"

#include <algorithm>

namespace trainstop::service {

namespace {

constexpr Duration kWindow = std::chrono::seconds(1);

/// When a window that holds at most `most` has room for one more.
Instant room_at(const std::deque<Instant>& taken, std::size_t most, Instant now) {
  if (taken.size() < most) return now;
  return std::max(now, taken[taken.size() - most] + kWindow);
}

void forget(std::deque<Instant>& taken, Instant now) {
  while (!taken.empty() && taken.front() + kWindow <= now) taken.pop_front();
}

}  // namespace

RateLimit::RateLimit(int per_second)
    : most_(static_cast<std::size_t>(std::max(per_second, 1))),
      most_calm_(std::max<std::size_t>(most_ * 4 / 5, 1)) {}

Instant RateLimit::next_at(bool urgent, Instant now) const {
  const Instant any = room_at(all_, most_, now);
  return urgent ? any : std::max(any, room_at(calm_, most_calm_, now));
}

void RateLimit::take(bool urgent, Instant now) {
  forget(all_, now);
  forget(calm_, now);
  all_.push_back(now);
  if (!urgent) calm_.push_back(now);
}

}  // namespace trainstop::service
