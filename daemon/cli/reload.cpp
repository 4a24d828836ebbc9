// `trainstop reload`: the daemon takes its configuration anew.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/serialize.hpp>
#include <memory>

#include "cli/foresight.hpp"
#include "cli/hand.hpp"

namespace trainstop::cli {

namespace {

struct ReloadOptions {
  Hand hand;
  bool dry_run = false;
};

Asked send(const ReloadOptions& options, bool dry_run) {
  return call(options.hand.socket, "POST", "/v1/reload", boost::json::object{{"dry_run", dry_run}});
}

/// Whether the files have mistakes; anything else that was refused may pass.
bool has_mistakes(const Asked& looked) {
  const boost::json::object* const body = looked.body.if_object();
  const boost::json::value* const error = body == nullptr ? nullptr : body->if_contains("error");
  return error != nullptr && !list_of(*error, "problems").empty();
}

int take(const ReloadOptions& options) {
  const Asked done = send(options, false);
  if (!done.worked()) return configuration_failed(done);
  fmt::print("{}\n",
             options.hand.json ? boost::json::serialize(done.body) : text_of(done.body, "message"));
  return kDone;
}

/// Looks first, so that nobody is asked about what can't be done.
int reload(const ReloadOptions& options) {
  const Asked looked = send(options, true);
  // Of a look the daemon tells nothing: so that its log has the mistakes, it is to refuse them.
  if (!options.dry_run && has_mistakes(looked)) return take(options);
  if (!looked.worked()) return configuration_failed(looked);
  if (options.hand.json && options.dry_run) {
    fmt::print("{}\n", boost::json::serialize(looked.body));
    return kDone;
  }
  show_first(options.hand, [&] { print_foresight(looked.body); });
  if (options.dry_run) return kDone;
  if (const auto code = disagreed(options.hand, "Take the new configuration?")) return *code;
  return take(options);
}

}  // namespace

void add_reload(CLI::App& app, Work& work) {
  const auto options = std::make_shared<ReloadOptions>();
  CLI::App* command = app.add_subcommand(
      "reload", "Takes the changed configuration; shows what it would do and asks");
  command->add_flag("--dry-run", options->dry_run, "Only shows it");
  add_yes(*command, options->hand);
  add_reach(*command, options->hand);
  command->callback([options, &work] { work = [options] { return reload(*options); }; });
}

}  // namespace trainstop::cli
