#include "integration/client/fixture.hpp"

#include <utility>

namespace trainstop::test {

Instant wall_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

void ClientTest::start(std::optional<CertificateKind> certificate, sim::Settings settings) {
  sim::ServerOptions options;
  options.settings = std::move(settings);
  if (certificate) options.tls = shared_pki().issue(*certificate);
  server = std::make_unique<sim::Server>(std::move(options));
  resolver = net::make_resolver(loop.get_executor());
  net::ClientOptions defaults = client_options();
  defaults.origin.tls = certificate.has_value();
  api = make_api(std::chrono::seconds(10), std::move(defaults));
}

net::ClientOptions ClientTest::client_options(const std::string& host) {
  net::ClientOptions options;
  options.origin.host = host;
  options.origin.port = server->port();
  options.authorization = std::string("Api-Key ") + kKey;
  options.user_agent = "trainstop-test";
  options.extra_ca_file = files.write("ca.pem", shared_pki().ca()).string();
  options.now = wall_now;
  return options;
}

std::unique_ptr<net::Client> ClientTest::make_client(net::ClientOptions options) {
  auto client = net::make_client(loop.get_executor(), resolver, std::move(options));
  if (client.has_error()) throw std::runtime_error(client.error().message);
  return std::move(*client);
}

std::unique_ptr<baseten::Api> ClientTest::make_api(Duration timeout, net::ClientOptions options) {
  return baseten::make_api(make_client(std::move(options)), timeout,
                           [this](JobSnapshot&, Instant) { ++translated; });
}

void ClientTest::add_job(const std::string& id) {
  sim::JobScript script;
  script.id = id;
  server->add_job(script);
}

std::size_t ClientTest::add_fault(sim::FaultKind kind, sim::Endpoint endpoint) {
  sim::Fault fault;
  fault.kind = kind;
  fault.endpoint = endpoint;
  fault.count = sim::kAlways;
  return server->add_fault(fault);
}

std::size_t ClientTest::add_fault_once(sim::FaultKind kind, sim::Endpoint endpoint) {
  sim::Fault fault;
  fault.kind = kind;
  fault.endpoint = endpoint;
  return server->add_fault(fault);
}

}  // namespace trainstop::test
