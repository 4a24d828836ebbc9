#include "net/reply_reader.hpp"

#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

namespace trainstop::net {

namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

constexpr std::uint32_t kHeaderLimit = 32 * 1024;
// More than the header limit, so that the parser meets its limit before the buffer is full.
constexpr std::size_t kBufferSize = 64 * 1024;
// An error's body is read for its message only.
constexpr std::size_t kErrorBodyLimit = 64 * 1024;
// 100 Continue, 103 Early Hints: more of them is a fault.
constexpr int kMostInterimReplies = 10;
// Nothing asks for a longer wait; the deciders cap it far below.
constexpr std::uint64_t kLongestRetryAfterSeconds = 1'000'000'000;
// `0`, two line ends: no chunked body ends with less.
constexpr std::size_t kShortestLastChunk = 5;

/// Retry-After as it was sent (RFC 9110 10.2.3): seconds, or a date that counts from the Date
/// header.
std::optional<Duration> parse_retry_after(std::string_view text, std::optional<Instant> date) {
  std::uint64_t seconds = 0;
  const char* const end = text.data() + text.size();
  if (const auto [rest, error] = std::from_chars(text.data(), end, seconds);
      error == std::errc{} && rest == end && seconds <= kLongestRetryAfterSeconds) {
    return std::chrono::seconds(seconds);
  }
  const auto at = parse_http_date(text);
  if (!at || !date) return {};
  return std::max(Duration{0}, *at - *date);
}

}  // namespace

/// The parser's callbacks fill a Response.
class ReplyReader::State final : public http::basic_parser<false> {
 public:
  State(std::uint64_t limit, std::function<bool(std::string_view)> to)
      : max_body(limit), sink(std::move(to)) {
    eager(true);
    header_limit(kHeaderLimit);
    body_limit(boost::none);  // counted here: the limit depends on the status
  }

  bool is_success() const { return response.status / 100 == 2; }
  bool is_interim() const { return response.status / 100 == 1 && response.status != 101; }
  /// Whether there are bytes to parse now. Beast asserts that it is not called with less than a
  /// last chunk once it has seen the begin of one.
  bool has_bytes() const {
    const std::size_t least = is_header_done() && chunked() ? kShortestLastChunk : 1;
    return end - begin >= least;
  }

  std::uint64_t max_body;
  std::function<bool(std::string_view)> sink;
  Response response;
  std::string retry_after;
  std::uint64_t body_size = 0;
  bool is_enough = false;   ///< of an error's body
  bool is_refused = false;  ///< by the sink

  // The bytes between begin and end are not parsed yet.
  std::array<char, kBufferSize> buffer;
  std::size_t begin = 0, end = 0;
  bool began = false;
  int interim = 0;
  error_code error;

 private:
  void take_body(std::string_view piece, error_code& code) {
    body_size += piece.size();
    if (!is_success()) {
      const std::size_t room = kErrorBodyLimit - response.body.size();
      response.body.append(piece.substr(0, room));
      is_enough = piece.size() > room;
      if (is_enough) code = http::error::body_limit;
    } else if (body_size > max_body) {
      code = http::error::body_limit;
    } else if (!sink) {
      response.body.append(piece);
    } else if (!sink(piece)) {
      is_refused = true;
      code = http::error::body_limit;
    }
  }

  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int status, string_view, int, error_code&) override {
    response.status = static_cast<unsigned>(status);
  }
  void on_field_impl(http::field name, string_view, string_view value, error_code&) override {
    const std::string_view text(value.data(), value.size());
    if (name == http::field::date) response.date = parse_http_date(text);
    if (name == http::field::age) response.has_age = true;
    if (name == http::field::retry_after) retry_after = text;
    if (name == http::field::location) response.location = text;
  }
  void on_header_impl(error_code& code) override {
    response.retry_after = parse_retry_after(retry_after, response.date);
    const auto size = content_length();
    if (size && is_success() && *size > max_body) code = http::error::body_limit;
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& code) override {
    take_body({body.data(), body.size()}, code);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& code) override {
    take_body({body.data(), body.size()}, code);
    return body.size();
  }
  void on_finish_impl(error_code&) override {}
};

ReplyReader::ReplyReader(std::uint64_t max_body, std::function<bool(std::string_view)> sink)
    : state_(std::make_unique<State>(max_body, std::move(sink))) {}

ReplyReader::~ReplyReader() = default;

boost::asio::mutable_buffer ReplyReader::prepare() {
  State& state = *state_;
  if (state.begin > 0) {
    std::memmove(state.buffer.data(), state.buffer.data() + state.begin, state.end - state.begin);
    state.end -= std::exchange(state.begin, 0);
  }
  return {state.buffer.data() + state.end, state.buffer.size() - state.end};
}

ReplyReader::Progress ReplyReader::commit(std::size_t size) {
  state_->end += size;
  state_->began = state_->began || size > 0;
  while (true) {
    State& state = *state_;
    while (!state.is_done() && state.has_bytes()) {
      state.error = {};
      state.begin += state.put(
          boost::asio::const_buffer(state.buffer.data() + state.begin, state.end - state.begin),
          state.error);
      if (state.error == http::error::need_more) break;
      if (state.is_enough) return Progress::done;
      if (state.error) return Progress::failed;
    }
    if (!state.is_done()) {
      const bool is_full = state.begin == 0 && state.end == state.buffer.size();
      if (is_full) state.error = http::error::buffer_overflow;
      return is_full ? Progress::failed : Progress::more;
    }
    if (!state.is_interim()) return Progress::done;
    // RFC 9110 15.2: the final reply follows.
    auto next = std::make_unique<State>(state.max_body, std::move(state.sink));
    next->interim = state.interim + 1;
    next->began = true;
    next->end = state.end - state.begin;
    std::memcpy(next->buffer.data(), state.buffer.data() + state.begin, next->end);
    state_ = std::move(next);
    if (state_->interim > kMostInterimReplies) {
      state_->error = http::error::bad_status;
      return Progress::failed;
    }
  }
}

ReplyReader::Progress ReplyReader::end() {
  state_->error = {};
  if (!state_->got_some()) {
    state_->error = http::error::end_of_stream;
    return Progress::failed;
  }
  state_->put_eof(state_->error);
  return state_->error ? Progress::failed : Progress::done;
}

error_code ReplyReader::error() const {
  return state_->is_refused ? error_code{} : state_->error;
}

bool ReplyReader::began() const {
  return state_->began;
}

bool ReplyReader::has_header() const {
  return state_->is_header_done() && !state_->is_interim();
}

bool ReplyReader::is_reusable() const {
  return !state_->is_enough && state_->is_done() && state_->keep_alive() && !state_->need_eof() &&
         state_->begin == state_->end;
}

Response ReplyReader::take() {
  return std::move(state_->response);
}

}  // namespace trainstop::net
