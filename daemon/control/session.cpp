#include "control/session.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <utility>

#include "control/peer.hpp"

namespace trainstop::control {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Socket = asio::local::stream_protocol::socket;

namespace {

constexpr std::size_t kRead = 16384;
// Beyond the header's bound nothing has to be kept but what comes behind it; a chunk's extension
// without an end must not fill the memory.
constexpr std::size_t kMostBuffered = 65536;
constexpr unsigned kVersion = 11;  // as Beast counts: HTTP/1.1

std::string text_of(const Reply& reply, bool keep_alive, bool is_head) {
  const std::string_view reason = http::obsolete_reason(http::int_to_status(reply.status));
  const std::string body = reply.body();
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
                  reply.status, reason, body.size());
  if (!reply.allow.empty()) text += "Allow: " + reply.allow + "\r\n";
  if (!keep_alive) text += "Connection: close\r\n";
  text += "\r\n";
  if (!is_head) text += body;
  return text;
}

Reply refusal_of(const error_code& error) {
  if (error == http::error::header_limit)
    return error_reply(431, "header_too_large", "the request's header is too large");
  if (error == http::error::body_limit)
    return error_reply(413, "body_too_large", "the request's body is too large");
  return error_reply(400, "bad_request", "this is no HTTP/1.1 request");
}

Reply ending() {
  return error_reply(503, "ending",
                     "the daemon ends: whether it was done stands in the journal when it is back");
}

Reply too_late() {
  return error_reply(504, "no_answer",
                     "there is no answer yet: what was asked for may still be done");
}

void handle_next(const asio::any_io_executor& executor, const std::shared_ptr<Shared>& shared) {
  asio::post(executor, [executor, shared] {
    const auto handle = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    if (!shared->waiting.empty()) handle_next(executor, shared);
    if (!shared->closing) handle();
  });
}

}  // namespace

Reply error_reply(unsigned status, std::string_view code, std::string_view message) {
  Reply reply;
  reply.status = status;
  reply.body = [text = fmt::format(R"({{"error":{{"code":"{}","message":"{}"}}}})", code,
                                   message)] { return text; };
  return reply;
}

class Session::Parser : public http::request_parser<http::string_body> {
 public:
  explicit Parser(const Limits& limits) {
    eager(true);
    header_limit(static_cast<std::uint32_t>(limits.header));
    body_limit(limits.body);
  }
};

Session::Session(Socket socket, std::shared_ptr<Shared> shared)
    : socket_(std::move(socket)),
      limit_(socket_.get_executor()),
      wake_(socket_.get_executor()),
      shared_(std::move(shared)),
      peer_(peer_of(socket_.native_handle())) {
  shared_->sessions.insert(this);
}

Session::~Session() {
  shared_->sessions.erase(this);
}

void Session::turn_away(Socket socket) {
  static const std::string kText = text_of(
      error_reply(503, "too_many_connections", "too many connections are open: try again later"),
      false, false);
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(kText), ignored);
}

void Session::end() {
  error_code ignored;
  if (waits_for_request_) socket_.cancel(ignored);
  wake_.cancel();
}

void Session::arm(Duration limit) {
  limit_.expires_after(limit);
  limit_.async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (error || !self) return;
    // Queued already when the timer was set anew.
    if (self->limit_.expiry() > asio::steady_timer::clock_type::now()) return;
    self->out_of_time_ = true;
    error_code ignored;
    self->socket_.cancel(ignored);
  });
}

asio::awaitable<void> Session::run() {
  bool goes_on = true;
  while (goes_on && !shared_->closing) {
    Received received;
    co_await receive(received);
    if (shared_->closing || (!received.request && !received.refusal)) break;
    Reply reply;
    if (received.request) {
      Request request = std::move(*received.request);
      reply = co_await answer_of(std::move(request));
    } else {
      reply = std::move(*received.refusal);
    }
    goes_on = received.keep_alive && !shared_->closing;
    std::string text = text_of(reply, goes_on, received.is_head);
    const bool written = co_await write(std::move(text));
    goes_on = goes_on && written;
  }
  limit_.cancel();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

/// Reads some more into the buffer; false when the connection is over or the time is up.
asio::awaitable<bool> Session::fill() {
  const auto room = buffer_.prepare(kRead);
  error_code error;
  const std::size_t count =
      co_await socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
  buffer_.commit(count);
  co_return !error;
}

/// Reads one request; false when there is none.
asio::awaitable<bool> Session::read_message(Parser& parser, Received& received) {
  bool told_to_continue = false;
  while (true) {
    error_code error;
    if (buffer_.size() > 0) buffer_.consume(parser.put(buffer_.data(), error));
    const bool is_bad = error && error != http::error::need_more;
    if (is_bad || buffer_.size() > kMostBuffered) {
      received.refusal = refusal_of(error);
      co_return false;
    }
    if (parser.is_done()) co_return true;
    if (parser.is_header_done() && !told_to_continue && parser.get().version() == kVersion &&
        parser.get()[http::field::expect] == "100-continue") {
      told_to_continue = true;
      std::string text = "HTTP/1.1 100 Continue\r\n\r\n";
      const bool written = co_await write(std::move(text));
      if (!written) co_return false;
      arm(shared_->limits.request);
    }
    const bool is_new = !parser.got_some() && buffer_.size() == 0;
    waits_for_request_ = true;
    const bool filled = co_await fill();
    waits_for_request_ = false;
    if (!filled) {
      if (out_of_time_ && !is_new)
        received.refusal = error_reply(408, "too_slow", "the request did not come in time");
      co_return false;
    }
    if (is_new) arm(shared_->limits.request);
  }
}

asio::awaitable<void> Session::receive(Received& received) {
  const bool has_begun = buffer_.size() > 0;
  arm(has_begun ? shared_->limits.request : shared_->limits.idle);
  Parser parser(shared_->limits);
  const bool whole = co_await read_message(parser, received);
  limit_.cancel();
  out_of_time_ = false;
  if (!whole) co_return;
  auto message = parser.release();
  const std::string_view method = message.method_string();
  if (method != "GET" && method != "POST") {
    received.is_head = method == "HEAD";
    received.refusal = error_reply(405, "no_such_method", "the methods are GET and POST");
    received.refusal->allow = "GET, POST";
    co_return;
  }
  const auto target = boost::urls::parse_origin_form(message.target());
  if (!target) {
    received.refusal = error_reply(400, "bad_request", "the request's target is no path");
    co_return;
  }
  received.keep_alive = message.version() == kVersion && message.keep_alive();
  Request& request = received.request.emplace();
  request.method = std::string(method);
  request.path = std::string(target->encoded_path());
  for (const auto& param : target->params()) request.query.emplace_back(param.key, param.value);
  request.body = std::move(message.body());
  request.peer = peer_;
}

/// The handler's reply; after too long a time, or at the end, another one in its place.
asio::awaitable<Reply> Session::answer_of(Request request) {
  const auto reply = std::make_shared<std::optional<Reply>>();
  Respond respond = [reply, weak = weak_from_this()](Reply came) {
    if (reply->has_value()) return;
    *reply = std::move(came);
    if (const auto self = weak.lock()) self->wake_.cancel();
  };
  wake_.expires_after(shared_->limits.answer);
  shared_->waiting.emplace_back(
      [this, self = weak_from_this(), request = std::move(request), respond]() mutable {
        if (!self.expired()) shared_->handler(std::move(request), std::move(respond));
      });
  if (shared_->waiting.size() == 1) handle_next(socket_.get_executor(), shared_);
  if (!reply->has_value()) {
    error_code ignored;
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (!reply->has_value()) *reply = shared_->closing ? ending() : too_late();
  co_return std::move(**reply);
}

asio::awaitable<bool> Session::write(std::string text) {
  arm(shared_->limits.write);
  error_code error;
  co_await asio::async_write(socket_, asio::buffer(text),
                             asio::redirect_error(asio::use_awaitable, error));
  limit_.cancel();
  co_return !error;
}

}  // namespace trainstop::control
