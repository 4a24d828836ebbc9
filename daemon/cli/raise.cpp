// `trainstop budgets raise`: more may be spent until the reset.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/hand.hpp"
#include "policy/values.hpp"

namespace trainstop::cli {

namespace {

struct RaiseOptions {
  Hand hand;
  std::string budget, by;
  Span lasts;
};

std::string check_money(const std::string& text) {
  std::string error;
  const auto money = policy::parse_money(text, error);
  if (!money) return error;
  return *money > Money{} ? "" : "expected more than nothing";
}

int raise(const RaiseOptions& options) {
  std::string ignored;
  const auto slash = options.budget.find('/');  // no rule's name holds one
  boost::json::object body{{"rule", options.budget.substr(0, slash)},
                           {"by", format_decimal(*policy::parse_money(options.by, ignored))}};
  if (slash != std::string::npos) body["group"] = options.budget.substr(slash + 1);
  if (const auto lasts = options.lasts.duration()) body["for_s"] = seconds(*lasts);
  return command(options.hand, "/v1/budgets/raise", std::move(body));
}

}  // namespace

void add_raise(CLI::App& budgets, Work& work) {
  const auto options = std::make_shared<RaiseOptions>();
  CLI::App* command = budgets.add_subcommand("raise", "Lets a budget spend more until its reset");
  command->add_option("budget", options->budget, "RULE for all its groups, or RULE/GROUP")
      ->required()
      ->type_name("RULE[/GROUP]");
  command->add_option("--by", options->by, "How much more, such as $100")
      ->required()
      ->check(check_money)
      ->type_name("MONEY");
  add_span(*command, "--for", options->lasts, "For how long at most; until the reset without it",
           false);
  add_hand(*command, options->hand);
  command->callback([options, &work] { work = [options] { return raise(*options); }; });
}

}  // namespace trainstop::cli
