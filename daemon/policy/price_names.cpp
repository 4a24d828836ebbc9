#include "policy/price_names.hpp"

namespace trainstop::policy {

std::vector<std::string> price_names(const JobSnapshot& job) {
  std::vector<std::string> plain;
  if (!job.instance_type.empty()) plain.push_back(job.instance_type);
  if (job.gpu_type) plain.push_back(*job.gpu_type + "x" + std::to_string(job.gpu_count));
  std::vector<std::string> names;
  if (job.availability == "spot") {
    for (const std::string& name : plain) names.push_back("spot/" + name);
  }
  names.insert(names.end(), plain.begin(), plain.end());
  return names;
}

}  // namespace trainstop::policy
