// `trainstop budgets`: what each budget has spent, and when it will be exhausted.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/text.hpp"
#include "cli/where.hpp"
#include "core/shown_pots.hpp"
#include "journal/reader.hpp"

namespace trainstop::cli {

namespace {

constexpr std::size_t kBarWidth = 20;
constexpr std::int64_t kMinutesPerHour = 60;

struct Options {
  Where where;
  bool json = false;
};

double share_of(const core::ShownPot& pot, Money spent) {
  if (pot.limit <= Money{}) return 1.0;
  return static_cast<double>(spent.nano()) / static_cast<double>(pot.limit.nano());
}

/// `####......`, full when the limit is reached and never before.
std::string bar(double share) {
  const auto filled =
      std::min(kBarWidth, static_cast<std::size_t>(std::max(share, 0.0) * kBarWidth));
  return std::string(filled, '#') + std::string(kBarWidth - filled, '.');
}

/// `2h5m`, to the minute.
std::string in(Instant at, Instant now) {
  const auto left = std::chrono::floor<std::chrono::minutes>(std::max(at - now, Duration{0}));
  return left == Duration{0} ? "under a minute" : format_duration(left);
}

std::string outlook(const core::ShownPot& pot, Instant now) {
  std::string words;
  if (pot.exhausted_at != kNever) {
    words = "exhausted " + in(now, pot.exhausted_at) + " ago";
  } else if (pot.due != kNever) {
    words = "exhausted in " + in(pot.due, now);
  } else {
    words = "not exhausted in this window";
  }
  if (pot.until != kNever) words += ", reset in " + in(pot.until, now);
  if (pot.action == "warn") words += ", only warns";
  if (pot.action == "stop" && pot.mode == "observe") words += ", observes";
  if (pot.partial) words += ", partial";
  return words;
}

void print_pots(const std::vector<core::ShownPot>& pots, Instant now) {
  std::size_t rules = 4, groups = 5;
  for (const core::ShownPot& pot : pots) {
    rules = std::max(rules, plain(pot.rule).size());
    groups = std::max(groups, plain(pot.group).size());
  }
  fmt::print("{:<{}}  {:<{}}  {:<{}}  {:>23}  {:>11}  {}\n", "RULE", rules, "GROUP", groups, "",
             kBarWidth + 6, "SPENT OF LIMIT", "RATE", "OUTLOOK");
  for (const core::ShownPot& pot : pots) {
    const Money spent = spent_at(pot, now);
    const double share = share_of(pot, spent);
    const Money rate = multiply(pot.rate, kMinutesPerHour).value_or(pot.rate);
    fmt::print("{:<{}}  {:<{}}  {} {:>4.0f}%  {:>23}  {:>11}  {}\n", plain(pot.rule), rules,
               plain(pot.group), groups, bar(share), share * 100,
               format_dollars(spent) + " of " + format_dollars(pot.limit),
               format_dollars(rate) + "/h", outlook(pot, now));
  }
}

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

int budgets(const Options& options) {
  const auto directory = find_state_directory(options.where);
  auto reader = journal::open_reader(directory);
  if (!reader) return journal_failed(reader.error(), directory);
  const auto present = (*reader)->present();
  if (!present) return journal_failed(present.error(), directory);
  const Instant now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  const auto pots = core::find_pots(present->images, now);
  if (options.json) {
    print_json(pots, now);
  } else if (pots.empty()) {
    fmt::print("no budget has counted a job yet\n");
  } else {
    print_pots(pots, now);
  }
  return kDone;
}

}  // namespace

void add_budgets(CLI::App& app, Work& work) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("budgets", "What each budget has spent, and when it is exhausted");
  command->add_flag("--json", options->json, "One JSON object");
  add_where(*command, options->where);
  command->require_subcommand(0, 1);
  add_raise(*command, work);
  command->callback([command, options, &work] {
    if (command->get_subcommands().empty()) work = [options] { return budgets(*options); };
  });
}

}  // namespace trainstop::cli
