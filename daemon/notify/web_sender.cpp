#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <limits>
#include <utility>

#include "net/encode.hpp"
#include "net/http.hpp"
#include "notify/message.hpp"
#include "notify/sender.hpp"

namespace trainstop::notify {

namespace asio = boost::asio;

namespace {

// Of a body that nobody reads; one that ends sooner leaves the connection for the next message.
constexpr std::uint64_t kMostBody = 64 << 10;
constexpr unsigned kRequestTimeout = 408;
constexpr unsigned kTooManyRequests = 429;

Failure unusable(std::string words) {
  Failure failure;
  failure.kind = FailureKind::client_error;
  failure.message = std::move(words);
  return failure;
}

/// A whole URL in the two parts that the client wants.
struct Place {
  net::Origin origin;
  std::string target;  ///< path and query
};

Result<Place> parse_url(std::string_view url) {
  const std::size_t query = url.find('?');
  const std::string_view base = url.substr(0, query);
  auto origin = net::parse_origin(base);
  if (origin.has_error()) return unusable("the URL " + origin.error().message);
  Place place;
  place.origin = std::move(origin).value();
  place.origin.base_path.clear();
  const std::size_t path = base.find('/', base.find("://") + 3);
  place.target = path == std::string_view::npos ? "/" : std::string(base.substr(path));
  if (query != std::string_view::npos) place.target += url.substr(query);
  if (!net::is_sound_target(place.target) || place.target.find('#') != std::string::npos) {
    return unusable("the URL has a path or a query that can't be asked for");
  }
  return place;
}

Sent failed(std::string problem) {
  Sent sent;
  sent.outcome = Sent::Outcome::failed;
  sent.problem = std::move(problem);
  return sent;
}

/// No part of a sink's URL belongs into a log: for some services it is the key.
std::string without(std::string words, const std::string& host) {
  const std::size_t at = words.find(host);
  if (at != std::string::npos) words.replace(at, host.size(), "its host");
  return words;
}

Sent read_reply(const net::Response& reply) {
  Sent sent;
  if (reply.status / 100 == 2) return sent;
  sent = failed(fmt::format("it answers with {}", reply.status));
  if (reply.status / 100 == 3) sent.problem += ", a redirect, which is not followed";
  sent.retry_after = reply.retry_after;
  const bool passes = reply.status == kRequestTimeout || reply.status == kTooManyRequests;
  if (reply.status / 100 == 4 && !passes) sent.outcome = Sent::Outcome::refused;
  return sent;
}

class WebSender final : public Sender {
 public:
  WebSender(asio::any_io_executor executor, std::unique_ptr<net::Client> client, WebOptions options,
            Place place)
      : executor_(std::move(executor)),
        client_(std::move(client)),
        options_(std::move(options)),
        place_(std::move(place)) {}

  void send(Message message, std::function<void(Sent)> done) override {
    // A 2xx has taken the message, whatever becomes of its body: a receiver that never ends one is
    // not to be told again and again.
    const auto taken = std::make_shared<std::uint64_t>(0);
    net::CallOptions options;
    options.timeout = options_.time_limit;
    options.max_body = std::numeric_limits<std::uint64_t>::max();
    options.body_sink = [taken](std::string_view piece) {
      return (*taken += piece.size()) <= kMostBody;
    };
    asio::co_spawn(
        executor_, client_->call(request_of(std::move(message)), std::move(options)),
        [taken, closed = closed_, host = place_.origin.host, done = std::move(done)](
            std::exception_ptr bug, const net::Outcome& outcome) {
          if (bug) std::rethrow_exception(bug);
          if (*closed) return;
          const auto* reply = std::get_if<net::Response>(&outcome);
          if (reply != nullptr) return done(read_reply(*reply));
          if (*taken > 0) return done(Sent{});
          done(failed(without(std::get<net::CallFailure>(outcome).failure.message, host)));
        });
  }

  void close() override {
    *closed_ = true;
    client_->close();
  }

 private:
  net::Request request_of(Message message) const {
    net::Request request;
    request.target = place_.target;
    if (options_.get) return request;
    request.post = true;
    request.repeatable = true;  // the receiver knows a repetition by its id
    request.headers.emplace_back("X-Trainstop-Event", std::move(message.event));
    request.headers.emplace_back("X-Trainstop-Id", std::move(message.id));
    if (options_.hmac) {
      request.headers.emplace_back("X-Trainstop-Signature",
                                   "sha256=" + signature_of(message.body, *options_.hmac));
    }
    request.body = std::move(message.body);
    return request;
  }

  asio::any_io_executor executor_;
  std::unique_ptr<net::Client> client_;
  WebOptions options_;
  Place place_;
  std::shared_ptr<bool> closed_ = std::make_shared<bool>(false);
};

}  // namespace

Result<std::shared_ptr<Sender>> make_web_sender(asio::any_io_executor executor,
                                                std::shared_ptr<net::Resolver> resolver,
                                                WebOptions options) {
  auto place = parse_url(options.url);
  if (place.has_error()) return place.error();
  net::ClientOptions client_options;
  client_options.origin = place->origin;
  client_options.user_agent = "trainstop/" TRAINSTOP_VERSION;
  client_options.normal_connections = options.connections;
  client_options.now = [] { return Instant{}; };  // nobody asks when a message left
  auto client = net::make_client(executor, std::move(resolver), std::move(client_options));
  if (client.has_error()) return client.error();
  return std::shared_ptr<Sender>(
      std::make_shared<WebSender>(std::move(executor), std::move(client).value(),
                                  std::move(options), std::move(place).value()));
}

}  // namespace trainstop::notify
