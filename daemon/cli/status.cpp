// `trainstop status`: how well jobs are protected, and what is due next.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <csignal>
#include <memory>

#include "cli/answer.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/offline.hpp"
#include "cli/output.hpp"
#include "cli/show_status.hpp"
#include "policy/values.hpp"

namespace trainstop::cli {

namespace {

constexpr std::size_t kUsualJobs = 50;    // without a terminal
constexpr std::size_t kAgendaJobs = 500;  // within the time that is asked for
constexpr int kRefreshMilliseconds = 2000;

struct StatusOptions {
  Source source;
  std::optional<std::size_t> jobs;
  std::string next;
  bool watch = false;
  bool json = false;
};

/// What is asked for, and how it is to be shown.
struct Wanted {
  std::size_t jobs = kUsualJobs;
  std::optional<Duration> within;
};

std::variant<Answer, int> ask(const StatusOptions& options, const Wanted& wanted) {
  std::string target = fmt::format("/v1/status?jobs={}", wanted.jobs);
  if (wanted.within) target += fmt::format("&within={}", *wanted.within / std::chrono::seconds(1));
  return ask_either(options.source, target, [&](const core::Core& core) {
    return core.status(wanted.jobs, wanted.within);
  });
}

int code_of(const Answer& answer) {
  if (answer.away()) return kUnreachable;
  return is_impaired(answer.body) ? kImpaired : kDone;
}

std::string page_of(const StatusOptions& options, const Wanted& wanted, const Answer& answer,
                    const Screen& screen) {
  if (options.json) return json_line(answer.body);
  if (wanted.within) return show_agenda(answer.body, *wanted.within, screen);
  return show_status(answer.body, screen, options.jobs);
}

/// In place of what was shown before; as much as the window has lines for.
std::string over_the_last(const std::string& text, const Screen& screen) {
  std::string all = "\x1b[H";
  std::size_t lines = 1;
  for (const char c : text) {
    if (c == '\n' && ++lines > screen.rows) break;
    if (c == '\n') all += "\x1b[K";
    all += c;
  }
  return all + "\x1b[J";
}

int watch(const StatusOptions& options, const Wanted& wanted) {
  catch_signals();
  std::signal(SIGPIPE, SIG_IGN);
  int code = kDone;
  bool first = true;
  do {
    const Screen screen = find_screen();
    const bool in_place = screen.terminal && !options.json;
    if (std::exchange(first, false) && in_place)
      static_cast<void>(write_all(STDOUT_FILENO, "\x1b[2J\x1b[H"));
    const auto answer = ask(options, wanted);
    if (const int* failed = std::get_if<int>(&answer)) return *failed;
    code = code_of(std::get<Answer>(answer));
    const auto& known = std::get<Answer>(answer);
    std::string text = page_of(options, wanted, known, screen);
    if (in_place) text = over_the_last(known.note + text, screen);
    if (write_all(STDOUT_FILENO, text)) return code;
  } while (!interrupted() && !wait_for_reader_to_leave(STDOUT_FILENO, kRefreshMilliseconds));
  return code;
}

int status(const StatusOptions& options) {
  Wanted wanted;
  const Screen screen = find_screen();
  wanted.jobs = options.jobs.value_or(screen.terminal ? screen.rows : kUsualJobs);
  if (!options.next.empty()) {
    std::string error;
    wanted.within = policy::parse_duration(options.next, error);
    if (!wanted.within) {
      fmt::print(stderr, "--next: '{}': {}\n", options.next, error);
      return kWrongUsage;
    }
    wanted.jobs = options.jobs.value_or(kAgendaJobs);
  }
  if (options.watch) return watch(options, wanted);
  const auto answer = ask(options, wanted);
  if (const int* failed = std::get_if<int>(&answer)) return *failed;
  std::signal(SIGPIPE, SIG_IGN);
  const auto& known = std::get<Answer>(answer);
  fmt::print(stderr, "{}", known.note);
  const auto error = write_all(STDOUT_FILENO, page_of(options, wanted, known, screen));
  return error && error != std::errc::broken_pipe ? kFailed : code_of(known);
}

}  // namespace

void add_status(CLI::App& app, Work& work) {
  const auto options = std::make_shared<StatusOptions>();
  CLI::App* command =
      app.add_subcommand("status", "How well jobs are protected, and what is due next");
  command->add_flag("-w,--watch", options->watch, "Refreshes in place, every two seconds");
  command
      ->add_option("--next", options->next, "The agenda of so long a time: what is due, in order")
      ->type_name("DURATION");
  command->add_option("-n,--jobs", options->jobs, "At most so many jobs; else what fits the window")
      ->type_name("COUNT");
  command->add_flag("--json", options->json, "One JSON object");
  add_source(*command, options->source);
  command->callback([options, &work] { work = [options] { return status(*options); }; });
}

}  // namespace trainstop::cli
