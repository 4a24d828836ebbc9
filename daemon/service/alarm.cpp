#include "service/alarm.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace trainstop::service {

namespace asio = boost::asio;

namespace {

// Arming takes microseconds.
constexpr Duration kSuspicious = std::chrono::milliseconds(10);

// steady_timer stands still while the machine sleeps: a due that passed in a suspend would wait on.
int make_timer() {
  const int timer = ::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  return timer;
}

}  // namespace

Alarm::Alarm(asio::any_io_executor executor, const BootClock& clock)
    : clock_(clock), timer_(std::move(executor), make_timer()) {}

void Alarm::set(Instant at) {
  if (at == kNever) return arm({});
  Instant now = clock_.now();
  while (true) {
    arm(at > now ? at - now : Duration{1});
    // A suspend between the look at the clock and the arming would have been added to the wait.
    const Instant after = clock_.now();
    if (after - now < kSuspicious) return;
    now = after;
  }
}

void Alarm::arm(Duration wait) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wait);
  itimerspec setting{};  // all zero disarms
  setting.it_value.tv_sec = seconds.count();
  setting.it_value.tv_nsec = std::chrono::nanoseconds(wait - seconds).count();
  if (::timerfd_settime(timer_.native_handle(), 0, &setting, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "timerfd_settime");
  }
}

asio::awaitable<void> Alarm::wait() {
  while (true) {
    co_await timer_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    std::uint64_t rings = 0;
    // Nothing to read: the alarm was set anew after it had rung.
    if (::read(timer_.native_handle(), &rings, sizeof rings) == sizeof rings) co_return;
  }
}

void Alarm::cancel() {
  timer_.cancel();
}

}  // namespace trainstop::service
