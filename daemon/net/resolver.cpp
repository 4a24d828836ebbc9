// The loop's side of name resolution: one query a name at a time, waiters with deadlines, and the
// last good addresses.
#include "net/resolver.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <map>
#include <utility>

#include "net/dns_worker.hpp"

namespace trainstop::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

// A name server that takes longer loses to the addresses that worked last: a stop must not wait.
constexpr std::chrono::seconds kPatience{1};

/// A coroutine that waits for a name. Lives on the loop's thread only.
struct Waiter {
  explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  std::optional<DnsAnswer> answer;
};

/// What is known of one name. Names come from the configuration alone, so there are few.
struct Name {
  std::vector<asio::ip::address> good;
  bool asking = false;
  steady_clock::time_point asked_at;
  std::vector<std::weak_ptr<Waiter>> waiters;
};

using Names = std::map<std::string, Name>;

void answered(Names& names, const std::string& host, const DnsAnswer& answer) {
  Name& name = names[host];
  name.asking = false;
  if (!answer.addresses.empty()) name.good = answer.addresses;
  for (const auto& weak : std::exchange(name.waiters, {})) {
    if (const auto waiter = weak.lock()) {
      waiter->answer = answer;
      waiter->timer.cancel();
    }
  }
}

std::vector<tcp::endpoint> endpoints(const std::vector<asio::ip::address>& addresses,
                                     std::uint16_t port) {
  std::vector<tcp::endpoint> result;
  for (const auto& address : addresses) result.emplace_back(address, port);
  return result;
}

Failure make_failure(FailureKind kind, std::string message) {
  Failure failure;
  failure.kind = kind;
  failure.message = std::move(message);
  return failure;
}

/// What needs no name server: address literals, and `localhost` (RFC 6761 6.3).
std::vector<asio::ip::address> known_addresses(const std::string& host) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) return {address};
  if (host == "localhost") {
    return {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  }
  return {};
}

class CaresResolver final : public Resolver {
 public:
  CaresResolver(asio::any_io_executor executor, std::string servers)
      : executor_(std::move(executor)),
        names_(std::make_shared<Names>()),
        worker_(std::move(servers)) {}

  asio::awaitable<Result<std::vector<tcp::endpoint>>> resolve(std::string host, std::uint16_t port,
                                                              Duration timeout) override {
    const auto known = known_addresses(host);
    if (!known.empty()) co_return endpoints(known, port);
    const auto names = names_;
    const auto waiter = std::make_shared<Waiter>(executor_);
    waiter->timer.expires_at(join(host, waiter, timeout));
    const auto [error] = co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    const bool was_cancelled = error && !waiter->answer;
    if (was_cancelled) co_return make_failure(FailureKind::cancelled, "cancelled");
    co_return result(host, port, waiter->answer, (*names)[host].good);
  }

 private:
  /// Asks unless someone does already; gives the instant until which the waiter waits.
  steady_clock::time_point join(const std::string& host, const std::shared_ptr<Waiter>& waiter,
                                Duration timeout) {
    Name& name = (*names_)[host];
    const auto now = steady_clock::now();
    std::erase_if(name.waiters, [](const auto& weak) { return weak.expired(); });
    name.waiters.push_back(waiter);
    if (!name.asking) {
      name.asking = true;
      name.asked_at = now;
      ask(host);
    }
    const auto end = now + timeout;
    if (name.good.empty()) return end;
    return std::min(end, std::max(now, name.asked_at + kPatience));
  }

  void ask(const std::string& host) {
    // The worker's thread holds nothing that lives on the loop but by weak pointers.
    worker_.ask(
        host, [executor = executor_, host, weak = std::weak_ptr<Names>(names_)](DnsAnswer answer) {
          asio::post(executor, [weak, host, answer = std::move(answer)] {
            if (const auto names = weak.lock()) answered(*names, host, answer);
          });
        });
  }

  static Result<std::vector<tcp::endpoint>> result(const std::string& host, std::uint16_t port,
                                                   const std::optional<DnsAnswer>& answer,
                                                   const std::vector<asio::ip::address>& good) {
    if (answer && answer->no_such_name) {
      return make_failure(FailureKind::transport, "name not found: " + host);
    }
    if (!good.empty()) return endpoints(good, port);
    if (!answer) return make_failure(FailureKind::timeout, "timed out while looking up " + host);
    return make_failure(FailureKind::transport,
                        "name servers can't be asked for " + host + ": " + answer->problem);
  }

  asio::any_io_executor executor_;
  std::shared_ptr<Names> names_;
  DnsWorker worker_;
};

}  // namespace

std::shared_ptr<Resolver> make_resolver(asio::any_io_executor executor, std::string servers) {
  return std::make_shared<CaresResolver>(std::move(executor), std::move(servers));
}

}  // namespace trainstop::net
