// What the daemon believes of time, against what its clocks said.
#include <fmt/format.h>

#include <algorithm>

#include "proof/checker.hpp"

namespace trainstop::proof {

/// A jump that neither a step of the wall clock nor a sleep explains is believed when a clock has
/// said so for ten minutes.
void Checker::check_jump(Duration shift, Duration jump, Instant now) {
  using std::chrono::seconds;
  constexpr Duration kAgreed = std::chrono::minutes(10) - seconds(5);
  // A step is seen at the next look at the clock, and explains for a minute.
  constexpr Duration kExplains = seconds(95);
  // A slow reply leaves as much open.
  constexpr Duration kWide = seconds(15);
  const bool first_date = dated_at_ == kNever || dated_at_ == now;
  if ((jump <= seconds(6) && jump >= -seconds(6)) || first_date || thawed > now - kExplains) return;
  Instant stepped = kLongAgo;
  std::vector<Duration> edges{plan_.active};  // there the drift ends
  for (const Span& span : plan_.wall_errors) edges.insert(edges.end(), {span.from, span.to});
  for (const Duration after : edges) {
    const Instant edge = kStart + after;
    const Duration step = wall_error_at(plan_, edge) - wall_error_at(plan_, edge - Duration{1});
    if (edge <= now && (step > seconds(5) || step < -seconds(5))) stepped = std::max(stepped, edge);
  }
  if (stepped > now - kExplains) return;
  const Instant corrected = kStart + plan_.active;
  const bool was_off = plan_.date_error > seconds(5) || plan_.date_error < -seconds(5);
  const Instant date_since = was_off && now >= corrected ? corrected : kLongAgo;
  const auto said = [&](Duration by, Instant since) {
    const Duration off = shift - by;
    return off < kWide && off > -kWide && std::max(since, began_) <= now - kAgreed;
  };
  const bool by_date = said(api_.date_error(now), date_since);
  const bool by_wall = said(wall_error_at(plan_, now), stepped);
  if (!by_date && !by_wall)
    breach("clock",
           fmt::format("a jump by {} to {} that nothing explains is believed: the Date says {}, "
                       "the wall clock {} for {}",
                       format_duration(jump), format_duration(shift),
                       format_duration(api_.date_error(now)),
                       format_duration(wall_error_at(plan_, now)),
                       format_duration(now - std::max(stepped, kStart))),
           now);
}

/// No clock makes a job older than it is while one of them is right.
void Checker::check_created(Instant now) {
  const bool api_right = plan_.date_error == Duration{0};
  // Jobs' timestamps that lie in its future disprove the wall clock.
  const bool stamped_ahead = plan_.seed % 2 == 0 && plan_.date_error > Duration{0};
  const bool wall_right = plan_.wall_errors.empty() && plan_.drift_ppm == 0 && !stamped_ahead;
  if (!api_right && !wall_right) return;
  for (const auto& [id, job] : now_known_.jobs) {
    const TrueJob* truly = truth_.find(id);
    if (job.changed != now || truly == nullptr) continue;
    if (job.seen.created_at < truly->now.created_at - std::chrono::seconds(8))
      breach("clock", id + ": made older than it is", now);
  }
}

void Checker::check_clock(Duration before, Instant now) {
  check_jump(now_known_.shift, now_known_.shift - before, now);
  const bool api_right = plan_.date_error == Duration{0};
  // Jobs' timestamps that lie in its future disprove the wall clock.
  const bool stamped_ahead = plan_.seed % 2 == 0 && plan_.date_error > Duration{0};
  const bool wall_right = plan_.wall_errors.empty() && plan_.drift_ppm == 0 && !stamped_ahead;
  if (!now_known_.listed || (!api_right && !wall_right)) return;
  const Duration shift = now_known_.shift;
  if (shift > std::chrono::seconds(8))
    breach(
        "clock",
        fmt::format("the daemon believes that it is {} later than it is", format_duration(shift)),
        now);
}

}  // namespace trainstop::proof
