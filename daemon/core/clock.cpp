// The clock decider. Offsets are "UTC minus line"; the earlier a candidate, the smaller its offset.
#include "core/clock.hpp"

#include <algorithm>
#include <utility>

#include "model/planted.hpp"

namespace trainstop::core {

namespace {

// Clocks that differ by less agree: NTP keeps closer, and no rule is that fine.
constexpr Duration kTolerance = std::chrono::seconds(5);
// A jump that no step of the wall clock explains is believed after this long.
constexpr Duration kAgreement = std::chrono::minutes(10);
// How long a step of the wall clock may explain a jump: a poll or two.
constexpr Duration kStepExplains = std::chrono::minutes(1);
// Smaller changes are the two clocks' reading noise and slewing; they add up until they are told.
constexpr Duration kLeastChange = std::chrono::milliseconds(50);
constexpr Duration kDateGrain = std::chrono::seconds(1);
// Servers may keep a Date header for a second: bounds are this much softer than they say.
constexpr Duration kDateKept = std::chrono::seconds(1);

Duration distance(Duration a, Duration b) {
  return a > b ? a - b : b - a;
}

/// What the replies of one account say of UTC minus the line.
struct Bounds {
  Duration low{0}, high{0};
  bool known = false;
  Duration proof = Duration::min();  ///< its jobs' timestamps say that the offset is no less
  std::optional<Duration> trusted;   ///< the offset when it last agreed with the wall clock

  void intersect(Duration new_low, Duration new_high) {
    const bool overlap = known && new_low <= high && new_high >= low;
    low = overlap ? std::max(low, new_low) : new_low;
    high = overlap ? std::min(high, new_high) : new_high;
    known = true;
  }
  bool disproves(Duration offset) const {
    return proof != Duration::min() && offset + kTolerance < proof;
  }
  bool contains(Duration offset, Duration tolerance) const {
    return offset >= low - tolerance && offset <= high + tolerance;
  }
};

std::string words(Duration difference) {
  return format_duration(
      std::chrono::floor<std::chrono::seconds>(distance(difference, Duration{0})));
}

}  // namespace

struct ClockDecider::Impl {
  std::vector<std::string> names;
  std::vector<Bounds> accounts;
  Duration wall{0};
  Duration output{0};
  bool had_date = false;
  Duration step{0};  ///< the last step of the wall clock
  Instant stepped_at = kLongAgo;
  Duration pending{0};  ///< a jump not yet believed
  Instant pending_since = kNever;
  std::optional<ClockRead> taken;

  bool disproved(Duration offset) const {
    return std::any_of(accounts.begin(), accounts.end(),
                       [&](const Bounds& bounds) { return bounds.disproves(offset); });
  }

  /// The candidate of an account nearest to what is believed.
  Duration candidate(const Bounds& bounds) const {
    return std::clamp(output, bounds.low, bounds.high);
  }

  /// The earliest candidate that is not disproved; of all, when every one is.
  Duration choose() const {
    std::optional<Duration> best, any;
    const auto consider = [&](Duration offset) {
      any = any ? std::min(*any, offset) : offset;
      if (planted("later-clock")) return void(best = best ? std::max(*best, offset) : offset);
      if (!disproved(offset)) best = best ? std::min(*best, offset) : offset;
    };
    consider(wall);
    for (const Bounds& bounds : accounts) {
      // A candidate that agrees with the wall clock is the wall clock, which is finer.
      if (bounds.known && !bounds.contains(wall, kTolerance)) consider(candidate(bounds));
    }
    return best.value_or(*any);
  }

  /// Remembers by what offset each account agrees with the wall clock, which is the finer one.
  void trust() {
    for (Bounds& bounds : accounts) {
      const bool agrees =
          bounds.known && bounds.contains(output, kDateKept) && bounds.contains(wall, kTolerance);
      if (agrees) bounds.trusted = output;
    }
  }

  void decide(Instant line) {
    move(line);
    trust();
  }

  void move(Instant line) {
    const Duration chosen = choose();
    const Duration jump = chosen - output;
    const bool small = distance(jump, Duration{0}) <= kTolerance;
    const bool explained = stepped_at != kLongAgo &&
                           line <= saturating_add(stepped_at, kStepExplains) &&
                           distance(jump, step) <= kTolerance;
    if (small || explained) {
      output = chosen;
      pending_since = kNever;
      return;
    }
    if (pending_since == kNever || distance(chosen, pending) > kTolerance) {
      pending = chosen;
      pending_since = line;
    }
    if (line < saturating_add(pending_since, kAgreement) && !planted("jumps-believed")) return;
    output = chosen;
    pending_since = kNever;
  }

  std::string skew() const {
    std::string detail;
    for (std::size_t i = 0; i < accounts.size(); ++i) {
      const Bounds& bounds = accounts[i];
      if (!bounds.known || bounds.contains(wall, kTolerance)) continue;
      if (!detail.empty()) detail += "; ";
      const bool ahead = wall > bounds.high;
      detail += "the wall clock is " + words(ahead ? wall - bounds.high : bounds.low - wall) +
                (ahead ? " ahead of" : " behind") + " the API's of account " + names[i];
    }
    return detail;
  }
};

ClockDecider::ClockDecider(std::vector<std::string> account_names, Instant line, Instant wall)
    : impl_(std::make_unique<Impl>()) {
  impl_->accounts.resize(account_names.size());
  impl_->names = std::move(account_names);
  impl_->wall = impl_->output = wall - line;
}
ClockDecider::~ClockDecider() = default;
ClockDecider::ClockDecider(ClockDecider&&) noexcept = default;
ClockDecider& ClockDecider::operator=(ClockDecider&&) noexcept = default;

void ClockDecider::read_wall(Instant line, Instant wall) {
  const Duration offset = wall - line;
  if (distance(offset, impl_->wall) > kTolerance) {
    impl_->step = offset - impl_->wall;
    impl_->stepped_at = line;
    for (Bounds& bounds : impl_->accounts) bounds.proof = Duration::min();
  }
  impl_->wall = offset;
}

void ClockDecider::read_date(AccountIndex account, Instant date, Instant sent, Instant received) {
  Impl& impl = *impl_;
  impl.accounts[account].intersect(date - received, date + kDateGrain - sent);
  // Nothing was believed with reason before the first reply.
  if (!std::exchange(impl.had_date, true)) impl.output = impl.choose();
  impl.trust();
}

void ClockDecider::read_timestamp(AccountIndex account, Instant timestamp, Instant received) {
  Duration& proof = impl_->accounts[account].proof;
  proof = std::max(proof, timestamp - received);
}

Duration ClockDecider::api_shift(AccountIndex account) const {
  const Bounds& bounds = impl_->accounts[account];
  if (!bounds.known) return impl_->output;
  // What was found in agreement holds while the replies say so, whatever is done to the wall clock.
  if (bounds.trusted && bounds.contains(*bounds.trusted, kDateKept)) return *bounds.trusted;
  // A Date may come from another clock than the jobs' timestamps: what makes a job younger counts,
  // until a timestamp proves that the API's clock is ahead.
  const Duration younger = std::min(impl_->output, bounds.low);
  return bounds.disproves(younger) ? std::max(impl_->output, bounds.low) : younger;
}

Instant ClockDecider::translate(AccountIndex account, Instant timestamp) const {
  return planted("timestamps-untranslated") ? timestamp
                                            : saturating_add(timestamp, -api_shift(account));
}

std::optional<ClockRead> ClockDecider::take_change(Instant line) {
  impl_->decide(line);
  ClockRead read;
  read.utc_shift = impl_->output;
  read.skew_detail = impl_->skew();
  read.skewed = !read.skew_detail.empty();
  read.unproven = !impl_->had_date;
  auto& taken = impl_->taken;
  if (taken && taken->skewed == read.skewed && taken->unproven == read.unproven &&
      distance(taken->utc_shift, read.utc_shift) < kLeastChange)
    return {};
  taken = read;
  return read;
}

}  // namespace trainstop::core
