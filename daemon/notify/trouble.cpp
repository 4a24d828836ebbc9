#include "notify/trouble.hpp"

#include <utility>

#include "notify/fields.hpp"

namespace trainstop::notify {

void Trouble::failed(const std::string& problem, Instant now) {
  if (failures_++ == 0 && !std::exchange(over_, false)) since_ = now;
  problem_ = problem;
}

void Trouble::delivered() {
  failures_ = 0;
  over_ = announced_;
}

void Trouble::gave_up(std::size_t count, const std::string& problem) {
  given_up_ += count;
  if (!problem.empty()) problem_ = problem;
}

std::optional<Event> Trouble::take(Instant now, Instant utc, std::size_t waiting) {
  if (over_) return tell_recovered(now, utc, waiting);
  const bool repeatedly = failures_ >= kRepeatedly;
  const bool lost_more = given_up_ + dropped_ > lost_told_;
  if (!repeatedly && !lost_more) return {};
  const Duration pause = repeatedly && !announced_ ? kTellAnew : kTellAgain;
  if (now < saturating_add(told_, pause)) return {};
  return tell_failed(now, utc, waiting);
}

Event Trouble::tell_failed(Instant now, Instant utc, std::size_t waiting) {
  told_ = now;
  announced_ = announced_ || failures_ >= kRepeatedly;
  lost_told_ = given_up_ + dropped_;
  Event event;
  event.name = kFailedEvent;
  event.level = Level::warning;
  event.at = utc;
  event.message = failures_ > 0 ? "sink " + sink_ + " can't be told: " + problem_
                                : "sink " + sink_ + " was not told of everything";
  event.with("sink", sink_);
  if (failures_ > 0) {
    event.with("since", saturating_add(utc, since_ - now)).with("failures", failures_);
  }
  if (!problem_.empty()) event.with("problem", problem_);
  event.with("waiting", waiting);
  if (given_up_ > 0) event.with("given_up", given_up_);
  if (dropped_ > 0) event.with("dropped", dropped_);
  return event;
}

Event Trouble::tell_recovered(Instant now, Instant utc, std::size_t waiting) {
  over_ = announced_ = false;
  Event event;
  event.name = kRecoveredEvent;
  event.level = Level::info;
  event.at = utc;
  event.message = "sink " + sink_ + " can be told again";
  event.with("sink", sink_).with("since", saturating_add(utc, since_ - now));
  event.with("took_s", now - since_).with("waiting", waiting);
  event.with("given_up", std::exchange(given_up_, 0)).with("dropped", std::exchange(dropped_, 0));
  lost_told_ = 0;
  problem_.clear();
  return event;
}

}  // namespace trainstop::notify
