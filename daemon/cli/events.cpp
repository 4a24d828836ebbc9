// `trainstop events`: what the journal holds, as the log prints it; with --follow also what comes.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "cli/commands.hpp"
#include "cli/follower.hpp"
#include "cli/interrupt.hpp"
#include "cli/moment.hpp"
#include "cli/output.hpp"
#include "cli/where.hpp"
#include "journal/reader.hpp"
#include "log/sink.hpp"
#include "policy/values.hpp"
#include "service/boot_clock.hpp"

namespace trainstop::cli {

namespace {

constexpr std::size_t kUsualCount = 50;       // a screen
constexpr int kPollMilliseconds = 250;        // below what a person notices
constexpr std::size_t kWriteSize = 64 << 10;  // a pipe's

struct EventsOptions {
  Where where;
  std::string job, rule, since, until;
  std::optional<std::int64_t> last;
  bool follow = false;
  bool json = false;
};

/// Empty, after saying why on stderr, when a time can't be understood.
std::optional<journal::Query> query_of(const EventsOptions& options) {
  journal::Query query;
  if (!options.job.empty()) query.job = options.job;
  if (!options.rule.empty()) query.rule = options.rule;
  const Instant now = service::BootClock::wall();
  const auto moment = [&](const char* name, const std::string& text, auto& target) {
    if (text.empty()) return true;
    std::string error;
    target = parse_moment(text, now, error);
    if (!target) fmt::print(stderr, "{}: '{}' is no time: {}\n", name, text, error);
    return target.has_value();
  };
  if (!moment("--since", options.since, query.since)) return {};
  if (!moment("--until", options.until, query.until)) return {};
  if (options.last) {
    query.last = static_cast<std::size_t>(*options.last);
  } else if (!query.since) {
    query.last = kUsualCount;
  }
  return query;
}

/// The exit code once nothing more is to be written; empty while all went out.
std::optional<int> print(const std::vector<journal::Entry>& entries, const EventsOptions& options) {
  std::string text;
  const log::Format format = options.json ? log::Format::json : log::Format::text;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    text += log::format_line(entries[i].event, entries[i].seq, format) + '\n';
    if (text.size() < kWriteSize && i + 1 < entries.size()) continue;
    const std::error_code error = write_all(STDOUT_FILENO, text);
    text.clear();
    if (error == std::errc::broken_pipe) return kDone;  // `| head` has read enough
    if (error && interrupted()) return kDone;
    if (error) {
      fmt::print(stderr, "standard output can't be written: {}\n", error.message());
      return kFailed;
    }
  }
  return {};
}

/// Says that the journal knows no such job, when that is why nothing was found.
int found_nothing(journal::Reader& reader, const std::string& job,
                  const std::filesystem::path& directory) {
  journal::Query any;
  any.job = job;
  any.least = Level::debug;
  any.last = 1;
  const auto found = reader.events(any);
  if (!found) return journal_failed(found.error(), directory);
  if (!found->empty()) return kDone;
  fmt::print(stderr,
             "{}: no event of a job '{}'; name it by its id, ACCOUNT/ID, its name or the URL of "
             "its page\n",
             (directory / journal::kFileName).string(), job);
  return kNoSuchJob;
}

int show(const EventsOptions& options, const journal::Query& query,
         const std::filesystem::path& directory) {
  auto reader = journal::open_reader(directory);
  if (!reader) return journal_failed(reader.error(), directory);
  const auto entries = (*reader)->events(query);
  if (!entries) return journal_failed(entries.error(), directory);
  if (const auto ended = print(*entries, options)) return *ended;
  if (entries->empty() && query.job) return found_nothing(**reader, *query.job, directory);
  return kDone;
}

/// Whether time may mend it: a daemon makes the journal, and sets a damaged one aside.
bool may_pass(const journal::Error& error, const std::filesystem::path& directory) {
  const int denied = access_error(directory, Access::read);
  return error.kind != journal::Error::Kind::newer && denied != EACCES && denied != EPERM;
}

int follow(const EventsOptions& options, const journal::Query& query,
           const std::filesystem::path& directory) {
  catch_signals();
  Follower follower(directory, query);
  std::string told;
  do {
    const auto entries = follower.next();
    if (entries) {
      told.clear();
      if (const auto ended = print(*entries, options)) return *ended;
    } else if (!may_pass(entries.error(), directory)) {
      return journal_failed(entries.error(), directory);
    } else if (entries.error().kind != journal::Error::Kind::busy && told.empty()) {
      told = entries.error().message;
      fmt::print(stderr, "{}; waiting for a journal\n", told);
    }
  } while (!interrupted() && !wait_for_reader_to_leave(STDOUT_FILENO, kPollMilliseconds));
  return kDone;
}

std::string check_count(const std::string& text) {
  std::string error;
  const auto count = policy::parse_integer(text, error);
  return count && *count >= 0 ? "" : "expected a whole number, 0 or more";
}

std::string check_job(const std::string& text) {
  return text.empty() ? "expected a job: its id, ACCOUNT/ID, name or page's URL" : "";
}

int events(const EventsOptions& options) {
  if (options.follow && !options.until.empty()) {
    fmt::print(stderr, "--until: with --follow there is no end; leave one of the two out\n");
    return kWrongUsage;
  }
  auto query = query_of(options);
  if (!query) return kWrongUsage;
  const auto directory = find_state_directory(options.where);
  std::signal(SIGPIPE, SIG_IGN);
  if (query->job) query->job = name_in_journal(directory, *query->job);
  return options.follow ? follow(options, *query, directory) : show(options, *query, directory);
}

}  // namespace

void add_events(CLI::App& app, Work& work) {
  const auto options = std::make_shared<EventsOptions>();
  CLI::App* command = app.add_subcommand("events", "Shows the journal's events");
  command->add_flag("-f,--follow", options->follow, "Shows new ones as they come");
  command->add_option("--job", options->job, "Of this job: its id, ACCOUNT/ID, name or page's URL")
      ->check(check_job)
      ->type_name("JOB");
  command->add_option("--rule", options->rule, "Of this rule")->type_name("RULE");
  command
      ->add_option("--since", options->since,
                   "From then on: 2h ago, 2026-12-01T18:00:00Z, or 2026-12-01 (UTC)")
      ->type_name("TIME");
  command->add_option("--until", options->until, "Before then; not with --follow")
      ->type_name("TIME");
  command
      ->add_option("-n,--last", options->last, "The last so many; 50 without it, all with --since")
      ->check(check_count)
      ->type_name("COUNT");
  command->add_flag("--json", options->json, "One JSON object a line, as the log's json format");
  add_where(*command, options->where);
  command->callback([options, &work] { work = [options] { return events(*options); }; });
}

}  // namespace trainstop::cli
