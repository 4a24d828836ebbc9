// `trainstop check`: whether a configuration is valid, what its rules mean, and whether the API
// agrees.
#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/foresight.hpp"
#include "cli/hand.hpp"
#include "cli/online.hpp"
#include "cli/text.hpp"
#include "policy/at_birth.hpp"
#include "policy/describe.hpp"
#include "policy/reader.hpp"
#include "service/secrets.hpp"

namespace trainstop::cli {

namespace json = boost::json;

namespace {

struct CheckOptions {
  std::string file = kDefaultConfig;
  bool explain = false;
  bool online = false;
  bool live = false;
  Hand hand;
};

/// Why the daemon would refuse a secret's file; nothing when it would not, or this user can't tell.
std::optional<std::string> exposure(const policy::SecretSource& source) {
  struct stat about {};
  if (source.from != policy::SecretSource::From::file) return {};
  if (::stat(source.name.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return {};
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  const std::string name = plain(source.name);
  return fmt::format(
      "file '{}': others can read it (mode {:04o}), so that the daemon refuses it; run: chmod 600 "
      "{}",
      name, about.st_mode & 07777U, name);
}

/// Every secret that the daemon would refuse to read.
void warn_of_exposed(const policy::Config& config, std::vector<policy::Problem>& problems) {
  const auto judge = [&](const policy::SecretSource& source) {
    if (const auto message = exposure(source))
      problems.push_back({policy::Problem::Severity::warning, source.place, *message});
  };
  for (const policy::Account& account : config.accounts) judge(account.api_key);
  for (const policy::NotifySink& sink : config.notify) {
    if (sink.url) judge(*sink.url);
    if (sink.hmac) judge(*sink.hmac);
  }
  if (config.heartbeat) judge(config.heartbeat->url);
}

/// What the files say, and what this machine and the prices in them say to it.
policy::ReadResult examine(const CheckOptions& options) {
  policy::ReadResult result = policy::read_config_file(options.file);
  if (!result.config) return result;
  warn_of_exposed(*result.config, result.problems);
  // With --online the same is said against all prices there are.
  if (options.online) return result;
  const auto& prices = result.config->prices_per_minute;
  for (const auto& limit : policy::limits_at_birth(result.config->rules, prices))
    result.problems.push_back({policy::Problem::Severity::warning, limit.place, limit.message});
  return result;
}

/// What the files would do to the jobs that the daemon watches.
Asked ask_live(const CheckOptions& options) {
  const policy::Sources sources = policy::read_sources(options.file);
  json::array files;
  const auto add = [&](const policy::SourceText& source) {
    files.push_back({{"name", source.name}, {"text", source.text}});
  };
  if (sources.main) add(*sources.main);
  for (const policy::SourceText& source : sources.rules) add(source);
  SocketOptions socket = options.hand.socket;
  socket.config = options.file;
  return call(socket, "POST", "/v1/check", json::object{{"files", std::move(files)}});
}

/// Says all of it as it is found.
int check_in_words(const CheckOptions& options) {
  const policy::ReadResult result = examine(options);
  for (const auto& problem : result.problems) fmt::print(stderr, "{}\n", policy::format(problem));
  if (!result.config) return kConfiguration;
  const std::vector<policy::Rule>& rules = result.config->rules;
  fmt::print("{}: ok, {} rule{}\n", options.file, rules.size(), rules.size() == 1 ? "" : "s");
  if (options.explain) {
    for (const policy::Rule& rule : rules)
      fmt::print("{}\n", policy::describe(rule, *result.config));
  }
  if (options.live) {
    const Asked asked = ask_live(options);
    if (!asked.worked()) return configuration_failed(asked);
    print_foresight(asked.body);
  }
  if (!options.online) return kDone;
  service::hide_process();
  return check_online(*result.config);
}

json::value severity(bool wrong) {
  return wrong ? "error" : "warning";
}

json::array problems_of(const policy::ReadResult& result) {
  json::array problems;
  for (const policy::Problem& problem : result.problems) {
    problems.push_back(
        {{"file", problem.place.file},
         {"line", problem.place.line},
         {"column", problem.place.column},
         {"severity", severity(problem.severity == policy::Problem::Severity::error)},
         {"message", problem.message}});
  }
  return problems;
}

/// The members of what was asked for beyond the files; the exit code.
int add_answers(const CheckOptions& options, const policy::Config& config, json::object& answer) {
  if (options.explain) {
    json::array rules;
    for (const policy::Rule& rule : config.rules)
      rules.push_back({{"name", rule.name}, {"words", policy::describe(rule, config)}});
    answer["rules"] = std::move(rules);
  }
  if (options.live) {
    const Asked asked = ask_live(options);
    if (!asked.worked()) {
      answer["error"] = asked.message;
      return configuration_failed(asked);
    }
    if (const json::object* const members = asked.body.if_object()) {
      for (const auto& member : *members) answer.emplace(member.key(), member.value());
    }
  }
  if (!options.online) return kDone;
  service::hide_process();
  json::array findings;
  const int code = check_online(config, [&](const Finding& finding) {
    json::object found{{"ok", !finding.wrong}, {"message", finding.message}};
    if (!finding.account.empty()) found["account"] = finding.account;
    findings.emplace_back(std::move(found));
  });
  answer["online"] = std::move(findings);
  return code;
}

/// The same as one object, whatever the end is.
int check_as_json(const CheckOptions& options) {
  const policy::ReadResult result = examine(options);
  json::object answer{{"v", 1}, {"ok", false}, {"problems", problems_of(result)}};
  const int code = result.config ? add_answers(options, *result.config, answer) : kConfiguration;
  answer["ok"] = code == kDone;
  fmt::print("{}\n", json::serialize(answer));
  return code;
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
  command->add_flag("--json", options->hand.json, "All that is found as one JSON object");
  command->callback([options, &work] {
    work = [options] {
      return options->hand.json ? check_as_json(*options) : check_in_words(*options);
    };
  });
}

}  // namespace trainstop::cli
