#include "cli/commands.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "cli/output.hpp"

namespace trainstop::cli {

std::filesystem::path state_directory(const std::filesystem::path& configured) {
  const char* const directories = std::getenv("STATE_DIRECTORY");
  if (directories == nullptr || *directories == '\0') return configured;
  const std::string_view all(directories);  // systemd separates several by colons
  return all.substr(0, all.find(':'));
}

namespace {

int run(int argc, const char* const* argv) {
  CLI::App app(
      "Stops GPU training jobs on Baseten that break a rule: on time, once, and never the "
      "wrong one.",
      "trainstop");
  app.set_version_flag("--version", "trainstop " TRAINSTOP_VERSION);
  app.require_subcommand(1);
  Work work;
  add_run(app, work);
  add_check(app, work);
  add_status(app, work);
  add_explain(app, work);
  add_rules(app, work);
  add_budgets(app, work);
  add_overrides(app, work);
  add_events(app, work);
  add_journal(app, work);
  for (const auto add : {add_stop, add_exempt, add_extend, add_pause, add_resume, add_revoke,
                         add_breaker, add_reload, add_notify, add_completion}) {
    add(app, work);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version come this way as well, with 0.
    std::ostringstream out, err;
    const int code = app.exit(error, out, err);
    fmt::print("{}", out.str());
    fmt::print(stderr, "{}", err.str());
    return code == 0 ? kDone : kWrongUsage;
  }
  return work();
}

}  // namespace

int main(int argc, const char* const* argv) {
  guard_streams();
  return finish(run(argc, argv));
}

}  // namespace trainstop::cli
