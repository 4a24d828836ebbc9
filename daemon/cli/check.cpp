// `trainstop check`: whether a configuration is valid, what its rules mean, and whether the API
// agrees.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/foresight.hpp"
#include "cli/hand.hpp"
#include "policy/describe.hpp"
#include "policy/reader.hpp"
#include "service/secrets.hpp"

namespace trainstop::cli {

namespace {

struct CheckOptions {
  std::string file = kDefaultConfig;
  bool explain = false;
  bool online = false;
  bool live = false;
  Hand hand;
};

/// What the files would do to the jobs that the daemon watches.
int check_live(const CheckOptions& options) {
  const policy::Sources sources = policy::read_sources(options.file);
  boost::json::array files;
  const auto add = [&](const policy::SourceText& source) {
    files.push_back({{"name", source.name}, {"text", source.text}});
  };
  if (sources.main) add(*sources.main);
  for (const policy::SourceText& source : sources.rules) add(source);
  SocketOptions socket = options.hand.socket;
  socket.config = options.file;
  const Asked asked =
      call(socket, "POST", "/v1/check", boost::json::object{{"files", std::move(files)}});
  if (!asked.worked()) return configuration_failed(asked);
  if (options.hand.json) {
    fmt::print("{}\n", boost::json::serialize(asked.body));
  } else {
    print_foresight(asked.body);
  }
  return kDone;
}

int check(const CheckOptions& options) {
  const auto [config, problems] = policy::read_config_file(options.file);
  for (const auto& problem : problems) fmt::print(stderr, "{}\n", policy::format(problem));
  if (!config) return kConfiguration;
  if (!options.hand.json)
    fmt::print("{}: ok, {} rule{}\n", options.file, config->rules.size(),
               config->rules.size() == 1 ? "" : "s");
  if (options.explain) {
    for (const policy::Rule& rule : config->rules) {
      fmt::print("{}\n", policy::describe(rule, *config));
    }
  }
  if (options.live) {
    const int code = check_live(options);
    if (code != kDone) return code;
  }
  if (!options.online) return kDone;
  service::hide_process();
  return check_online(*config);
}

}  // namespace

void add_check(CLI::App& app, Work& work) {
  const auto options = std::make_shared<CheckOptions>();
  CLI::App* command = app.add_subcommand("check", "Says whether a configuration is valid");
  command->add_option("file", options->file, "The configuration file")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_flag("--explain", options->explain, "Says each rule in plain words");
  command->add_flag("--online", options->online,
                    "Asks the API about key, clock, prices and projects");
  CLI::Option* live = command->add_flag("--live", options->live,
                                        "Asks the daemon which jobs it would stop or warn of");
  add_socket_path(*command, options->hand.socket);
  command->get_option("--socket")->needs(live);
  add_json(*command, options->hand);
  command->get_option("--json")->needs(live)->excludes("--explain", "--online");
  command->callback([options, &work] { work = [options] { return check(*options); }; });
}

}  // namespace trainstop::cli
