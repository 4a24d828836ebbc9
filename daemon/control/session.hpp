// One connection: reads requests one after the other and writes each reply. The one file beside
// the client that knows HTTP.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "control/server.hpp"

namespace trainstop::control {

class Session;

/// What the server and its connections share; outlives the server while connections end.
struct Shared {
  Shared(Limits bounds, Handler handles) : limits(bounds), handler(std::move(handles)) {}

  Limits limits;
  Handler handler;
  std::set<Session*> sessions;
  /// Requests that wait for the handler. One is handled a turn of the loop, however many clients
  /// ask, so that what else is ready waits for one answer at most.
  std::deque<std::function<void()>> waiting;
  bool closing = false;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::local::stream_protocol::socket socket, std::shared_ptr<Shared> shared);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Until the connection ends.
  boost::asio::awaitable<void> run();
  /// Ends it: at once when it waits for a request, else with the reply.
  void end();

  /// A connection too many, told so as far as its buffer takes it.
  static void turn_away(boost::asio::local::stream_protocol::socket socket);

 private:
  /// A request, or why there is none: a reply that ends the connection, or nothing to be said.
  struct Received {
    std::optional<Request> request;
    std::optional<Reply> refusal;
    bool is_head = false;
    bool keep_alive = false;
  };
  class Parser;

  boost::asio::awaitable<void> receive(Received& received);
  boost::asio::awaitable<bool> read_message(Parser& parser, Received& received);
  boost::asio::awaitable<bool> fill();
  boost::asio::awaitable<Reply> answer_of(Request request);
  boost::asio::awaitable<bool> write(std::string text);
  void arm(Duration limit);

  boost::asio::local::stream_protocol::socket socket_;
  boost::asio::steady_timer limit_;  ///< cancels what is under way when it fires
  boost::asio::steady_timer wake_;   ///< waits for the handler's reply
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<Shared> shared_;
  Peer peer_;
  bool waits_for_request_ = false;
  bool out_of_time_ = false;
};

}  // namespace trainstop::control
