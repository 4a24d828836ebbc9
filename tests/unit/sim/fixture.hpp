// A simulated API over plain http with two jobs, and short ways to speak to it.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <string>

#include "sim/sim.hpp"
#include "support/raw_http.hpp"

namespace trainstop::sim {

using namespace std::chrono_literals;

inline const std::string kRead = "/v1/training_projects/proj1/jobs/j1";
inline const std::string kStop = "/v1/training_projects/proj1/jobs/j1/stop";
inline const std::string kSearch = "/v1/training_jobs/search";
inline const std::string kPrices = "/v1/instance_type_prices";

/// Longer than anything here takes on a loaded machine.
inline constexpr auto kLong = 20s;

class SimTest : public testing::Test {
 protected:
  SimTest() : server(ServerOptions()) {
    for (const auto* id : {"j1", "j2"}) {
      JobScript job;
      job.id = id;
      job.name = std::string("name of ") + id;
      server.add_job(job);
    }
  }

  /// One request on a connection of its own.
  test::RawReply call(const std::string& method, const std::string& target,
                      const std::string& body = "") {
    test::RawHttp client(server.port());
    client.send(test::request_bytes(method, target, body));
    return client.receive(kLong);
  }
  test::RawReply search(const std::string& body = "{}") { return call("POST", kSearch, body); }
  test::RawReply read() { return call("GET", kRead); }
  test::RawReply stop() { return call("POST", kStop, "{}"); }

  void fault(FaultKind kind, Endpoint endpoint = Endpoint::any, int count = kAlways) {
    Fault fault;
    fault.kind = kind;
    fault.endpoint = endpoint;
    fault.count = count;
    server.add_fault(fault);
  }

  static boost::json::value json(const test::RawReply& reply) {
    return boost::json::parse(reply.body());
  }
  /// The ids of a list, in its order, with commas.
  static std::string ids(const test::RawReply& reply) {
    const auto value = json(reply);
    std::string ids;
    for (const auto& job : value.at("training_jobs").as_array()) {
      ids += (ids.empty() ? "" : ",") + std::string(job.at("id").as_string());
    }
    return ids;
  }
  static std::string status_of(const test::RawReply& reply) {
    return std::string(json(reply).at("training_job").at("current_status").as_string());
  }

  Server server;
};

}  // namespace trainstop::sim
