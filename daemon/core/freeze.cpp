// Freezes: windows in which no stop of a rule leaves. What falls due in one is held, and judged
// anew at its end.
#include <algorithm>

#include "core/machine.hpp"
#include "model/planted.hpp"

namespace trainstop::core {

/// Tells when a freeze begins and ends.
void Core::Impl::watch_freezes() {
  freezes.resize(config.safety.freeze.size());
  for (std::size_t i = 0; i < freezes.size(); ++i) {
    Frozen& frozen = freezes[i];
    if (now < frozen.edge) continue;
    const policy::Schedule& during = config.safety.freeze[i].during;
    const bool is_now = during.contains(utc(now));
    frozen.edge = std::max(saturating_add(during.next_edge(utc(now)), -shift),
                           saturating_add(now, Duration{1}));
    if (std::exchange(frozen.now, is_now) == is_now) continue;
    Event& event = tell(is_now ? "freeze.began" : "freeze.ended", Level::info,
                        is_now ? "a freeze has begun: stops that fall due are held until its end"
                               : "the freeze has ended: what is due is judged anew");
    event.with("during", policy::format_windows(during.spans()))
        .with("timezone", during.zone_name());
    if (is_now && frozen.edge != kNever) event.with("until", utc(frozen.edge));
    for (Account& account : accounts) {
      for (Job* job : account.stops) enqueue(*job);
    }
  }
}

/// The end of the freezes in which the job's stop by that rule is held; kLongAgo when in none. A
/// job that lacks an attribute which a freeze asks for is held.
Instant Core::Impl::frozen_until(const Account& account, const Job& job, std::uint16_t rule) const {
  Instant until = kLongAgo;
  if (config.rules[rule].through_freeze || planted("freeze-ignored")) return until;
  for (const policy::Freeze& freeze : config.safety.freeze) {
    if (!freeze.during.contains(utc(now))) continue;
    if (freeze.match && policy::matches(*freeze.match, attributes(account, job)) == Truth::no)
      continue;
    until = std::max(until, saturating_add(freeze.during.next_edge(utc(now)), -shift));
  }
  return until;
}

}  // namespace trainstop::core
