// `trainstop explain`: every rule against one job.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <csignal>
#include <memory>

#include "cli/answer.hpp"
#include "cli/commands.hpp"
#include "cli/offline.hpp"
#include "cli/show_explain.hpp"
#include "cli/text.hpp"
#include "log/sink.hpp"
#include "service/boot_clock.hpp"

namespace trainstop::cli {

namespace {

namespace json = boost::json;

// More events of one job than anybody reads.
constexpr std::size_t kMostEvents = 1000;

struct ExplainOptions {
  Source source;
  std::string job;
  bool json = false;
};

/// What is known of the job, from either or both.
struct Known {
  std::optional<json::object> explained;
  std::vector<journal::Entry> events;
};

/// The job's events; none where the journal can't be found or read: it is then not what answers.
std::vector<journal::Entry> read_events(const ExplainOptions& options, const std::string& job) {
  std::string unsaid;
  const auto directory = find_state_directory(options.source.where(), unsaid);
  const auto reader = journal::open_reader(directory);
  if (!reader) return {};
  journal::Query query;
  query.job = name_in_journal(directory, job);
  query.last = kMostEvents;
  auto events = (*reader)->events(query);
  return events ? std::move(*events) : std::vector<journal::Entry>();
}

/// ACCOUNT/ID, by which the journal knows it and no other.
std::string account_and_id(const json::object& explained) {
  return text_at(explained, "account") + "/" + text_at(explained, "job");
}

void show(const ExplainOptions& options, const Known& known) {
  const Instant now = service::BootClock::wall();
  const Screen screen = find_screen();
  std::string text;
  if (options.json) {
    json::object object = known.explained.value_or(json::object{{"v", 1}});
    if (!known.events.empty()) {
      json::array events;
      for (const journal::Entry& entry : known.events)
        events.push_back(json::parse(log::format_line(entry.event, entry.seq, log::Format::json)));
      object["history"] = upshot_of(known.events);
      object["events"] = std::move(events);
    }
    text = json_line(object);
  } else {
    if (known.explained) text = show_explain(*known.explained, screen);
    if (known.explained && !known.events.empty()) text += '\n';
    text += show_history(known.events, now, screen);
  }
  std::signal(SIGPIPE, SIG_IGN);  // `| head` has read enough
  fmt::print("{}", text);
}

/// The daemon does not know it, or not any more.
int show_from_journal(const ExplainOptions& options, const Asked& asked) {
  Known known;
  known.events = read_events(options, options.job);
  if (known.events.empty()) return failed(asked);
  show(options, known);
  return kDone;
}

int show_offline(const ExplainOptions& options, const Asked& asked) {
  const Instant now = service::BootClock::wall();
  auto opened = open_offline(options.source, now);
  if (std::holds_alternative<int>(opened)) {
    failed(asked);
    return kUnreachable;
  }
  const Offline& offline = std::get<Offline>(opened);
  fmt::print(stderr, "{}", away_note(asked, offline, now));
  const auto keys = offline.core.find(options.job);
  if (keys.size() > 1) {
    fmt::print(stderr, "'{}' may be any of these:\n", plain(options.job));
    for (const std::string& key : keys) fmt::print(stderr, "  {}\n", plain(key));
    return kAmbiguous;
  }
  Known known;
  if (keys.size() == 1) {
    if (const auto explained = offline.core.explain(keys.front()))
      known.explained = json_of(*explained);
  }
  known.events =
      read_events(options, known.explained ? account_and_id(*known.explained) : options.job);
  if (!known.explained && known.events.empty()) {
    fmt::print(stderr, "the journal knows no job '{}'\n", plain(options.job));
    return kNoSuchJob;
  }
  show(options, known);
  return kUnreachable;
}

int explain(const ExplainOptions& options) {
  Asked asked = call(options.source.socket, "GET", "/v1/jobs/" + encoded(options.job));
  if (asked.away()) return show_offline(options, asked);
  if (asked.is_unknown()) return show_from_journal(options, asked);
  if (!asked.worked() || !asked.body.is_object()) return failed(asked);
  Known known;
  known.explained = std::move(asked.body.as_object());
  if (!is_true_at(*known.explained, "live"))
    known.events = read_events(options, account_and_id(*known.explained));
  show(options, known);
  return kDone;
}

}  // namespace

void add_explain(CLI::App& app, Work& work) {
  const auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand("explain", "Every rule against one job");
  command->add_option("job", options->job, "Its id, ACCOUNT/ID, the URL of its page, or its name")
      ->required()
      ->type_name("JOB");
  command->add_flag("--json", options->json, "One JSON object");
  add_source(*command, options->source);
  command->callback([options, &work] { work = [options] { return explain(*options); }; });
}

}  // namespace trainstop::cli
