// `trainstop run`: the daemon, in the foreground.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/commands.hpp"
#include "policy/reader.hpp"
#include "service/daemon.hpp"
#include "service/secrets.hpp"

namespace trainstop::cli {

namespace {

struct RunOptions {
  std::string config = kDefaultConfig;
  bool observe = false;
};

int run(const RunOptions& options) {
  service::hide_process();
  auto [config, problems] = policy::read_config_file(options.config);
  if (!config) {
    for (const auto& problem : problems) fmt::print(stderr, "{}\n", policy::format(problem));
    return kConfiguration;
  }
  auto keys = service::take_api_keys(config->accounts);
  if (keys.has_error()) {
    fmt::print(stderr, "{}: error: {}\n", options.config, keys.error().message);
    return kConfiguration;
  }
  auto secrets = service::take_notify_secrets(*config);
  if (secrets.has_error()) {
    fmt::print(stderr, "{}: error: {}\n", options.config, secrets.error().message);
    return kConfiguration;
  }
  service::DaemonInput input;
  input.config = std::move(*config);
  input.observe = options.observe;
  if (options.observe) input.config.mode = policy::Mode::observe;
  input.config.state_dir = state_directory(input.config.state_dir);
  input.config_file = options.config;
  for (const auto& problem : problems) input.warnings.push_back(policy::format(problem));
  input.api_keys = std::move(keys).value();
  input.notify_secrets = std::move(secrets).value();
  return service::run_daemon(std::move(input));
}

}  // namespace

void add_run(CLI::App& app, Work& work) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Runs the daemon in the foreground");
  command->add_option("--config", options->config, "The configuration file")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_flag("--observe", options->observe,
                    "Decides and tells everything, and stops nothing");
  command->callback([options, &work] { work = [options] { return run(*options); }; });
}

}  // namespace trainstop::cli
