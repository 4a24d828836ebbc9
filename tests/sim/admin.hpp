// The endpoints under /_sim by which a test in another process looks at the truth and moves it.
#pragma once

#include "sim/api.hpp"
#include "sim/reply.hpp"

namespace trainstop::sim {

bool is_admin(const Received& request);

/// Answers GET /_sim/truth and POST /_sim/fault, /_sim/job, /_sim/status, /_sim/clear_faults; needs
/// no key and is not in the truth log. 400 with the reason for an order that can't be carried out.
Plan answer_admin(Api& api, const Received& request, Moment now);

}  // namespace trainstop::sim
