// By which names `prices:` may speak of a job.
#pragma once

#include <string>
#include <vector>

#include "model/job.hpp"

namespace trainstop::policy {

/// The keys of `prices:` that stand for the job's price, the best first: of a spot job
/// `spot/ID` and `spot/GPUxCOUNT`, then `ID` and `GPUxCOUNT`.
std::vector<std::string> price_names(const JobSnapshot& job);

}  // namespace trainstop::policy
