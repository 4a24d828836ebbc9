#include "net/exchange.hpp"

#include <utility>

#include "net/failure_words.hpp"
#include "net/reply_reader.hpp"

namespace trainstop::net {

namespace asio = boost::asio;

namespace {

Failure refused_by_sink() {
  Failure failure;
  failure.kind = FailureKind::unusable;
  failure.message = "reply is not what was asked for";
  return failure;
}

CallFailure failed(Failure failure, Instant sent, Instant received) {
  CallFailure result;
  result.failure = std::move(failure);
  result.was_sent = true;
  result.sent = sent;
  result.received = received;
  return result;
}

/// Reads until the reply is complete; the failure if it does not come so far.
asio::awaitable<std::optional<Failure>> read_reply(Connection& connection, ReplyReader& reader,
                                                   Deadline deadline) {
  ReplyReader::Progress progress = ReplyReader::Progress::more;
  while (progress == ReplyReader::Progress::more) {
    const asio::mutable_buffer room = reader.prepare();
    const ReadResult read = co_await connection.read_some(room, deadline);
    if (!read.error) {
      progress = reader.commit(read.size);
    } else if (is_end_of_stream(read.error)) {
      progress = reader.end();
    } else {
      const auto at = reader.began() ? step::kBody : step::kReply;
      co_return describe(read.error, at, deadline);
    }
  }
  if (progress == ReplyReader::Progress::done) co_return std::nullopt;
  if (!reader.error()) co_return refused_by_sink();
  co_return describe(reader.error(), step::kBody, deadline);
}

}  // namespace

asio::awaitable<Exchange> exchange(Connection& connection, std::string request,
                                   std::shared_ptr<CallOptions> options,
                                   std::function<Instant()> now, Deadline deadline) {
  // Read before the write: the server must not have seen the request earlier than this says.
  const Instant sent = now();
  const boost::system::error_code error = co_await connection.write(request, deadline);
  if (error) {
    const Failure failure = describe(error, step::kSend, deadline);
    co_return Exchange(failed(failure, sent, now()), false, false);
  }
  if (const auto tell = std::exchange(options->on_sent, nullptr)) tell(sent);
  ReplyReader reader(options->max_body, options->body_sink);
  const auto failure = co_await read_reply(connection, reader, deadline);
  const Instant received = now();
  if (failure) co_return Exchange(failed(*failure, sent, received), false, reader.began());
  const bool is_reusable = reader.is_reusable();
  Response response = reader.take();
  response.sent = sent;
  response.received = received;
  co_return Exchange(std::move(response), is_reusable, true);
}

}  // namespace trainstop::net
