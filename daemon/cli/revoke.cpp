// `trainstop revoke`: ends one override.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/hand.hpp"

namespace trainstop::cli {

namespace {

struct RevokeOptions {
  Hand hand;
  std::string id;
};

int revoke(const RevokeOptions& options) {
  return command(options.hand, "/v1/revoke", {{"id", options.id}});
}

}  // namespace

void add_revoke(CLI::App& app, Work& work) {
  const auto options = std::make_shared<RevokeOptions>();
  CLI::App* command = app.add_subcommand("revoke", "Ends an override before its time");
  command->add_option("id", options->id, "Its id, as in the answer and in 'trainstop overrides'")
      ->required();
  add_hand(*command, options->hand);
  command->callback([options, &work] { work = [options] { return revoke(*options); }; });
}

}  // namespace trainstop::cli
