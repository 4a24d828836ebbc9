#include "notify/heartbeat.hpp"

#include <algorithm>

namespace trainstop::notify {

bool Heartbeat::polled(AccountIndex account, Instant now) {
  read_.at(account) = true;
  const bool all = std::find(read_.begin(), read_.end(), false) == read_.end();
  if (!all || under_way_ || now < saturating_add(last_, every_)) return false;
  read_.assign(read_.size(), false);
  last_ = now;
  under_way_ = true;
  return true;
}

void Heartbeat::done(bool delivered) {
  under_way_ = false;
  if (!delivered) last_ = kLongAgo;
}

}  // namespace trainstop::notify
