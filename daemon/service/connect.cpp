#include "service/connect.hpp"

#include <fmt/format.h>

#include <utility>

#include "net/http.hpp"

namespace trainstop::service {

Result<std::unique_ptr<baseten::Api>> connect(const policy::Config& config,
                                              const policy::Account& account,
                                              const std::string& key, Surroundings surroundings) {
  const auto named = [&](Failure failure) {
    failure.message = fmt::format("account '{}': {}", account.name, failure.message);
    return failure;
  };
  const auto origin = net::parse_origin(account.base_url);
  if (origin.has_error()) return named(origin.error());
  net::ClientOptions options;
  options.origin = origin.value();
  options.authorization =
      (account.auth_scheme == policy::AuthScheme::bearer ? "Bearer " : "Api-Key ") + key;
  options.user_agent = "trainstop/" TRAINSTOP_VERSION;
  if (account.ca_file) options.extra_ca_file = account.ca_file->string();
  options.normal_connections = config.poll.connections;
  options.urgent_connections = config.stop.concurrency;
  options.now = std::move(surroundings.now);
  auto client = net::make_client(std::move(surroundings.executor), std::move(surroundings.resolver),
                                 std::move(options));
  if (client.has_error()) return named(client.error());
  return baseten::make_api(std::move(client).value(), config.poll.timeout,
                           std::move(surroundings.translate));
}

}  // namespace trainstop::service
