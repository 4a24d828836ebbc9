// `trainstop exempt`: no rule stops the job for a while.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/hand.hpp"

namespace trainstop::cli {

namespace {

struct ExemptOptions {
  Hand hand;
  std::string job, rule;
  Span lasts;
};

int exempt(const ExemptOptions& options) {
  boost::json::object body{{"job", options.job}, {"for_s", seconds(*options.lasts.duration())}};
  if (!options.rule.empty()) body["rule"] = options.rule;
  return command(options.hand, "/v1/exempt", std::move(body));
}

}  // namespace

void add_exempt(CLI::App& app, Work& work) {
  const auto options = std::make_shared<ExemptOptions>();
  CLI::App* command = app.add_subcommand("exempt", "Keeps rules from stopping a job for a while");
  command->add_option("job", options->job, "Id, ACCOUNT/ID, page URL or name")->required();
  command->add_option("--rule", options->rule, "Only this rule")->type_name("RULE");
  add_span(*command, "--for", options->lasts, "For how long, at most 7d", true);
  add_hand(*command, options->hand);
  command->callback([options, &work] { work = [options] { return exempt(*options); }; });
}

}  // namespace trainstop::cli
