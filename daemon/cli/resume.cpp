// `trainstop resume`: ends a pause.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/hand.hpp"
#include "cli/text.hpp"

namespace trainstop::cli {

namespace json = boost::json;

namespace {

struct ResumeOptions {
  Hand hand;
  std::string rule;
};

// Those that are due first, and more of them than anybody reads.
constexpr const char* kJobs = "/v1/status?jobs=1000";

/// The jobs that a pause alone keeps from being stopped.
void show_held(const json::value& status, const std::string& rule) {
  for (const json::value& job : list_of(status, "jobs")) {
    if (text_of(job, "hold") != "pause") continue;
    if (!rule.empty() && text_of(job, "rule") != plain(rule)) continue;
    fmt::print("  {}\n", words_of_stop(job));
  }
}

int resume(const ResumeOptions& options) {
  const Asked status = call(options.hand.socket, "GET", kJobs);
  if (!status.worked()) return failed(status);
  show_first(options.hand, [&] { show_held(status.body, options.rule); });
  const std::string what =
      options.rule.empty() ? "every pause" : "the pause of rule " + plain(options.rule);
  if (const auto code =
          disagreed(options.hand, fmt::format("End {}? What is due then is stopped.", what)))
    return *code;
  json::object body;
  if (!options.rule.empty()) body["rule"] = options.rule;
  return command(options.hand, "/v1/resume", std::move(body));
}

}  // namespace

void add_resume(CLI::App& app, Work& work) {
  const auto options = std::make_shared<ResumeOptions>();
  CLI::App* command = app.add_subcommand("resume", "Ends a pause before its time");
  command->add_option("--rule", options->rule, "Only this rule's")->type_name("RULE");
  add_yes(*command, options->hand);
  add_hand(*command, options->hand);
  command->callback([options, &work] { work = [options] { return resume(*options); }; });
}

}  // namespace trainstop::cli
