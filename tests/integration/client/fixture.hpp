// A client and the API against the simulated Baseten API over real TLS; calls run to their end on a
// loop of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "baseten/api.hpp"
#include "integration/client/finish.hpp"
#include "net/http.hpp"
#include "net/resolver.hpp"
#include "sim/sim.hpp"
#include "support/pki.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::test {

inline constexpr const char* kKey = "sim-key";

/// The time of the tests' calls: CLOCK_REALTIME, as the simulated API's own.
Instant wall_now();

class ClientTest : public ::testing::Test {
 protected:
  /// Starts the simulated API with this certificate (none: plain http), and the API that calls it.
  void start(std::optional<CertificateKind> certificate = CertificateKind::good,
             sim::Settings settings = {});
  /// Another client of the same server.
  std::unique_ptr<net::Client> make_client(net::ClientOptions options);
  net::ClientOptions client_options(const std::string& host = "localhost");
  std::unique_ptr<baseten::Api> make_api(Duration timeout, net::ClientOptions options);

  /// A running job of project `proj1`.
  void add_job(const std::string& id);
  /// One fault that strikes every time.
  std::size_t add_fault(sim::FaultKind kind, sim::Endpoint endpoint = sim::Endpoint::any);
  std::size_t add_fault_once(sim::FaultKind kind, sim::Endpoint endpoint = sim::Endpoint::any);

  template <class T>
  T run(boost::asio::awaitable<T> call) {
    return finish(loop, std::move(call));
  }
  baseten::Reply<baseten::JobList> search() { return run(api->search({}, net::Lane::normal)); }
  baseten::Reply<JobRef> read(const std::string& id) {
    return run(api->read_job("proj1", id, net::Lane::urgent));
  }
  baseten::Reply<JobRef> stop(const std::string& id) {
    return run(api->stop_job("proj1", id, nullptr));
  }

  boost::asio::io_context loop;
  std::shared_ptr<net::Resolver> resolver;
  TempDir files;
  std::unique_ptr<sim::Server> server;
  std::unique_ptr<baseten::Api> api;
  int translated = 0;
};

}  // namespace trainstop::test
