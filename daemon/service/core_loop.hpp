// Feeds the core: facts strictly one after another, each batch passed on, the alarm to the batch's
// next wake.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>

#include "core/core.hpp"
#include "service/alarm.hpp"
#include "service/clock_feed.hpp"

namespace trainstop::service {

class CoreLoop {
 public:
  struct Hooks {
    std::function<void(core::Batch)> pass;              ///< through the gate
    std::function<void(const core::Fact&)> after_fact;  ///< its batch has been passed
  };

  CoreLoop(boost::asio::any_io_executor executor, core::Core core, ClockFeed& clock, Alarm& alarm,
           Hooks hooks);
  CoreLoop(const CoreLoop&) = delete;
  CoreLoop& operator=(const CoreLoop&) = delete;

  /// Queues a fact; it is handled from the loop, never inside this call.
  void post(core::Fact fact);
  /// Waits for the alarm and posts a Tick at each ring, until the alarm is cancelled.
  boost::asio::awaitable<void> follow_alarm();
  /// Whether all that was posted has been handled.
  bool idle() const { return facts_.empty(); }
  /// Handles nothing more.
  void end();
  /// When the core wanted to be called at the latest; long ago: it hangs.
  Instant wake() const { return wake_; }
  /// For its questions.
  const core::Core& core() const { return core_; }

 private:
  void handle_next();
  void arm(Instant wake);

  boost::asio::any_io_executor executor_;
  core::Core core_;
  ClockFeed& clock_;
  Alarm& alarm_;
  Hooks hooks_;
  std::deque<core::Fact> facts_;  ///< as bounded as the requests under way
  Instant wake_ = kNever;
  bool tick_waits_ = false;
  bool ended_ = false;
};

}  // namespace trainstop::service
