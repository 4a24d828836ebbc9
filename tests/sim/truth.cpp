// The truth as JSON, for tests in another process.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "sim/render.hpp"
#include "sim/scenario.hpp"

namespace trainstop::sim {
namespace {

namespace json = boost::json;

json::value moment(const Moment& at) {
  return json::object{{"at", render_time(at.wall, 6, std::nullopt)},
                      {"wall_us", at.wall.time_since_epoch().count()},
                      {"boot_us", at.boot.count()}};
}

json::value moment(const std::optional<Moment>& at) {
  return at ? moment(*at) : json::value(nullptr);
}

json::value job_of(const JobTruth& job) {
  json::array changes;
  for (const auto& change : job.changes) {
    changes.push_back(json::object{{"at", moment(change.at)}, {"status", change.status}});
  }
  return json::object{{"project_id", job.project_id},
                      {"status", job.status},
                      {"removed", job.removed},
                      {"stop_requests", job.stop_requests},
                      {"first_stop_received", moment(job.first_stop_received)},
                      {"stop_applied", moment(job.stop_applied)},
                      {"ended", moment(job.ended)},
                      {"ended_by_stop", job.ended_by_stop},
                      {"changes", std::move(changes)}};
}

json::value request_of(const RequestTruth& request) {
  return json::object{{"number", request.number},
                      {"connection", request.connection},
                      {"endpoint", to_string(request.endpoint)},
                      {"method", request.method},
                      {"target", request.target},
                      {"project_id", request.project_id},
                      {"job_id", request.job_id},
                      {"body", request.body},
                      {"authorization", request.authorization},
                      {"key_accepted", request.key_accepted},
                      {"first_byte", moment(request.first_byte)},
                      {"status", request.status},
                      {"applied", request.applied},
                      {"fault", request.fault}};
}

}  // namespace

std::string render_truth(const Truth& truth) {
  json::object jobs, counts;
  for (const auto& [id, job] : truth.jobs) jobs[id] = job_of(job);
  json::array requests, strikes;
  for (const auto& request : truth.requests) requests.push_back(request_of(request));
  for (const auto count : truth.fault_strikes) strikes.push_back(count);
  for (std::size_t i = 1; i < kEndpoints; ++i) {
    counts[to_string(static_cast<Endpoint>(i))] = truth.by_endpoint[i];
  }
  return json::serialize(json::object{{"request_count", truth.request_count},
                                      {"by_endpoint", std::move(counts)},
                                      {"connections", truth.connections},
                                      {"failed_handshakes", truth.failed_handshakes},
                                      {"fault_strikes", std::move(strikes)},
                                      {"jobs", std::move(jobs)},
                                      {"requests", std::move(requests)}});
}

}  // namespace trainstop::sim
