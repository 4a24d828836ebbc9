#include "service/reception.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "service/events.hpp"

namespace trainstop::service {

namespace asio = boost::asio;

Reception::Reception(asio::any_io_executor executor, Parts parts)
    : parts_(std::move(parts)),
      desk_(std::move(parts_.desk)),
      server_(control::make_server(executor, parts_.options,
                                   [this](control::Request request, control::Respond respond) {
                                     desk_.serve(std::move(request), std::move(respond));
                                   })),
      timer_(executor) {}

asio::awaitable<void> Reception::keep_open() {
  while (!closed_) {
    look();
    timer_.expires_after(kTryAgain);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

void Reception::look() {
  if (server_->is_reachable()) return;
  const Instant now = parts_.utc_now();
  const auto opened = server_->open();
  if (opened) {
    if (unavailable_since_ != kNever)
      parts_.tell(control_available(now, parts_.options.path.string(), now - unavailable_since_));
    unavailable_since_ = kNever;
    told_ = kLongAgo;
    return;
  }
  if (unavailable_since_ == kNever) unavailable_since_ = now;
  if (now < saturating_add(told_, kTellAgain)) return;
  told_ = now;
  parts_.tell(control_unavailable(now, opened.error().message, unavailable_since_));
}

void Reception::close() {
  closed_ = true;
  server_->close();
  timer_.cancel();
}

}  // namespace trainstop::service
