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
  itimerspec setting{};  // all zero disarms
  if (at <= clock_.now()) {
    setting.it_value.tv_nsec = 1;
  } else if (at != kNever) {
    setting.it_value = clock_.boot_time(at);
  }
  if (::timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME, &setting, nullptr) != 0) {
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
