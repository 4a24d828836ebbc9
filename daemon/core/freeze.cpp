// Freezes: windows in which no stop of a rule leaves. What falls due in one is held, and judged
// anew at its end.
#include <algorithm>

#include "core/machine.hpp"
#include "model/planted.hpp"

namespace trainstop::core {

/// Whether a freeze's window is now, and until when that stays so: asked of many jobs in one call.
Core::Impl::Frozen Core::Impl::frozen_now(std::size_t freeze) const {
  if (now < freezes[freeze].edge) return freezes[freeze];
  const policy::Schedule& during = config.safety.freeze[freeze].during;
  const Instant edge = saturating_add(during.next_edge(utc(now)), -shift);
  return {during.contains(utc(now)), std::max(edge, saturating_add(now, Duration{1}))};
}

/// Tells when a freeze begins and ends.
void Core::Impl::watch_freezes() {
  for (std::size_t i = 0; i < freezes.size(); ++i) {
    Frozen& frozen = freezes[i];
    const policy::Schedule& during = config.safety.freeze[i].during;
    const auto [is_now, edge] = frozen_now(i);
    frozen.edge = edge;
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
  for (std::size_t i = 0; i < freezes.size(); ++i) {
    const auto [is_now, edge] = frozen_now(i);
    if (!is_now) continue;
    const auto& match = config.safety.freeze[i].match;
    if (match && policy::matches(*match, attributes(account, job)) == Truth::no) continue;
    until = std::max(until, edge);
  }
  return until;
}

}  // namespace trainstop::core
