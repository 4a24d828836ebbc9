// The breaker: bounded harm. Counts the jobs that rules have stopped and those whose dues
// surprised; says when to hold all.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "model/time.hpp"
#include "policy/config.hpp"

namespace trainstop::core {

class Breaker {
 public:
  Breaker(int max_stops, Duration per, Duration poll_interval)
      : max_stops_(static_cast<std::size_t>(max_stops)), per_(per), poll_interval_(poll_interval) {}

  bool open() const { return !reason_.empty(); }
  /// `max_stops`, `surprise` or `journal_lost`; empty while closed.
  std::string_view reason() const { return reason_; }
  /// A person's reset: the count begins at zero.
  void reset() {
    reason_.clear();
    stops_.clear();
    surprises_.clear();
  }
  /// Another bound from now on; what was counted stays.
  void bound(const policy::MaxStops& most, Duration poll_interval) {
    max_stops_ = static_cast<std::size_t>(most.count);
    per_ = most.per;
    poll_interval_ = poll_interval;
  }
  /// Opens it for a reason of somebody else.
  void open(std::string reason) { reason_ = std::move(reason); }

  /// Whether `together` more jobs may be stopped now. If not, the breaker is open from here on.
  bool admit(std::size_t together, Instant now);

  /// A rule's first request for one more job leaves.
  void count_stop(Instant now) { stops_.push_back(now); }
  /// When those were counted, oldest first; the first may be too old to count any more.
  const std::deque<Instant>& counted() const { return stops_; }
  /// Jobs counted in the window that ends now.
  std::size_t stops_in_window(Instant now);

  /// A job is seen to have ended. For one poll interval it counts among those that lived: what is
  /// stopped after a surprise must not make the next one look worse.
  void count_end(Instant now);
  /// A job fell due that one poll interval ago nobody foresaw, while `live` jobs are alive. Opens
  /// the breaker when more than half of at least kFewestLive jobs that lived within one interval do
  /// so within it: then the observer is suspect, not the jobs.
  void count_surprise(Instant now, std::size_t live);
  static constexpr std::size_t kFewestLive =
      4;  // below it "half of the jobs" is one or two, which is ordinary

  /// What is remembered over a restart (memory.hpp).
  template <class Archive, class Self>
  static void members(Archive& archive, Self& breaker) {
    archive("reason", breaker.reason_);
    archive("stops", breaker.stops_);
  }

 private:
  static void forget_before(std::deque<Instant>& times, Instant from);

  std::size_t max_stops_;
  Duration per_;
  Duration poll_interval_;
  std::deque<Instant> stops_;
  std::deque<Instant> surprises_;
  std::deque<Instant> ends_;
  std::string reason_;
};

/// A breaker, and what was told of it.
struct Guard {
  Guard(const policy::MaxStops& bound, Duration poll_interval, std::string of_rule = {})
      : breaker(bound.count, bound.per, poll_interval), most(bound), rule(std::move(of_rule)) {}

  Breaker breaker;
  policy::MaxStops most;
  std::string rule;  ///< whose own it is; empty: of all rules without one
  Instant since = kNever, told = kLongAgo;
  std::uint64_t remembered = 0;  ///< digest of its last image; 0: there is none
};

}  // namespace trainstop::core
