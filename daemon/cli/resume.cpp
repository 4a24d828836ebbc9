// `trainstop resume`: ends a pause.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/hand.hpp"
#include "cli/text.hpp"

namespace trainstop::cli {

namespace {

struct Options {
  Hand hand;
  std::string rule;
};

int resume(const Options& options) {
  const std::string what =
      options.rule.empty() ? "every pause" : "the pause of rule " + plain(options.rule);
  if (const auto code =
          disagreed(options.hand, fmt::format("End {}? What is due then is stopped.", what)))
    return *code;
  boost::json::object body;
  if (!options.rule.empty()) body["rule"] = options.rule;
  return command(options.hand, "/v1/resume", std::move(body));
}

}  // namespace

void add_resume(CLI::App& app, Work& work) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("resume", "Ends a pause before its time");
  command->add_option("--rule", options->rule, "Only this rule's")->type_name("RULE");
  add_yes(*command, options->hand);
  add_hand(*command, options->hand);
  command->callback([options, &work] { work = [options] { return resume(*options); }; });
}

}  // namespace trainstop::cli
