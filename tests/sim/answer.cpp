// From a request to the plan of its reply: routing, the key, the rate limit, the truth log.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/api.hpp"
#include "sim/call.hpp"
#include "sim/mangle.hpp"

namespace trainstop::sim {
namespace {

constexpr std::size_t kMostBodyLogged = 4096;

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto slash = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, slash));
    path.remove_prefix(slash);
  }
  return parts;
}

}  // namespace

Route route_of(std::string_view method, std::string_view target) {
  Route route;
  const auto parts = parts_of(target.substr(0, target.find('?')));
  const bool get = method == "GET", post = method == "POST";
  if (parts.size() < 2 || parts[0] != "v1") return route;
  const auto is = [&](std::size_t size, std::string_view second) {
    return parts.size() == size && parts[1] == second;
  };
  if (post && is(3, "training_jobs") && parts[2] == "search") route.endpoint = Endpoint::search;
  if (get && is(2, "training_projects")) route.endpoint = Endpoint::projects;
  if (get && is(2, "instance_type_prices")) route.endpoint = Endpoint::prices;
  if (get && is(3, "billing") && parts[2] == "usage_summary") route.endpoint = Endpoint::usage;
  if (get && is(3, "users") && parts[2] == "me") route.endpoint = Endpoint::me;
  if (parts[1] != "training_projects" || parts.size() < 4 || parts[3] != "jobs") return route;
  route.project_id = parts[2];
  if (parts.size() > 4) route.job_id = parts[4];
  if (get && parts.size() == 4) route.endpoint = Endpoint::project_jobs;
  if (get && parts.size() == 5) route.endpoint = Endpoint::read;
  if (post && parts.size() == 6 && parts[5] == "stop") route.endpoint = Endpoint::stop;
  return route;
}

bool Api::over_rate_limit(Endpoint endpoint, Moment now) {
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(now.boot).count();
  if (second != rate_second_) rate_count_.fill(0);
  rate_second_ = second;
  const int count = ++rate_count_[static_cast<std::size_t>(endpoint)];
  return world.settings().rate_limit > 0 && count > world.settings().rate_limit;
}

/// What the endpoint answers to a request with a good key, as the faults leave it.
Draft Api::answer_known(Call& call, const std::vector<std::size_t>& struck, Moment now,
                        Plan& plan) {
  for (const auto number : struck) {
    ++world.truth().fault_strikes[number];
    const Fault& fault = faults.at(number);
    if (is_modifier(fault.kind)) continue;
    call.deciding = &fault;
    call.deciding_number = number;
    call.takes_effect = takes_effect(fault);
  }
  Draft draft = answer_call(call, now);
  if (call.deciding == nullptr) return draft;
  if (call.route.endpoint != Endpoint::stop) call.applied = false;
  return deciding_fault(call, *call.deciding, std::move(draft), plan);
}

void Api::log(Call& call, bool key_accepted, unsigned status) {
  Truth& truth = world.truth();
  ++truth.request_count;
  ++truth.by_endpoint[static_cast<std::size_t>(call.route.endpoint)];
  if (truth.requests.size() >= kMaxRequests) return;
  const Received& request = call.request;
  RequestTruth entry;
  entry.number = truth.request_count;
  entry.connection = request.connection;
  entry.endpoint = call.route.endpoint;
  entry.method = request.method;
  entry.target = request.target;
  entry.project_id = call.route.project_id;
  entry.job_id = call.route.job_id;
  entry.body = request.body.substr(0, kMostBodyLogged);
  entry.authorization = request.authorization.substr(0, request.authorization.find(' '));
  entry.key_accepted = key_accepted;
  entry.first_byte = request.first_byte;
  entry.status = status;
  entry.applied = call.applied;
  if (call.deciding != nullptr) entry.fault = to_string(call.deciding->kind);
  truth.requests.push_back(std::move(entry));
}

Plan Api::answer(const Received& request, Moment now) {
  world.advance(now);
  const Settings& settings = world.settings();
  Call call(request, route_of(request.method, request.target));
  const bool key_accepted = request.authorization == "Api-Key " + settings.key ||
                            request.authorization == "Bearer " + settings.key;
  Plan plan;
  plan.delay = settings.latency[static_cast<std::size_t>(Endpoint::any)] +
               settings.latency[static_cast<std::size_t>(call.route.endpoint)];
  Draft draft;
  std::vector<std::size_t> struck;
  if (!key_accepted) {
    draft = plain_draft(settings.wrong_key_status, "text/html", kHtml);
  } else if (over_rate_limit(call.route.endpoint, now)) {
    draft =
        plain_draft(429, "application/json", R"({"error":"Rate limit exceeded","retry_after":1})");
  } else {
    struck = faults.strike(call.route.endpoint, call.route.job_id);
    draft = answer_known(call, struck, now, plan);
  }
  if (draft.body == nullptr) draft.body = std::make_shared<const std::string>();
  plan.close = request.wants_close || !draft.sized;
  if (call.deciding != nullptr) draft.more_headers += call.deciding->headers;
  for (const auto number : struck) colour(faults.at(number), call, draft, plan);
  plan.head = head(draft, call, call.close_told || request.wants_close, now);
  plan.body = draft.body;
  if (call.deciding != nullptr && call.deciding->kind == FaultKind::garbage) {
    plan.head = "\x16\x03\x01 this is not HTTP\r\n\r\n";
    plan.body = std::make_shared<const std::string>();
    plan.close = true;
  }
  // An endless header is a head without its empty line.
  if (call.deciding != nullptr && call.deciding->kind == FaultKind::endless_header) {
    plan.head.resize(plan.head.size() - 2);
  }
  const bool nothing_said = plan.manner == Manner::hang || plan.manner == Manner::reset;
  log(call, key_accepted, nothing_said ? 0 : draft.status);
  return plan;
}

}  // namespace trainstop::sim
