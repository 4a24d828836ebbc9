#include "service/core_loop.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace trainstop::service {

namespace asio = boost::asio;

CoreLoop::CoreLoop(asio::any_io_executor executor, core::Core core, ClockFeed& clock, Alarm& alarm,
                   Hooks hooks)
    : executor_(std::move(executor)),
      core_(std::move(core)),
      clock_(clock),
      alarm_(alarm),
      hooks_(std::move(hooks)) {}

void CoreLoop::post(core::Fact fact) {
  if (ended_) return;
  if (std::holds_alternative<core::Tick>(fact)) {
    if (tick_waits_) return;
    tick_waits_ = true;
  }
  facts_.push_back(std::move(fact));
  // One fact a turn, so that sockets are served between two of them.
  asio::post(executor_, [this] { handle_next(); });
}

asio::awaitable<void> CoreLoop::follow_alarm() {
  while (!ended_) {
    co_await alarm_.wait();
    post(core::Tick{});
  }
}

void CoreLoop::end() {
  ended_ = true;
  facts_.clear();
}

void CoreLoop::handle_next() {
  if (facts_.empty()) return;
  const core::Fact fact = std::move(facts_.front());
  facts_.pop_front();
  if (std::holds_alternative<core::Tick>(fact)) tick_waits_ = false;
  core::Batch batch = core_.handle(fact, clock_.now());
  const Instant wake = batch.wake;
  hooks_.pass(std::move(batch));
  arm(wake);
  hooks_.after_fact(fact);
}

void CoreLoop::arm(Instant wake) {
  wake_ = wake;
  if (wake <= clock_.now()) {
    alarm_.set(kNever);
    post(core::Tick{});
  } else {
    alarm_.set(wake);
  }
}

}  // namespace trainstop::service
