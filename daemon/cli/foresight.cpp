#include "cli/foresight.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "cli/hand.hpp"
#include "cli/text.hpp"

namespace trainstop::cli {

namespace json = boost::json;

namespace {

const json::array* list_of(const json::value& answer, std::string_view key) {
  const json::object* const object = answer.if_object();
  const json::value* const found = object == nullptr ? nullptr : object->if_contains(key);
  return found == nullptr ? nullptr : found->if_array();
}

void print_jobs(const json::value& answer, std::string_view key, std::string_view does) {
  const json::array* const jobs = list_of(answer, key);
  if (jobs == nullptr || jobs->empty()) return;
  fmt::print("It {} {} job{}:\n", does, jobs->size(), jobs->size() == 1 ? "" : "s");
  for (const json::value& job : *jobs) {
    const std::string name = text_of(job, "job_name");
    const std::string due = text_of(job, "due_at");
    fmt::print("  {}{}, rule {}{}\n", text_of(job, "job"), name.empty() ? "" : " (" + name + ")",
               text_of(job, "rule"), due.empty() ? "" : ", due " + due);
  }
}

}  // namespace

void print_foresight(const json::value& answer) {
  fmt::print("{}\n", text_of(answer, "message"));
  print_jobs(answer, "stops", "stops");
  print_jobs(answer, "warns", "warns of");
}

int configuration_failed(const Asked& asked) {
  const json::object* const body = asked.body.if_object();
  const json::value* const error = body == nullptr ? nullptr : body->if_contains("error");
  const json::array* const problems = error == nullptr ? nullptr : list_of(*error, "problems");
  if (asked.status == 0 || problems == nullptr) return failed(asked);
  for (const json::value& problem : *problems) {
    if (problem.is_string())
      fmt::print(stderr, "{}\n", plain(std::string_view(problem.as_string())));
  }
  failed(asked);
  return kConfiguration;
}

}  // namespace trainstop::cli
