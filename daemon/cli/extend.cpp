// `trainstop extend`: the time limits of rules are longer for a job.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/hand.hpp"

namespace trainstop::cli {

namespace {

struct ExtendOptions {
  Hand hand;
  std::string job, rule;
  Span by, lasts;
};

int extend(const ExtendOptions& options) {
  boost::json::object body{{"job", options.job}, {"by_s", seconds(*options.by.duration())}};
  if (!options.rule.empty()) body["rule"] = options.rule;
  if (const auto lasts = options.lasts.duration()) body["for_s"] = seconds(*lasts);
  return command(options.hand, "/v1/extend", std::move(body));
}

}  // namespace

void add_extend(CLI::App& app, Work& work) {
  const auto options = std::make_shared<ExtendOptions>();
  CLI::App* command = app.add_subcommand("extend", "Makes the time limits of a job longer");
  command->add_option("job", options->job, "Id, ACCOUNT/ID, page URL or name")->required();
  command->add_option("--rule", options->rule, "Only this rule's")->type_name("RULE");
  add_span(*command, "--by", options->by, "By how much, at most 7d", true);
  add_span(*command, "--for", options->lasts, "For how long that holds; 7d without it", false);
  add_hand(*command, options->hand);
  command->callback([options, &work] { work = [options] { return extend(*options); }; });
}

}  // namespace trainstop::cli
