#include "sim/admin.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "sim/render.hpp"
#include "sim/scenario.hpp"

namespace trainstop::sim {
namespace {

std::string carry_out(Api& api, const Received& request, Moment now) {
  const std::string order = request.method + " " + request.target;
  if (order == "GET /_sim/truth") {
    api.world.advance(now);
    return render_truth(api.world.truth());
  }
  if (order == "POST /_sim/fault") {
    return fmt::format(R"({{"fault":{}}})", api.add_fault(read_fault(request.body)));
  }
  if (order == "POST /_sim/job") {
    api.world.add_job(read_job(request.body), now);
    return "{}";
  }
  if (order == "POST /_sim/status") {
    const StatusOrder wanted = read_status_order(request.body);
    api.world.set_status(wanted.job, wanted.status, now);
    return "{}";
  }
  if (order == "POST /_sim/clear_faults") {
    api.faults.clear();
    return "{}";
  }
  throw std::invalid_argument("no such order: " + order);
}

}  // namespace

bool is_admin(const Received& request) {
  return request.target.starts_with("/_sim/");
}

Plan answer_admin(Api& api, const Received& request, Moment now) {
  unsigned status = 200;
  std::string body;
  try {
    body = carry_out(api, request, now);
  } catch (const std::logic_error& refused) {
    status = 400;
    body = render_error(ErrorShape::code_and_message, "VALIDATION_ERROR", refused.what());
  }
  Plan plan;
  plan.head =
      fmt::format("HTTP/1.1 {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                  status == 200 ? "200 OK" : "400 Bad Request", body.size());
  plan.body = std::make_shared<const std::string>(std::move(body));
  plan.close = request.wants_close;
  return plan;
}

}  // namespace trainstop::sim
