// `trainstop rules` and `trainstop overrides`: each rule over all jobs, and what hands have
// changed.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/answer.hpp"
#include "cli/commands.hpp"
#include "cli/offline.hpp"
#include "cli/show_rules.hpp"

namespace trainstop::cli {

namespace {

struct RulesOptions {
  Source source;
  bool json = false;
};

using Query = Value::Object (core::Core::*)() const;
using Show = std::string (*)(const boost::json::object&, const Screen&);

int show(const RulesOptions& options, const char* target, Query query, Show in_words) {
  const auto answer =
      ask_either(options.source, target, [&](const core::Core& core) { return (core.*query)(); });
  if (const int* failed = std::get_if<int>(&answer)) return *failed;
  const auto& known = std::get<Answer>(answer);
  fmt::print(stderr, "{}", known.note);
  fmt::print("{}", options.json ? json_line(known.body) : in_words(known.body, find_screen()));
  return known.away() ? kUnreachable : kDone;
}

void add(CLI::App& app, Work& work, const char* name, const char* what, const char* target,
         Query query, Show in_words) {
  const auto options = std::make_shared<RulesOptions>();
  CLI::App* command = app.add_subcommand(name, what);
  command->add_flag("--json", options->json, "One JSON object");
  add_source(*command, options->source);
  command->callback([options, &work, target, query, in_words] {
    work = [=] { return show(*options, target, query, in_words); };
  });
}

}  // namespace

void add_rules(CLI::App& app, Work& work) {
  add(app, work, "rules", "Each rule's mode, jobs, next due, and what it would stop", "/v1/rules",
      &core::Core::rules, &show_rules);
}

void add_overrides(CLI::App& app, Work& work) {
  add(app, work, "overrides", "What hands have changed, and the exemptions", "/v1/overrides",
      &core::Core::overrides, &show_overrides);
}

}  // namespace trainstop::cli
