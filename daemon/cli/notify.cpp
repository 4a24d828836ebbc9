// `trainstop notify test`: tells sinks something, to see whether it arrives.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/hand.hpp"

namespace trainstop::cli {

namespace {

struct NotifyOptions {
  Hand hand;
  std::string sink;
};

int test(const NotifyOptions& options) {
  boost::json::object body;
  if (!options.sink.empty()) body["sink"] = options.sink;
  const auto answer = tell(options.hand, "/v1/notify/test", std::move(body));
  const int* const code = std::get_if<int>(&answer);
  return code == nullptr ? kDone : *code;
}

}  // namespace

void add_notify(CLI::App& app, Work& work) {
  CLI::App* group = app.add_subcommand("notify", "Tries who is told of events");
  group->require_subcommand(1);
  const auto options = std::make_shared<NotifyOptions>();
  CLI::App* command = group->add_subcommand("test", "Sends an event to a sink, or to all of them");
  command->add_option("sink", options->sink, "Its name; all without it");
  add_reach(*command, options->hand);
  command->callback([options, &work] { work = [options] { return test(*options); }; });
}

}  // namespace trainstop::cli
