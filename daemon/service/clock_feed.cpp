#include "service/clock_feed.hpp"

#include <utility>

namespace trainstop::service {

ClockFeed::ClockFeed(const BootClock& clock, std::vector<std::string> account_names)
    : clock_(clock),
      api_shifts_(account_names.size(), Duration{0}),
      account_names_(std::move(account_names)),
      decider_(account_names_, clock.now(), BootClock::wall()) {}

void ClockFeed::begin() {
  decider_ = core::ClockDecider(account_names_, clock_.now(), BootClock::wall());
  shift_ = Duration{0};
}

void ClockFeed::read_wall() {
  decider_.read_wall(clock_.now(), BootClock::wall());
}

void ClockFeed::read_reply(AccountIndex account, const baseten::Timing& timing) {
  if (timing.date) decider_.read_date(account, *timing.date, timing.sent, timing.received);
}

void ClockFeed::translate(AccountIndex account, JobSnapshot& job, Instant received) {
  decider_.read_timestamp(account, job.created_at, received);
  decider_.read_timestamp(account, job.updated_at, received);
  job.created_at = decider_.translate(account, job.created_at);
  job.updated_at = decider_.translate(account, job.updated_at);
}

bool ClockFeed::translation_moved(AccountIndex account) {
  // Less is a clock that is known a little better.
  constexpr Duration kMoved = std::chrono::seconds(1);
  const Duration shift = decider_.api_shift(account);
  Duration& before = api_shifts_.at(account);
  const bool moved = shift > before + kMoved || shift < before - kMoved;
  if (moved) before = shift;
  return moved;
}

std::optional<core::ClockRead> ClockFeed::take_change() {
  auto change = decider_.take_change(clock_.now());
  if (change) shift_ = change->utc_shift;
  return change;
}

}  // namespace trainstop::service
