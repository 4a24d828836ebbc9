// `trainstop check`: whether a configuration is valid, what its rules mean, and whether the API
// agrees.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "policy/describe.hpp"
#include "policy/reader.hpp"
#include "service/secrets.hpp"

namespace trainstop::cli {

namespace {

struct Options {
  std::string file = kDefaultConfig;
  bool explain = false;
  bool online = false;
};

int check(const Options& options) {
  const auto [config, problems] = policy::read_config_file(options.file);
  for (const auto& problem : problems) fmt::print(stderr, "{}\n", policy::format(problem));
  if (!config) return kConfiguration;
  fmt::print("{}: ok, {} rule{}\n", options.file, config->rules.size(),
             config->rules.size() == 1 ? "" : "s");
  if (options.explain) {
    for (const policy::Rule& rule : config->rules) {
      fmt::print("{}\n", policy::describe(rule, *config));
    }
  }
  if (!options.online) return kDone;
  service::hide_process();
  return check_online(*config);
}

}  // namespace

void add_check(CLI::App& app, Work& work) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("check", "Says whether a configuration is valid");
  command->add_option("file", options->file, "The configuration file")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_flag("--explain", options->explain, "Says each rule in plain words");
  command->add_flag("--online", options->online,
                    "Asks the API about key, clock, prices and projects");
  command->callback([options, &work] { work = [options] { return check(*options); }; });
}

}  // namespace trainstop::cli
