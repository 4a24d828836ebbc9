#include "model/job.hpp"

#include <algorithm>

namespace trainstop {

namespace {

constexpr std::size_t kLongestId = 128;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string job_url(const std::string& project_id, const std::string& job_id) {
  return "https://app.baseten.co/training/" + project_id + "/logs/" + job_id;
}

bool is_api_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
}

}  // namespace trainstop
