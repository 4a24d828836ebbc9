#include "sim/session.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <utility>

namespace trainstop::sim {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t kRead = 16384;
constexpr std::uint64_t kMostBody = 8 << 20;
/// A handshake or a goodbye that takes longer is not coming.
constexpr Duration kManners = std::chrono::seconds(10);
/// More than any client may take before the test sees that it has no limit.
constexpr std::uint64_t kMostEndless = std::uint64_t{4} << 30;

}  // namespace

/// Parses requests from a wire, one after the other.
class Session::Requests {
 public:
  Requests(Wire& wire, std::uint64_t connection) : wire_(wire), connection_(connection) {}

  /// The next request; nothing when the connection ended or says what is not HTTP. `on_first_byte`
  /// is called when it has begun.
  asio::awaitable<std::optional<Received>> next(std::function<void()> on_first_byte) {
    http::request_parser<http::string_body> parser;
    parser.eager(true);
    parser.body_limit(kMostBody);
    Received request;
    request.connection = connection_;
    bool begun = buffer_.size() > 0;
    if (begun) request.first_byte = read_clocks();
    while (true) {
      if (buffer_.size() > 0) {
        error_code error;
        buffer_.consume(parser.put(buffer_.data(), error));
        if (error && error != http::error::need_more) co_return std::nullopt;
        if (parser.is_done()) break;
      }
      error_code error;
      const auto room = buffer_.prepare(kRead);
      const std::size_t count =
          co_await wire_.read_some(static_cast<char*>(room.data()), room.size(), error);
      if (error || count == 0) co_return std::nullopt;
      if (!begun) {
        begun = true;
        request.first_byte = read_clocks();
        on_first_byte();
      }
      buffer_.commit(count);
    }
    auto message = parser.release();
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    request.authorization = std::string(message[http::field::authorization]);
    request.wants_close = !message.keep_alive();
    request.body = std::move(message.body());
    co_return request;
  }

 private:
  Wire& wire_;
  boost::beast::flat_buffer buffer_;
  std::uint64_t connection_;
};

Session::Session(std::unique_ptr<Wire> wire, asio::any_io_executor executor, std::uint64_t number,
                 const SessionHooks& hooks)
    : wire_(std::move(wire)), pause_(executor), limit_(executor), number_(number), hooks_(hooks) {}

void Session::end(bool hard) {
  ended_ = true;
  if (hard) {
    wire_->reset();
  } else {
    wire_->shut_off();
  }
  pause_.cancel();
  limit_.cancel();
}

void Session::arm(Duration limit) {
  limit_.expires_after(limit);
  // The handler may run after the session has gone: it was queued already when it was cancelled.
  limit_.async_wait([wire = std::weak_ptr<Wire>(wire_)](error_code error) {
    const auto still = wire.lock();
    if (!error && still) still->shut_off();
  });
}

asio::awaitable<void> Session::sleep(Duration duration) {
  if (ended_ || duration.count() <= 0) co_return;
  pause_.expires_after(duration);
  error_code ignored;
  co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> Session::run() {
  arm(kManners);
  const error_code failed = co_await wire_->handshake();
  limit_.cancel();
  if (failed) {
    if (!ended_) hooks_.handshake_failed();
    wire_->shut_off();
    co_return;
  }
  Requests requests(*wire_, number_);
  const std::function<void()> on_first_byte = [this] { limit_.cancel(); };
  while (!ended_) {
    std::optional<Received> request = co_await requests.next(on_first_byte);
    if (!request || ended_) break;
    Plan plan = hooks_.answer(*request);
    const std::optional<Duration> idle_limit = plan.idle_limit;
    const bool goes_on = co_await carry_out(std::move(plan));
    if (!goes_on) co_return;
    if (idle_limit && !ended_) arm(*idle_limit);
  }
  wire_->shut_off();
}

/// Whether the connection can take another request; when not, it is closed.
asio::awaitable<bool> Session::carry_out(Plan plan) {
  co_await sleep(plan.delay);
  if (plan.manner == Manner::reset) {
    wire_->reset();
    co_return false;
  }
  if (plan.manner == Manner::hang) {
    co_await wait_for_client_to_leave();
    co_return false;
  }
  if (plan.continue_first) {
    const error_code error = co_await wire_->write("HTTP/1.1 100 Continue\r\n\r\n");
    if (error) co_return false;
  }
  const bool close = plan.close;
  bool goes_on = false;
  switch (plan.manner) {
    case Manner::drip:
      goes_on = co_await drip(std::move(plan));
      break;
    case Manner::endless:
      goes_on = co_await endless(std::move(plan));
      break;
    case Manner::half_and_close:
    case Manner::half_and_cut:
    case Manner::half_and_hang:
      goes_on = co_await send_half(std::move(plan));
      break;
    default:
      goes_on = co_await send_whole(std::move(plan));
  }
  if (goes_on && !close) co_return true;
  co_await finish();
  co_return false;
}

asio::awaitable<bool> Session::send_whole(Plan plan) {
  // One write when it is small: a segment of its own for the head would cost a round of waking.
  if (plan.body->size() <= kRead) {
    plan.head += *plan.body;
    const error_code error = co_await wire_->write(plan.head);
    co_return !error;
  }
  error_code error = co_await wire_->write(plan.head);
  if (!error) error = co_await wire_->write(*plan.body);
  co_return !error;
}

asio::awaitable<bool> Session::send_half(Plan plan) {
  const std::string_view half = std::string_view(*plan.body).substr(0, plan.body->size() / 2);
  plan.head += half;
  const error_code error = co_await wire_->write(plan.head);
  if (error || plan.manner == Manner::half_and_close) co_return false;
  if (plan.manner == Manner::half_and_cut) {
    wire_->shut_off();
    co_return false;
  }
  co_await wait_for_client_to_leave();
  co_return false;
}

asio::awaitable<bool> Session::drip(Plan plan) {
  const std::string bytes = plan.head + *plan.body;
  for (std::size_t at = 0; at < bytes.size() && !ended_; at += plan.step) {
    const error_code error = co_await wire_->write(std::string_view(bytes).substr(at, plan.step));
    if (error) co_return false;
    co_await sleep(plan.pace);
  }
  co_return true;
}

asio::awaitable<bool> Session::endless(Plan plan) {
  error_code error = co_await wire_->write(plan.head);
  std::uint64_t sent = 0;
  for (std::uint64_t number = 0; !error && !ended_ && sent < kMostEndless; ++number) {
    const std::string block = plan.block(number);
    sent += block.size();
    error = co_await wire_->write(block);
  }
  co_return false;
}

asio::awaitable<void> Session::wait_for_client_to_leave() {
  std::string ignored(kRead, '\0');
  error_code error;
  while (!error && !ended_) co_await wire_->read_some(ignored.data(), ignored.size(), error);
  wire_->shut_off();
}

asio::awaitable<void> Session::finish() {
  if (ended_) co_return;
  arm(kManners);
  co_await wire_->finish();
  limit_.cancel();
}

}  // namespace trainstop::sim
