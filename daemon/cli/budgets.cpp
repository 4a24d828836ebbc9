// `trainstop budgets`: what each budget has spent, and when it will be exhausted.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "cli/answer.hpp"
#include "cli/commands.hpp"
#include "cli/offline.hpp"
#include "cli/show_budgets.hpp"
#include "cli/text.hpp"
#include "core/shown_pots.hpp"
#include "journal/reader.hpp"

namespace trainstop::cli {

namespace {

constexpr std::int64_t kMinutesPerHour = 60;

struct BudgetsOptions {
  Source source;
  bool json = false;
};

std::string instant_json(Instant at) {
  return at == kNever || at == kLongAgo ? "null" : json_text(format_rfc3339(at));
}

void print_json(const std::vector<core::ShownPot>& pots, Instant now) {
  std::string all;
  for (const core::ShownPot& pot : pots) {
    const Money rate = multiply(pot.rate, kMinutesPerHour).value_or(pot.rate);
    all += fmt::format(
        R"({}{{"rule":{},"group":{},"action":{},"mode":{},"limit":{},"spent":{},"spent_at_most":{},)"
        R"("estimated":{},"rate":{},"as_of":{},"due_at":{},"exhausted_at":{},"window_from":{},"resets_at":{},)"
        R"("jobs":{},"partial":{}}})",
        all.empty() ? "" : ",", json_text(pot.rule), json_text(pot.group), json_text(pot.action),
        json_text(pot.mode), format_decimal(pot.limit), format_decimal(spent_at(pot, now)),
        format_decimal(std::max(pot.most, spent_at(pot, now))),
        format_decimal(estimated_at(pot, now)), format_decimal(rate), instant_json(pot.as_of),
        instant_json(pot.due), instant_json(pot.exhausted_at), instant_json(pot.from),
        instant_json(pot.until), pot.jobs, pot.partial);
  }
  fmt::print("{{\"at\":{},\"budgets\":[{}]}}\n", instant_json(now), all);
}

int show(const std::vector<core::ShownPot>& pots, Instant now, const BudgetsOptions& options) {
  if (options.json) {
    print_json(pots, now);
  } else if (pots.empty()) {
    fmt::print("no budget has counted a job yet\n");
  } else {
    fmt::print("{}", show_budgets(pots, now, find_screen()));
  }
  return kDone;
}

/// Asks the daemon; without an answer of it, what the journal holds.
int budgets(const BudgetsOptions& options) {
  const Asked asked = call(options.source.socket, "GET", "/v1/budgets");
  if (asked.worked() && asked.body.is_object()) {
    const auto& answer = asked.body.as_object();
    return show(pots_of(answer), now_of(answer), options);
  }
  const auto directory = find_state_directory(options.source.where());
  auto reader = journal::open_reader(directory);
  if (!reader) return journal_failed(reader.error(), directory);
  const auto present = (*reader)->present();
  if (!present) return journal_failed(present.error(), directory);
  const Instant now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  return show(core::find_pots(present->images, now), now, options);
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
