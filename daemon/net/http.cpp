// The client: a call's way through its lane, the name, the connection and the exchange.
#include "net/http.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "net/connection.hpp"
#include "net/encode.hpp"
#include "net/exchange.hpp"
#include "net/failure_words.hpp"
#include "net/pool.hpp"

namespace trainstop::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

// How soon a warm connection that the server closed is noticed and opened again.
constexpr std::chrono::seconds kUpkeep{1};
// For a connection that is opened ahead; nobody waits for it.
constexpr std::chrono::seconds kWarmTimeout{10};

/// What the client and its calls under way share; calls outlive the client only to fail.
struct State : std::enable_shared_from_this<State> {
  State(asio::any_io_executor e, std::shared_ptr<Resolver> r, ClientOptions o,
        asio::ssl::context context)
      : executor(e),
        resolver(std::move(r)),
        options(std::move(o)),
        tls(std::move(context)),
        normal(std::make_shared<Pool>(e, options.normal_connections)),
        urgent(std::make_shared<Pool>(e, options.urgent_connections)),
        closing(e, steady_clock::time_point::max()),
        upkeep(e) {}

  void close() {
    is_closed = true;
    closing.cancel();
    upkeep.cancel();
    normal->close();
    urgent->close();
  }

  CallFailure unsent(Failure failure) const {
    CallFailure result;
    result.failure = is_closed ? cancelled() : std::move(failure);
    result.sent = result.received = options.now();
    return result;
  }

  asio::any_io_executor executor;
  std::shared_ptr<Resolver> resolver;
  ClientOptions options;
  asio::ssl::context tls;
  std::shared_ptr<Pool> normal, urgent;
  asio::steady_timer closing;  ///< never expires; its cancellation ends look-ups
  asio::steady_timer upkeep;
  bool is_kept_up = false;
  int warm = 0;
  bool is_closed = false;
};

using StateRef = std::shared_ptr<State>;
using Endpoints = Result<std::vector<tcp::endpoint>>;

asio::awaitable<void> wait_for_close(StateRef state) {
  co_await state->closing.async_wait(asio::as_tuple(asio::use_awaitable));
}

/// Also ended by close(), which the resolver does not know of.
asio::awaitable<Endpoints> look_up(StateRef state, Deadline deadline) {
  using namespace asio::experimental::awaitable_operators;
  const Origin& origin = state->options.origin;
  auto lookup = state->resolver->resolve(origin.host, origin.port, deadline.left());
  auto close = wait_for_close(state);
  auto first = co_await (std::move(lookup) || std::move(close));
  if (first.index() == 1) co_return cancelled();
  Endpoints endpoints = std::get<0>(std::move(first));
  if (endpoints.has_error() && endpoints.error().kind == FailureKind::timeout) {
    co_return timed_out(deadline, step::kResolve);
  }
  co_return endpoints;
}

/// Opens the lease's connection.
asio::awaitable<std::optional<Failure>> open(StateRef state, Lease& lease, Deadline deadline) {
  const Endpoints endpoints = co_await look_up(state, deadline);
  if (endpoints.has_error()) co_return endpoints.error();
  if (state->is_closed) co_return cancelled();
  lease.connection =
      std::make_unique<Connection>(state->executor, state->tls, state->options.origin);
  co_return co_await lease.connection->open(*endpoints, deadline);
}

void keep_up(const StateRef& state);

/// Opens one connection ahead of need. Its failure is told by the call that needs it.
asio::awaitable<void> warm_up(StateRef state, std::unique_ptr<Lease> lease) {
  const Deadline deadline(kWarmTimeout);
  const auto failure = co_await open(state, *lease, deadline);
  if (!failure) lease->keep();
}

void open_missing(const StateRef& state) {
  const int missing = state->warm - state->urgent->kept();
  for (int i = 0; i < missing && state->urgent->has_room(); ++i) {
    auto lease = state->urgent->try_lease();
    if (!lease) return;
    asio::co_spawn(state->executor, warm_up(state, std::move(lease)),
                   [](const std::exception_ptr& bug) {
                     if (bug) std::rethrow_exception(bug);
                   });
  }
}

/// Once a second while there is anything to keep.
void keep_up(const StateRef& state) {
  if (state->is_closed || state->is_kept_up) return;
  state->is_kept_up = true;
  state->upkeep.expires_after(kUpkeep);
  state->upkeep.async_wait(
      [weak = state->weak_from_this()](const boost::system::error_code& error) {
        const StateRef alive = weak.lock();
        if (error || !alive) return;
        alive->is_kept_up = false;
        alive->normal->drop_stale();
        alive->urgent->drop_stale();
        open_missing(alive);
        if (alive->warm > 0 || alive->normal->kept() + alive->urgent->kept() > 0) keep_up(alive);
      });
}

/// The key itself: what follows the scheme in the header.
std::string_view secret_of(std::string_view authorization) {
  const std::size_t space = authorization.rfind(' ');
  return space == std::string_view::npos ? authorization : authorization.substr(space + 1);
}

/// A server that echoes the key in an error must not bring it into the log.
void blot_out(std::string& text, std::string_view secret) {
  static constexpr std::string_view kBlot = "***";
  if (secret.empty()) return;
  std::size_t at = text.find(secret);
  while (at != std::string::npos) {
    text.replace(at, secret.size(), kBlot);
    at = text.find(secret, at + kBlot.size());
  }
}

void blot_out(const State& state, Outcome& outcome) {
  auto* const response = std::get_if<Response>(&outcome);
  if (!response || response->status / 100 == 2) return;
  const std::string_view secret = secret_of(state.options.authorization);
  blot_out(response->body, secret);
  blot_out(response->location, secret);
}

bool is_lost_connection(const Exchange& done) {
  const auto* const failed = std::get_if<CallFailure>(&done.outcome);
  return failed && failed->failure.kind == FailureKind::transport && !done.reply_began;
}

asio::awaitable<Outcome> run(StateRef state, Request request, CallOptions call_options) {
  const Deadline deadline(call_options.timeout);
  const auto options = std::make_shared<CallOptions>(std::move(call_options));
  const bool is_repeatable = !request.post || request.repeatable;
  if (!is_sound(request)) {
    Failure failure;
    failure.kind = FailureKind::client_error;
    failure.message = "the request's target or a header is not one that may be sent";
    co_return state->unsent(std::move(failure));
  }
  const std::string text = encode(state->options, request);
  Pool& pool = options->lane == Lane::urgent ? *state->urgent : *state->normal;
  const std::unique_ptr<Lease> lease = co_await pool.lease(deadline);
  if (!lease) co_return state->unsent(timed_out(deadline, step::kWait));
  bool is_kept = lease->take_kept();
  while (true) {
    if (!is_kept) {
      auto failure = co_await open(state, *lease, deadline);
      if (failure) co_return state->unsent(std::move(*failure));
    }
    Exchange done =
        co_await exchange(*lease->connection, text, options, state->options.now, deadline);
    if (std::exchange(is_kept, false) && is_repeatable && is_lost_connection(done) &&
        !state->is_closed) {
      continue;
    }
    if (done.is_reusable) {
      lease->keep();
      keep_up(state);
    }
    blot_out(*state, done.outcome);
    if (auto* const failed = std::get_if<CallFailure>(&done.outcome); failed && state->is_closed) {
      failed->failure = cancelled();
    }
    co_return std::move(done.outcome);
  }
}

class PooledClient final : public Client {
 public:
  explicit PooledClient(StateRef state) : state_(std::move(state)) {}
  ~PooledClient() override { state_->close(); }
  PooledClient(const PooledClient&) = delete;
  PooledClient& operator=(const PooledClient&) = delete;

  asio::awaitable<Outcome> call(Request request, CallOptions options) override {
    return run(state_, std::move(request), std::move(options));
  }

  void keep_warm(int connections) override {
    state_->warm = connections;
    if (connections <= 0 || state_->is_closed) return;
    state_->urgent->drop_stale();
    open_missing(state_);
    keep_up(state_);
  }

  void close() override { state_->close(); }

 private:
  StateRef state_;
};

}  // namespace

Result<std::unique_ptr<Client>> make_client(asio::any_io_executor executor,
                                            std::shared_ptr<Resolver> resolver,
                                            ClientOptions options) {
  if (!is_sound_header(options.authorization) || !is_sound_header(options.user_agent)) {
    Failure failure;
    failure.kind = FailureKind::client_error;
    failure.message = "the API key holds a control character";
    return failure;
  }
  auto context = make_tls_context(options.extra_ca_file);
  if (context.has_error()) return context.error();
  return std::unique_ptr<Client>(std::make_unique<PooledClient>(std::make_shared<State>(
      std::move(executor), std::move(resolver), std::move(options), std::move(*context))));
}

}  // namespace trainstop::net
