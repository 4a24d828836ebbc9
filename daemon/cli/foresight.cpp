#include "cli/foresight.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "cli/hand.hpp"
#include "cli/text.hpp"

namespace trainstop::cli {

namespace json = boost::json;

namespace {

void print_rules(const json::value& answer, std::string_view key) {
  std::string names;
  for (const json::value& rule : list_of(answer, key)) {
    if (rule.is_string()) names += ' ' + plain(std::string_view(rule.as_string()));
  }
  if (!names.empty()) fmt::print("  {}:{}\n", key, names);
}

void print_jobs(const json::value& answer, std::string_view key, std::string_view does) {
  const json::array& jobs = list_of(answer, key);
  if (jobs.empty()) return;
  fmt::print("It {} {} job{}:\n", does, jobs.size(), jobs.size() == 1 ? "" : "s");
  for (const json::value& job : jobs) fmt::print("  {}\n", words_of_stop(job));
}

}  // namespace

void print_foresight(const json::value& answer) {
  fmt::print("{}\n", text_of(answer, "message"));
  for (const char* what : {"added", "changed", "removed"}) print_rules(answer, what);
  print_jobs(answer, "stops", "stops");
  print_jobs(answer, "warns", "warns of");
}

int configuration_failed(const Asked& asked) {
  const json::object* const body = asked.body.if_object();
  const json::value* const error = body == nullptr ? nullptr : body->if_contains("error");
  if (asked.status == 0 || error == nullptr) return failed(asked);
  const json::array& problems = list_of(*error, "problems");
  if (problems.empty()) return failed(asked);
  for (const json::value& problem : problems) {
    if (problem.is_string())
      fmt::print(stderr, "{}\n", plain(std::string_view(problem.as_string())));
  }
  failed(asked);
  return kConfiguration;
}

}  // namespace trainstop::cli
