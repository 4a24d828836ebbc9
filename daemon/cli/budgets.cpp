// `trainstop budgets`: what each budget has spent, and when it will be exhausted.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>

#include "cli/answer.hpp"
#include "cli/commands.hpp"
#include "cli/offline.hpp"
#include "cli/show_budgets.hpp"

namespace trainstop::cli {

namespace {

struct BudgetsOptions {
  Source source;
  bool json = false;
};

int budgets(const BudgetsOptions& options) {
  const auto answer = ask_either(options.source, "/v1/budgets",
                                 [](const core::Core& core) { return core.budgets(); });
  if (const int* failed = std::get_if<int>(&answer)) return *failed;
  const auto& known = std::get<Answer>(answer);
  fmt::print(stderr, "{}", known.note);
  const auto pots = pots_of(known.body);
  if (options.json) {
    fmt::print("{}", json_line(known.body));
  } else if (pots.empty()) {
    // A journal alone can't tell: the rules that say what it counted may be unreadable.
    fmt::print("{}\n", known.away() ? "no budget is known" : "no budget has counted a job yet");
  } else {
    fmt::print("{}", show_budgets(pots, now_of(known.body), find_screen()));
  }
  return known.away() ? kUnreachable : kDone;
}

}  // namespace

void add_budgets(CLI::App& app, Work& work) {
  const auto options = std::make_shared<BudgetsOptions>();
  CLI::App* command =
      app.add_subcommand("budgets", "What each budget has spent, and when it is exhausted");
  command->add_flag("--json", options->json, "One JSON object");
  add_source(*command, options->source);
  command->require_subcommand(0, 1);
  add_raise(*command, work);
  command->callback([command, options, &work] {
    if (command->get_subcommands().empty()) work = [options] { return budgets(*options); };
  });
}

}  // namespace trainstop::cli
