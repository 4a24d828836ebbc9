// `trainstop breaker reset`: closes an open breaker, by the daemon or, while none runs, in its
// journal.
#include "cli/breaker.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cerrno>
#include <memory>

namespace trainstop::cli {

namespace json = boost::json;

namespace {

struct BreakerOptions {
  Where where;
  Hand hand;
};

void show(const json::value& breaker) {
  const std::string rule = text_of(breaker, "rule"), since = text_of(breaker, "since");
  const std::string reason = text_of(breaker, "reason");
  const std::string why = !rule.empty() && reason == "max_stops"
                              ? "more stops of it were due together than its max_stops allows"
                              : words_of_breaker(reason);
  fmt::print("The breaker{} is open{}: {}.\n", rule.empty() ? "" : " of rule " + rule,
             since.empty() ? "" : " since " + since, why);
  const json::array& held = list_of(breaker, "held");
  fmt::print("It holds {} stop{}{}\n", held.size(), held.size() == 1 ? "" : "s",
             held.empty() ? "." : ":");
  for (const json::value& stop : held) fmt::print("  {}\n", words_of_stop(stop));
}

/// Says what is held, so that nothing leaves that nobody was shown.
int reset_by_daemon(const Hand& hand, const json::value& state) {
  const json::array& open = list_of(state, "open");
  if (open.empty()) {
    say(hand, "The breaker is not open: there is nothing to reset.");
    return kDone;
  }
  show_first(hand, [&] {
    for (const json::value& breaker : open) show(breaker);
  });
  json::array shown;
  for (const json::value& breaker : open) {
    for (const json::value& stop : list_of(breaker, "held")) {
      const json::object* const members = stop.if_object();
      const json::value* const id = members == nullptr ? nullptr : members->if_contains("stop");
      if (id != nullptr && id->is_string()) shown.push_back(*id);
    }
  }
  const std::string what =
      shown.empty()       ? ""
      : shown.size() == 1 ? " and stop that one if it is still due"
                          : fmt::format(" and stop what is still due of these {}", shown.size());
  if (const auto code = disagreed(hand, fmt::format("Close the breaker{}?", what))) return *code;
  return command(hand, "/v1/breaker/reset", {{"shown", std::move(shown)}});
}

int reset(const BreakerOptions& options) {
  // A state directory by name is that of a daemon which is stopped.
  const bool offline = !options.where.state_dir.empty() && options.hand.socket.socket.empty();
  if (offline) return reset_offline(options.where, options.hand);
  Hand hand = options.hand;
  hand.socket.config = options.where.config;
  const Asked state = call(hand.socket, "GET", "/v1/breaker");
  if (state.worked()) return reset_by_daemon(hand, state.body);
  const bool nobody_listens = state.trouble == ENOENT || state.trouble == ECONNREFUSED;
  if (!nobody_listens || !hand.socket.socket.empty()) return failed(state);
  return reset_offline(options.where, hand);
}

}  // namespace

void add_breaker(CLI::App& app, Work& work) {
  CLI::App* group = app.add_subcommand("breaker", "Resets an open breaker");
  group->require_subcommand(1);
  const auto options = std::make_shared<BreakerOptions>();
  CLI::App* command = group->add_subcommand(
      "reset", "Closes it, also while no daemon runs; shows what it holds and asks");
  add_where(*command, options->where);
  add_socket_path(*command, options->hand.socket);
  add_json(*command, options->hand);
  add_reason(*command, options->hand);
  add_yes(*command, options->hand);
  command->callback([options, &work] { work = [options] { return reset(*options); }; });
}

}  // namespace trainstop::cli
