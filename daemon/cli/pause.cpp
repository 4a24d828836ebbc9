// `trainstop pause`: rules stop nothing for a while.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/hand.hpp"

namespace trainstop::cli {

namespace {

struct PauseOptions {
  Hand hand;
  std::string rule;
  Span lasts;
};

int pause(const PauseOptions& options) {
  boost::json::object body{{"for_s", seconds(*options.lasts.duration())}};
  if (!options.rule.empty()) body["rule"] = options.rule;
  return command(options.hand, "/v1/pause", std::move(body));
}

}  // namespace

void add_pause(CLI::App& app, Work& work) {
  const auto options = std::make_shared<PauseOptions>();
  CLI::App* command = app.add_subcommand("pause", "Keeps rules from stopping anything for a while");
  command->add_option("--rule", options->rule, "Only this rule")->type_name("RULE");
  add_span(*command, "--for", options->lasts, "For how long, at most 7d", true);
  add_hand(*command, options->hand);
  command->callback([options, &work] { work = [options] { return pause(*options); }; });
}

}  // namespace trainstop::cli
